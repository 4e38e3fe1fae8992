// What the files tell of a day's work at the desk: through pages alone people, their facts, stays, consents with a typed name
// and with a scan, emergencies, an import, accounts of their own, searches that find and that do not, searches of the audit and
// failed sign-ins are made over the real server, each with planted words. Then every byte is searched: databases, their logs,
// key store, temporary and deleted files, backups, a plain dump, settings, what the server wrote and answers to its operators.
// A word that is put into a plain column is found. Expected values: the promise that raw files tell nobody's name;
// docs/vault.md and docs/records.md (what is sealed; names of staff and programs are plain).
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engines, rowsOf } from '../support/databases.mjs';
import { freshCode, openDesk, writeRows } from '../support/desk.mjs';
import { draft } from '../support/people.mjs';
import { wayIn } from './desk_scan_way_in.mjs';
import { filesBelow, inBytes, inFiles, needlesOf, unnamedFilesOf } from '../support/scan.mjs';
import { fairlead } from '../support/server.mjs';

// Others than those of vault.test.mjs: both search the files of one server, which keep for a while what the other planted.
const MARKERS = ['zqxworb', 'žqxwörn', '1913-09-', '09/1913', '7169093', '(716) 909-3', '716-909-3'];
const NEEDLES = needlesOf(MARKERS);
const word = (() => { let n = 0; return (ending = 'a') => `Zqxworb${ending}${String.fromCharCode(97 + (n += 1) % 26)}`; })();

// A form with a file, as a browser sends it.
function withFile(fields, name, file, type) {
  const mark = `b${randomBytes(12).toString('hex')}`;
  const parts = Object.entries(fields).map(([field, value]) => `--${mark}\r\nContent-Disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`).join('');
  return {
    method: 'POST', headers: { 'content-type': `multipart/form-data; boundary=${mark}` },
    body: Buffer.concat([Buffer.from(`${parts}--${mark}\r\nContent-Disposition: form-data; name="${name}"; filename="${word()}.x"\r\nContent-Type: ${type}\r\n\r\n`), Buffer.from(file), Buffer.from(`\r\n--${mark}--\r\n`)]),
  };
}
const tokensOf = (visitor, action) => Object.fromEntries(Object.entries(visitor.page.forms.find((form) => form.action.endsWith(action) && 'form_key' in form.fields).fields).filter(([name]) => /^form_/.test(name)));
const prove = async (visitor) => (visitor.page.forms.some((form) => 'prove_secret' in form.fields)
  ? visitor.prove({ prove_secret: visitor.password, ...(visitor.secret ? { prove_code: await freshCode(visitor.secret) } : {}) }) : visitor.page);

function good(page, what) {
  assert.ok(page.status < 400, `${what}: ${page.status} ${page.text}`);
  return page;
}

async function beginPerson(visitor, more = {}) {
  await visitor.get('/desk/people/new');
  const page = good(await visitor.post('/desk/people/new', {
    given: word('given'), middle: word('mid'), family: 'Žqxwörnska', chosen: word('chosen'), former: word('former'), sex: 'female', language: 'es', birth_date: '1913-09-14',
    phone: '(716) 909-3123', email: `${word('mail').toLowerCase()}@example.org`, street: `12 ${word('street')}`, city: word('city'), zip: '12345',
    contact_name: word('contact'), contact_phone: '716 909 3124', identifier: `${word('number')}77`, identifier_kind: '', ...more,
  }), 'a person');
  assert.match(page.path, /^\/desk\/people\/[0-9a-f-]{36}$/, page.text);
  return page.path;
}

async function signConsent(officer, at, fields, scan) {
  await officer.get(`${at}/consent?kind=${fields.kind}`);
  const shown = good(await officer.post(`${at}/consent`, fields), 'the words of a consent');
  const words = shown.html.match(/name="words" value="([0-9a-f]{64})"/)[1];
  if (!scan) return good(await officer.post(`${at}/consent`, { ...fields, words, signer: `${word('signer')} Vale` }), 'a signature');
  const sent = { ...fields, words, signer: word('signer'), ...tokensOf(officer, '/consent') };
  return good(await officer.request(`${at}/consent`, withFile(sent, 'scan', `%PDF-1.7 ${word('scan')}`, 'application/pdf')), 'a scan');
}

