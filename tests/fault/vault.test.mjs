// What the files tell: people with planted names, birth dates, phone numbers and free words are made through the room
// care, changed, searched for and erased, and the real server is asked for such words. Every byte of the databases, their
// logs, the key store, temporary files, backups and the server's log is searched, as UTF-8, UTF-16, hexadecimal and
// base64, in both cases. Every planted word holds one of a few rare markers, so that not finding a marker is not finding
// any word. A word that is stored in plain text is found.
// And: killed at random moments while erasing, a vault is whole when it opens again. $FAIRLEAD_ROUNDS sets the rounds (5, at most 100),
// $FAIRLEAD_PEOPLE the people (2,000).
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { engines } from '../support/databases.mjs';
import { filesBelow, inFiles, needlesOf, unnamedFilesOf } from '../support/scan.mjs';
import { serve } from '../support/server.mjs';

const rounds = Math.min(100, Number(process.env.FAIRLEAD_ROUNDS ?? 5)); // each takes seconds
const PEOPLE = Number(process.env.FAIRLEAD_PEOPLE ?? 2000);
const program = process.env.FAIRLEAD ?? 'build/fairlead';
const driver = ['tests/fault/vault_driver', 'release/tests/fault/vault_driver']
  .map((path) => resolve(dirname(program), path)).find(existsSync);
const share = ['share', '../share'].map((path) => resolve(dirname(program), path)).find(existsSync);
const missing = driver ? false : 'vault_driver is not built';
const postgresql = process.env.FAIRLEAD_TEST_POSTGRESQL;

// --- The search --------------------------------------------------------------------------------------

const MARKERS = ['zqxvorb', '1911-09-', '9179093', '(917) 909-3'];

const NEEDLES = needlesOf(MARKERS);
const search = (paths, counts) => inFiles(NEEDLES, paths, counts);

