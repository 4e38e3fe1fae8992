// `fairlead config`, and the one door by which every command finds its data: a flag beats the environment, which beats
// the file. The settings that must exist are those that docs/operations.md tells of, "Settings".
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fairlead, temporaryFolder } from '../support/server.mjs';

const bare = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('FAIRLEAD_')));

// Run a command with these variables beside the usual ones.
function end(words, variables = {}) {
  return spawnSync(fairlead, words, { encoding: 'utf8', env: { ...bare, ...variables } });
}
function settings(words = [], variables = {}) {
  const { status, stdout, stderr } = end(['config', '--json', ...words], variables);
  assert.equal(status, 0, stderr);
  return Object.fromEntries(JSON.parse(stdout).settings.map((setting) => [setting.key, setting]));
}

test('docs/operations.md tells of every setting, with its variable', () => {
  const page = readFileSync('docs/operations.md', 'utf8').split('\n## Settings')[1].split('\n## ')[0];
  const told = [...page.matchAll(/^\| `([a-z-]+)` \|/gm)].map((match) => match[1]);
  const have = settings();
  assert.deepEqual(told, Object.keys(have));
  for (const { key, environment } of Object.values(have)) {
    assert.equal(environment, `FAIRLEAD_${key.toUpperCase().replaceAll('-', '_')}`);
  }
});

test('each value comes from where it should', () => {
  const folder = temporaryFolder(), file = join(folder, 'fairlead.conf');
  writeFileSync(file, `# ours\ndata = ${folder}\nthreads = 2\nlog-level = warning\n`);
  const found = settings(['--threads', '4'], { FAIRLEAD_CONFIG: file, FAIRLEAD_LOG_LEVEL: 'debug' });
  assert.deepEqual([found.threads.value, found.threads.from, found.threads.place], ['4', 'flag', '--threads']);
  assert.deepEqual([found['log-level'].value, found['log-level'].from], ['debug', 'environment']);
  assert.deepEqual([found.data.value, found.data.from, found.data.place], [folder, 'file', `${file}:2`]);
  assert.deepEqual([found.db.value, found.db.from], [join(folder, 'fairlead.db'), 'default']);
  const table = end(['config'], { FAIRLEAD_CONFIG: file }).stdout;
  assert.match(table, new RegExp(`^data +${folder} +file ${file}:2$`, 'm'));
  assert.match(table, /^smtp-url +- +default$/m);
});

test('import and find take the data folder from the file', () => {
  const folder = temporaryFolder(), data = join(folder, 'data'), file = join(folder, 'fairlead.conf');
  writeFileSync(file, `data = ${data}\n`);
  const imported = end(['import', '--config', file, '--demo', '20']);
  assert.equal(imported.status, 0, imported.stderr);
  assert.ok(existsSync(join(data, 'fairlead.db')));
  const found = end(['find', '--json'], { FAIRLEAD_CONFIG: file });
  assert.equal(JSON.parse(found.stdout).total, 20, found.stderr);
});

test('a bad file is refused by every command, with its line', () => {
  const folder = temporaryFolder(), file = join(folder, 'fairlead.conf');
  writeFileSync(file, `data = ${folder}\nthread = 2\n`);
  for (const words of [['config'], ['find', 'x'], ['import', '--demo', '1'], ['serve']]) {
    const { status, stderr } = end([...words, '--config', file]);
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`${file}:2: there is no key thread\n  fairlead config prints`));
  }
  assert.equal(end(['config', '--threads', '0']).status, 2);
  assert.equal(end(['config', 'data']).status, 2);
});

test('a secret file is named, never shown, and refused when others may read it', () => {
  const folder = temporaryFolder(), token = join(folder, 'token');
  writeFileSync(token, 'sehr-geheim\n', { mode: 0o600 });
  const words = ['config', '--sms-token-file', token, '--db', 'postgresql://ann:sehr-geheim@db/f'];
  const good = end(words);
  assert.equal(good.status, 0, good.stderr);
  assert.ok(good.stdout.includes(token));
  assert.ok(good.stdout.includes('postgresql://ann:***@db/f'));
  assert.ok(!`${good.stdout}${good.stderr}`.includes('sehr-geheim'));
  chmodSync(token, 0o640);
  const bad = end(words);
  assert.equal(bad.status, 1);
  assert.match(bad.stderr, /sms-token-file: .*others than its owner.*\n {2}.*chmod 600/);
  assert.ok(!`${bad.stdout}${bad.stderr}`.includes('sehr-geheim'));
  const serve = end(['serve', '--data', folder, '--sms-token-file', token]);
  assert.equal(serve.status, 1);
  assert.match(serve.stderr, /sms-token-file/);
});