// The day's work. Answers what was planted, for the record.
async function work(desk, staff, program) {
  const { manager, officer, counselor, administrator, person } = staff;
  const at = await beginPerson(manager);
  const other = await beginPerson(manager, { given: 'Zqxworbina', family: 'Zqxworbette' });
  await manager.get(`${at}/edit`);
  good(await manager.post(`${at}/edit`, { city: word('moved') }), 'a change');
  await manager.get('/desk/people/new');
  assert.equal((await manager.post('/desk/people/new', { given: word(), birth_date: '1913-09-31', sex: '', language: 'en' })).status, 400);
  for (const [kind, value] of [['allergy', 'allergy.severe'], ['alert', ''], ['precaution', 'precaution.fall']]) {
    await manager.get(`${at}/facts`);
    good(await manager.post(`${at}/facts`, { act: '', kind, value, words: `${word('fact')} hives since 1913-09-02` }), kind);
  }
  for (const [path, q] of [['/desk/people', 'zqxworb'], ['/desk/people', 'Zqxworbnobody'], ['/desk/people', '09/14/1913'], ['/desk/people', '(716) 909-3999'], ['/desk/people', 'žqxwörn']]) {
    await manager.get(path);
    good(await manager.post(path, { q }), 'a search');
    await manager.request(`${path}?q=${encodeURIComponent(q)}`); // in an address, where it does not belong
  }
  for (const query of ['person=zqxworbaudit', 'account=Zqxworb', 'object=zqxworb', 'from=1913-09-14', 'until=1913-09-15&person=žqxwörn'])
    await officer.request(`/desk/audit?${query}`);
  for (const path of ['/desk/people/zqxworb', `${at}/zqxworb`, '/desk/zqxworb', '/find?q=zqxworb&near=zqxworb', '/zqxworb']) await manager.request(path);
  // Consents: typed, scanned, refused; taken back with their words; shared; seen by the person.
  const consent = { ...draft, description: `Stays of ${word('desc')}`, recipients: `Clinic ${word('clinic')}`, purpose: word('why'), disclosers: 'Harbor House' };
  await signConsent(officer, at, consent);
  await signConsent(officer, at, { ...consent, kind: 'family', purpose_codes: 'FAMRQT', recipients: word('aunt') }, true);
  await officer.get(`${at}/consent?kind=specific`);
  assert.equal((await officer.post(`${at}/consent`, { ...consent, recipients: '', description: word() })).status, 400);
  await officer.get(`${at}/share`);
  good(await officer.post(`${at}/share`, { recipient: consent.recipients, class: '', purpose: 'TREAT', parts: ['person'], language: 'en', act: 'look' }), 'a look at what would leave');
  const left = await officer.post(`${at}/share`, { recipient: consent.recipients, class: '', purpose: 'TREAT', parts: ['person'], language: 'en', act: 'leave' });
  good(left, 'what leaves');
  await officer.get(`${at}/share`);
  assert.equal((await officer.post(`${at}/share`, { recipient: word('nobody'), class: '', purpose: 'TREAT', parts: ['person'], language: 'en', act: 'leave' })).status, 403);
  const page = await officer.get(`${at}/notices`), form = page.forms.find((one) => 'how' in one.fields || 'signer' in one.fields);
  good(await officer.post(`${at}/notices`, { version: form.fields.version, language: form.fields.language, how: 'given', signer: word('signed'), reason: '' }), 'a notice');
  await counselor.get(`${at}/emergency`);
  await counselor.post(`${at}/emergency`, { recipient: `Dr. ${word('doctor')}`, affiliation: word('hospital'), discloser: word('who'), nature: `${word('nature')} blue` });
  good(await prove(counselor), 'an emergency');
  const list = await officer.get('/desk/emergencies');
  good(await officer.post('/desk/emergencies', { ...list.forms.find((one) => 'emergency' in one.fields).fields, finding: 'justified', words: word('finding') }), 'a review');
  await manager.get(`${other}/merge`);
  good(await manager.post(`${other}/merge`, { q: 'zqxworb' }), 'a search to join');
  // An import, looked at and taken.
  const csv = `id,first name,last name,dob,phone\n1,${word('import')},${word('import')},9/3/1913,7169093777\n2,${word('bad')},x,1913-09-99,\n`;
  await administrator.get('/desk/import');
  const upload = async (fields) => administrator.post('/desk/import', {}, { fields: undefined, ...withFile({ ...tokensOf(administrator, '/desk/import'), what: 'people', ...fields }, 'file', csv, 'text/csv') });
  await upload({});
  await prove(administrator);
  if (!administrator.page.forms.some((one) => one.fields.checked)) await upload({});
  const checked = administrator.page.forms.map((one) => one.fields.checked).find(Boolean);
  if (checked) await upload({ checked });
  // Sign-ins that fail: names and passwords of people typed where they do not belong.
  for (const [name, password] of [['zqxworbname', 'x'], ['Zqxworb Žqxwörn', '1913-09-14'], [manager.name, 'zqxworb wrong word 12']]) {
    const visitor = desk.visitor();
    await visitor.get('/desk/sign-in');
    await visitor.post('/desk/sign-in', { name, password });
  }
  if (person) {
    for (const path of ['/me', '/me/views', '/me/consents', '/me/disclosures']) good(await person.get(path), path);
    await person.get('/me/record');
    await person.post('/me/record', {});
    await prove(person);
  }
  return { at, other, program };
}

