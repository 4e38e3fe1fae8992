// Nothing acknowledged is lost by a crash: two processes of 32 threads each write beside one another and are killed in the
// middle of 1,000 acknowledged writes, also while they open the database or write a checkpoint; of PostgreSQL the server too
// ends without warning, and comes back while they write on. After each round every acknowledged row is there, no half of a
// change is, and the file is whole. $FAIRLEAD_ROUNDS sets the rounds (20).
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { engines, startServer } from '../support/databases.mjs';

const rounds = Number(process.env.FAIRLEAD_ROUNDS ?? 20);
const program = process.env.FAIRLEAD ?? 'build/fairlead';
const driver = ['tests/fault/store_driver', 'release/tests/fault/store_driver']
  .map((path) => resolve(dirname(program), path)).find(existsSync);
const missing = driver ? false : 'store_driver is not built';

const PROCESSES = 2, THREADS = 32, WRITES = 1000;
const ROUNDS_A_DATABASE = 20;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// Start writers; answers {said(), stop()}: lines so far, and a function that kills them and gives all.
function startWriters(database, first) {
  const child = spawn(driver, ['write', database, String(first), String(THREADS)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '', complaints = '', lines = 0;
  child.stdout.setEncoding('utf8').on('data', (text) => { said += text; for (const c of text) lines += c === '\n'; });
  child.stderr.on('data', (bytes) => { complaints += bytes; });
  const closed = new Promise((done) => child.on('close', (status, signal) => done({ status, signal })));
  const stop = async () => {
    child.kill('SIGKILL');
    const { signal } = await closed;
    assert.equal(signal, 'SIGKILL', `the writers ended by themselves: ${complaints}`);
    return said.split('\n').slice(0, -1); // a last line that was cut is no acknowledgment
  };
  return { lines: () => lines, stop, hasEnded: () => child.exitCode !== null };
}

// Wait until so many lines have been said beyond `from`.
async function heard(writers, count, from = 0) {
  const all = () => writers.reduce((sum, each) => sum + each.lines(), 0);
  for (const end = Date.now() + 60000; all() - from < count && !writers.some((each) => each.hasEnded()); await pause(2))
    assert.ok(Date.now() < end, `only ${all() - from} rows were acknowledged in a minute`);
  return all();
}

// Rows that are there, of writers from `first` on.
function rowsFrom(database, first, told) {
  const { status, stdout, stderr } = spawnSync(driver, ['list', database, String(first)], { encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.equal(status, 0, `${told}: ${stderr}`);
  return new Set(stdout.split('\n'));
}

async function killManyTimes(make, server) {
  let database, acknowledged, sum = 0, away = 0;
  for (let round = 0; round < rounds; round++) {
    if (round % ROUNDS_A_DATABASE === 0) {
      database = make();
      acknowledged = new Set();
    }
    const base = 1 + round * PROCESSES * 1000;
    const writers = Array.from({ length: PROCESSES }, (_, i) => startWriters(database, base + 1000 * i));
    let how;
    if (round % 3 === 2) { // while they still open the database
      const moment = 120 * Math.random();
      await pause(moment);
      how = `after ${Math.round(moment)} ms`;
    } else {
      const writes = 1 + Math.floor(WRITES * Math.random());
      const said = await heard(writers, writes);
      how = `after ${said} lines`;
      if (server && round % 4 === 1) {
        server.stop('immediate');
        how += ', the server with them';
        await pause(100 * Math.random());
        server.start();
        await heard(writers, 2 * PROCESSES * THREADS, await heard(writers, 0)); // they go on without hands
      }
    }
    const said = (await Promise.all(writers.map((each) => each.stop()))).flat();
    for (const line of said.filter((each) => each !== 'away')) {
      assert.ok(!acknowledged.has(line), `${line} was acknowledged twice`);
      acknowledged.add(line);
      sum++;
    }
    away += said.filter((each) => each === 'away').length;
    const told = `round ${round}, killed ${how}`;
    const isLast = round % ROUNDS_A_DATABASE === ROUNDS_A_DATABASE - 1 || round === rounds - 1;
    const from = isLast ? 0 : base;
    const there = rowsFrom(database, from, told);
    const lost = [...acknowledged].filter((line) => Number(line.split(' ')[0]) >= from && !there.has(line));
    assert.deepEqual(lost, [], `${told}: acknowledged rows are gone`);
  }
  assert.ok(sum > 200 * rounds, `only ${sum} rows were acknowledged: nothing was tried`);
  return { sum, away };
}

const [sqlite, postgresql] = engines();
test(`every acknowledged row survives SIGKILL (${rounds} rounds)`, { skip: missing }, async (t) => {
  const { sum } = await killManyTimes(sqlite.make);
  t.diagnostic(`${sum} rows acknowledged`);
});

test(`every acknowledged row survives SIGKILL, and the server's end, on PostgreSQL (${rounds} rounds)`, { skip: missing || postgresql.skip }, async (t) => {
  const server = await startServer();
  try {
    let count = 0;
    const make = () => {
      const name = `crash_${count++}`;
      const { status, stderr } = spawnSync('psql', ['-Xqc', `CREATE SCHEMA ${name}`, server.address], { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      return `${server.address}&options=-csearch_path%3D${name}`;
    };
    const { sum, away } = await killManyTimes(make, server);
    t.diagnostic(`${sum} rows acknowledged, ${away} times the server was away`);
  } finally {
    await server.end();
  }
});
