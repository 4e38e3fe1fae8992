// An import that is killed at any moment leaves the directory that stood before, or the whole of the new one; the search
// still answers, and importing again finishes the work. $FAIRLEAD_ROUNDS sets the rounds (5, at most 100).
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fairlead, run, temporaryFolder } from '../support/server.mjs';
import { csv, file, imports, query } from '../support/directory.mjs';

const ROUNDS = Math.min(100, Number(process.env.FAIRLEAD_ROUNDS ?? 5)); // each takes seconds
const COUNT = 4000;
const list = (name, phone) => file(name, csv(Array.from({ length: COUNT }, (_, i) => ({
  name1: `Place ${i}`, street1: `${i} Oak Street`, city: 'Richmond', state: 'VA', zip: '23220', phone, service_code_info: 'SA DT * OP * BUM',
}))));

test('killed while importing', async () => {
  const data = temporaryFolder();
  const releases = [list('y2020.csv', '804-555-0100'), list('y2021.csv', '804-555-0101')];
  imports(data, releases[0]);
  const began = Date.now();
  imports(data, '--as-of', '2020-01-02', releases[1]);
  let whole = Date.now() - began; // how long an import takes; less, when one ended before it was killed
  let killed = 0;
  for (let round = 0; killed < ROUNDS && round < 4 * ROUNDS; round++) {
    const date = new Date(Date.UTC(2021, 0, 1 + round)).toISOString().slice(0, 10);
    const before = query(data, 'SELECT DISTINCT phone, as_of FROM listing');
    assert.equal(before.length, 1);
    const child = spawn(fairlead, ['import', '--data', data, '--as-of', date, releases[round % 2]], { stdio: 'ignore' });
    const ended = once(child, 'close');
    await pause(whole * ((round % ROUNDS) + 0.5) / ROUNDS);
    if (child.exitCode === null && child.kill('SIGKILL')) killed++;
    else whole *= 0.8;
    await ended;

    assert.deepEqual(query(data, 'PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
    const after = query(data, 'SELECT DISTINCT phone, as_of FROM listing');
    assert.equal(after.length, 1, 'the old or the new, never a mixture');
    assert.ok([before[0].as_of, date].includes(after[0].as_of));
    assert.equal(query(data, 'SELECT count(*) AS n FROM facility WHERE vanished IS NULL')[0].n, COUNT);
    assert.equal(JSON.parse(run('find', '--data', data, '--state', 'VA', '--json')).total, COUNT, 'the search still answers');

    const { status, first } = imports(data, '--as-of', date, releases[round % 2]);
    assert.equal(status, 0);
    assert.equal(first.unchanged + first.changed, COUNT);
    assert.deepEqual(query(data, 'SELECT DISTINCT as_of FROM listing'), [{ as_of: date }]);
    const { results } = JSON.parse(run('find', '--data', data, '--state', 'VA', '--json', '--limit', '3'));
    assert.ok(results.every((each) => each.phone === `804-555-010${round % 2}`), 'what is searched is what was imported');
  }
  assert.equal(killed, ROUNDS, 'as many were killed while they ran');
});
