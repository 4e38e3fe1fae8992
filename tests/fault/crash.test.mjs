// Nothing acknowledged is lost by a crash: writers are killed at random moments, also while they open
// the database, checkpoint, or write beside one another; after each round every acknowledged row is
// there, no half of a change is, and the file is whole. $FAIRLEAD_ROUNDS sets the rounds (5).
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const rounds = Number(process.env.FAIRLEAD_ROUNDS ?? 5);
const program = process.env.FAIRLEAD ?? 'build/fairlead';
const driver = ['tests/fault/store_driver', 'release/tests/fault/store_driver']
  .map((path) => resolve(dirname(program), path)).find(existsSync);

const WRITERS = 2;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// Start a writer; answers a function that kills it and gives the rows that it acknowledged.
function startWriter(database, writer) {
  const child = spawn(driver, ['write', database, String(writer)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let complaints = '';
  child.stdout.on('data', (bytes) => { said += bytes; });
  child.stderr.on('data', (bytes) => { complaints += bytes; });
  const closed = new Promise((done) => child.on('close', (status, signal) => done({ status, signal })));
  return async () => {
    child.kill('SIGKILL');
    const { signal } = await closed;
    assert.equal(signal, 'SIGKILL', `the writer ended by itself: ${complaints}`);
    return said.split('\n').slice(0, -1); // a last line that was cut is no acknowledgment
  };
}

test(`every acknowledged row survives SIGKILL (${rounds} rounds)`, { skip: driver ? false : 'store_driver is not built' },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-crash-'));
    const database = join(folder, 'test.db');
    const acknowledged = new Set();
    try {
      for (let round = 0; round < rounds; round++) {
        const stops = [];
        for (let writer = 0; writer < WRITERS; writer++) stops.push(startWriter(database, 10 * round + writer));
        // Every third round ends while the writers are still opening the database.
        const moments = stops.map(() => (round % 3 === 2 ? 60 : 1500) * Math.random() + (round % 3 === 2 ? 0 : 100));
        const said = await Promise.all(stops.map(async (stop, i) => { await pause(moments[i]); return stop(); }));
        for (const line of said.flat()) {
          assert.ok(!acknowledged.has(line), `${line} was acknowledged twice`);
          acknowledged.add(line);
        }
        const listed = spawnSync(driver, ['list', database], { encoding: 'utf8', maxBuffer: 1 << 28 });
        const told = `round ${round}, killed after ${moments.map(Math.round)} ms`;
        assert.equal(listed.status, 0, `${told}: ${listed.stderr}`);
        const there = new Set(listed.stdout.split('\n'));
        const lost = [...acknowledged].filter((line) => !there.has(line));
        assert.deepEqual(lost, [], `${told}: acknowledged rows are gone`);
      }
      assert.ok(acknowledged.size > 20 * rounds, `only ${acknowledged.size} rows were acknowledged: nothing was tried`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
