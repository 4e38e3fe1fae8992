// `fairlead backup` and `fairlead restore` with the real program, on both engines and from one to the other. What must
// come back is read with sqlite3 and psql, not with the program. docs/operations.md, "Backups", says what is promised.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { engines, rowsOf } from '../support/databases.mjs';
import { openDesk } from '../support/desk.mjs';
import { fairlead, run, serve, temporaryFolder } from '../support/server.mjs';

const end = (...words) => spawnSync(fairlead, words, { encoding: 'utf8', maxBuffer: 1 << 28 });
const TABLES = [['facility', 'id'], ['listing', '1, 2'], ['directory_release', '1'], ['migration', 'number']];

// Every row of the tables that an import fills.
const contentOf = (address) => TABLES.map(([name, order]) => rowsOf(address, `SELECT * FROM ${name} ORDER BY ${order}`)
  .map((row) => ({ ...row, applied: undefined })));

// A key, and a database with made-up facilities in it.
function prepare(engine, rows = 60) {
  const folder = temporaryFolder(), key = join(folder, 'backup.key'), address = engine.make();
  run('backup', '--new-key', key);
  run('import', '--data', join(folder, 'data'), '--db', address, '--demo', String(rows));
  return { folder, key, address, data: join(folder, 'data'), words: ['--data', join(folder, 'data'), '--db', address, '--backup-key-file', key] };
}

for (const engine of engines()) {
  test(`a backup restores to a new place: ${engine.name}`, { skip: engine.skip }, () => {
    const { folder, key, address, words } = prepare(engine);
    const made = end('backup', ...words, join(folder, 'one.backup'), '--json');
    assert.equal(made.status, 0, made.stderr);
    assert.equal(made.stderr, '');
    const manifest = JSON.parse(made.stdout);
    assert.deepEqual([manifest.kind, manifest.engine, manifest.tables.facility, manifest.extras], ['records', engine.name, 60, ['erased']]);
    assert.equal(manifest.rows, Object.values(manifest.tables).reduce((sum, rows) => sum + rows, 0));
    assert.deepEqual(manifest.migrations.map((one) => [one.number, one.name, one.sha256]),
      rowsOf(address, 'SELECT number, name, hash FROM migration ORDER BY number').map((row) => [row.number, row.name, row.hash]));
    assert.equal(statSync(join(folder, 'one.backup')).mode & 0o777, 0o600);
    assert.deepEqual(JSON.parse(run('backup', '--check', '--json', '--backup-key-file', key, join(folder, 'one.backup'))), manifest);
    for (const target of engines()) {
      if (target.skip) continue;
      const place = target.make(), data = join(folder, `to-${target.name}`);
      const restored = end('restore', '--data', data, '--db', place, '--backup-key-file', key, join(folder, 'one.backup'));
      assert.equal(restored.status, 0, restored.stderr);
      assert.deepEqual(contentOf(place), contentOf(address), `${engine.name} to ${target.name}`);
      assert.equal(JSON.parse(run('find', '--data', data, '--db', place, '--json')).total, 60);
    }
  });

  test(`a database that is there is replaced only when told, and kept: ${engine.name}`, { skip: engine.skip }, () => {
    const { folder, address, words, data } = prepare(engine), other = prepare(engine, 20);
    run('backup', ...words, join(folder, 'one.backup'));
    const before = contentOf(other.address);
    const replace = ['restore', '--data', other.data, '--db', other.address, '--backup-key-file', join(folder, 'backup.key'), join(folder, 'one.backup')];
    const refused = end(...replace);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /holds a database already\n {2}.*--replace/);
    assert.deepEqual(contentOf(other.address), before);
    const done = end(...replace, '--replace');
    assert.equal(done.status, 0, done.stderr);
    assert.match(done.stdout, /the old one is kept as \S+before/);
    assert.deepEqual(contentOf(other.address), contentOf(address));
    assert.equal(JSON.parse(run('find', '--data', other.data, '--db', other.address, '--json')).total, 60, 'what is searched follows');
    if (engine.name === 'sqlite') assert.deepEqual(contentOf(done.stdout.match(/kept as (\S+):/)[1]), before);
    assert.ok(!readdirSync(data).some((name) => name.includes('restoring')));
  });

  test(`a restore beside a running server: ${engine.name}`, { skip: engine.skip }, async () => {
    const { folder, key, address, words, data } = prepare(engine);
    run('backup', ...words, join(folder, 'one.backup'));
    const server = await serve(data, '--db', address);
    const restored = end('restore', ...words, '--replace', join(folder, 'one.backup'));
    if (engine.name === 'sqlite') { // which cannot take a file from under a program
      assert.equal(restored.status, 1);
      assert.match(restored.stderr, /open in another program.*\n {2}Stop the server/);
    } else assert.equal(restored.status, 0, restored.stderr);
    assert.equal((await (await fetch(`${server.origin}/health`)).json()).database, true);
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
    assert.equal(end('restore', ...words, '--replace', join(folder, 'one.backup')).status, 0);
    assert.ok(existsSync(key));
  });
}

