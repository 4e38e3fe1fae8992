// A server with holes, for script/check/security.mjs: a search that puts what was typed into SQL and into the page as it
// is. It listens on this machine alone, for the seconds of the scan.
import { spawn, spawnSync } from 'node:child_process';
import http from 'node:http';
import { join } from 'node:path';

const PAGE = (body) => `<!doctype html><html lang="en"><head><title>Planted</title></head><body>${body}
<form method="post" action="/search"><label for="q">Words</label><input id="q" name="q" value="clinic"><button>Search</button></form></body></html>`;

export async function plant(folder) {
  const database = join(folder, 'planted.db');
  spawnSync('sqlite3', [database, "CREATE TABLE place (id INTEGER, name TEXT); INSERT INTO place VALUES (1, 'clinic'), (2, 'house');"]);
  const query = (word) => new Promise((done) => {
    const child = spawn('sqlite3', ['-readonly', '-bail', database, `SELECT id, name FROM place WHERE name = '${word}'`], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (text) => { said += text; });
    child.stderr.on('data', (text) => { said += `SQLite3::SQLException: ${text}`; });
    child.on('close', () => done(said));
  });
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (part) => { body += part; });
    request.on('end', async () => {
      const word = new URLSearchParams(body).get('q');
      const answer = word === null ? '' : `<p>You looked for ${word}</p><pre>${(await query(word.replaceAll('\0', ''))).slice(0, 2000)}</pre>`;
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
      response.end(PAGE(answer));
    });
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => { server.closeAllConnections?.(); server.close(); } };
}
