// Raw sockets against the test server (server_driver.c): bytes out, bytes in, and how it ended.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = dirname(resolve(process.env.FAIRLEAD ?? join(root, 'build/fairlead')));
export const driver = ['tests/http/server_driver', 'release/tests/http/server_driver']
  .map((path) => join(folder, path)).find(existsSync);
export const withDriver = { skip: driver ? false : 'server_driver is not built (make drivers)' };
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// What the driver reads: the real messages, pages of its own, two assets.
function shareFolder() {
  const share = mkdtempSync(join(tmpdir(), 'fairlead-http-'));
  process.on('exit', () => rmSync(share, { recursive: true, force: true }));
  for (const name of ['pages', 'assets', 'outside']) mkdirSync(join(share, name));
  cpSync(join(root, 'locale'), join(share, 'locale'), { recursive: true });
  writeFileSync(join(share, 'pages/page.mustache'),
    '<!doctype html><html lang="{{page.language}}"><title>Page</title><p>{{result.method}} {{page.path}} '
    + '{{#result.parameters}}{{#.}}[{{.}}]{{/.}}{{/result.parameters}}</p></html>\n');
  writeFileSync(join(share, 'pages/fragment.mustache'), '<p>fragment</p>\n');
  writeFileSync(join(share, 'pages/error.mustache'),
    '<!doctype html><html lang="{{page.language}}"><title>{{page.error.title}}</title>'
    + '<p>{{page.error.status}} {{page.error.text}}</p><p class="hint">{{page.error.hint}}</p></html>\n');
  writeFileSync(join(share, 'assets/site-1a2b.css'), 'body { color: #1f2a30; }\n'.repeat(200));
  writeFileSync(join(share, 'assets/mark-3c4d.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>\n');
  writeFileSync(join(share, 'assets/unlisted.css'), 'body { color: red; }\n');
  writeFileSync(join(share, 'outside/secret.css'), 'secret\n');
  writeFileSync(join(share, 'assets/manifest.json'),
    JSON.stringify({ 'site.css': 'site-1a2b.css', 'mark.svg': 'mark-3c4d.svg' }));
  return share;
}

// Start the driver. `seconds`: {head, body, idle, response}. Answers {port, origin, log(), stop()}.
export async function start({ threads = 1, seconds } = {}) {
  const words = [String(threads)];
  if (seconds) for (const phase of ['head', 'body', 'idle', 'response']) words.push(String(seconds[phase]));
  const child = spawn(driver, words, { env: { ...process.env, FAIRLEAD_SHARE: shareFolder() }, stdio: ['ignore', 'pipe', 'pipe'] });
  process.on('exit', () => { if (child.exitCode === null) child.kill('SIGKILL'); });
  let log = '', said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => { log += text; });
  const ended = new Promise((done) => child.on('close', (code, signal) => done({ code, signal })));
  const port = await new Promise((found, failed) => {
    child.stdout.setEncoding('utf8').on('data', (text) => {
      const match = (said += text).match(/^Fairlead is ready at http:\/\/127\.0\.0\.1:(\d+)\/$/m);
      if (match) found(Number(match[1]));
    });
    ended.then((how) => failed(new Error(`the driver ended early: ${JSON.stringify(how)}\n${log}`)));
  });
  const stop = async (signal = 'SIGTERM') => { if (child.exitCode === null) child.kill(signal); return ended; };
  return { port, origin: `http://127.0.0.1:${port}`, log: () => log, stop, ended, pid: child.pid };
}

// Open a connection. send(bytes); text() so far; closed: resolves at its end.
export function open(port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: false });
  const pieces = [];
  const state = { isClosed: false };
  socket.on('data', (bytes) => pieces.push(bytes));
  socket.on('error', () => {}); // a reset after the answer is an end like another
  const closed = new Promise((done) => socket.on('close', () => { state.isClosed = true; done(performance.now()); }));
  const text = () => Buffer.concat(pieces).toString('latin1');
  return { socket, text, closed, send: (bytes) => socket.write(bytes, 'latin1'), isClosed: () => state.isClosed };
}

// Send bytes; wait for the first answer or the end (10 s at most), then until the server closes or `wait` ms
// of silence pass. Answers what came.
export async function exchange(port, bytes, { wait = 150 } = {}) {
  const connection = open(port);
  connection.send(bytes);
  const latest = performance.now() + 10000;
  let seen = -1;
  while (!connection.isClosed() && performance.now() < latest
    && (connection.text().length !== seen || !connection.text().includes('\r\n\r\n'))) {
    seen = connection.text().length;
    await Promise.race([connection.closed, pause(wait)]);
  }
  const isClosed = connection.isClosed();
  connection.socket.destroy();
  return { text: connection.text(), isClosed, answers: answers(connection.text()) };
}

// Cut a stream of answers by Content-Length: [{status, headers, body}].
export function answers(text) {
  const list = [];
  while (text.startsWith('HTTP/1.1 ')) {
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) break;
    const [line, ...fields] = text.slice(0, end).split('\r\n');
    const headers = Object.fromEntries(fields.map((field) => {
      const colon = field.indexOf(':');
      return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
    }));
    const status = Number(line.slice(9, 12));
    const length = status === 100 || status === 304 ? 0 : Number(headers['content-length'] ?? 0);
    list.push({ status, headers, body: text.slice(end + 4, end + 4 + length) });
    text = text.slice(end + 4 + length);
  }
  return list;
}
