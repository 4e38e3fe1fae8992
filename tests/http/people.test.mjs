// People at the desk, on the real server and both engines: a record is begun, found, changed, known by its banner; nothing
// of a person stands in an address. Expected values: what was typed; docs/desk.md; style.md (one h1).
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { engines } from '../support/databases.mjs';
import { enroll, freshCode, openDesk, writeRows } from '../support/desk.mjs';
import { fairlead } from '../support/server.mjs';

for (const engine of engines()) {
  describe(`people on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let desk, manager, clerk, staff, program, id, place;
    const command = (...words) => {
      const run = spawnSync(fairlead, [...words, '--data', desk.data, ...place], { encoding: 'utf8' });
      assert.equal(run.status, 0, run.stderr);
      return run.stdout;
    };
    before(async () => {
      const database = engine.make();
      place = database ? ['--db', database] : [];
      desk = await openDesk({ database });
      program = JSON.parse(command('care', 'program', 'add', '--name', 'Harbor House', '--kind', 'residential', '--zone', 'America/Denver', '--state', 'CO', '--json'));
      command('care', 'site', 'add', '--program', program.id, '--name', 'West House');
      staff = async (role) => {
        const name = `the.${role}`, own = 'willow bridge copper 55';
        const password = command('user', 'add', name, '--role', `${role}@${program.id}`).match(/first password\s+(\S+)/)[1];
        const one = desk.visitor();
        await one.signIn(name, password);
        await one.post('/desk/password', { old_password: password, new_password: own, again: own });
        if (/\/desk\/enroll/.test(one.page.path)) await enroll(one);
        await one.get('/desk');
        return Object.assign(one, { password: own });
      };
      manager = await staff('case-manager');
      clerk = await staff('front-desk');
    });
    after(() => desk?.stop());

    test('a record is begun and shown under its banner', async () => {
      let page = await manager.get('/desk/people');
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /There is nobody here yet/);
      page = await manager.get('/desk/people/new');
      page = await manager.post('/desk/people/new', { given: '', family: '', sex: '', language: 'en', birth_date: '1980-13-01' });
      assert.equal(page.status, 400);
      assert.match(page.html, /role="alert"/);
      assert.match(page.html, /value="1980-13-01"/);
      page = await manager.post('/desk/people/new', {
        given: 'Joan', family: 'Smyth', chosen: 'Jo', sex: 'female', language: 'es', birth_date: '1980-02-29', phone: '(303) 555-0142', contact_name: 'Sam', contact_phone: '303 555 0199',
      });
      assert.match(page.path, /^\/desk\/people\/[0-9a-f-]{36}$/, page.text);
      id = page.path.split('/').at(-1);
      assert.match(page.html, /<section class="person"[^]*Jo \(Joan\) Smyth[^]*February 29, 1980[^]*Spanish[^]*Allergies: not asked yet/);
      assert.equal(page.html.match(/<h1>/g).length, 1);
      assert.match(page.text, /303-555-0142/);
    });

    test('people are found by what is typed, and no name stands in an address', async () => {
      for (const typed of ['smith', 'jo smy', '2/29/1980', 'Feb 29, 1980', '29 de febrero de 1980', '303-555-0142']) {
        const page = await manager.post('/desk/people', { q: typed });
        assert.equal(page.status, 200);
        assert.match(page.html, new RegExp(`href="/desk/people/${id}"`), typed);
      }
      assert.match((await manager.post('/desk/people', { q: 'nobody' })).text, /Nobody was found/);
    });

    test('a change that somebody overtook is shown beside the other', async () => {
      const first = await manager.get(`/desk/people/${id}/edit`);
      const stale = first.forms.find((form) => form.action.endsWith('/edit')).fields;
      const done = await manager.post(`/desk/people/${id}/edit`, { family: 'Lake' });
      assert.equal(done.path, `/desk/people/${id}`);
      const clash = await manager.request(`/desk/people/${id}/edit`, { method: 'POST', fields: { ...stale, form_key: 'A'.repeat(22), family: 'Pond' } });
      assert.equal(clash.status, 409);
      assert.match(clash.html, /Lake[^]*Pond/);
    });

    test('facts are added once, stand in the banner and are marked when wrong', async () => {
      await manager.get(`/desk/people/${id}/facts`);
      const fields = { kind: 'allergy', value: 'allergy.severe', words: 'penicillin: hives' };
      const twice = await Promise.all([1, 2].map(() => manager.send(`/desk/people/${id}/facts`, fields)));
      for (const answer of twice) assert.equal(answer.status, 303, answer.text);
      let page = await manager.get(`/desk/people/${id}/facts`);
      assert.equal(page.html.match(/<td data-label="In words">penicillin/g).length, 1);
      assert.match(page.html, /mark-allergy[^]*penicillin/);
      const labels = (html) => [...html.match(/<nav class="tabs"[^]*?<\/nav>/)[0].matchAll(/<a href="[^"]*\/people\/[^"]*"( aria-current="page")?>([^<]*)</g)].map((match) => (match[1] ? `[${match[2]}]` : match[2]));
      assert.deepEqual(labels(page.html), ['Overview', 'Stays', '[Facts]', 'Intake', 'Days and services', 'Belongings', 'Coverage', 'Files', 'Consents', 'Notice of rights', 'Shared with', 'Emergency']);
      for (const [path, tab] of [['consents', 'Consents'], ['disclosures', 'Shared with'], ['share', 'Shared with'], ['consent', 'Consents'], ['emergency', 'Emergency']]) {
        const other = await manager.get(`/desk/people/${id}/${path}`);
        assert.match(other.html, /<section class="person"[^]*Spanish[^]*mark-allergy[^]*penicillin/, path);
        assert.deepEqual(labels(other.html), labels(page.html).map((label) => label.replace(/[[\]]/g, '')).map((label) => (label === tab ? `[${tab}]` : label)), path);
      }
      // knowledge/roles.csv gives the front desk safety facts and no other: the banner says them, the page of facts stays shut.
      for (const path of ['', '/consents']) {
        const desk = await clerk.get(`/desk/people/${id}${path}`);
        assert.equal(desk.status, 200, desk.text);
        assert.match(desk.html, /<section class="person"[^]*Spanish[^]*mark-allergy[^]*penicillin/);
      }
      assert.equal((await clerk.request(`/desk/people/${id}/facts`)).status, 403);
      const wrong = await manager.post(`/desk/people/${id}/facts`, { act: '', kind: 'pregnancy', value: 'allergy.mild', words: '' });
      assert.equal(wrong.status, 400);
      page = await manager.get(`/desk/people/${id}/facts`);
      const mark = page.forms.find((form) => form.fields.act === 'wrong').fields;
      const marked = await manager.request(`/desk/people/${id}/facts`, { method: 'POST', fields: { ...mark, reason: 'wrong-person' } });
      assert.equal(marked.status, 303, marked.text);
      page = await manager.get(`/desk/people/${id}/facts`);
      assert.match(page.text, /Entered by mistake:\s+Belongs to someone else/);
      assert.doesNotMatch(page.html, /mark-allergy/);
    });

    test('a stay begins, and no second one at the same site', async () => {
      let page = await manager.get(`/desk/people/${id}/episodes`);
      assert.match(page.text, /No stay yet/);
      const site = page.html.match(/value="([0-9a-f-]{36})"[^>]*>\s*(?:<span>)?West House/)[1];
      page = await manager.post(`/desk/people/${id}/episodes`, { status: 'active', site, level: '3.5', referral: 'self' });
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /West House: Live-in care with full treatment\s+Here now/);
      const again = await manager.post(`/desk/people/${id}/episodes`, { stay_id: '', status: 'planned', site, level: '3.5' });
      assert.match(again.text, /has a stay at this site that has not ended/);
      assert.match((await manager.get(`/desk/people/${id}`)).text, /Here now\s*, Live-in care/);
    });

    test('days and services are added once each, and put right without being lost', async () => {
      const at = `/desk/people/${id}/delivered`, now = Date.now() * 1000;
      writeRows(desk.address, `INSERT INTO staff (program_id, id, external_id, name, folded, profession, credential, license_number, license_state, license_expires_on, weekly_minutes,
        expired_at, left_at, made_at, changed_at, version) VALUES ('${program.id}', '0198a000-0000-7000-8000-0000000000c1', '', 'Nia Ames', 'nia ames', 'counselor', '', '', '', '', 0, 0, 0, ${now}, ${now}, 1)`);
      let page = await manager.get(at);
      assert.match(page.text, /No day has been written down yet[^]*No service has been written down yet/);
      const stay = page.html.match(/name="stay" value="([0-9a-f-]{36})"/)[1], day = page.html.match(/datetime="(\d{4}-\d\d-\d\d)/)?.[1];
      assert.equal(day, undefined);
      const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'America/Denver' }).format(new Date());
      page = await manager.post(at, { act: 'days', stay, level: '3.5', from: '1999-01-01', through: '' });
      assert.equal(page.status, 400);
      assert.match(page.text, /This day lies outside the stay/);
      assert.match(page.html, /value="1999-01-01"/);
      for (let times = 0; times < 2; times += 1) {
        await manager.get(at);
        page = await manager.post(at, { act: 'days', stay, level: '3.5', from: today, through: '' });
        assert.equal(page.status, 200, page.text);
      }
      assert.equal(page.html.match(/value="day-wrong"/g).length, 1);
      page = await manager.post(at, { act: 'service', row_id: '', kind: 'individual', on: today, at: '25:00', minutes: '50', staff: '0198a000-0000-7000-8000-0000000000c1' });
      assert.equal(page.status, 400);
      assert.match(page.text, /Please give a time as 14:05/);
      page = await manager.post(at, { act: 'service', row_id: '', kind: 'individual', on: today, at: '00:00', minutes: '50', staff: '0198a000-0000-7000-8000-0000000000c1' });
      assert.equal(page.status, 200, page.text);
      assert.match(page.html, /data-label="Minutes">50<[^]*Nia Ames/);
      const row = page.html.match(/\?correct=([0-9a-f-]{36})/)[1];
      page = await manager.get(`${at}?correct=${row}`);
      assert.match(page.html, /value="00:00"/);
      page = await manager.post(at, { act: 'service', row_id: row, reason: 'typing', minutes: '45', kind: 'individual', staff: '0198a000-0000-7000-8000-0000000000c1' });
      assert.equal(page.status, 200, page.text);
      assert.match(page.html, /Stands for one that was a mistake[^]*>45</);
      assert.match(page.html, /Entered by mistake:<\/b> [^<]+[^]*>50</);
      const mark = page.forms.find((form) => form.fields.act === 'day-wrong').fields;
      const marked = await manager.request(at, { method: 'POST', fields: { ...mark, reason: 'did-not-happen' } });
      assert.equal(marked.status, 303, marked.text);
      assert.doesNotMatch((await manager.get(at)).html, /value="day-wrong"/);
      assert.equal((await clerk.request(at, { method: 'POST', fields: { form_token: clerk.page.forms.map((form) => form.fields.form_token).find(Boolean), ...mark } })).status, 403);
    });

    test('two records that look alike are suggested, joined and taken apart', async () => {
      const prove = async (visitor) => {
        if (visitor.page.forms.some((form) => 'prove_secret' in form.fields)) await visitor.prove({ prove_secret: visitor.password, prove_code: visitor.secret ? await freshCode(visitor.secret) : '' });
        return visitor.page;
      };
      await manager.get('/desk/people/new');
      let page = await manager.post('/desk/people/new', { given: 'Joan', family: 'Lake', sex: 'female', language: 'es', birth_date: '1980-02-29', phone: '(303) 555-0142' });
      const twin = page.path.split('/').at(-1);
      await manager.get('/desk/duplicates');
      page = await prove(manager);
      page = await manager.get('/desk/duplicates');
      assert.match(page.text, /the same birth date[^]*a phone number in common|a phone number in common[^]*the same birth date/, page.text);
      page = await manager.get(`/desk/people/${id}/merge`);
      page = await manager.post(`/desk/people/${id}/merge`, { q: '2/29/1980' });
      assert.match(page.html, new RegExp(`/merge\\?with=${twin}`));
      page = await manager.get(`/desk/people/${id}/merge?with=${twin}`);
      assert.match(page.html, /<td data-label="This record stays">Jo \(Joan\) Lake/);
      const join = page.forms.find((form) => form.fields.act === 'join').fields;
      const stale = await manager.request(`/desk/people/${id}/merge`, { method: 'POST', fields: { ...join, kept_version: '77' } });
      assert.equal(stale.status, 400);
      page = await manager.post(`/desk/people/${id}/merge`, join);
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /Records that were joined to this one\s+[^]*Joan Lake/);
      assert.equal((await manager.request(`/desk/people/${twin}`)).location, `/desk/people/${id}`);
      assert.match((await manager.get('/desk/duplicates')).text, /No two records look alike/);
      page = await manager.get(`/desk/people/${id}/merge`);
      page = await manager.post(`/desk/people/${id}/merge`, page.forms.find((form) => form.fields.act === 'undo').fields);
      assert.equal((await manager.request(`/desk/people/${twin}`)).status, 200);
      page = await manager.get('/desk/duplicates');
      page = await manager.post('/desk/duplicates');
      assert.match(page.text, /No two records look alike/);
    });

    test('a record is erased by a word and a proof, not while a stay is open', async () => {
      const officer = await staff('privacy-officer');
      const open = async (path) => {
        await officer.get(path);
        if (officer.page.forms.some((form) => 'prove_secret' in form.fields)) await officer.prove({ prove_secret: officer.password, prove_code: await freshCode(officer.secret) });
        return officer.get(path);
      };
      let page = await open(`/desk/people/${id}/erase`);
      assert.match(page.text, /A stay of this person has not ended/);
      assert.doesNotMatch(page.html, /name="word"/);
      const token = page.forms.map((form) => form.fields).find((fields) => fields.form_token).form_token;
      const early = await officer.request(`/desk/people/${id}/erase`, { method: 'POST', fields: { form_token: token, form_key: 'B'.repeat(22), word: 'ERASE', version: '1' } });
      assert.notEqual(early.status, 303);
      await manager.get('/desk/people/new');
      const other = (await manager.post('/desk/people/new', { given: 'Orla', family: 'Quist', sex: 'female', language: 'en' })).path.split('/').at(-1);
      page = await open(`/desk/people/${other}/erase`);
      if (/The law asks/.test(page.text)) {
        assert.match(page.html, /through <b>[A-Z][a-z]+ \d+, \d{4}<\/b>/);
        return;
      }
      page = await officer.post(`/desk/people/${other}/erase`, { word: 'erase it' });
      assert.equal(page.status, 400);
      assert.match(page.text, /Please type the word as it is shown/);
      page = await officer.post(`/desk/people/${other}/erase`, { word: 'ERASE' });
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /This record has been erased/);
      assert.doesNotMatch(page.text, /Quist/);
    });

    test('pages stand in Spanish, too', async () => {
      const page = await manager.get(`/es/desk/people/${id}`);
      assert.equal(page.status, 200);
      assert.match(page.text, /Resumen/);
    });

    test('who may not see people does not', async () => {
      const page = await desk.admin.request(`/desk/people/${id}`);
      assert.notEqual(page.status, 200);
      const unknown = await manager.request('/desk/people/01900000-0000-7000-8000-000000000000');
      assert.ok([403, 404].includes(unknown.status));
    });
  });
}