test('the search finds each form of a planted word', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-scan-'));
  const text = 'Ana Zqxvorbian';
  const forms = [text, Buffer.from(text, 'utf16le'), Buffer.from(text, 'utf16le').swap16(), Buffer.from(text).toString('hex'),
    ...['', 'x', 'xy'].map((before) => Buffer.from(before + text).toString('base64')), text.toUpperCase()];
  try {
    for (const [i, form] of forms.entries()) {
      execFileSync('sh', ['-c', `cat > '${join(folder, 'one')}'`], { input: Buffer.concat([Buffer.from('noise'), Buffer.from(form)]) });
      assert.ok(search([join(folder, 'one')], { files: 0, bytes: 0 }).length > 0, `form ${i} is not found`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

// --- People ------------------------------------------------------------------------------------------

// Start the driver; answers { child, words, complaints(), say(line) }.
async function startPeople(folder, database, keys) {
  const child = spawn(driver, ['people', join(folder, 'data'), database, keys, share, String(PEOPLE)],
    { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, TMPDIR: join(folder, 'tmp'), SQLITE_TMPDIR: join(folder, 'tmp') } });
  let said = '', complaints = '';
  let wake = () => {};
  child.stdout.on('data', (bytes) => { said += bytes; wake(); });
  child.stderr.on('data', (bytes) => { complaints += bytes; });
  const closed = new Promise((done) => child.on('close', () => { done(); wake(); }));
  let seen = 0;
  const ready = async () => {
    for (;;) {
      const at = said.indexOf('ready\n', seen);
      if (at >= 0) { seen = at + 6; return; }
      assert.equal(child.exitCode, null, complaints);
      await new Promise((done) => { wake = done; });
    }
  };
  await ready();
  const words = said.split('\n').filter((line) => line.startsWith('word ')).map((line) => line.slice(5));
  return { child, words, complaints: () => complaints, say: async (line) => { child.stdin.write(`${line}\n`); await (line === 'quit' ? closed : ready()); } };
}

const psql = (sql) => execFileSync('psql', ['-XqAt', postgresql, '-c', sql], { encoding: 'utf8' }).trim();

for (const engine of engines()) {
  test(`no file tells a planted word: ${PEOPLE} people on ${engine.name}`, { skip: missing || engine.skip }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-scan-'));
    for (const name of ['data', 'tmp', 'backup']) mkdirSync(join(folder, name));
    const isFile = engine.name === 'sqlite';
    const database = isFile ? join(folder, 'data/fairlead.db') : engine.make();
    const keys = isFile ? join(folder, 'data/keys.db') : engine.make();
    const counts = { files: 0, bytes: 0 };
    // PostgreSQL's pages reach its files at a checkpoint, its log at once.
    const look = (pid) => {
      if (!isFile) psql('CHECKPOINT');
      const places = isFile ? [] : [...filesBelow(psql('SHOW data_directory'))];
      return search([...filesBelow(folder), ...places, ...(pid ? unnamedFilesOf(pid) : [])], counts);
    };
    let people;
    try {
      people = await startPeople(folder, database, keys);
      const strangers = people.words.filter((word) => !MARKERS.some((marker) => word.toLowerCase().includes(marker)));
      assert.deepEqual(strangers, [], 'words without a marker');
      assert.ok(people.words.length > 9 * PEOPLE, `only ${people.words.length} words were planted`);
      assert.deepEqual(look(people.child.pid), [], 'while it runs');

      // A backup of ours, and copies that others would make.
      const key = join(folder, 'backup.key'), common = ['--data', join(folder, 'data'), '--db', database, '--keys', keys, '--backup-key-file', key];
      execFileSync(program, ['backup', '--new-key', key]);
      execFileSync(program, ['backup', ...common, join(folder, 'backup/one.backup')]);
      if (isFile) execFileSync('sqlite3', [database, `VACUUM INTO '${join(folder, 'backup/copy.db')}'`]);
      else execFileSync('sh', ['-c', `pg_dump '${database}' > '${join(folder, 'backup/dump.sql')}'`]);
      assert.deepEqual(look(people.child.pid), [], 'with backups');

      // The real server on the same data, asked for planted words: nothing of them in its log or files.
      const server = await serve(join(folder, 'data'), '--db', database, '--keys', keys, '--erased-file', join(folder, 'data/erased.list'), '--log-level', 'debug');
      try {
        const asked = ['/find?q=Zqxvorbian', '/api/facilities?q=zqxvorbella', '/desk/people?q=Zqxvorbian', '/desk/people/zqxvorb', '/zqxvorb'];
        for (const path of asked) await (await fetch(server.origin + path, { redirect: 'manual' })).arrayBuffer();
        for (const path of ['/find', '/desk/people', '/desk/sign-in']) {
          await (await fetch(server.origin + path, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ q: 'Zqxvorbian', name: 'zqxvorb', typed: '(917) 909-3123' }) })).arrayBuffer();
        }
        assert.equal((await fetch(`${server.origin}/health`)).status, 200);
        assert.deepEqual(look(server.pid), [], 'while the server runs');
        for (const marker of MARKERS) assert.ok(!server.log().toLowerCase().includes(marker), `the server's log tells ${marker}`);
      } finally {
        await server.stop();
      }

      await people.say('plant Zqxvorbian'); // so that the search is seen to find
      assert.ok(look(people.child.pid).length > 0, 'the word that was stored plainly is not found');
      await people.say('quit');
      assert.equal(people.complaints(), '');
      console.log(`# ${engine.name}: ${people.words.length} words, ${counts.files} files, ${Math.round(counts.bytes / 1e6)} MB searched for ${NEEDLES.length} forms`);
    } finally {
      people?.child.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    }
  });
}

// --- Erasing -----------------------------------------------------------------------------------------

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

for (const engine of engines()) {
  test(`an erasure that is killed is whole when the vault opens again: ${rounds} rounds on ${engine.name}`, { skip: missing || engine.skip }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-erase-'));
    const keys = engine.name === 'sqlite' ? join(folder, 'keys.db') : engine.make();
    const said = [];
    try {
      for (let round = 0; round < rounds; round++) {
        // Two at once: they share the list and the key store.
        const children = [0, 1].map((who) => {
          const child = spawn(driver, ['erase', folder, keys, share, `r${round}w${who}`], { stdio: ['ignore', 'pipe', 'pipe'] });
          const state = { child, said: '', complaints: '' };
          child.stdout.on('data', (bytes) => { state.said += bytes; });
          child.stderr.on('data', (bytes) => { state.complaints += bytes; });
          state.closed = new Promise((done) => child.on('close', (status, signal) => done(signal)));
          return state;
        });
        // Every third round ends while the vaults are still being opened.
        await pause(round % 3 === 2 ? 500 * Math.random() : 700 + 1300 * Math.random());
        for (const state of children) {
          state.child.kill('SIGKILL');
          assert.equal(await state.closed, 'SIGKILL', `it ended by itself: ${state.complaints}`);
          said.push(...state.said.split('\n').slice(0, -1));
        }
        const verified = spawnSync(driver, ['verify', folder, keys, share], { encoding: 'utf8', input: said.map((line) => `${line}\n`).join('') });
        assert.equal(verified.status, 0, `round ${round}: ${verified.stderr}`);
      }
      assert.ok(said.filter((line) => line.startsWith('erased ')).length >= rounds, `only ${said.length} lines: nothing was tried`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
