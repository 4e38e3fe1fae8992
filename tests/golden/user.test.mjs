// `fairlead user` as whoever runs the machine meets it, on both engines: what is printed, what is refused and how to mend
// it, and that each act is in the history as "command". Expected values: docs/accounts.md and knowledge/roles.csv.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fairlead, temporaryFolder } from '../support/server.mjs';
import { engines, rowsOf } from '../support/databases.mjs';

function machine(engine) {
  const data = temporaryFolder(), db = engine.make();
  const user = (...words) => {
    const { status, stdout, stderr } = spawnSync(fairlead, ['user', ...words, '--data', data, '--db', db], { encoding: 'utf8' });
    return { status, stdout, stderr };
  };
  const listed = () => JSON.parse(user('list', '--json').stdout).accounts;
  return { data, db, user, listed };
}

for (const engine of engines()) {
  const { name, skip } = engine;

  test(`an account is made, listed, disabled and reset (${name})`, { skip }, () => {
    const { db, user, listed } = machine(engine);
    const made = user('add', 'Ann', '--role', 'administrator', '--shown-name', 'Ann Lee', '--email', 'ann@example.org');
    assert.equal(made.status, 0, made.stderr);
    const [, password] = made.stdout.match(/^Ann signs in with the first password  ([a-z2-9]{4}(?:-[a-z2-9]{4}){3})\n/);
    assert.equal(made.stderr, '');
    assert.equal(user('add', 'kim', '--role', 'administrator').status, 0);
    assert.deepEqual(listed().map((account) => [account.name, account.shown_name, account.roles, account.disabled, account.second_factor,
      account.must_change_password, account.last_sign_in]), [
      ['ann', 'Ann Lee', [{ role: 'administrator', program_id: '', site_id: '' }], false, false, true, null],
      ['kim', 'kim', [{ role: 'administrator', program_id: '', site_id: '' }], false, false, true, null]]);
    assert.match(user('list').stdout, /^ann +Ann Lee +without second factor administrator\nkim /);
    assert.match(user('disable', 'ann').stdout, /^ann is disabled/);
    assert.equal(listed()[0].disabled, true);
    assert.match(user('enable', 'ann').stdout, /^ann can sign in again/);
    assert.equal(listed()[0].disabled, false);
    const again = user('reset', 'ANN').stdout.match(/password  (\S+)/)[1];
    assert.notEqual(again, password);

    // No password stands anywhere, and each act is in the history.
    const rows = JSON.stringify(rowsOf(db, 'SELECT * FROM account'));
    assert.ok(!rows.includes(password) && !rows.includes(again) && rows.includes('argon2id'));
    const history = rowsOf(db, 'SELECT entry FROM audit_waiting').length;
    assert.ok(history >= 5, `${history} entries`);
  });

  // script/test lowers the costs for the tests that sign in often; this is what an installation gets (RFC 9106, section 4).
  test(`a password costs 64 MiB and three passes, as shipped (${name})`, { skip }, () => {
    const { data, db } = machine(engine);
    const { status, stderr } = spawnSync(fairlead, ['user', 'add', 'ann', '--role', 'administrator', '--data', data, '--db', db],
      { encoding: 'utf8', env: { ...process.env, FAIRLEAD_SHARE: '' } });
    assert.equal(status, 0, stderr);
    assert.match(rowsOf(db, 'SELECT password FROM account')[0].password, /^\$argon2id\$v=19\$m=65536,t=3,p=1\$/);
  });

  test(`what cannot be is refused, and how to mend it (${name})`, { skip }, () => {
    const { user, listed } = machine(engine);
    assert.equal(user('add', 'ann', '--role', 'administrator').status, 0);
    const cases = [
      [['add', 'ann', '--role', 'auditor'], /the sign-in name is taken/],
      [['add', 'a b', '--role', 'auditor'], /the name is refused/],
      [['add', 'bo'], /role \(none\) is refused/],
      [['add', 'bo', '--role', 'janitor'], /role janitor is refused/],
      [['add', 'bo', '--role', 'person'], /role person is refused/],
      [['add', 'bo', '--role', 'nurse@Nowhere'], /there is no program "Nowhere"/],
      [['add', 'bo', '--role', 'auditor', '--role', 'auditor'], /role auditor is refused/],
      [['disable', 'ann'], /the last administrator stays/],
      [['disable', 'nobody'], /nobody: there is no such account/],
      [['reset', ''], /there is no such account/],
    ];
    for (const [words, expected] of cases) {
      const { status, stdout, stderr } = user(...words);
      assert.equal(status, 1, words.join(' '));
      assert.equal(stdout, '');
      assert.match(stderr, expected);
      assert.match(stderr, /\n {2}\S/, 'how to mend it');
    }
    assert.equal(listed().length, 1);
  });
}

test('a wrong command line is usage', () => {
  for (const words of [[], ['frob'], ['add'], ['list', 'ann'], ['disable', 'ann', '--role', 'nurse'], ['list', '--frob']]) {
    const { status, stderr } = spawnSync(fairlead, ['user', ...words], { encoding: 'utf8' });
    assert.equal(status, 2, words.join(' '));
    assert.match(stderr, /^fairlead user: /);
  }
});

test('the files that identify nobody are their owner\'s alone', () => {
  const data = temporaryFolder();
  assert.equal(spawnSync(fairlead, ['user', 'add', 'ann', '--role', 'administrator', '--data', data]).status, 0);
  assert.deepEqual(readdirSync(data).sort().filter((file) => !/-(?:wal|shm)$/.test(file)), ['erased-people.log', 'fairlead.db', 'keys.db', 'vault.key']);
  assert.ok(readFileSync(join(data, 'fairlead.db')).includes('ann'), 'names of staff are plain');
});