const [sqlite] = engines();

test('keys have a backup of their own, and are in no other', async () => {
  const folder = temporaryFolder(), key = join(folder, 'key'), fresh = join(folder, 'fresh');
  run('backup', '--new-key', key);
  const desk = await openDesk(), { data } = desk;
  await desk.stop();
  const keysOf = (address) => rowsOf(address, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'migration' ORDER BY name")
    .map(({ name }) => [name, rowsOf(address, `SELECT * FROM ${name} ORDER BY 1, 2`)]);
  const words = ['--data', data, '--backup-key-file', key], there = ['--data', fresh, '--backup-key-file', key];
  const records = JSON.parse(run('backup', ...words, '--json', join(folder, 'records')));
  const keys = JSON.parse(run('backup', ...words, '--json', '--keys-only', join(folder, 'keys')));
  assert.deepEqual([keys.kind, keys.extras], ['keys', ['erased', 'vault_key']]);
  assert.deepEqual(records.extras, ['erased']);
  for (const [name] of keysOf(join(data, 'keys.db'))) assert.ok(name in keys.tables && !(name in records.tables), name);
  run('restore', ...there, join(folder, 'records'));
  run('restore', ...there, join(folder, 'keys'));
  assert.deepEqual(keysOf(join(fresh, 'keys.db')), keysOf(join(data, 'keys.db')));
  assert.deepEqual(readFileSync(join(fresh, 'vault.key')), readFileSync(join(data, 'vault.key')));
  assert.equal(statSync(join(fresh, 'vault.key')).mode & 0o777, 0o600);
  assert.equal(end('audit', 'verify', '--data', fresh).status, 0, 'the restored audit verifies');
  const server = await serve(fresh); // whose accounts' secrets open under the restored keys
  const visitor = new desk.admin.constructor(server.origin);
  await visitor.signIn(desk.admin.name, desk.admin.password, desk.admin.secret);
  assert.equal((await visitor.request('/desk')).status, 200);
  desk.admin.origin = server.origin;
  assert.equal((await desk.admin.request('/desk')).status, 303, 'who was signed in when the backup was made is not, after it');
  await server.stop();
  const other = temporaryFolder();
  writeFileSync(join(other, 'vault.key'), `01 ${'ab'.repeat(32)}\n`, { mode: 0o600 });
  const refused = end('restore', '--data', other, '--backup-key-file', key, join(folder, 'keys'));
  assert.match(refused.stderr, /vault\.key holds another key/);
  assert.ok(!existsSync(join(other, 'keys.db')));
});

test('the list of erased people grows by what the backup knows, and loses nobody', () => {
  const { folder, key, data, words } = prepare(sqlite, 5);
  const line = (name) => `p1 ${name} 2026-01-01T00:00:00.000000Z\n`;
  writeFileSync(join(data, 'erased-people.log'), line('a') + line('b'), { mode: 0o600 });
  run('backup', ...words, join(folder, 'one.backup'));
  const fresh = join(folder, 'fresh');
  run('restore', '--data', fresh, '--backup-key-file', key, join(folder, 'one.backup'));
  assert.equal(readFileSync(join(fresh, 'erased-people.log'), 'utf8'), line('a') + line('b'));
  assert.equal(statSync(join(fresh, 'erased-people.log')).mode & 0o777, 0o600);
  const later = join(folder, 'later');
  mkdirSync(later);
  writeFileSync(join(later, 'erased-people.log'), `${line('b')}${line('c')}p1 cut`, { mode: 0o600 });
  run('restore', '--data', later, '--backup-key-file', key, join(folder, 'one.backup'));
  assert.equal(readFileSync(join(later, 'erased-people.log'), 'utf8'), line('b') + line('c') + line('a'));
});

test('keys and what they look like', () => {
  const { folder, key, words } = prepare(sqlite, 5);
  assert.match(readFileSync(key, 'utf8'), /^[0-9a-f]{64}\n$/);
  assert.equal(statSync(key).mode & 0o777, 0o600);
  assert.equal(end('backup', '--new-key', key).status, 1, 'a key is never written over');
  assert.equal(end('backup', ...words.slice(0, -2), join(folder, 'x')).status, 2);
  chmodSync(key, 0o640);
  assert.match(end('backup', ...words, join(folder, 'x')).stderr, /others than its owner.*\n.*chmod 600/);
  chmodSync(key, 0o600);
  run('backup', ...words, join(folder, 'x'));
  const other = join(folder, 'other.key');
  run('backup', '--new-key', other);
  const wrong = end('restore', '--data', join(folder, 'new'), '--backup-key-file', other, join(folder, 'x'));
  assert.equal(wrong.status, 1);
  assert.match(wrong.stderr, /sealed by another key/);
  assert.ok(!existsSync(join(folder, 'new', 'fairlead.db')));
  writeFileSync(other, readFileSync(other, 'utf8') + readFileSync(key, 'utf8')); // a new key in front, the old one behind
  run('restore', '--data', join(folder, 'new'), '--backup-key-file', other, join(folder, 'x'));
});

test('a damaged backup restores nothing', () => {
  const { folder, key, words } = prepare(sqlite, 5);
  run('backup', ...words, join(folder, 'one.backup'));
  const whole = readFileSync(join(folder, 'one.backup'));
  const changed = Buffer.from(whole);
  changed[whole.length >> 1] ^= 1;
  const damages = { cut: whole.subarray(0, whole.length - 5), empty: Buffer.alloc(0), changed, longer: Buffer.concat([whole, Buffer.from('x')]), other: Buffer.from('no backup at all') };
  for (const [name, bytes] of Object.entries(damages)) {
    writeFileSync(join(folder, name), bytes);
    const { status, stderr } = end('restore', '--data', join(folder, 'new'), '--backup-key-file', key, join(folder, name));
    assert.equal(status, 1, name);
    assert.match(stderr, /^fairlead restore: .*(?:cut|changed|behind its end|no backup).*\n {2}\S/, name);
    assert.ok(!existsSync(join(folder, 'new', 'fairlead.db')), name);
  }
});

test('a backup of no database, into no folder, over another, beside a folder', () => {
  const { folder, key, words } = prepare(sqlite, 5);
  const none = end('backup', '--data', join(folder, 'nothing'), '--backup-key-file', key, join(folder, 'x'));
  assert.match(none.stderr, /there is no database/);
  assert.ok(!existsSync(join(folder, 'nothing')));
  assert.equal(end('backup', ...words, join(folder, 'no', 'folder', 'x')).status, 1);
  run('backup', ...words, join(folder, 'x'));
  const first = readFileSync(join(folder, 'x'));
  assert.match(end('backup', ...words, join(folder, 'x')).stderr, /is there already/);
  assert.deepEqual(readFileSync(join(folder, 'x')), first);
  run('backup', ...words, '--replace', join(folder, 'x'));
  assert.notDeepEqual(readFileSync(join(folder, 'x')), first);
  mkdirSync(join(folder, 'many'));
  run('backup', ...words, `${join(folder, 'many')}/`);
  assert.match(readdirSync(join(folder, 'many')).join(), /^fairlead-\d{8}T\d{6}Z\.backup$/);
  assert.equal(end('backup', '--backup-key-file', key).status, 2);
  assert.equal(end('restore', '--backup-key-file', key).status, 2);
  assert.deepEqual(readdirSync(folder).filter((name) => name.includes('.part')), []);
});

test('a copied database, opened by an older program, is not restored over by a newer backup', () => {
  const { folder, key, words } = prepare(sqlite, 5);
  run('backup', ...words, join(folder, 'x'));
  const share = process.env.FAIRLEAD_SHARE ?? 'build/share';
  const older = join(folder, 'share', 'migrations');
  mkdirSync(older, { recursive: true });
  copyFileSync(join(share, 'migrations', '001-directory.sql'), join(older, '001-directory.sql'));
  const { status, stderr } = spawnSync(fairlead, ['restore', '--data', join(folder, 'old'), '--backup-key-file', key, join(folder, 'x')],
    { encoding: 'utf8', env: { ...process.env, FAIRLEAD_SHARE: join(folder, 'share') } });
  assert.equal(status, 1);
  assert.match(stderr, /this program knows 1\n {2}Run the newer version/);
});
