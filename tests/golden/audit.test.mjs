// The audit by another program: every hash of every chain recomputed here, from the raw rows and docs/audit.md alone.
// And `fairlead audit` as an administrator meets it.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { engines, rowsOf } from '../support/databases.mjs';
import { fairlead, temporaryFolder } from '../support/server.mjs';

const driver = ['asan', 'release'].map((variant) => resolve(`build/${variant}/tests/golden/audit_driver`)).find(existsSync);
const BODY = ['at', 'actor_kind', 'account_id', 'actor_name', 'station_id', 'object', 'act', 'object_id', 'person_id', 'purpose',
  'outcome', 'detail'];

function audit(address, folder, ...words) {
  const { status, stdout, stderr } = spawnSync(fairlead, ['audit', ...words, '--data', folder, '--db', address], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

// A migrated database with `count` entries in `programs` chains.
function fill(address, folder, count, programs) {
  assert.equal(audit(address, folder, 'verify').status, 0);
  execFileSync(driver, [address, String(count), String(programs)]);
}

// SHA-256(prev | fields, each with its length in four bytes before it).
function hashOf(prev, row) {
  const fields = [`fairlead-audit-${row.format}`, row.program_id, String(row.seq), row.id, String(row.sealed_at),
    ...BODY.map((name) => String(row[name]))];
  const hash = createHash('sha256').update(prev);
  for (const field of fields) {
    const bytes = Buffer.from(field, 'utf8'), length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  }
  return hash.digest();
}

const ROWS = (hex) => `SELECT program_id, seq, format, id, sealed_at, ${BODY.join(', ')}, ${hex('prev')} AS prev, ${hex('hash')} AS hash
  FROM audit_entry ORDER BY program_id, seq`;
const HEX = { sqlite: (name) => `lower(hex(${name}))`, postgresql: (name) => `encode(${name}, 'hex')` };

for (const { name, skip, make } of engines()) {
  test(`every hash is what docs/audit.md says (${name})`, { skip }, () => {
    const address = make(), folder = temporaryFolder();
    fill(address, folder, 500, 3);
    const chains = new Map();
    const rows = rowsOf(address, ROWS(HEX[name]));
    assert.equal(rows.length, 501); // and the verification that migrated
    for (const row of rows) {
      const before = chains.get(row.program_id) ?? { seq: 0, hash: Buffer.alloc(32) };
      assert.equal(row.seq, before.seq + 1);
      assert.equal(row.prev, before.hash.toString('hex'));
      const hash = hashOf(before.hash, row);
      assert.equal(row.hash, hash.toString('hex'), `${row.program_id} ${row.seq}`);
      chains.set(row.program_id, { seq: row.seq, hash });
    }
    assert.deepEqual([...chains.keys()].sort(), ['', 'program-1', 'program-2']);

    // The anchors hold these heads, and their links follow.
    assert.equal(audit(address, folder, 'anchor').status, 0);
    const lines = readFileSync(join(folder, 'audit-anchors.log'), 'utf8').trimEnd().split('\n');
    assert.equal(lines.length, 3);
    let link = Buffer.alloc(32);
    for (const line of lines) {
      const [, program, seq, hash, linked] = line.split(' ');
      const head = chains.get(program === '-' ? '' : program);
      assert.equal(Number(seq), head.seq);
      assert.equal(hash, head.hash.toString('hex'));
      link = createHash('sha256').update(link).update(line.slice(0, -65)).digest();
      assert.equal(linked, link.toString('hex'));
    }
  });

  test(`verify says what is sound and what is not (${name})`, { skip }, () => {
    const address = make(), folder = temporaryFolder(), anchors = join(folder, 'audit-anchors.log');
    fill(address, folder, 50, 2);
    const without = audit(address, folder, 'verify');
    assert.match(without.stdout, /^5\d entries in 2 chains: 0 problems$/m);
    assert.match(without.stdout, /an end that was cut off cannot be seen/);
    audit(address, folder, 'anchor');
    const sound = audit(address, folder, 'verify', '--json');
    assert.equal(sound.status, 0);
    assert.equal(sound.stderr, ''); // no progress in a pipe
    const document = JSON.parse(sound.stdout);
    assert.deepEqual([document.sound, document.programs, document.anchors, document.problems], [true, 2, 2, []]);
    // Looking is history too.
    const looks = rowsOf(address, "SELECT actor_kind, detail FROM audit_entry WHERE object = 'audit' AND act = 'verify' ORDER BY seq");
    assert.equal(looks.length, 3);
    assert.equal(looks[2].actor_kind, 'command');
    assert.deepEqual(JSON.parse(looks[2].detail), { rows: document.entries, problems: 0 });

    writeFileSync(anchors, readFileSync(anchors, 'utf8').replace(/ 2[0-9] /, ' 99 '));
    const wrong = audit(address, folder, 'verify', '--json');
    assert.equal(wrong.status, 1);
    const found = JSON.parse(wrong.stdout);
    assert.equal(found.sound, false);
    assert.ok(found.problems.some(({ what }) => what === 'anchor_changed'));
    assert.ok(found.problems.some(({ what, seq }) => what === 'cut' && seq === 99));
    const said = audit(address, folder, 'verify', '--anchors', anchors);
    assert.match(said.stderr, /audit-anchors\.log:\d: a line of the anchors' file was changed/);
    assert.equal(audit(address, folder, 'verify', '--anchors', join(folder, 'absent')).status, 1);
  });
}

test('anchors are added while others are being added, and none is lost', async () => {
  const [{ make }] = engines(), address = make(), folder = temporaryFolder();
  fill(address, folder, 20, 4);
  const runs = Array.from({ length: 6 }, () => new Promise((done) =>
    spawn(fairlead, ['audit', 'anchor', '--data', folder, '--db', address], { stdio: 'ignore' }).on('exit', done)));
  assert.deepEqual(await Promise.all(runs), [0, 0, 0, 0, 0, 0]);
  assert.equal(readFileSync(join(folder, 'audit-anchors.log'), 'utf8').trimEnd().split('\n').length, 4);
  appendFileSync(join(folder, 'audit-anchors.log'), 'torn');
  assert.equal(audit(address, folder, 'anchor').status, 0); // cuts it off
  assert.equal(audit(address, folder, 'verify').status, 0);
});

test('a wrong command line is explained', () => {
  for (const words of [[], ['mend'], ['verify', 'twice']]) {
    const { status, stderr } = spawnSync(fairlead, ['audit', ...words], { encoding: 'utf8' });
    assert.equal(status, 2);
    assert.match(stderr, /say what to do: verify or anchor/);
  }
});
