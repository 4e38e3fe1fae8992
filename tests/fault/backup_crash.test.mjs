// A backup or a restore that is killed at any moment leaves what was there before whole: the older backup still opens,
// the database is the old one or the new one and nothing between. $FAIRLEAD_ROUNDS sets the rounds (5, at most 100).
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { engines, rowsOf } from '../support/databases.mjs';
import { fairlead, run, temporaryFolder } from '../support/server.mjs';

const rounds = Math.min(100, Number(process.env.FAIRLEAD_ROUNDS ?? 5)); // each takes seconds
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// Run to the end; answers how long it took in ms.
function time(...words) {
  const begun = performance.now();
  run(...words);
  return performance.now() - begun;
}

// Start and kill at a moment; answers whether it had ended before.
async function kill(words, moment) {
  const child = spawn(fairlead, words, { stdio: 'ignore' });
  const ended = new Promise((done) => child.on('exit', (code, signal) => done(signal !== 'SIGKILL')));
  await pause(moment);
  child.kill('SIGKILL');
  return ended;
}

for (const engine of engines()) {
  test(`killed while backing up and restoring, ${rounds} rounds each: ${engine.name}`, { skip: engine.skip, timeout: 1200000 }, async () => {
    const folder = temporaryFolder(), key = join(folder, 'key'), [a, b] = [engine.make(), engine.make()];
    run('backup', '--new-key', key);
    const words = (address) => ['--data', join(folder, address === a ? 'a' : 'b'), '--db', address, '--backup-key-file', key];
    run('import', ...words(a).slice(0, 4), '--demo', '1500');
    run('import', ...words(b).slice(0, 4), '--demo', '700');
    const file = join(folder, 'a.backup'), other = join(folder, 'b.backup');
    const took = time('backup', ...words(a), file);
    run('backup', ...words(b), other);
    let ended = 0;
    for (let round = 0; round < rounds; round++) {
      const moment = Math.random() * took * 1.2;
      if (await kill(['backup', ...words(a), '--replace', file], moment)) ended++;
      const checked = spawnSync(fairlead, ['backup', '--check', '--json', '--backup-key-file', key, file], { encoding: 'utf8' });
      assert.equal(checked.status, 0, `round ${round}, killed after ${Math.round(moment)} ms: ${checked.stderr}`);
      assert.equal(JSON.parse(checked.stdout).tables.facility, 1500);
    }
    // From here on the database of b holds 700 or 1,500 facilities.
    const count = () => Number(rowsOf(b, 'SELECT count(*) AS n FROM facility')[0].n);
    const long = time('restore', ...words(b), '--replace', file);
    assert.equal(count(), 1500);
    for (let round = 0; round < rounds; round++) {
      const [before, wanted, from] = count() === 1500 ? [1500, 700, other] : [700, 1500, file];
      const moment = Math.random() * long * 1.2;
      if (await kill(['restore', ...words(b), '--replace', from], moment)) ended++;
      const told = `round ${round}, killed after ${Math.round(moment)} ms of ${Math.round(long)}`;
      const there = count();
      assert.ok(there === before || there === wanted, `${told}: ${there} facilities`);
      assert.equal(JSON.parse(run('find', ...words(b).slice(0, 4), '--json')).total, there, told);
      if (engine.name === 'sqlite') assert.deepEqual(rowsOf(b, 'PRAGMA integrity_check'), [{ integrity_check: 'ok' }], told);
      if (there === before) {
        run('restore', ...words(b), '--replace', from); // what the killed one left is no hindrance
        assert.equal(count(), wanted, told);
      }
    }
    assert.ok(ended < 2 * rounds || rounds < 3, 'every run ended before it was killed: nothing was tried');
  });
}
