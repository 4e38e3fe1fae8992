// What goes wrong around the program: a full disk, a read-only folder, a clock set back, a database that is gone for a
// while. Pages say so clearly, nothing that was confirmed is lost, and the program goes on by itself once it is mended.
// Small file systems are mounted, which only root may do; without, those tests skip and say so.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fairlead, run, serve, temporaryFolder } from '../support/server.mjs';
import { rowsOf } from '../support/databases.mjs';

// A server that ends with its test, however that ends.
async function serveFor(t, data, ...words) {
  const server = await serve(data, ...words);
  t.after(() => server.stop('SIGKILL'));
  return server;
}

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const end = (words, env = process.env) => spawnSync(fairlead, words, { encoding: 'utf8', env, timeout: 60000 });
const plain = (html) => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

// --- A small file system --------------------------------------------------------------------------------------------

const mounted = [];
process.on('exit', () => mounted.forEach((folder) => spawnSync('umount', ['-l', folder])));

// A folder that holds so many KiB; null where mounting is not allowed.
function smallFolder(kilobytes) {
  const folder = temporaryFolder();
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder]).status !== 0) return null;
  mounted.push(folder);
  return folder;
}
const canMount = (() => { const folder = smallFolder(64); if (folder) spawnSync('umount', [folder]); return folder !== null; })();
const skip = canMount ? false : 'mounting needs root';

// Fill the folder to its last byte; answers a function that empties it again.
function fillUp(folder) {
  const path = join(folder, 'filler'), file = openSync(path, 'w');
  for (const size of [1 << 16, 1 << 12, 1 << 8, 1]) {
    try { for (;;) writeSync(file, Buffer.alloc(size)); } catch (error) { assert.equal(error.code, 'ENOSPC'); }
  }
  closeSync(file);
  return () => rmSync(path);
}

// --- Something to write from outside: a carried result is taken back -----------------------------------------------------

const PERSON = { age: '30', opioid_use_disorder: 'severe', medication: 'none', support: 'none', housing: 'safe', preference: 'outpatient', motivation: '8' };
async function carry(server) {
  const html = await (await fetch(`${server.origin}/choose/result`, { method: 'POST', headers: { accept: 'text/html' }, body: new URLSearchParams({ ...PERSON, go: 'carry' }) })).text();
  return html.match(/href="(\/carry\/[\w-]+)"/)[1];
}
const takeBack = (server, path) => fetch(server.origin + path, { method: 'POST', headers: { accept: 'text/html' }, body: new URLSearchParams({ revoke: 'yes' }) });
const open = (server, path) => fetch(server.origin + path, { headers: { accept: 'text/html' } });

// The answer is one of our own pages that says to try again, and tells nothing of the inside.
async function expectBusy(answer, what) {
  assert.equal(answer.status, 503, what);
  assert.equal(answer.headers.get('retry-after'), '5', what);
  const text = plain(await answer.text());
  assert.match(text, /<|try again|Please|minute|moment/i, what);
  assert.doesNotMatch(text, /SQL|sqlite|postgres|\/tmp|errno|disk I\/O/i, what);
}

async function until(holds, what, ms) {
  for (const latest = performance.now() + ms; ;) {
    if (await holds()) return;
    assert.ok(performance.now() < latest, `waited ${ms} ms for ${what}`);
    await pause(100);
  }
}

// --- Tests ------------------------------------------------------------------------------------------------------------

