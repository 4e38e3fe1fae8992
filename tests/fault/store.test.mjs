// The store on a disk that fills up or takes no writes, and on a server that goes and comes back: a clear error, nothing
// acknowledged lost, and no hands needed afterwards. The disk is a small one in memory; where none may be mounted, its tests skip.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { engines, startServer } from '../support/databases.mjs';
import { fairlead, serve, temporaryFolder } from '../support/server.mjs';

const driver = ['tests/fault/store_driver', 'release/tests/fault/store_driver']
  .map((path) => resolve(dirname(fairlead), path)).find(existsSync);

// A disk of so many KiB, or false where none may be mounted.
function smallDisk(size) {
  const folder = join(temporaryFolder(), 'disk');
  mkdirSync(folder);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}k`, 'tmpfs', folder]).status !== 0) return false;
  process.prependListener('exit', () => spawnSync('umount', ['-l', folder]));
  return folder;
}
const probe = driver ? smallDisk(64) : false;
const skip = driver ? (probe ? false : 'no disk may be mounted here') : 'store_driver is not built';

const list = (database) => spawnSync(driver, ['list', database, '0'], { encoding: 'utf8', maxBuffer: 1 << 28 });

// Write until the driver ends by itself; answers what it acknowledged and what it complained of.
function writeToTheEnd(database, first) {
  const { status, stdout, stderr } = spawnSync(driver, ['write', database, String(first), '16'], { encoding: 'utf8', maxBuffer: 1 << 28, timeout: 60000 });
  return { status, said: stdout.split('\n').slice(0, -1), stderr };
}

test('a full disk is told of, loses nothing, and is written on once there is room', { skip }, async () => {
  const disk = smallDisk(4096);
  const ballast = join(disk, 'ballast'), database = join(disk, 'test.db');
  writeFileSync(ballast, Buffer.alloc(2 << 20));
  const { status, said, stderr } = writeToTheEnd(database, 1);
  assert.equal(status, 1);
  assert.match(stderr, /full|disk I\/O error/);
  assert.ok(said.length > 50, `${said.length} rows before the disk was full`);
  rmSync(ballast);
  const there = list(database);
  assert.equal(there.status, 0, there.stderr);
  const rows = new Set(there.stdout.split('\n'));
  assert.deepEqual(said.filter((line) => !rows.has(line)), [], 'acknowledged rows are gone');
  const more = spawn(driver, ['write', database, '1001', '4'], { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise((heard) => more.stdout.once('data', heard));
  more.kill('SIGKILL');
});

test('a disk that takes no writes is told of, and written on when it does again', { skip }, () => {
  const disk = smallDisk(4096), database = join(disk, 'test.db');
  assert.equal(list(database).status, 0); // makes it
  assert.equal(spawnSync('mount', ['-o', 'remount,ro', disk]).status, 0);
  const { status, said, stderr } = writeToTheEnd(database, 1);
  assert.equal(status, 1);
  assert.deepEqual(said, []);
  assert.match(stderr, /store_driver: .*(readonly|read-only|unable to open)/i);
  assert.equal(spawnSync('mount', ['-o', 'remount,rw', disk]).status, 0);
  assert.equal(list(database).status, 0);
});

test('a server that is stopped and started again is gone on with', { skip: engines()[1].skip }, async () => {
  const database = await startServer();
  const web = await serve(temporaryFolder(), '--db', database.address);
  const status = async () => (await fetch(`${web.origin}/health`)).status;
  try {
    assert.equal(await status(), 200);
    database.stop('fast');
    const begun = performance.now();
    assert.equal(await status(), 503);
    assert.ok(performance.now() - begun < 5000, 'nobody waits long for what is away');
    assert.equal((await fetch(`${web.origin}/`)).status, 200, 'what needs no database goes on');
    database.start();
    let now;
    for (const end = Date.now() + 20000; (now = await status()) !== 200 && Date.now() < end;) await pause(100);
    assert.equal(now, 200);
    assert.deepEqual(await web.stop(), { code: 0, signal: null });
  } finally {
    await database.end();
  }
});