for (const engine of engines()) {
  test(`a day's work at the desk leaves no planted word in any file on ${engine.name}`, { skip: engine.skip, timeout: 240000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-desk-scan-')), isFile = engine.name === 'sqlite';
    for (const name of ['data', 'tmp', 'backup']) mkdirSync(join(folder, name));
    const data = join(folder, 'data'), key = join(folder, 'backup.key'), settings = join(folder, 'fairlead.conf');
    const database = isFile ? join(data, 'fairlead.db') : engine.make(), keys = isFile ? join(data, 'keys.db') : engine.make();
    const before = { TMPDIR: process.env.TMPDIR, SQLITE_TMPDIR: process.env.SQLITE_TMPDIR };
    Object.assign(process.env, { TMPDIR: join(folder, 'tmp'), SQLITE_TMPDIR: join(folder, 'tmp') });
    const psql = (sql) => execFileSync('psql', ['-XqAt', process.env.FAIRLEAD_TEST_POSTGRESQL, '-c', sql], { encoding: 'utf8' }).trim();
    const counts = { files: 0, bytes: 0 }, run = (...words) => spawnSync(fairlead, words, { encoding: 'utf8' });
    const look = (pid, aside = () => true) => {
      if (!isFile) psql('CHECKPOINT');
      const places = isFile ? [] : [...filesBelow(psql('SHOW data_directory'))];
      return inFiles(NEEDLES, [...filesBelow(folder), ...places, ...(pid ? unnamedFilesOf(pid) : [])].filter(aside), counts);
    };
    let desk;
    try {
      run('backup', '--new-key', key);
      writeFileSync(settings, `backup-key-file = ${key}\nlog-level = debug\n`, { mode: 0o600 });
      desk = await openDesk({ database, data, options: ['--config', settings, '--keys', keys] });
      const program = desk.program('Harbor House'), staff = {};
      for (const [name, role] of [['manager', 'case-manager'], ['officer', 'privacy-officer'], ['counselor', 'counselor'], ['administrator', 'administrator'],
        ['nurse', 'nurse'], ['other', 'nurse'], ['technician', 'technician'], ['reviewer', 'utilization']])
        staff[name] = await desk.account(role, { program });
      const { forms } = await wayIn(desk, staff, program, { word, good });
      for (const table of ['request_call', 'callback', 'request_link', 'waitlist_entry', 'bed_use', 'intake', 'intake_item', 'medication_count', 'belonging_signing', 'coverage_plan',
        'benefits_worksheet', 'coverage_authorization', 'coverage_denial', 'stay_funding'])
        assert.ok(Number(rowsOf(database, `SELECT count(*) AS n FROM ${table}`)[0].n) > 0, table);
      const people = Number(rowsOf(database, 'SELECT count(*) AS n FROM person')[0].n), facts = Number(rowsOf(database, 'SELECT count(*) AS n FROM fact')[0].n), consents = Number(rowsOf(database, 'SELECT count(*) AS n FROM consent')[0].n);
      await work(desk, staff, program);
      assert.ok(Number(rowsOf(database, 'SELECT count(*) AS n FROM person')[0].n) >= people + 3, 'two people and those imported');
      assert.equal(Number(rowsOf(database, 'SELECT count(*) AS n FROM consent')[0].n), consents + 2);
      assert.equal(Number(rowsOf(database, 'SELECT count(*) AS n FROM fact')[0].n), facts + 3);
      assert.deepEqual(look(desk.pid), [], 'while it runs');

      // What operators read: answers, settings, verifications, backups; and a copy that others would make.
      const common = ['--data', data, '--db', database, '--keys', keys, '--config', settings], said = [desk.log()];
      for (const path of ['/metrics', '/health']) said.push(await (await fetch(desk.origin + path)).text());
      for (const words of [['config'], ['audit', 'anchor'], ['audit', 'verify', '--json'], ['vault', 'status'], ['user', 'list'], ['backup', join(folder, 'backup/one.backup')], ['backup', '--keys-only', join(folder, 'backup/keys.backup')]]) {
        const { status, stdout, stderr } = run(...words, ...common);
        assert.equal(status, 0, `${words[0]}: ${stderr}`);
        said.push(stdout, stderr);
      }
      if (isFile) execFileSync('sqlite3', [database, `VACUUM INTO '${join(folder, 'backup/copy.db')}'`]);
      else execFileSync('sh', ['-c', `pg_dump '${database}' > '${join(folder, 'backup/dump.sql')}'`]);
      assert.deepEqual(said.flatMap((text, i) => inBytes(NEEDLES, Buffer.from(text), `what was said (${i})`)), []);
      assert.deepEqual(look(desk.pid), [], 'with backups');
      assert.ok((await staff.manager.post('/desk/people', { q: 'zqxworb' })).html.includes('Zqxworb'), 'the words are there, sealed');

      await desk.stop();
      assert.deepEqual(look(), [], 'when it has stopped');
      assert.deepEqual(inBytes(NEEDLES, Buffer.from(desk.log()), 'the log'), []);
      writeRows(database, `UPDATE program SET name = 'House of Zqxworbian' WHERE program_id = '${program}'`);
      assert.ok(look().some((found) => /UTF-8/.test(found)), 'a plain word is found');
      console.log(`# ${engine.name}: ${counts.files} files, ${Math.round(counts.bytes / 1e6)} MB searched for ${NEEDLES.length} forms of words; ${forms} forms of pages sent`);
    } finally {
      await desk?.stop('SIGKILL');
      for (const [name, value] of Object.entries(before)) if (value === undefined) delete process.env[name]; else process.env[name] = value;
      rmSync(folder, { recursive: true });
    }
  });
}
