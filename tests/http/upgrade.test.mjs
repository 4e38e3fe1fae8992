// A restart under load loses no request when the service manager holds the listening socket, as packaging/fairlead.socket
// has it. The manager is tests/http/manager_driver.c; each program that it starts stands for a new version.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { dirname, resolve } from 'node:path';
import { fairlead, run, temporaryFolder } from '../support/server.mjs';

const driver = ['tests/http/manager_driver', 'release/tests/http/manager_driver']
  .map((path) => resolve(dirname(fairlead), path)).find(existsSync);
const skip = driver ? false : 'manager_driver is not built: make drivers';
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function until(holds, what, ms = 30000) {
  for (const latest = performance.now() + ms; !holds();) {
    if (performance.now() > latest) throw new Error(`waited ${ms} ms for ${what()}`);
    await pause(5);
  }
}

// Start the manager with a server under it. Answers {port, lines(), pid(), end()}.
async function manage(...words) {
  const child = spawn(driver, [fairlead, 'serve', ...words], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '', log = '';
  child.stdout.setEncoding('utf8').on('data', (text) => { said += text; });
  child.stderr.setEncoding('utf8').on('data', (text) => { log += text; });
  const ended = new Promise((done) => child.on('close', done));
  process.on('exit', () => child.kill('SIGTERM'));
  const lines = () => said.split('\n');
  const count = (line) => lines().filter((one) => one === line).length;
  await until(() => count('notified READY=1') === 1, () => `READY=1: ${said}${log}`);
  return {
    port: Number(said.match(/^port (\d+)$/m)[1]), lines, count, log: () => log,
    pid: () => Number(lines().filter((line) => line.startsWith('started ')).at(-1).split(' ')[1]),
    end: async () => { child.stdin.end(); await ended; return said; },
  };
}

// One request; answers its status once the whole answer is there.
const ask = (port, agent, { method = 'GET', path, body }) => new Promise((done, failed) => {
  const headers = body ? { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': Buffer.byteLength(body) } : {};
  const request = http.request({ host: '127.0.0.1', port, agent, method, path, headers }, (answer) => {
    let bytes = 0;
    answer.on('data', (part) => { bytes += part.length; });
    answer.on('end', () => (answer.complete && bytes > 0 ? done(answer.statusCode) : failed(new Error('a cut answer'))));
    answer.on('error', failed);
  });
  request.on('error', failed);
  request.end(body);
});

test('five restarts under load lose no request', { skip, timeout: 180000 }, async () => {
  const data = temporaryFolder();
  run('import', '--data', data, '--demo', '200');
  const manager = await manage('--data', data, '--threads', '2');
  const kept = new http.Agent({ keepAlive: true });
  const wanted = [{ path: '/find?q=clinic' }, { path: '/api/facilities?limit=100' }, { method: 'POST', path: '/find', body: 'need=detox&near=10001' }, { path: '/health' }];
  const wrong = [];
  let going = true, answered = 0;
  const client = async (number) => {
    const agent = number % 2 ? kept : new http.Agent({ keepAlive: false });
    for (let i = number; going; i++) {
      const asked = wanted[i % wanted.length];
      try {
        const status = await ask(manager.port, agent, asked);
        if (status === 200) answered++;
        else wrong.push(`${asked.path}: ${status}`);
      } catch (error) { wrong.push(`${asked.path}: ${error.message}`); }
      await pause(number % 4 * 5);
    }
  };
  const clients = Array.from({ length: 12 }, (_, number) => client(number));
  const processes = new Set([manager.pid()]);
  for (let restart = 1; restart <= 5; restart++) {
    await pause(300);
    const before = answered;
    process.kill(manager.pid(), 'SIGTERM');
    await until(() => manager.count('notified READY=1') === restart + 1, () => `restart ${restart}: ${manager.lines()}${manager.log()}`);
    processes.add(manager.pid());
    await until(() => answered > before + 100, () => `answers after restart ${restart}`);
  }
  going = false;
  await Promise.all(clients);
  kept.destroy();
  const said = await manager.end();
  assert.deepEqual(wrong, [], manager.log().split('\n').filter((line) => !line.includes('web.request')).join('\n'));
  assert.equal(processes.size, 6, 'each restart is a new process');
  assert.ok(answered > 500, `only ${answered} requests were answered`);
  assert.equal(said.match(/^notified STOPPING=1$/mg).length, 6);
  assert.deepEqual([...said.matchAll(/^ended (.*)$/mg)].map((match) => match[1]), Array(6).fill('0'));
  assert.match(manager.log(), /event=web\.ready .*socket=inherited/);
});

test('a socket that is none of ours is refused', async () => {
  const words = ['serve', '--data', temporaryFolder(), '--listen', '127.0.0.1:0'];
  const start = (code, files = ['ignore', 'pipe', 'pipe', 'pipe']) => new Promise((done) => {
    const child = spawn('/bin/sh', ['-c', `${code} exec "$0" "$@"`, fairlead, ...words], { stdio: files });
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (text) => { log += text; if (log.includes('web.ready')) child.kill('SIGTERM'); });
    child.on('close', (status) => done({ status, log }));
  });
  const pipe = await start('LISTEN_PID=$$ LISTEN_FDS=1');
  assert.equal(pipe.status, 1);
  assert.match(pipe.log, /not a stream that listens\n {2}.*\.socket unit/);
  assert.match((await start('LISTEN_PID=$$ LISTEN_FDS=2')).log, /(?:more than one|file 4)/);
  assert.match((await start('LISTEN_PID=$$ LISTEN_FDS=many')).log, /LISTEN_FDS is no number/);
  assert.match((await start('LISTEN_PID=1 LISTEN_FDS=1')).log, /event=web\.ready .*socket=own/); // meant for another process
});

test('the units belong together', () => {
  const socket = readFileSync('packaging/fairlead.socket', 'utf8'), service = readFileSync('packaging/fairlead.service', 'utf8');
  assert.match(socket, /^ListenStream=127\.0\.0\.1:8080$/m);
  assert.match(service, /^Requires=fairlead\.socket$/m);
  assert.match(service, /^Type=notify$/m);
  assert.match(service, /^Environment=FAIRLEAD_CONFIG=\/etc\/fairlead\/fairlead\.conf$/m);
  const { status, stderr } = spawnSync(fairlead, ['config', '--config', 'packaging/fairlead.conf'], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
});

test('systemd finds the service well confined', (t) => {
  const judged = spawnSync('systemd-analyze', ['--offline=true', '--threshold=20', 'security', 'packaging/fairlead.service'], { encoding: 'utf8' });
  if (judged.error || /nrecognized option/.test(judged.stderr)) return t.skip('no systemd-analyze that judges files');
  assert.equal(judged.status, 0, judged.stdout.slice(-300) + judged.stderr);
});
