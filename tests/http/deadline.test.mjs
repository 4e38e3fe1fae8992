// Slow clients meet total deadlines and harm nobody else; a stop finishes what runs. The driver is given short
// deadlines; the real ones are in src/base/limits.h.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { start, open, exchange, pause, withDriver } from './raw.mjs';

const seconds = { head: 1, body: 1.5, idle: 2, response: 1 };
let server;
before(async () => { if (!withDriver.skip) server = await start({ seconds }); });
after(async () => { if (server) assert.deepEqual(await server.stop(), { code: 0, signal: null }, server.log()); });

const get = (target = '/echo', lines = '') => `GET ${target} HTTP/1.1\r\nHost: a\r\n${lines}\r\n`;
// Send a byte every 100 ms until the connection closes; answers after how many ms it did.
async function dribble(connection, bytes) {
  const began = performance.now();
  const sender = setInterval(() => { if (!connection.isClosed()) connection.send(bytes); }, 100);
  const ended = await Promise.race([connection.closed, pause(8000).then(() => Infinity)]);
  clearInterval(sender);
  return ended - began;
}
// Closed at the deadline of `limit` seconds: not before, and at most 0.8 s after (it is looked for four times a second).
function near(milliseconds, limit) {
  assert.ok(milliseconds > limit * 1000 - 50 && milliseconds < limit * 1000 + 800, `closed after ${milliseconds} ms`);
}
const every = (name, run) => test(name, withDriver, run);

every('a header byte at a time is cut at the head’s deadline, and other clients are served', async () => {
  const slow = open(server.port);
  slow.send('GET /echo HTTP/1.1\r\nHost: a\r\nA: ');
  let served = 0;
  const other = setInterval(async () => {
    const { answers } = await exchange(server.port, get());
    if (answers[0]?.status === 200) served++;
  }, 200);
  near(await dribble(slow, 'x'), seconds.head);
  clearInterval(other);
  await pause(400);
  assert.ok(served >= 4, `${served} served meanwhile`);
  assert.equal(slow.text(), '');
});
every('a request line byte at a time is cut', async () => {
  const slow = open(server.port);
  slow.send('GET /');
  near(await dribble(slow, 'x'), seconds.head);
});
every('a connection that says nothing is cut', async () => near(await dribble(open(server.port), ''), seconds.head));
every('a body byte at a time is cut', async () => {
  const slow = open(server.port);
  slow.send('POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n\r\n');
  near(await dribble(slow, 'x'), seconds.body);
});
every('a kept connection is closed when it stays idle', async () => {
  const kept = open(server.port);
  kept.send(get());
  await pause(100);
  assert.match(kept.text(), /200 OK/);
  near(await dribble(kept, '') + 100, seconds.idle);
});
every('a kept connection that dribbles its next request is cut at the head’s deadline, not kept alive', async () => {
  const kept = open(server.port);
  kept.send(get());
  await pause(1000);
  const took = await dribble(kept, 'G');
  assert.ok(took < (seconds.head + 1) * 1000, `closed after ${took} ms`);
});
every('a kept connection may go on as long as it is used', async () => {
  const kept = open(server.port);
  for (let i = 0; i < 5; i++) { kept.send(get()); await pause(700); }
  assert.equal(kept.text().match(/HTTP\/1\.1 200/g).length, 5);
  assert.ok(!kept.isClosed());
  kept.socket.destroy();
});
every('a client that does not read its answer is cut', async () => {
  // Each answer of 8 KiB has its deadline; together they are more than the kernel buffers.
  const socket = connect({ port: server.port, host: '127.0.0.1' });
  socket.pause();
  const closed = new Promise((done) => socket.on('close', () => done(true)));
  socket.on('error', () => {});
  const one = get('/eight');
  socket.write(one.repeat(2000)); // 16 MB of answers
  await pause((seconds.response + 2) * 1000);
  const counts = (await exchange(server.port, get('/counts'))).text;
  socket.resume();
  assert.ok(await Promise.race([closed, pause(3000).then(() => false)]), 'still open');
  assert.match(counts, /fairlead_http_deadlines_missed_total [1-9]/);
});
every('a hundred silent connections do not slow another client', async () => {
  const silent = Array.from({ length: 100 }, () => open(server.port));
  await pause(100);
  const began = performance.now();
  for (let i = 0; i < 10; i++) assert.equal((await exchange(server.port, get() , { wait: 20 })).answers[0].status, 200);
  assert.ok(performance.now() - began < 2000);
  await pause(1800);
  assert.ok(silent.every((one) => one.isClosed()));
  let left = Infinity;
  for (let i = 0; i < 20 && left > 1; i++)
    left = Number((await exchange(server.port, get('/counts'))).text.match(/^fairlead_http_connections (\d+)/m)[1]);
  assert.equal(left, 1, 'only the one that asks');
});

for (const signal of ['SIGTERM', 'SIGINT'])
  every(`${signal}: what runs is finished, what is idle is closed, the exit is 0`, async () => {
    const ending = await start({ threads: 2 });
    const busy = open(ending.port), idle = open(ending.port);
    idle.send(get());
    await pause(100);
    busy.send(get('/late'));
    await pause(100);
    const began = performance.now();
    const stopped = ending.stop(signal);
    await busy.closed;
    assert.match(busy.text(), /^HTTP\/1\.1 200 OK[^]*Connection: close/i);
    assert.deepEqual(await stopped, { code: 0, signal: null }, ending.log());
    assert.ok(performance.now() - began < 3000);
    assert.match(ending.log(), /event=web\.stopped cut=0/);
    await idle.closed;
  });
