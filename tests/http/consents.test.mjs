// Consents, disclosures, views, the whole record and emergencies on the real server, on both engines. Expected values:
// 42 CFR 2.22 to 2.32 and 2.51 as the programme reference states them; docs/consent.md.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { engines, rowsOf } from '../support/databases.mjs';
import { freshCode } from '../support/desk.mjs';
import { draft, openProgram, PASSWORD } from '../support/people.mjs';
import { fairlead } from '../support/server.mjs';

const PLANTED = 'Zephyrine';
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

// Send a form that asks for proof, and prove.
async function pressed(visitor, action, fields) {
  const page = await visitor.post(action, fields);
  if (!page.forms.some((form) => 'prove_secret' in form.fields)) return page;
  return visitor.prove({ prove_secret: PASSWORD, ...(visitor.secret ? { prove_code: await freshCode(visitor.secret) } : {}) });
}
// Send a whole draft with a signature: the words are shown first. Answers the page that comes.
async function sign(visitor, at, wanted, signature) {
  await visitor.get(`${at}/consent?kind=${wanted.kind}`);
  const shown = await visitor.post(`${at}/consent`, wanted);
  const words = shown.html.match(/name="words" value="([0-9a-f]{64})"/)?.[1];
  assert.ok(words, shown.text);
  return visitor.post(`${at}/consent`, { ...wanted, words, signer: 'Robin Vale', ...signature });
}
const linksOf = (page, part) => [...page.html.matchAll(new RegExp(`href="([^"]*/consents/${part}[^"]*)"`, 'g'))].map((match) => match[1].replaceAll('&amp;', '&'));

// What left, from the page that hands it out: {page, data, html, left, hashes as the page says them}.
async function copyOf(visitor, page) {
  assert.equal(page.status, 200, page.text);
  assert.match(page.path, /\/copy\?number=[0-9a-f-]{36}$/);
  const [data, html] = [await visitor.request(`${page.path}&as=json`), await visitor.request(`${page.path}&as=html`)];
  const hashes = [...page.html.matchAll(/<code>([0-9a-f]{64})<\/code>/g)].map((match) => match[1]);
  return { page, data, html, left: JSON.parse(data.html), hashes };
}

