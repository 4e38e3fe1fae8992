// Erasing a person, from the page to the last backup, on both engines: refused before the time that the law asks, done when it
// is past, gone from pages and search, and still erased where an older backup comes back: over the machine's own database, and on
// a new machine of either engine, keys and all. The audit of every restored copy verifies. Years pass by moving the rows.
// Expected values: docs/vault.md, "Erasing"; docs/operations.md, "Restore"; knowledge/retention.csv (ten years at the least).
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { engines, rowsOf } from '../support/databases.mjs';
import { freshCode, openDesk, Visitor, writeRows } from '../support/desk.mjs';
import { fairlead, serve, temporaryFolder } from '../support/server.mjs';

const end = (...words) => spawnSync(fairlead, words, { encoding: 'utf8', maxBuffer: 1 << 28 });
function done(...words) {
  const run = end(...words);
  assert.equal(run.status, 0, `${words[0]}: ${run.stderr}`);
  return run.stdout;
}
const ELEVEN_YEARS = 11n * 366n * 86400n * 1000000n;

async function proved(visitor, path) {
  await visitor.get(path);
  if (visitor.page.forms.some((form) => 'prove_secret' in form.fields)) await visitor.prove({ prove_secret: visitor.password, prove_code: await freshCode(visitor.secret) });
  return visitor.get(path);
}
async function find(visitor, q) {
  await visitor.get('/desk/people');
  return visitor.post('/desk/people', { q });
}
async function addPerson(visitor, given, family) {
  await visitor.get('/desk/people/new');
  const page = await visitor.post('/desk/people/new', { given, family, sex: 'female', language: 'en', birth_date: '1970-05-04', phone: '(303) 555-0177' });
  assert.match(page.path, /^\/desk\/people\/[0-9a-f-]{36}$/, page.text);
  await visitor.get(`${page.path}/facts`);
  assert.equal((await visitor.post(`${page.path}/facts`, { act: '', kind: 'allergy', value: 'allergy.severe', words: `${family} hives` })).status, 200);
  return page.path;
}
// The person is erased and the other is there, as a member of staff sees them who signs in now.
async function expectErased(origin, officer, at, kept, what) {
  const visitor = Object.assign(new Visitor(origin), { password: officer.password, secret: officer.secret });
  await visitor.signIn(officer.name, officer.password, officer.secret);
  const page = await visitor.get(at);
  const main = page.text.replace(/\s+/g, ' ').slice(-900);
  for (const word of ['Orla', 'Quist', 'hives', '555-0177', 'May 4, 1970']) assert.ok(!page.text.includes(word), `${what}: ${word} stands in: ${main}`);
  assert.doesNotMatch((await find(visitor, 'quist')).html, new RegExp(at), 'a search');
  assert.match((await visitor.get(kept)).text, /Berta/, 'somebody else is there');
}

for (const engine of engines()) {
  test(`a person is erased for good: ${engine.name}`, { skip: engine.skip, timeout: 240000 }, async () => {
    const data = temporaryFolder(), folder = temporaryFolder(), key = join(folder, 'key'), address = engine.make(), list = join(data, 'erased-people.log');
    const common = ['--data', data, '--db', address, '--backup-key-file', key];
    done('backup', '--new-key', key);
    const desk = await openDesk({ database: address, data });
    let server = desk;
    try {
      const program = desk.program('Harbor House'), manager = await desk.account('case-manager', { program }), officer = await desk.account('privacy-officer', { program });
      const at = await addPerson(manager, 'Orla', 'Quist'), kept = await addPerson(manager, 'Berta', 'Lund'), id = at.split('/').at(-1);
      const early = await proved(officer, `${at}/erase`);
      assert.match(early.html, /through <b>[A-Z][a-z]+ \d+, \d{4}<\/b>/, early.text);
      assert.notEqual((await officer.send(`${at}/erase`, { word: 'ERASE', version: '1' })).status, 303);
      assert.ok((await find(manager, 'quist')).html.includes(at));
      done('backup', ...common, join(folder, 'before.backup'));
      done('backup', ...common, '--keys-only', join(folder, 'keys.backup'));

      for (const table of ['person', 'fact']) writeRows(address, `UPDATE ${table} SET made_at = made_at - ${ELEVEN_YEARS}, changed_at = changed_at - ${ELEVEN_YEARS} WHERE program_id = '${program}'`);
      writeRows(address, `UPDATE fact SET since_at = since_at - ${ELEVEN_YEARS} WHERE program_id = '${program}'`);
      const late = await proved(officer, `${at}/erase`);
      assert.match(late.html, /name="word"/, late.text);
      const erased = await officer.post(`${at}/erase`, { word: 'ERASE' });
      assert.equal(erased.status, 200, erased.text);
      assert.match(erased.text, /has been erased/);
      assert.doesNotMatch((await officer.get(at)).text, /Orla|1970|555-0177/, 'who it was is hidden at once');
      for (let look = 0; Number(rowsOf(address, `SELECT erased_at FROM person WHERE id = '${id}'`)[0].erased_at) === 0; look += 1) {
        assert.ok(look < 100, 'the erasure is not marked');
        await new Promise((go) => setTimeout(go, 100));
      }
      await expectErased(desk.origin, officer, at, kept, 'within seconds');
      assert.match(readFileSync(list, 'utf8'), new RegExp(`^${program} ${id} `, 'm'));
      assert.equal(Number(rowsOf(address, `SELECT count(*) AS n FROM person_index WHERE person_id = '${id}'`)[0].n), 0, 'nothing finds it');
      done('backup', ...common, join(folder, 'after.backup'));
      await desk.stop();
      done('audit', 'verify', '--data', data, '--db', address);

      // The older backup over the machine's own database, whose list of the erased stays.
      done('restore', ...common, '--replace', join(folder, 'before.backup'));
      server = await serve(data, '--db', address);
      await expectErased(server.origin, officer, at, kept, 'restored over');
      await server.stop();
      const same = end('audit', 'verify', '--data', data, '--db', address, '--anchors', join(data, 'audit-anchors.log'), '--json');
      const problems = JSON.parse(same.stdout);
      assert.equal(same.status, 1, 'the anchors show that entries made after the backup are missing');
      assert.ok(JSON.stringify(problems).includes('cut'), same.stdout);

      // A new machine: the newest records, and keys from before the erasure.
      for (const target of engines()) {
        if (target.skip) continue;
        const fresh = join(folder, `to-${target.name}`), place = target.make(), there = ['--data', fresh, '--db', place];
        done('restore', ...there, '--backup-key-file', key, join(folder, 'keys.backup'));
        done('restore', ...there, '--backup-key-file', key, join(folder, 'after.backup'));
        assert.ok(existsSync(join(fresh, 'erased-people.log')));
        assert.match(done('audit', 'verify', ...there, '--json'), /"problems":\s*(?:0|\[\])/);
        server = await serve(fresh, '--db', place);
        await expectErased(server.origin, officer, at, kept, `restored to ${target.name}`);
        await server.stop();
        done('audit', 'verify', ...there);
        const [before, after] = [address, place].map((one) => Number(rowsOf(one, 'SELECT count(*) AS n FROM audit_entry')[0].n));
        assert.ok(after > 0 && before > 0, `${before} and ${after} entries`);
      }
    } finally {
      await server.stop('SIGKILL');
      await desk.stop('SIGKILL');
    }
  });
}