test('a full disk: what cannot be kept is refused, the rest goes on, and all is well once there is room', { skip, timeout: 120000 }, async (t) => {
  const data = smallFolder(12288), key = join(temporaryFolder(), 'key');
  run('import', '--data', data, '--demo', '50');
  const server = await serveFor(t, data);
  const links = await Promise.all(Array.from({ length: 400 }, () => carry(server)));
  const empty = fillUp(data), confirmed = [], refused = [];
  for (const path of links) {
    const answer = await takeBack(server, path);
    if (answer.status === 200) confirmed.push(path);
    else { refused.push(path); if (refused.length === 1) await expectBusy(answer, 'a full disk'); else assert.equal(answer.status, 503); }
    if (refused.length === 3) break;
  }
  assert.equal(refused.length, 3, `the disk was never full: ${confirmed.length} were kept`);
  assert.match(server.log(), /event=web\.failed .*(?:full|disk)/);
  for (const path of ['/', '/find', '/health']) assert.equal((await fetch(server.origin + path)).status, 200, path);
  const imported = end(['import', '--data', data, '--demo', '60']);
  assert.equal(imported.status, 1);
  assert.match(imported.stderr, /\n {2}\S/, 'with a hint');
  run('backup', '--new-key', key);
  const backup = end(['backup', '--data', data, '--backup-key-file', key, join(data, 'x.backup')]);
  assert.equal(backup.status, 1, backup.stdout);
  assert.deepEqual(readdirSync(data).filter((name) => name.startsWith('x.backup')), []);
  empty();
  assert.equal((await takeBack(server, refused[0])).status, 200, 'without a restart');
  for (const path of confirmed) assert.equal((await open(server, path)).status, 410, 'what was confirmed is kept');
  assert.equal((await open(server, refused[1])).status, 200, 'what was refused did not happen');
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  assert.deepEqual(rowsOf(join(data, 'fairlead.db'), 'PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
  assert.equal(Number(rowsOf(join(data, 'fairlead.db'), 'SELECT count(*) AS n FROM carry_revoked')[0].n), confirmed.length + 1);
});

test('a start on a full disk says so, and succeeds once there is room', { skip, timeout: 120000 }, async (t) => {
  const data = smallFolder(8192);
  run('import', '--data', data, '--demo', '20');
  const empty = fillUp(data), { status, stderr } = end(['serve', '--data', data, '--listen', '127.0.0.1:0']);
  assert.equal(status, 1);
  assert.match(stderr, /full|No space|disk/i);
  empty();
  const server = await serveFor(t, data);
  assert.equal((await (await fetch(`${server.origin}/health`)).json()).rows, 20);
  await server.stop();
});

test('a read-only folder: every command says so and changes nothing', { skip, timeout: 120000 }, async (t) => {
  const data = smallFolder(8192), remount = (how) => execFileSync('mount', ['-o', `remount,${how}`, data]);
  run('import', '--data', data, '--demo', '20');
  const before = readdirSync(data).sort();
  remount('ro');
  for (const words of [['serve', '--listen', '127.0.0.1:0'], ['import', '--demo', '30']]) {
    const { status, stderr } = end([words[0], '--data', data, ...words.slice(1)]);
    assert.equal(status, 1, words[0]);
    assert.match(stderr, /read-?only|rights|may write/i, words[0]);
  }
  assert.equal(JSON.parse(run('find', '--data', data, '--json')).total, 20, 'searching needs no writing');
  remount('rw');
  assert.deepEqual(readdirSync(data).sort(), before);
  const server = await serveFor(t, data);
  assert.equal((await (await fetch(`${server.origin}/health`)).json()).rows, 20);
  await server.stop();
});

const library = ['/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1', '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1'].find(existsSync);
// Under the sanitizers libfaketime waits for itself; the program whose clock is set is a plain build beside them.
const clocked = /asan|tsan/.test(fairlead) ? ['build/plain/fairlead', 'build/fairlead'].map((path) => resolve(root, path)).find(existsSync) : fairlead;

test('a clock set back: pages answer, what was sealed opens, the audit verifies', { skip: library && clocked ? false : 'no libfaketime, or no plain build', timeout: 120000 }, async (t) => {
  const data = temporaryFolder(), clock = join(data, 'clock');
  writeFileSync(clock, '+0\n');
  const env = { ...process.env, LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: clock, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
  delete env.ASAN_OPTIONS;
  run('import', '--data', data, '--demo', '20');
  const child = spawn(clocked, ['serve', '--data', data, '--listen', '127.0.0.1:0'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '', log = '';
  child.stdout.setEncoding('utf8').on('data', (text) => { said += text; });
  child.stderr.setEncoding('utf8').on('data', (text) => { log += text; });
  t.after(() => child.kill('SIGKILL'));
  await until(() => /http:\/\/\S+/.test(said) || child.exitCode !== null, 'the server', 20000);
  assert.equal(child.exitCode, null, log);
  const server = { origin: said.match(/http:\/\/127\.0\.0\.1:\d+/)[0] };
  const link = await carry(server), other = await carry(server);
  assert.equal((await takeBack(server, other)).status, 200);
  for (const [offset, day] of [['-1d', -1], ['-400d', -400], ['+1d', 1], ['+0', 0]]) {
    writeFileSync(clock, `${offset}\n`);
    await pause(1500); // the clocks of the house tick
    const answer = await fetch(`${server.origin}/health`);
    assert.equal(answer.status, 200, offset);
    const drift = (Date.parse(answer.headers.get('date')) - Date.now()) / 86400000;
    assert.ok(Math.abs(drift - day) < 0.1, `the clock was not set: ${drift}`);
    assert.equal((await open(server, link)).status, 200, `${offset}: a carried result opens`);
    assert.equal((await open(server, other)).status, 410, `${offset}: one taken back does not`);
    assert.equal((await fetch(`${server.origin}/find?near=10001`)).status, 200, offset);
  }
  child.kill('SIGTERM');
  await until(() => child.exitCode !== null, 'the end', 20000);
  assert.equal(child.exitCode, 0, log);
  const verified = end(['audit', 'verify', '--data', data]);
  assert.equal(verified.status, 0, verified.stdout + verified.stderr);
  assert.doesNotMatch(log, /level=error/);
});

// Its system gives it no more memory from a moment on (RLIMIT_DATA of a running process), while pages are asked for and
// results are taken back.
test('no memory: the program says so and stops, and what it confirmed is there', { skip: clocked ? false : 'no plain build', timeout: 120000 }, async (t) => {
  const data = temporaryFolder(), env = { ...process.env };
  delete env.ASAN_OPTIONS;
  run('import', '--data', data, '--demo', '200');
  const start = async () => {
    const child = spawn(clocked, ['serve', '--data', data, '--listen', '127.0.0.1:0'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const server = { child, log: '' };
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text) => { said += text; });
    child.stderr.setEncoding('utf8').on('data', (text) => { server.log += text; });
    t.after(() => child.kill('SIGKILL'));
    await until(() => /http:\/\/\S+/.test(said) || child.exitCode !== null, 'the server', 20000);
    assert.equal(child.exitCode, null, server.log);
    server.origin = said.match(/http:\/\/127\.0\.0\.1:\d+/)[0];
    return server;
  };
  let server = await start();
  const ended = new Promise((done) => server.child.on('close', (status, signal) => done(signal))); // all it said is read by then
  const links = [];
  for (let i = 0; i < 200; i += 1) links.push(await carry(server));
  const confirmed = [];
  let next = 0, is_over = false;
  const worker = async () => {
    while (next < links.length && !is_over) {
      const link = links[next++];
      const answer = await takeBack(server, link).catch(() => null);
      if (answer?.status === 200) confirmed.push(link);
      if (confirmed.length === 40) execFileSync('prlimit', ['--pid', String(server.child.pid), '--data=4096:4096']);
    }
  };
  const reader = async () => { while (!is_over) await fetch(`${server.origin}/api/facilities?limit=100`).then((answer) => answer.text()).catch(() => pause(20)); };
  const readers = [reader(), reader()];
  await Promise.all([worker(), worker(), worker(), worker()]);
  const signal = await Promise.race([ended, pause(20000).then(() => 'none: it still runs')]);
  is_over = true;
  await Promise.all(readers);
  assert.equal(signal, 'SIGABRT', server.log);
  assert.match(server.log, /level=error event=memory\.none bytes=\d+/);
  assert.ok(confirmed.length >= 40);
  server = await start();
  for (const link of links) {
    const { status } = await open(server, link);
    assert.ok(status === 410 || (status === 200 && !confirmed.includes(link)), `${status}: ${confirmed.includes(link) ? 'it was confirmed' : 'neither taken back nor there'}`);
  }
  server.child.kill('SIGTERM');
  await until(() => server.child.exitCode !== null, 'the end', 20000);
  assert.equal(end(['audit', 'verify', '--data', data]).status, 0);
});

// A PostgreSQL of this test's own, which it may stop. Answers {address, stop(), start(), end()} or null.
async function ownServer() {
  const env = { ...process.env };
  for (const name of ['FAIRLEAD_TEST_POSTGRESQL', 'FAIRLEAD_TEST_POSTGRESQL_DATA', 'FAIRLEAD_TEST_POSTGRESQL_PROGRAMS']) delete env[name];
  const child = spawn(join(root, 'script/check/postgresql'), ['run', 'sh', '-c', 'echo "$FAIRLEAD_TEST_POSTGRESQL"; echo "$FAIRLEAD_TEST_POSTGRESQL_DATA"; echo "$FAIRLEAD_TEST_POSTGRESQL_PROGRAMS"; cat'],
    { env, stdio: ['pipe', 'pipe', 'ignore'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => { said += text; });
  await until(() => said.split('\n').length > 3 || child.exitCode !== null, 'a PostgreSQL', 60000);
  const [address, folder, programs] = said.split('\n');
  if (!address) { child.stdin.end(); return null; }
  const control = (...words) => execFileSync(process.getuid() === 0 ? 'runuser' : join(programs, 'pg_ctl'),
    [...(process.getuid() === 0 ? ['-u', 'postgres', '--', join(programs, 'pg_ctl')] : []), '-D', folder, '-w', ...words], { stdio: 'ignore', cwd: '/' });
  const socket = decodeURIComponent(address.match(/host=([^&]+)/)[1]);
  return {
    address, stop: () => control('-m', 'immediate', 'stop'),
    start: () => control('-l', join(socket, 'server.log'), '-o', `-c listen_addresses= -c unix_socket_directories='${socket}'`, 'start'),
    end: async () => { child.stdin.end(); await new Promise((done) => child.on('exit', done)); },
  };
}

test('a database that is gone and back while serving', { timeout: 180000 }, async (t) => {
  const database = await ownServer();
  if (!database) return t.skip('no PostgreSQL of version 15 or later is installed');
  try {
    const data = temporaryFolder();
    run('import', '--data', data, '--db', database.address, '--demo', '50');
    const server = await serveFor(t, data, '--db', database.address);
    const links = [await carry(server), await carry(server), await carry(server)];
    assert.equal((await takeBack(server, links[0])).status, 200);
    for (let round = 0; round < 3; round++) {
      database.stop();
      const health = await fetch(`${server.origin}/health`);
      assert.equal(health.status, 503);
      assert.equal((await health.json()).database, false);
      await expectBusy(await takeBack(server, links[1]), 'taking back');
      await expectBusy(await open(server, links[2]), 'opening');
      for (const path of ['/', '/find?q=clinic', '/choose']) assert.equal((await fetch(server.origin + path)).status, 200, `${path} needs no database`);
      database.start();
      await until(async () => (await fetch(`${server.origin}/health`)).status === 200, 'the database to be back', 15000);
      assert.equal((await open(server, links[0])).status, 410, 'what was confirmed is kept');
      assert.equal((await open(server, links[1])).status, 200, 'what was refused did not happen');
    }
    assert.equal((await takeBack(server, links[1])).status, 200);
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
  } finally { await database.end(); }
});
