// `fairlead serve` itself: what it opens and says, how it fails, how it ends. Expected values: design.md sections 4,
// 6 and 7 (exit status, health, metrics for this machine alone, a directory taken up while serving).
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isOnPostgresql, withDatabase } from '../support/databases.mjs';
import { fairlead, run, serve, temporaryFolder } from '../support/server.mjs';

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const health = async (server) => (await fetch(`${server.origin}/health`)).json();
const failing = (...words) => spawnSync(fairlead, withDatabase(['serve', ...words]), { encoding: 'utf8', timeout: 30000 });

test('an empty data folder is served, and a directory imported meanwhile is taken up', async () => {
  const data = join(temporaryFolder(), 'new/folder');
  const server = await serve(data, '--threads', '1');
  assert.deepEqual(await health(server), { status: 'ok', database: true, keys: true, sealing: 'ok', checksum: null, rows: 0 });
  assert.match(server.log(), /event=directory\.empty .*fairlead import/);
  for (const path of ['/', '/find', '/es/']) assert.equal((await fetch(server.origin + path)).status, 200, path);
  run('import', '--data', data, '--demo', '100');
  const latest = performance.now() + 10000;
  let now;
  do { await pause(200); now = await health(server); } while (now.rows === 0 && performance.now() < latest);
  assert.equal(now.rows, 100);
  assert.match(now.checksum, /^[0-9a-f]{16}$/);
  const metrics = await (await fetch(`${server.origin}/metrics`)).text();
  assert.match(metrics, /^fairlead_directory_rows 100$/m);
  assert.match(metrics, /^fairlead_directory_age_seconds \d+$/m);
  assert.match(metrics, /^process_resident_memory_bytes [1-9]\d+$/m);
  for (const name of ['store_reads_total', 'store_writes_total', 'store_commits_total', 'store_again_total', 'store_failed_total', 'store_running', 'due_late', 'outbox_waiting', 'audit_unsealed', 'audit_unsealed_seconds'])
    assert.match(metrics, new RegExp(`^fairlead_${name} \\d+(?:\\.\\d+)?$`, 'm'), name);
  assert.match(metrics, /^fairlead_store_reads_total [1-9]/m);
  assert.match(metrics, /^fairlead_http_requests_total\{route="\/health",status="2xx"\} \d+$/m);
  assert.deepEqual(await server.stop(), { code: 0, signal: null }, server.log());
});

test('/metrics answers this machine alone', async () => {
  const server = await serve(temporaryFolder());
  for (const header of ['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'Via'])
    assert.equal((await fetch(`${server.origin}/metrics`, { headers: { [header]: '192.0.2.1' } })).status, 404, header);
  assert.equal((await fetch(`${server.origin}/metrics`)).status, 200);
  await server.stop();
});

test('more needs or codes than a search takes are refused, none is left out in silence', async () => {
  const server = await serve(temporaryFolder());
  const status = async (path, name, count) => (await fetch(`${server.origin}${path}?${`${name}=${name === 'need' ? 'detox' : 'DT'}&`.repeat(count)}`)).status;
  for (const path of ['/api/facilities', '/find'])
    for (const name of ['need', 'code']) assert.deepEqual([await status(path, name, 60), await status(path, name, 65)], [200, 400], `${path} ${name}`);
  await server.stop();
});

test('a second server on the same port fails and says what to do', async () => {
  const server = await serve(temporaryFolder());
  const second = failing('--data', temporaryFolder(), '--listen', server.origin.slice('http://'.length));
  assert.equal(second.status, 1);
  assert.match(second.stderr, /listens there already.*--listen/s);
  assert.equal(second.stdout, '');
  assert.deepEqual(await server.stop('SIGINT'), { code: 0, signal: null });
});

test('wrong words on the command line are usage errors', () => {
  const data = temporaryFolder();
  for (const words of [['--threads', '0'], ['--threads', 'x'], ['--threads', '65'], ['--listen', 'localhost:80'], ['--listen', '8080'],
    ['--listen', '127.0.0.1:99999'], ['--listen', '127.0.0.1:'], ['--listen', '[::1:80'], ['more'], ['--nonsense']]) {
    const { status, stderr } = failing('--data', data, ...words);
    assert.equal(status, 2, `${words}: ${stderr}`);
    assert.ok(stderr.length > 20);
  }
});

test('a data folder that is none is refused', () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  const { status, stderr } = failing('--data', join(file, 'below'), '--listen', '127.0.0.1:0');
  assert.equal(status, 1, stderr);
  assert.match(stderr, /make folder .*\/file/);
});

test('a database that is none is refused', { skip: isOnPostgresql() && 'it is a file there' }, () => {
  const data = temporaryFolder();
  mkdirSync(join(data, 'fairlead.db'));
  const { status, stderr } = failing('--data', data, '--listen', '127.0.0.1:0');
  assert.equal(status, 1, stderr);
});

test('an address that other machines can reach is warned about', async () => {
  const { spawn } = await import('node:child_process');
  const child = spawn(fairlead, withDatabase(['serve', '--data', temporaryFolder(), '--listen', '0.0.0.0:0']), { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '', said = '';
  child.stderr.on('data', (text) => { log += text; });
  await new Promise((done) => child.stdout.on('data', (text) => { if ((said += text).includes('sign in')) done(); }));
  child.kill('SIGTERM');
  assert.equal(await new Promise((done) => child.on('close', done)), 0);
  assert.match(log, /level=warning event=web\.open .*TLS/);
  assert.match(said, /^Fairlead is ready at http:\/\/0\.0\.0\.0:\d+\/\nNobody can sign in yet\. .* [a-z2-9-]{19}\n$/);
});
