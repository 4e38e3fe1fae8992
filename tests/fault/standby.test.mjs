// A failover: two processes of 16 threads each write to a PostgreSQL whose standby confirms with it, by an address that names
// both. The primary is killed in the middle of acknowledged writes and never comes back; the standby is promoted, as whatever
// watches over servers does. Nothing acknowledged is lost, no half of a change is there, and the writers go on by themselves. The
// real server, on such an address, too. $FAIRLEAD_FAILOVERS sets the rounds (2). Expected values: docs/store.md, "Operating".
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { rowsOf, startServer, startStandby } from '../support/databases.mjs';
import { fairlead, serve, temporaryFolder } from '../support/server.mjs';

const rounds = Number(process.env.FAIRLEAD_FAILOVERS ?? 2), THREADS = 16;
const driver = ['tests/fault/store_driver', 'release/tests/fault/store_driver'].map((path) => resolve(dirname(fairlead), path)).find(existsSync);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const hostOf = (address) => address.match(/host=([^&]*)/)[1];
const both = (one, other) => one.address.replace(/host=[^&]*/, `host=${hostOf(one.address)},${hostOf(other.address)}`);

function startWriters(address, first) {
  const child = spawn(driver, ['write', address, String(first), String(THREADS)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const state = { child, said: '', complaints: '', lines: () => state.said.split('\n').filter((line) => /^\d/.test(line)).length };
  child.stdout.setEncoding('utf8').on('data', (text) => { state.said += text; });
  child.stderr.setEncoding('utf8').on('data', (text) => { state.complaints += text; });
  state.stop = () => new Promise((done) => { child.on('close', () => done(state.said.split('\n').slice(0, -1).filter((line) => line !== 'away'))); child.kill('SIGKILL'); });
  return state;
}

async function until(holds, what, ms) {
  for (const latest = Date.now() + ms; !await holds(); await pause(20)) assert.ok(Date.now() < latest, `waited ${ms} ms for ${what}`);
}

test(`a standby takes over, and nothing acknowledged is lost (${rounds} rounds)`, { skip: driver ? false : 'store_driver is not built', timeout: 900000 }, async (t) => {
  const server = await startServer();
  if (!server) return t.skip('no PostgreSQL of version 15 or later is installed');
  const standbys = [], started = [];
  try {
    let primary = server, slowest = 0, acknowledged = new Set();
    for (let round = 0; round < rounds; round++) {
      const standby = startStandby(primary);
      standbys.push(standby);
      const address = both(primary, standby), writers = [0, 1].map((i) => startWriters(address, 1 + round * 1000 + i * 100));
      started.push(...writers);
      const heard = (count, from) => until(() => {
        for (const one of writers) assert.equal(one.child.exitCode, null, `the writers ended by themselves: ${one.complaints}`);
        return writers.every((one, i) => one.lines() >= from[i] + count);
      }, `${count} lines`, 60000);
      await heard(150 + Math.floor(300 * Math.random()), [0, 0]);
      primary.stop('immediate');
      await pause(300 * Math.random());
      const begun = Date.now();
      standby.promote();
      const after = writers.map((one) => one.lines());
      await heard(2 * THREADS, after); // without hands
      slowest = Math.max(slowest, Date.now() - begun);
      for (const line of (await Promise.all(writers.map((one) => one.stop()))).flat()) {
        assert.ok(!acknowledged.has(line), `${line} was acknowledged twice`);
        acknowledged.add(line);
      }
      const { status, stdout, stderr } = spawnSync(driver, ['list', standby.address, '0'], { encoding: 'utf8', maxBuffer: 1 << 28 });
      assert.equal(status, 0, stderr);
      const there = new Set(stdout.split('\n'));
      assert.deepEqual([...acknowledged].filter((line) => !there.has(line)), [], `round ${round}: acknowledged rows are gone`);
      primary = standby;
    }
    t.diagnostic(`${acknowledged.size} rows acknowledged; writing again at most ${slowest} ms after the promotion began`);
  } finally {
    for (const one of started) one.child.kill('SIGKILL');
    for (const standby of standbys) standby.end();
    await server.end();
  }
});

test('the server goes on with the standby, without hands', { timeout: 180000 }, async (t) => {
  const server = await startServer();
  if (!server) return t.skip('no PostgreSQL of version 15 or later is installed');
  let standby, program;
  try {
    standby = startStandby(server);
    program = await serve(temporaryFolder(), '--db', both(server, standby));
    const link = async () => {
      const person = { age: '30', opioid_use_disorder: 'severe', medication: 'none', support: 'none', housing: 'safe', preference: 'outpatient', motivation: '8', go: 'carry' };
      return (await (await fetch(`${program.origin}/choose/result`, { method: 'POST', headers: { accept: 'text/html' }, body: new URLSearchParams(person) })).text()).match(/href="(\/carry\/[\w-]+)"/)[1];
    };
    const takeBack = (path) => fetch(program.origin + path, { method: 'POST', headers: { accept: 'text/html' }, body: new URLSearchParams({ revoke: 'yes' }) });
    const links = [await link(), await link()];
    assert.equal((await takeBack(links[0])).status, 200);
    server.stop('immediate');
    assert.equal((await fetch(`${program.origin}/health`)).status, 503);
    assert.equal((await takeBack(links[1])).status, 503);
    standby.promote();
    await until(async () => (await fetch(`${program.origin}/health`)).status === 200, 'the standby', 20000);
    assert.equal((await fetch(program.origin + links[0])).status, 410, 'what was confirmed is kept');
    assert.equal((await takeBack(links[1])).status, 200);
    assert.equal(Number(rowsOf(standby.address, 'SELECT count(*) AS n FROM carry_revoked')[0].n), 2);
    assert.deepEqual(await program.stop(), { code: 0, signal: null });
  } finally {
    await program?.stop('SIGKILL');
    standby?.end();
    await server.end();
  }
});