for (const engine of engines()) {
  describe(`consents on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let server, officer, nurse, person, at, address;
    before(async () => {
      address = engine.make();
      ({ server, officer, nurse, person, at } = await openProgram(address, PLANTED));
    });
    after(() => server?.stop());

    test('a consent that lacks an element is refused with the field named, and keeps what was typed', async () => {
      await officer.get(`${at}/consent?kind=specific`);
      const refused = await officer.post(`${at}/consent`, { ...draft, description: '', recipients: '' });
      assert.equal(refused.status, 400);
      assert.match(refused.text, /Say what may be shared/);
      assert.match(refused.text, /Name who may get it/);
      assert.match(refused.html, /At the request of the patient/);
    });

    test('the words are shown, then signed; what was not shown is not signed', async () => {
      await officer.get(`${at}/consent?kind=specific`);
      const shown = await officer.post(`${at}/consent`, draft);
      assert.equal(shown.status, 200, shown.text);
      const hash = shown.html.match(/name="words" value="([0-9a-f]{64})"/)[1];
      assert.match(shown.text, /My consent to share/);
      const other = await officer.post(`${at}/consent`, { ...draft, words: hash, description: 'Everything', signer: 'Robin Vale' });
      assert.equal(other.status, 200); // other words: shown again, nothing kept
      assert.equal(rowsOf(address, 'SELECT id FROM consent').length, 0);
      const kept = await officer.post(`${at}/consent`, { ...draft, words: hash, signer: `${PLANTED} Vale` });
      assert.equal(kept.status, 200, kept.text);
      assert.match(kept.path, /\/consents$/);
      assert.match(kept.text, /In force/);
      assert.equal(rowsOf(address, 'SELECT id FROM consent').length, 1);
    });

    test('a scanned paper is taken by its first bytes alone', async () => {
      await officer.get(`${at}/consent?kind=family`);
      const family = { ...draft, kind: 'family', purpose_codes: 'FAMRQT', recipients: 'Ana Vale' };
      const shown = await officer.post(`${at}/consent`, family);
      const fields = { ...family, words: shown.html.match(/name="words" value="([0-9a-f]{64})"/)[1], signer: 'Robin Vale', ...Object.fromEntries(Object.entries(shown.forms.find((form) => form.action.endsWith('/consent')).fields).filter(([name]) => /^form_/.test(name))) };
      const send = (bytes) => {
        const parts = Object.entries(fields).map(([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`).join('');
        const body = Buffer.concat([Buffer.from(`${parts}--b\r\nContent-Disposition: form-data; name="scan"; filename="x.pdf"\r\nContent-Type: application/pdf\r\n\r\n`), bytes, Buffer.from('\r\n--b--\r\n')]);
        return officer.request(`${at}/consent`, { method: 'POST', body, headers: { 'content-type': 'multipart/form-data; boundary=b' } });
      };
      const refused = await send(Buffer.from('<html>'));
      assert.equal(refused.status, 400);
      assert.match(refused.text, /PDF, a JPEG or a PNG/);
      const kept = await send(Buffer.from('%PDF-1.7 \0 scanned'));
      assert.equal(kept.status, 303, kept.text);
      assert.equal(rowsOf(address, "SELECT id FROM signature WHERE method = 'scanned'").length, 1);
    });

    test('a consent that is over is neither shown to be signed nor kept, and its day is the field', async () => {
      await officer.get(`${at}/consent?kind=specific`);
      const before = rowsOf(address, 'SELECT id FROM consent').length;
      const yesterday = new Date(Date.now() - 36 * 3600e3).toISOString().slice(0, 10);
      for (const extra of [{}, { words: '0'.repeat(64), signer: 'Robin Vale' }]) {
        const refused = await officer.post(`${at}/consent`, { ...draft, expiration: yesterday, ...extra });
        assert.equal(refused.status, 400);
        assert.match(refused.html, /id="form-expiration-problem">[^<]*It has ended already/);
        assert.doesNotMatch(refused.html, /name="words"/);
      }
      assert.equal(rowsOf(address, 'SELECT id FROM consent').length, before);
    });

    test('a drawn signature is taken as strokes and nothing else, and stands on the page to print', async () => {
      const strokes = '60,100 66,90 72,84;100,160 480,150';
      for (const [drawn, problem] of [['60,100 66', /not a file we can keep/], ['1,1 2,2 3,3 4,4<svg>', /not a file we can keep/], ['601,1 2,2 3,3 4,4', /not a file we can keep/], [`${'1,1 '.repeat(7000)}2,2`, /not a file we can keep/]]) {
        const refused = await sign(officer, at, draft, { drawn });
        assert.equal(refused.status, 400, refused.text);
        assert.match(refused.text, problem);
      }
      const kept = await sign(officer, at, { ...draft, description: 'Drawn' }, { drawn: strokes });
      assert.match(kept.path, /\/consents$/);
      const [path] = linksOf(kept, 'sheet');
      const sheet = await officer.get(path);
      assert.equal(sheet.status, 200, sheet.text);
      for (const stroke of strokes.split(';')) assert.ok(sheet.html.includes(`<polyline points="${stroke}"/>`), stroke);
      // Words and drawing to the byte, with the hashes that the page and the row say.
      const [words, image] = [await officer.request(path.replace('/sheet', '/paper')), await officer.request(`${path.replace('/sheet', '/paper')}&part=image`)];
      assert.equal(image.html, strokes);
      assert.match(words.headers.get('content-type'), /^text\/plain/);
      assert.match(words.html, /^# My consent to share/);
      const [row] = rowsOf(address, "SELECT sha256, image_sha256 FROM signature WHERE method = 'drawn'");
      assert.deepEqual([row.sha256, row.image_sha256], [sha256(words.html), sha256(image.html)]);
      for (const hash of [row.sha256, row.image_sha256]) assert.ok(sheet.html.includes(hash), hash);
      // Every element of 2.31(a) that the draft holds, who saw it signed, and the notice of 2.32.
      for (const word of ['Lantern House', 'Drawn', 'Harbor Clinic', 'At the request of the patient', 'take this back', '2099-12-31', 'Robin Vale', 'The olive', 'In force', 'protected by Federal confidentiality rules (42 CFR part 2)']) assert.ok(sheet.text.includes(word), word);
      const own = await person.get(path.replace(at, '/me'));
      assert.equal(own.status, 200, own.text);
      assert.ok(own.html.includes(row.sha256));
      assert.equal((await nurse.request(path.replace(/consent=[^&]+/, `consent=${'0'.repeat(36)}`))).status, 404);
      const form = (await officer.get(`${at}/consents`)).forms.find((one) => 'consent' in one.fields && path.includes(one.fields.consent));
      await officer.post(`${at}/consents`, { ...form.fields, how: 'oral' }); // as the tests below count one in force
      assert.match((await officer.get(path)).text, /Taken back by word of mouth/);
    });

    test('a scanned paper comes back to the byte', async () => {
      const sheets = [];
      for (const link of linksOf(await officer.get(`${at}/consents`), 'sheet')) sheets.push([link, await officer.get(link)]);
      const [path, sheet] = sheets.find(([, one]) => /Signed paper, scanned/.test(one.text));
      const response = await fetch(server.origin + `${path.replace('/sheet', '/paper')}&part=image`, { headers: { cookie: officer.cookie() } });
      assert.equal(response.headers.get('content-type'), 'application/pdf');
      const bytes = Buffer.from(await response.arrayBuffer());
      assert.deepEqual(bytes, Buffer.from('%PDF-1.7 \0 scanned'));
      assert.ok(sheet.html.includes(sha256(bytes)));
    });

    test('a consent ends when its event came, by who says so and when', async () => {
      const kept = await sign(officer, at, { ...draft, recipients: 'River Clinic', expiration: '', expires_event: 'When I go home' });
      const paths = linksOf(kept, 'end');
      assert.equal(paths.length, 1, 'only the one that an event ends');
      const today = new Date().toISOString().slice(0, 10);
      const page = await officer.get(paths[0]);
      assert.match(page.text, /When I go home/);
      const { consent, record, version } = page.forms.find((one) => 'who' in one.fields).fields;
      const send = (fields) => officer.post(`${at}/consents/end`, { consent, record, version, who: 'Ana, her sister', on: today, ...fields });
      for (const [fields, field] of [[{ who: '' }, 'who'], [{ on: '' }, 'on'], [{ on: '2020-01-01' }, 'on'], [{ on: '2099-01-01' }, 'on']]) {
        await officer.get(paths[0]);
        const refused = await send(fields);
        assert.equal(refused.status, 400, JSON.stringify(fields));
        assert.match(refused.html, new RegExp(`id="form-${field}-problem"`), JSON.stringify(fields));
      }
      await officer.get(paths[0]);
      const ended = await send({});
      assert.match(ended.path, /\/consents$/, ended.text);
      assert.match(ended.text, /It ended on [^.]*, as Ana, her sister says/);
      const [row] = rowsOf(address, `SELECT ended_at, revoked_at FROM consent WHERE id = '${consent}'`);
      assert.ok(Number(row.ended_at) > 0 && Number(row.revoked_at) === 0);
      const audit = await officer.post(`${at}/share`, { recipient: 'River Clinic', class: '', purpose: 'TREAT', parts: ['person'], language: 'en', basis: 'consent', act: 'look' });
      assert.match(audit.text, /Nothing may leave/);
      await officer.get(`${at}/consents`);
      assert.equal((await officer.send(`${at}/consents/end`, { consent, record, version, who: 'Ana', on: today })).status, 409); // over
      assert.equal((await person.request('/me/consents/end')).status, 404);
    });

    test('staff see what would leave and why the rest stays; what leaves has its notice and its row', async () => {
      await officer.get(`${at}/share`);
      const wanted = { recipient: 'Harbor Clinic', class: '', purpose: 'TREAT', parts: ['person'], language: 'en' };
      const looked = await officer.post(`${at}/share`, { ...wanted, act: 'look' });
      assert.equal(looked.status, 200, looked.text);
      assert.match(looked.text, /Leaves/);
      assert.match(looked.text, /compared with the current eCFR/);
      assert.equal(rowsOf(address, 'SELECT id FROM disclosure').length, 0);
      const { page, data, html, left, hashes } = await copyOf(officer, await officer.post(`${at}/share`, { ...wanted, act: 'leave' }));
      for (const file of [data, html]) {
        assert.equal(file.status, 200);
        assert.match(file.headers.get('content-disposition'), /attachment/);
        assert.equal(file.headers.get('x-content-type-options'), 'nosniff');
      }
      // The bytes are those that were recorded, now and again, and the page, the row and the bytes have one hash.
      assert.deepEqual(hashes, [sha256(data.html), sha256(html.html)]);
      assert.deepEqual(rowsOf(address, 'SELECT sha256 FROM disclosure').map((row) => row.sha256), [sha256(data.html)]);
      assert.equal((await officer.request(`${page.path}&as=json`)).html, data.html);
      assert.equal((await officer.request(`${page.path}&as=html`)).html, html.html);
      // The file to read needs nothing else, and says what the data says.
      assert.doesNotMatch(html.html, /<script|<link|<img|https?:|url\(|@import/);
      for (const word of [PLANTED, '42 CFR part 2', left.disclosure_id, 'My name and my stays']) assert.ok(html.html.includes(word), word);
      assert.match(left.notice, /^This record which has been disclosed to you is protected by Federal confidentiality rules \(42 CFR part 2\)/);
      assert.match(left.scope, /My name and my stays/);
      assert.deepEqual(left.security, ['NORDSCLCD', 'R']);
      assert.equal(left.record.person.name.given, PLANTED);
      const rows = rowsOf(address, 'SELECT basis, purpose, notice_version, counts FROM disclosure');
      assert.deepEqual(rows.map((row) => [row.basis, row.purpose, row.notice_version, Number(row.counts)]), [['consent', 'TREAT', 'redisclosure-long-2024', 1]]);
    });

    test('nobody else gets anything, and the refusal is in the audit', async () => {
      await officer.get(`${at}/share`);
      const wanted = { recipient: 'Harbor Clinic North', class: 'treating-providers', purpose: 'TREAT', parts: ['person'], language: 'en' };
      const looked = await officer.post(`${at}/share`, { ...wanted, act: 'look' });
      assert.match(looked.text, /No consent names who would get it/);
      assert.match(looked.text, /Nothing may leave/);
      const refused = await officer.send(`${at}/share`, { ...wanted, act: 'leave' });
      assert.equal(refused.status, 403);
      assert.doesNotMatch(refused.html, new RegExp(PLANTED));
      assert.equal(rowsOf(address, 'SELECT id FROM disclosure').length, 1);
    });

    test('the person sees who saw the record, has it as a print and a file, and takes a consent back', async () => {
      const home = await person.get('/me');
      assert.equal(home.status, 200, home.text);
      const views = await person.get('/me/views');
      assert.equal(views.status, 200);
      assert.match(views.text, /The olive/);
      assert.match(views.text, /Shared a part of your record/);
      await person.get('/me/record');
      const { page, html } = await copyOf(person, await pressed(person, '/me/record', {}));
      for (const text of [page.html, html.html]) {
        assert.match(text, new RegExp(PLANTED));
        assert.match(text, /protected by Federal confidentiality rules/);
      }
      assert.equal(rowsOf(address, "SELECT basis FROM disclosure WHERE basis = 'patient-access'").length, 1);
      assert.equal((await nurse.request(page.path.replace('/me/', `${at}/`))).status, 403);
      const shared = await person.get('/me/disclosures');
      assert.match(shared.text, /Harbor Clinic/);
      assert.match(shared.text, /Name, birth date, address/); // what left, and not the whole record
      assert.doesNotMatch(shared.text, /The whole record/);
      const consents = await person.get('/me/consents');
      const form = consents.forms.find((one) => 'consent' in one.fields);
      const done = await person.post('/me/consents', { ...form.fields });
      assert.equal(done.status, 200, done.text);
      assert.match(done.text, /Taken back/);
      const es = await person.get('/es/me/consents');
      assert.match(es.text, /Retirado/);
      const staffs = await person.request(`${at}/consents`); // staff's pages are not theirs
      assert.ok([303, 403].includes(staffs.status));
      assert.doesNotMatch(staffs.html, new RegExp(PLANTED));
    });

    test('the officer chooses the language of messages', async () => {
      const page = await officer.get('/desk/me');
      assert.match(page.html, /<option value="en" lang="en" selected>/);
      assert.match((await officer.post('/desk/me', { language: 'es' })).html, /<option value="es" lang="es" selected>/);
      await officer.get('/desk/me');
      assert.equal((await officer.send('/desk/me', { language: 'xx' })).status, 400);
    });

    test('an emergency opens with its four facts, to one account, and somebody else reviews it', async () => {
      await nurse.get(`${at}/emergency`);
      const refused = await nurse.post(`${at}/emergency`, { recipient: 'Dr. Lee', affiliation: 'Salem Hospital', discloser: 'The nora', nature: '' });
      assert.equal(refused.status, 400, refused.text);
      let opened = await nurse.post(`${at}/emergency`, { recipient: 'Dr. Lee', affiliation: 'Salem Hospital', discloser: 'The nora', nature: 'Found without breath' });
      if (opened.forms.some((form) => 'prove_secret' in form.fields)) opened = await nurse.prove({ prove_secret: PASSWORD });
      const [row] = rowsOf(address, 'SELECT at, ends_at, account_id FROM emergency_access');
      assert.equal(Number(row.ends_at) - Number(row.at), 2 * 3600 * 1e6);
      const list = await officer.get('/desk/emergencies');
      assert.match(list.text, /Found without breath/);
      const form = list.forms.find((one) => 'emergency' in one.fields);
      const empty = await officer.post('/desk/emergencies', { ...form.fields, finding: 'justified', words: '' });
      assert.equal(empty.status, 400);
      const done = await officer.post('/desk/emergencies', { ...form.fields, finding: 'justified', words: 'Right' });
      assert.equal(done.status, 200, done.text);
      assert.equal(rowsOf(address, 'SELECT id FROM emergency_access WHERE reviewed_at > 0').length, 1);
      assert.equal((await nurse.request('/desk/emergencies')).status, 403);
      // The officer was told, once, without a word of whom it is about.
      const told = rowsOf(address, "SELECT template_key, channel, person_id, state, language FROM outbox_message");
      assert.deepEqual(told.map((row) => [row.template_key, row.channel, row.person_id, row.state, row.language]), [['attention', 'email', '', 'waiting', 'es']]);
    });

    test('the banner says until when an emergency access is open, and ends it', async () => {
      const page = await nurse.get(at);
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /Emergency access\s+until \d\d:\d\d/);
      assert.match((await nurse.get(`/es${at}`)).text, /Acceso de emergencia\s+hasta las \d\d:\d\d/);
      assert.doesNotMatch((await officer.get(at)).text, /Emergency access\s+until/); // it is the nurse's alone
      await nurse.get(at);
      const ended = await nurse.post(`${at}/emergency/end`, {});
      assert.equal(ended.status, 200, ended.text);
      assert.equal(ended.path, '/desk');
      assert.equal(rowsOf(address, 'SELECT id FROM emergency_access WHERE ended_at > 0').length, 1);
      assert.equal((await nurse.request(at)).status === 200 && /Emergency access\s+until/.test((await nurse.get(at)).text), false);
    });

    test('the notice of rights is given in their language, with a signature or the reason why there is none', async () => {
      const page = await officer.get(`${at}/notices`);
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /has not been given the notice yet/);
      assert.match(page.text, /Your privacy here/);
      assert.match((await officer.get(`${at}/notices?language=es`)).html, /<article class="panel" lang="es">/);
      assert.match((await officer.get(`/es${at}/notices`)).text, /Aviso de derechos/);
      await officer.get(`${at}/notices`);
      const own = officer.page.forms.find((form) => 'version' in form.fields).fields;
      const refused = await officer.post(`${at}/notices`, { version: own.version, language: own.language, how: 'declined', signer: '', reason: '' });
      assert.equal(refused.status, 400, refused.text);
      assert.match(refused.text, /write why there is no signature/);
      const stale = await officer.post(`${at}/notices`, { version: 'patient-rights-0', language: 'en', how: 'given', signer: 'Robin Vale', reason: '' });
      assert.equal(stale.status, 400, stale.text);
      assert.equal(rowsOf(address, 'SELECT id FROM notice_given').length, 0);
      await officer.get(`${at}/notices`);
      const unable = await officer.post(`${at}/notices`, { version: own.version, language: own.language, how: 'unable', signer: '', reason: 'Asleep after detox' });
      assert.equal(unable.status, 200, unable.text);
      assert.match(unable.text, /Asleep after detox/);
      await officer.get(`${at}/notices?language=es`);
      const given = await officer.post(`${at}/notices`, { version: own.version, language: 'es', how: 'given', signer: 'Robin Vale', reason: '' });
      assert.equal(given.status, 200, given.text);
      const rows = rowsOf(address, 'SELECT how, language, version, signature_id FROM notice_given ORDER BY at');
      assert.deepEqual(rows.map((row) => [row.how, row.language, row.version, row.signature_id !== '']), [['unable', 'en', 'patient-rights-1', false], ['given', 'es', 'patient-rights-1', true]]);
    });

    test('every route that gives something to take away leaves a notice and a row', async () => {
      // The routes, as the program lists them: what ends in a word of taking away, or is an export. The audit's own holds ids and
      // no record; tests/http/looking.test.mjs has it.
      const { routes } = JSON.parse(execFileSync(fairlead, ['knowledge', 'routes', '--json'], { encoding: 'utf8' }));
      const takesAway = ({ pattern, guard, get_act, post_act }) => /^\/(desk|me)\//.test(pattern) && guard !== 'audit'
        && pattern !== '/desk/requests/{id}/record' // joins a request with a record
        && ([get_act, post_act].includes('export') || /\/(print|file|export|download|copy|save|fax|record|share)$/.test(pattern));
      const shared = { recipient: 'Harbor Clinic', class: '', purpose: 'TREAT', parts: ['person'], language: 'en' };
      const ways = {
        '/desk/people/{id}/record': [officer, {}, 'patient-access'],
        '/desk/people/{id}/share': [officer, { ...shared, act: 'leave' }, 'consent'],
        '/desk/people/{id}/emergency/share': [nurse, { ...shared, purpose: 'ETREAT', act: 'leave' }, 'emergency'],
        '/me/record': [person, {}, 'patient-access'],
      };
      // These hand out what left by the ways above, or as a letter (coverage_letters.test.mjs), again: no row of their own.
      const again = ['/desk/people/{id}/copy', '/desk/people/{id}/coverage/copy', '/desk/people/{id}/emergency/copy', '/me/copy'];
      // A paper of the record is looked at like a page of it, by its role or as one's own; each look is in the audit (files.test.mjs).
      const looks = ['/desk/people/{id}/files/file', '/me/files/file'];
      const found = routes.filter(takesAway).map(({ pattern }) => pattern).sort();
      assert.deepEqual(found, [...Object.keys(ways), ...again, ...looks].sort()); // a new one must say here how it leaves
      await nurse.get(`${at}/emergency`);
      await pressed(nurse, `${at}/emergency`, { recipient: 'Dr. Lee', affiliation: 'Salem Hospital', discloser: 'The nora', nature: 'Overdose' });
      for (const [pattern, [visitor, fields, basis]] of Object.entries(ways)) {
        const path = pattern.replace('/desk/people/{id}', at);
        const before = rowsOf(address, 'SELECT id FROM disclosure').length;
        await visitor.get(path);
        assert.equal(rowsOf(address, 'SELECT id FROM disclosure').length, before, `GET ${path} gives something away`);
        const { page, left } = await copyOf(visitor, await pressed(visitor, path, fields));
        assert.match(page.html, new RegExp(PLANTED), path);
        assert.match(left.notice, /protected by Federal confidentiality rules \(42 CFR part 2\)/, path);
        await visitor.get(page.path);
        const rows = rowsOf(address, 'SELECT basis FROM disclosure ORDER BY at, id');
        assert.deepEqual(rows.slice(before).map((row) => row.basis), [basis], path); // one, however often it is saved
      }
      for (const pattern of again) {
        const unknown = await (pattern.startsWith('/me') ? person : pattern.includes('emergency') ? nurse : officer).request(`${pattern.replace('/desk/people/{id}', at)}?number=${'0'.repeat(8)}-0000-7000-8000-${'0'.repeat(12)}`);
        assert.equal(unknown.status, 404, pattern);
      }
    });

    test('a double click shares once', async () => {
      for (const [visitor, path, fields] of [[officer, `${at}/share`, { recipient: 'Harbor Clinic', class: '', purpose: 'TREAT', parts: ['person'], language: 'en', act: 'leave' }], [person, '/me/record', {}]]) {
        await pressed(visitor, path, fields); // proves, where it must
        await visitor.get(path);
        const before = rowsOf(address, 'SELECT id FROM disclosure').length;
        const both = await Promise.all([visitor.send(path, fields), visitor.send(path, fields)]);
        assert.deepEqual(both.map((one) => one.status), [303, 303], both.map((one) => one.text).join());
        assert.equal(both[0].location, both[1].location);
        assert.equal(rowsOf(address, 'SELECT id FROM disclosure').length, before + 1);
      }
    });

    test('what was allowed, shared and seen on a record that was joined stands on the one that is kept', async () => {
      await nurse.get('/desk/people/new');
      const twin = (await nurse.post('/desk/people/new', { given: 'Zeph', family: 'Vale', birth_date: '1980-02-29', sex: 'unknown', language: 'en' })).path.match(/people\/([0-9a-f-]{36})/)[1];
      const there = `/desk/people/${twin}`;
      await sign(officer, there, { ...draft, recipients: 'Old Clinic', description: 'On the other record' }, {});
      await officer.get(`${there}/share`);
      await copyOf(officer, await officer.post(`${there}/share`, { recipient: 'Old Clinic', class: '', purpose: 'TREAT', parts: ['person'], language: 'en', act: 'leave' }));
      assert.doesNotMatch((await officer.get(`${at}/consents`)).text, /On the other record/);
      let page = await officer.get(`${at}/merge?with=${twin}`);
      page = await pressed(officer, `${at}/merge`, page.forms.find((form) => form.fields.act === 'join').fields);
      assert.equal(page.status, 200, page.text);
      page = await officer.get(`${at}/consents`);
      assert.match(page.text, /On the other record/);
      assert.match(page.text, /Given on a record that was joined/);
      assert.match((await officer.get(`${at}/disclosures`)).text, /Old Clinic/);
      const copy = [...(await officer.get(`${at}/disclosures`)).html.matchAll(/href="([^"]*copy[^"]*)"/g)].map((match) => match[1].replaceAll('&amp;', '&')).find((link) => link.includes(twin));
      assert.equal((await officer.get(copy)).status, 200);
      assert.match((await officer.get(`${at}/views`)).text, /Wrote down a consent/);
      // It lets nothing leave from the record that is kept, and is taken back from there, by the person too.
      await officer.get(`${at}/share`);
      assert.match((await officer.post(`${at}/share`, { recipient: 'Old Clinic', class: '', purpose: 'TREAT', parts: ['person'], language: 'en', act: 'look' })).text, /Nothing may leave/);
      page = await person.get('/me/consents');
      const form = page.forms.find((one) => one.fields.record === twin);
      assert.ok(form, page.text);
      page = await person.post('/me/consents', form.fields);
      assert.equal(page.status, 200, page.text);
      assert.equal(rowsOf(address, `SELECT id FROM consent WHERE person_id = '${twin}' AND revoked_at > 0`).length, 1);
      await officer.get(`${at}/notices`);
      const stranger = await officer.send(`${at}/consents`, { consent: form.fields.consent, version: form.fields.version, record: '0'.repeat(36), how: 'written' });
      assert.equal(stranger.status, 404);
    });

    test('every other basis asks for its evidence, each by name, and keeps it sealed', async () => {
      // knowledge/disclosure-bases.csv, as 42 CFR 2.52, 2.53, 2.61 to 2.67, 2.11, 2.12(c)(5) and (6) and 2.15 ask.
      const bases = {
        'audit': ['AUDIT', ['authority', 'agreement']], 'research': ['HRESCH', ['approval', 'agreement'], 'episode'],
        'court-order': ['HLEGAL', ['order', 'other-ways-fail', 'public-interest-outweighs', 'notice-to-person']],
        'service-organization': ['SERVICE', ['agreement']], 'crime-on-premises': ['REPORT', ['incident']],
        'child-abuse': ['REPORT', ['state-law']], 'medical-examiner': ['REPORT', ['state-law', 'death']],
      };
      const page = await officer.get(`${at}/share`);
      for (const basis of Object.keys(bases)) assert.ok(page.html.includes(`share?basis=${basis}"`), basis);
      for (const basis of ['subpoena', 'patient-access', 'emergency']) assert.equal((await officer.request(`${at}/share?basis=${basis}`)).status, 404, basis);
      for (const [basis, [purpose, evidence, part = 'person']] of Object.entries(bases)) {
        const whole = { basis, recipient: 'The County', purpose, parts: [part], language: 'en', act: 'leave', ends_on: '', ...Object.fromEntries(evidence.map((name) => [`evidence_${name}`, `About ${name}`])) };
        for (const name of evidence) {
          await officer.get(`${at}/share?basis=${basis}`);
          const before = rowsOf(address, 'SELECT id FROM disclosure').length;
          const refused = await officer.post(`${at}/share`, { ...whole, [`evidence_${name}`]: ' ' });
          assert.equal(refused.status, 400, `${basis} without ${name}: ${refused.text}`);
          assert.match(refused.html, new RegExp(`id="form-evidence_${name}-problem"`));
          assert.equal(rowsOf(address, 'SELECT id FROM disclosure').length, before);
        }
        if (part !== 'person') continue; // this person has no stay: nothing to leave
        await officer.get(`${at}/share?basis=${basis}`);
        const { left } = await copyOf(officer, await officer.post(`${at}/share`, whole));
        assert.equal(left.record.person.name.given, PLANTED);
        assert.match(left.scope, /42 CFR 2\./);
        const [row] = rowsOf(address, 'SELECT basis, evidence_id FROM disclosure ORDER BY at DESC, id DESC');
        assert.equal(row.basis, basis);
        assert.equal(rowsOf(address, `SELECT id FROM disclosure_evidence WHERE id = '${row.evidence_id}' AND basis = '${basis}'`).length, 1);
      }
      await officer.get(`${at}/share?basis=court-order`);
      const late = await officer.post(`${at}/share`, { basis: 'court-order', recipient: 'X', purpose: 'HLEGAL', parts: ['person'], language: 'en', act: 'leave', ends_on: '2020-01-01', ...Object.fromEntries(bases['court-order'][1].map((name) => [`evidence_${name}`, 'x'])) });
      assert.equal(late.status, 403, late.text); // an order that is over
    });

  });
}
