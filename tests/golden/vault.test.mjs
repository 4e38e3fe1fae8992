// `fairlead vault status|rotate` with the real program, on both engines. The counts are those of what the driver made;
// the keys that must not be printed are read from the key file.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { engines } from '../support/databases.mjs';

const program = process.env.FAIRLEAD ?? 'build/fairlead';
const driver = ['tests/fault/vault_driver', 'release/tests/fault/vault_driver'].map((path) => resolve(dirname(program), path)).find(existsSync);
const share = ['share', '../share'].map((path) => resolve(dirname(program), path)).find(existsSync);
const end = (...words) => spawnSync(program, words, { encoding: 'utf8' });

for (const engine of engines()) {
  test(`a new master key: ${engine.name}`, { skip: driver ? engine.skip : 'vault_driver is not built' }, () => {
    const data = mkdtempSync(join(tmpdir(), 'fairlead-vault-'));
    const isFile = engine.name === 'sqlite';
    const database = isFile ? join(data, 'fairlead.db') : engine.make(), keys = isFile ? join(data, 'keys.db') : engine.make();
    const words = ['--data', data, '--db', database, '--keys', keys];
    const status = () => JSON.parse(end('vault', 'status', '--json', ...words).stdout);
    try {
      const made = spawnSync(driver, ['people', data, database, keys, share, '5'], { encoding: 'utf8', input: 'quit\n' });
      assert.equal(made.status, 0, made.stderr);
      const before = status();
      // Five people, the program, the installation.
      assert.deepEqual({ ...before, master: 0 }, { keys: 7, by_older: 0, erased: 0, master: 0, master_keys: 1 });
      assert.match(before.master, /^[0-9a-f]{16}$/);
      const rotated = end('vault', 'rotate', ...words);
      assert.equal(rotated.status, 0, rotated.stderr);
      assert.equal(rotated.stderr, ''); // no progress in a pipe
      const after = status();
      assert.deepEqual({ ...after, master: 0 }, { keys: 7, by_older: 0, erased: 0, master: 0, master_keys: 2 });
      assert.notEqual(after.master, before.master);
      assert.match(rotated.stdout, new RegExp(`7 keys, 0 of them .*\n.*\nmaster key ${after.master}, the first of 2`));
      const lines = readFileSync(join(data, 'vault.key'), 'utf8').trim().split('\n');
      assert.equal(lines.length, 2);
      for (const line of lines) assert.ok(!rotated.stdout.includes(line.slice(3)), 'a key is printed');
      // It is history, and the history is sound.
      const audit = end('audit', 'verify', ...words);
      assert.equal(audit.status, 0, audit.stdout + audit.stderr);
      // Without its file the key store is not opened, and no other file is made.
      rmSync(join(data, 'vault.key'));
      const without = end('vault', 'status', ...words);
      assert.equal(without.status, 1);
      assert.match(without.stderr, /vault\.key is not there/);
      assert.ok(!existsSync(join(data, 'vault.key')));
      writeFileSync(join(data, 'vault.key'), `01 ${'00'.repeat(32)}\n`, { mode: 0o600 });
      assert.match(end('vault', 'status', ...words).stderr, /no key of mark/);
    } finally {
      rmSync(data, { recursive: true });
    }
  });
}

test('what cannot be done is refused', () => {
  const data = mkdtempSync(join(tmpdir(), 'fairlead-vault-'));
  try {
    for (const words of [['vault'], ['vault', 'status', 'rotate'], ['vault', 'unseal']]) assert.equal(end(...words).status, 2);
    const none = end('vault', 'status', '--data', data);
    assert.equal(none.status, 1);
    assert.match(none.stderr, /there is no key store/);
    assert.ok(!existsSync(join(data, 'keys.db')));
    const standby = end('vault', 'status', '--data', data, '--keys', 'postgresql:///x?target_session_attrs=prefer-standby');
    assert.equal(standby.status, 2);
    assert.match(standby.stderr, /standby/);
  } finally {
    rmSync(data, { recursive: true });
  }
});
