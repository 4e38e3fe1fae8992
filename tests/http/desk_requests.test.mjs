// Requests at the desk, from nothing, by pages alone, on the real server and both engines: made from a call, answered, given to
// somebody, ended; whom roles keep out; what a stale page, a second press and a hostile value do. Expected values:
// knowledge/request-urgencies.csv (30 minutes, two hours), roles.csv, the states of docs/requests.md; what was typed.
// Of the failures seen elsewhere: failure 12 (states that do not guard), failure 13 (a double click acts twice), failure 18
// (times where the site is), failure 29 (tokens that tell which others there are).
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { engines, rowsOf } from '../support/databases.mjs';
import { eventually, openDesk, plain, writeRows } from '../support/desk.mjs';
import { run } from '../support/server.mjs';

const MINUTE = 60e6;
// What is chosen of a group of radio buttons.
const plainOf = (page, id) => page.html.match(new RegExp(`id="${id}[-0-9]*" type="radio"[^>]* value="([^"]*)" checked`))?.[1];
const filled = {
  source: 'call', minutes_ago: '', urgency: 'urgent', given: 'Ada', family: 'Quill', birth_date: '1990-02-03', phone: '(303) 555-0123', email: '',
  language: 'es', consents: ['call', 'text'], pregnant: '1', injecting: '-1', words: 'Wants a bed near her mother', level_of_care: '3.5',
  asker: '', asker_from: '', asker_phone: '',
};

for (const engine of engines()) {
  describe(`requests at the desk on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let desk, program, west, east, front, manager, nurse, staff, at, id;
    const one = (where = id) => rowsOf(desk.address, `SELECT * FROM request WHERE id = '${where}'`)[0];
    const make = async (visitor, fields) => {
      await visitor.get('/desk/requests/new');
      return visitor.post('/desk/requests/new', { ...filled, site_id: west, ...fields });
    };
    const idOf = (page) => page.path.match(/^\/desk\/requests\/([0-9a-f-]{36})$/)?.[1];
    before(async () => {
      desk = await openDesk({ database: engine.make() });
      const command = (...words) => run(...words, '--data', desk.data, '--db', desk.address);
      program = JSON.parse(command('care', 'program', 'add', '--name', 'Harbor House', '--kind', 'residential', '--zone', 'America/Denver', '--state', 'CO', '--json')).id;
      for (const name of ['West', 'East']) command('care', 'site', 'add', '--program', program, '--name', name);
      [east, west] = rowsOf(desk.address, 'SELECT id FROM site ORDER BY name').map((row) => row.id);
      manager = await desk.account('case-manager', { program, shown_name: 'Nia Ames' });
      front = await desk.account('front-desk', { program, shown_name: 'Fay Front' });
      nurse = await desk.account('nurse', { program });
      writeRows(desk.address, `UPDATE account_role SET site_id = '${west}' WHERE account_id = '${front.id}'`);
      await desk.admin.get('/desk/program');
      await desk.admin.post('/desk/program', { program });
      for (const name of ['Nia Ames', 'Otto Berg']) {
        await desk.admin.get('/desk/staff/new');
        await desk.admin.post('/desk/staff/new', { name, profession: 'counselor' });
      }
      staff = Object.fromEntries(rowsOf(desk.address, 'SELECT id, name FROM staff').map((row) => [row.name, row.id]));
      await desk.admin.get(`/desk/staff/${staff['Nia Ames']}`);
      await desk.press(`/desk/staff/${staff['Nia Ames']}/account`, { account: manager.id });
    });
    after(() => desk?.stop());

    test('a call becomes a request, with who looks after it and the time of the answer', async () => {
      let page = await manager.get('/desk/requests');
      assert.match(page.text, /There is none/);
      page = await manager.get('/desk/requests/new');
      assert.match(page.text, /Are you safe right now\?[^]*May I ask two things/, 'the script of the call');
      assert.doesNotMatch(page.html, /value="link"/);
      assert.match(page.text, /Emergency: answered within 30 minutes[^]*Urgent: answered within 2 hours/);
      page = await make(manager, {});
      at = page.path;
      id = idOf(page);
      assert.ok(id, `${page.status} ${page.text}`);
      assert.match(page.text, /Request: Ada Quill[^]*Received[^]*Answer by/);
      assert.match(page.text, /303-555-0123[^]*Spanish[^]*You may call me; You may text me/);
      assert.match(page.text, /Pregnant\s+Yes\s+Injected drugs in the past 12 months\s+Not known/);
      assert.match(page.text, /Wants a bed near her mother/);
      const row = one();
      assert.equal(row.assigned, staff['Nia Ames']);
      assert.equal(Number(row.answer_by) - Number(row.received_at), 120 * MINUTE);
      assert.equal(rowsOf(desk.address, `SELECT kind, result, script FROM request_call WHERE request_id = '${id}'`)[0].script, 'first-call');
      page = await manager.get('/desk/requests');
      assert.match(page.html, new RegExp(`href="${at}">Ada Quill</a>`));
      assert.match(page.text, /West, [^]*Nia Ames/);
    });

    test('names and words are sealed, in no address, and in no log', async () => {
      const [row] = rowsOf(desk.address, `SELECT identity, words FROM request WHERE id = '${id}'`);
      for (const sealed of [row.identity, row.words]) assert.doesNotMatch(Buffer.from(String(sealed)).toString(), /Quill|mother/);
      assert.doesNotMatch(at, /Quill/i);
      assert.doesNotMatch(desk.log(), /Quill|303555|mother/i);
    });

    test('what is wrong is said beside the field, and nothing is made', async () => {
      const before = rowsOf(desk.address, 'SELECT count(*) AS n FROM request')[0].n;
      const cases = [
        [{ urgency: '' }, 'urgency'], [{ urgency: 'whenever' }, 'urgency'], [{ source: 'link' }, 'source'], [{ site_id: 'x' }, 'site_id'],
        [{ birth_date: '2999-01-01' }, 'birth_date'], [{ birth_date: '1990-02-31' }, 'birth_date'], [{ phone: '12' }, 'phone'],
        [{ minutes_ago: '-1' }, 'minutes_ago'], [{ minutes_ago: '999999' }, 'minutes_ago'], [{ words: 'x'.repeat(1001) }, 'words'],
        [{ consents: ['send'] }, 'consents'], [{ pregnant: '2' }, 'pregnant'], [{ assigned: 'nobody' }, 'assigned'], [{ level_of_care: '9.9' }, 'level_of_care'],
      ];
      for (const [fields, name] of cases) {
        const page = await make(manager, fields);
        assert.equal(page.status, 400, JSON.stringify(fields));
        assert.match(page.html, new RegExp(`href="#form-${name}"`), JSON.stringify(fields));
        if (!('words' in fields)) assert.match(page.html, /Wants a bed near her mother/, 'what was typed stays');
      }
      assert.equal(rowsOf(desk.address, 'SELECT count(*) AS n FROM request')[0].n, before);
    });

    test('whoever has no staff record names somebody; a hostile name stays words', async () => {
      let page = await make(front, { assigned: '' });
      assert.equal(page.status, 400);
      assert.match(page.html, /href="#form-assigned"/);
      page = await make(front, { assigned: staff['Otto Berg'], given: '<b>Eve</b>', family: '"><script>', words: "'; DROP TABLE request; --" });
      assert.ok(idOf(page), page.text);
      assert.doesNotMatch(page.html, /<b>Eve|"><script>/);
      assert.match(page.text, /<b>Eve<\/b> "><script>/);
    });

    test('pressed twice at once, there is one', async () => {
      await manager.get('/desk/requests/new');
      const fields = { ...filled, site_id: west, family: 'Twice' };
      const before = Number(rowsOf(desk.address, 'SELECT count(*) AS n FROM request')[0].n);
      const answers = await Promise.all([1, 2, 3].map(() => manager.send('/desk/requests/new', fields)));
      for (const answer of answers) assert.equal(answer.status, 303, answer.text);
      assert.equal(new Set(answers.map((answer) => answer.location)).size, 1);
      assert.equal(Number(rowsOf(desk.address, 'SELECT count(*) AS n FROM request')[0].n), before + 1);
    });

    test('another site, a role that only reads, and one that may not look', async () => {
      const page = await make(manager, { site_id: east, family: 'Eastman', minutes_ago: '10' });
      const far = page.path;
      assert.ok(idOf(page), page.text);
      assert.ok(Number(one(idOf(page)).made_at) - Number(one(idOf(page)).received_at) >= 10 * MINUTE);
      assert.equal((await front.request(far)).status, 403);
      assert.doesNotMatch((await front.get('/desk/requests')).text, /Eastman/);
      await front.get('/desk/requests/new');
      assert.equal((await front.send('/desk/requests/new', { ...filled, site_id: east, assigned: staff['Otto Berg'] })).status, 400, 'not their site');
      const read = await nurse.get(at);
      assert.equal(read.status, 200);
      assert.doesNotMatch(read.html, /name="act"/);
      const token = read.forms.map((form) => form.fields.form_token).find(Boolean);
      const sent = await nurse.request(at, { method: 'POST', fields: { form_token: token, form_key: 'N'.repeat(22), act: 'accept', version: '1' } });
      assert.equal(sent.status, 403);
      assert.equal((await nurse.request('/desk/requests/new')).status, 403);
      assert.equal((await desk.admin.request('/desk/requests')).status, 403);
      assert.equal((await desk.visitor().request('/desk/requests')).status, 303, 'to sign in');
      assert.equal((await manager.request('/desk/requests/00000000-0000-0000-0000-000000000000')).status, 404);
    });

    test('filters: mine, late, a state', async () => {
      const names = async (query) => [...(await manager.get(`/desk/requests${query}`)).html.matchAll(/\/desk\/requests\/[0-9a-f-]{36}">([^<]*)</g)].map((match) => match[1]).sort();
      assert.equal((await names('')).length, 4);
      assert.deepEqual(await names('?mine=1'), ['Ada Quill', 'Ada Eastman', 'Ada Twice'].sort());
      assert.deepEqual(await names('?late=1'), []);
      writeRows(desk.address, `UPDATE request SET answer_by = 1000 WHERE id = '${id}'`);
      assert.deepEqual(await names('?late=1'), ['Ada Quill']);
      assert.match((await manager.get('/desk/requests')).html, /Ada Quill<\/a>[^]*?class="late"/);
      assert.deepEqual(await names('?state=accepted'), []);
      assert.equal((await names('?state=%27%3B--&mine=2')).length, 4);
    });

    test('facts change the clock; a stale page shows both versions', async () => {
      let page = await manager.get(at);
      const facts = page.forms.find((form) => form.fields.act === 'facts').fields;
      assert.equal(facts.level_of_care, '3.5');
      page = await manager.post(at, { ...facts, urgency: 'emergency', injecting: '1' });
      assert.equal(page.status, 200, page.text);
      const row = one();
      assert.equal(Number(row.answer_by) - Number(row.received_at), 30 * MINUTE);
      assert.equal(Number(row.injecting), 1);
      page = await manager.post(at, { ...facts, urgency: 'routine', version: '1', form_key: 'S'.repeat(22) });
      assert.equal(page.status, 409);
      assert.match(page.text, /Saved by somebody else in the meantime[^]*Emergency[^]*Routine/);
      assert.equal(one().urgency, 'emergency');
    });

    test('given to another, accepted once, and not declined after', async () => {
      let page = await manager.get(at);
      page = await manager.post(at, { act: 'assign', assigned: staff['Otto Berg'], version: String(one().version) });
      assert.match(page.text, /Another staff member looks after it: Otto Berg/);
      assert.equal(one().assigned, staff['Otto Berg']);
      const accept = page.forms.find((form) => form.fields.act === 'accept').fields;
      const decline = page.forms.find((form) => form.fields.act === 'decline').fields;
      page = await manager.post(at, { ...decline, reason: '', decline_words: 'kept words' });
      assert.equal(page.status, 400);
      assert.match(page.html, /href="#decline-reason"[^]*kept words/);
      assert.doesNotMatch(page.html.match(/<select id="decline-reason"[^]*?<\/select>/)[0], /money|insur|pay/i);
      const twice = await Promise.all([1, 2].map(() => manager.request(at, { method: 'POST', fields: accept })));
      for (const answer of twice) assert.equal(answer.status, 303, answer.text);
      assert.equal(one().state, 'accepted');
      assert.equal(rowsOf(desk.address, `SELECT count(*) AS n FROM request_event WHERE request_id = '${id}' AND kind = 'accepted'`)[0].n - 0, 1);
      page = await manager.post(at, { ...decline, reason: 'age', form_key: 'D'.repeat(22) });
      assert.equal(page.status, 409, 'a page from before');
      page = await manager.post(at, { ...decline, reason: 'age', version: String(one().version), form_key: 'E'.repeat(22) });
      assert.equal(page.status, 400, 'a state that does not follow');
      assert.equal(one().state, 'accepted');
      assert.equal((await manager.post(at, { act: 'explode', version: '1', form_key: 'F'.repeat(22) })).status, 400);
    });

    test('calls: written down, asked for, answered, and asked for again', async () => {
      const path = (await make(manager, { family: 'Caller', consents: ['call'], source: 'desk' })).path, request = idOf({ path });
      const soon = new Date(Date.now() + 36 * 3600e3).toISOString().slice(0, 10);
      let page = await manager.get(path);
      assert.match(page.text, /Calls\s+No call yet/);
      assert.match(page.text, /What to say when you call back[^]*Say nothing of care until the right person answers/);
      const version = '1';
      for (const [fields, field] of [[{ due_on: '2020-01-01', due_at: '10:00' }, 'due_at'], [{ due_on: soon, due_at: '25:00' }, 'due_at'], [{ due_on: '', due_at: '10:00' }, 'due_on'], [{ due_on: soon, due_at: '10:00', script: 'x' }, 'script']]) {
        page = await manager.post(path, { act: 'callback', script: 'call-back', version, ...fields });
        assert.equal(page.status, 400, JSON.stringify(fields));
        assert.match(page.html, new RegExp(`href="#callback-${field}"`));
      }
      page = await manager.post(path, { act: 'callback', script: 'call-back', due_on: soon, due_at: '10:15', version });
      assert.equal(page.status, 200, page.text);
      const [row] = rowsOf(desk.address, `SELECT id, due_at FROM callback WHERE request_id = '${request}'`);
      // Failure 18: what was typed is the time in Denver, where the program is (offset by ICU).
      assert.equal(new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Denver', dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23' }).format(Number(row.due_at) / 1000).replace(',', ''), `${soon} 10:15`);
      page = await manager.get('/desk/callbacks');
      assert.match(page.text, /Ada Caller\s+Urgent, West[^]*303-555-0123\s+Spanish\s+You may call me[^]*Nia Ames/);
      assert.doesNotMatch((await front.get('/desk/callbacks')).text, /Eastman/);
      page = await manager.get(`${path}?callback=${row.id}`);
      const call = page.forms.find((form) => form.fields.act === 'call').fields;
      assert.equal(plainOf(page, 'call-callback'), row.id, 'the callback is chosen');
      page = await manager.post(path, { ...call, callback: row.id, kind: 'went-out', way: 'call', result: 'no-answer', minutes: '', call_words: '' });
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /We called them, Call: No answer/);
      assert.match((await manager.get('/desk/callbacks')).text, /Ada Caller/, 'nobody was reached: it stays');
      page = await manager.get(path);
      const again = new Date(Date.now() + 5 * 86400e3).toISOString().slice(0, 10);
      const reached = { ...page.forms.find((form) => form.fields.act === 'call').fields, callback: row.id, kind: 'went-out', way: 'call', result: 'asked-to-call-later', minutes: '4', call_words: 'At work until noon', again_on: again, again_at: '9:30' };
      page = await manager.post(path, { ...reached, again_at: 'noon' });
      assert.equal(page.status, 400);
      assert.match(page.html, /href="#call-again_at"[^]*At work until noon/);
      const sent = { ...reached, form_key: page.forms.find((form) => form.fields.act === 'call').fields.form_key };
      const twice = [await manager.request(path, { method: 'POST', fields: sent }), await manager.request(path, { method: 'POST', fields: sent })];
      for (const answer of twice) assert.equal(answer.status, 303, answer.text); // failure 13
      assert.equal(rowsOf(desk.address, `SELECT count(*) AS n FROM request_call WHERE request_id = '${request}'`)[0].n - 0, 2);
      page = await manager.get(path);
      assert.match(page.text, /Asked to call later \(4 minutes\)\s+At work until noon\s+Nia Ames/);
      const open = rowsOf(desk.address, `SELECT id FROM callback WHERE request_id = '${request}' AND done_at = 0`);
      assert.equal(open.length, 1);
      assert.notEqual(open[0].id, row.id);
      page = await manager.post(path, { ...sent, callback: 'none', again_on: '', again_at: '', result: 'reached', form_key: 'J'.repeat(22) });
      assert.equal(page.status, 200, page.text);
      assert.equal(rowsOf(desk.address, `SELECT count(*) AS n FROM callback WHERE request_id = '${request}' AND done_at = 0`)[0].n - 0, 1, 'another call answers none');
      page = await manager.post(path, { ...sent, form_key: 'K'.repeat(22) });
      assert.equal(page.status, 409, 'somebody has answered it');
      writeRows(desk.address, `UPDATE callback SET due_at = 1000 WHERE id = '${open[0].id}'`);
      assert.match((await manager.get('/desk/callbacks')).html, /Ada Caller<\/a>[^]*?class="late"/);
      assert.match((await manager.get('/es/desk/callbacks')).text, /Llamadas por hacer[^]*Puede llamarme|Llamadas por hacer/);
      assert.equal((await desk.admin.request('/desk/callbacks')).status, 403);
      assert.doesNotMatch(desk.log(), /At work|Caller/);
    });

    test('a private link is told once, opens a page that names nobody, and is taken back', async () => {
      const path = (await make(manager, { family: 'Linked' })).path, request = idOf({ path });
      let page = await manager.get(path);
      const fields = { ...page.forms.find((form) => 'form_key' in form.fields && !('act' in form.fields)).fields, act: 'link' };
      const first = await manager.request(path, { method: 'POST', fields }), second = await manager.request(path, { method: 'POST', fields });
      assert.equal(first.status, 303);
      assert.equal(second.location, first.location);
      page = await manager.get(first.location);
      const [, address] = page.html.match(/id="link">([^<]+)</).map(plain);
      const token = address.match(/^http:\/\/[^/]+\/es\/requests\/([\w-]{43})$/)?.[1]; // the person speaks Spanish
      assert.ok(token, address);
      assert.match(page.text, /Links that open now:\s+1\s*\./);
      assert.equal(rowsOf(desk.address, `SELECT count(*) AS n FROM request_link WHERE request_id = '${request}'`)[0].n - 0, 1, 'pressed twice, made once');
      assert.doesNotMatch((await manager.get(path)).html, new RegExp(token), 'told once');
      assert.doesNotMatch((await nurse.get(first.location)).html, new RegExp(token), 'told to nobody else');
      const status = await fetch(new URL(address).pathname.replace(/^/, desk.origin));
      const text = await status.text();
      assert.equal(status.status, 200);
      assert.match(text, /Tenemos su solicitud/);
      assert.doesNotMatch(text, /Linked|Ada|Harbor/); // failure 29
      page = await manager.get(path);
      page = await manager.post(path, { act: 'unlink' });
      assert.match(page.text, /Private links were taken back/);
      assert.match(page.text, /No link opens now/);
      assert.equal((await fetch(`${desk.origin}/requests/${token}`)).status, 404);
      assert.doesNotMatch(desk.log(), new RegExp(token));
    });

    test('joined with a record that stands, found by what the request says', async () => {
      await manager.get('/desk/people/new');
      const made = await manager.post('/desk/people/new', { given: 'Ida', family: 'Joinwell', sex: 'female', language: 'en', birth_date: '1971-05-06' });
      const person = made.path.split('/').at(-1);
      const path = (await make(manager, { given: 'Ida', family: 'Joinwell', birth_date: '1971-05-06' })).path, request = idOf({ path });
      const subject = one(request).subject_id;
      let page = await manager.get(path);
      assert.match(page.html, new RegExp(`href="${path}/record"`));
      page = await manager.get(`${path}/record`);
      assert.match(page.html, new RegExp(`name="person" value="${person}"`), 'found without typing');
      page = await manager.post(`${path}/record`, { act: '', q: 'nobody of this name' });
      assert.match(page.text, /Nobody was found/);
      assert.doesNotMatch(page.path, /nobody/);
      page = await manager.post(`${path}/record`, { act: '', q: 'joinwell' });
      const fields = page.forms.find((form) => form.fields.act === 'join').fields;
      assert.equal((await manager.post(`${path}/record`, { ...fields, version: '9', form_key: 'L'.repeat(22) })).status, 409);
      assert.equal((await manager.post(`${path}/record`, { ...fields, person: 'nobody', form_key: 'M'.repeat(22) })).status >= 400, true);
      const twice = await Promise.all([1, 2].map(() => manager.request(`${path}/record`, { method: 'POST', fields: { ...fields, plan: '1' } })));
      for (const answer of twice) assert.equal(answer.status, 303, answer.text);
      assert.equal(one(request).person_id, person);
      const stays = rowsOf(desk.address, `SELECT status, site_id, level_of_care, care_manager FROM episode WHERE person_id = '${person}'`);
      assert.deepEqual(stays.map((stay) => ({ ...stay })), [{ status: 'planned', site_id: west, level_of_care: '3.5', care_manager: staff['Nia Ames'] }]);
      page = await manager.get(path);
      assert.match(page.html, new RegExp(`href="/desk/people/${person}">Ida Joinwell</a>`));
      assert.match(page.text, /Wants a bed near her mother/, 'sealed anew, still read');
      assert.match(page.text, /Joined with the person's record/);
      assert.notEqual(subject, person);
      page = await manager.get(`${path}/record`);
      assert.match(page.text, /This request is joined with a record[^]*Ida Joinwell/);
      assert.doesNotMatch(page.html, /name="act" value="(join|new)"/);
      page = await manager.post(`${path}/record`, { act: 'join', person, version: String(one(request).version) });
      assert.equal(page.status, 400, 'once');
      // It was the wrong one: taken out with a reason, and what was made in the record stays there.
      const stands = page.forms.find((form) => form.fields.act === 'undo').fields;
      page = await manager.post(`${path}/record`, { ...stands, reason: '', undo_words: 'kept words' });
      assert.equal(page.status, 400);
      assert.match(page.html, /href="#undo-reason"[^]*kept words/);
      page = await manager.post(`${path}/record`, { ...stands, reason: 'same-name', version: '1', form_key: 'V'.repeat(22) });
      assert.equal(page.status, 409);
      const undone = { ...stands, reason: 'same-name', undo_words: 'Two of that name', form_key: 'W'.repeat(22) };
      for (const answer of await Promise.all([1, 2].map(() => manager.request(`${path}/record`, { method: 'POST', fields: undone })))) assert.equal(answer.status, 303, answer.text);
      assert.equal(one(request).person_id, '');
      page = await manager.get(path);
      assert.match(page.text, /Taken out of a record that was the wrong one: Two people with the same or a similar name\s+Two of that name\s+Nia Ames/);
      assert.match(page.text, /Not joined with a record yet[^]*Wants a bed near her mother/);
      assert.equal(rowsOf(desk.address, `SELECT count(*) AS n FROM episode WHERE person_id = '${person}'`)[0].n - 0, 1, 'the planned stay');
      assert.match((await manager.get(`${path}/record`)).html, /name="act" value="join"/);
      assert.doesNotMatch(desk.log(), /Two of that/);
      assert.equal((await nurse.request(`${path}/record`)).status, 403);
    });

    test('a new record made from the request; who may not write stays plans none', async () => {
      const path = (await make(front, { given: 'Newman', family: 'Nunn', assigned: staff['Otto Berg'], consents: ['message'] })).path, request = idOf({ path });
      let page = await front.get(`${path}/record`);
      const fields = page.forms.find((form) => form.fields.act === 'new').fields;
      assert.equal(fields.given, 'Newman');
      assert.equal(fields.may_leave_message, '1');
      assert.equal('plan' in fields, false);
      page = await front.post(`${path}/record`, { ...fields, sex: '', phone: '12' });
      assert.equal(page.status, 400);
      assert.match(page.html, /href="#form-sex"[^]*href="#form-phone"/);
      page = await front.post(`${path}/record`, { ...fields, sex: 'male', plan: '1', form_key: 'O'.repeat(22) });
      assert.equal(page.path, path, page.text);
      const person = one(request).person_id;
      assert.match(page.html, new RegExp(`href="/desk/people/${person}">Newman Nunn</a>`));
      assert.equal(rowsOf(desk.address, `SELECT count(*) AS n FROM episode WHERE person_id = '${person}'`)[0].n - 0, 0);
      assert.equal(rowsOf(desk.address, `SELECT site_id FROM person WHERE id = '${person}'`)[0].site_id, west);
      assert.match((await front.get(`/desk/people/${person}`)).text, /303-555-0123/);
      const second = (await make(manager, { given: 'Pat', family: 'Planned' })).path;
      page = await manager.get(`${second}/record`);
      page = await manager.post(`${second}/record`, { ...page.forms.find((form) => form.fields.act === 'new').fields, sex: 'unknown' });
      assert.equal(page.path, second, page.text);
      assert.equal(rowsOf(desk.address, `SELECT status FROM episode WHERE person_id = '${one(idOf({ path: second })).person_id}'`)[0].status, 'planned');
      assert.doesNotMatch(desk.log(), /Newman|Nunn|Joinwell/);
    });

    test('the first page counts by urgency and names who is late; clocks lead to the request', async () => {
      const path = (await make(manager, { family: 'Lateman', urgency: 'emergency' })).path, request = idOf({ path });
      writeRows(desk.address, `UPDATE request SET answer_by = 1000 WHERE id = '${request}'`);
      const page = await manager.get('/desk');
      const [{ open, unanswered }] = rowsOf(desk.address, "SELECT count(*) AS open, sum(CASE WHEN answered_at = 0 THEN 1 ELSE 0 END) AS unanswered FROM request WHERE urgency = 'emergency' AND ended_at = 0");
      assert.match(page.text, new RegExp(`Requests[^]*Emergency\\s+${open}\\s+${unanswered}\\s+1\\s`));
      assert.match(page.html, new RegExp(`<li><a href="${path}">Ada Lateman</a>`));
      const due = await manager.get('/desk/due');
      assert.match(due.html, new RegExp(`href="${path}">A request must be answered<`));
      assert.doesNotMatch((await desk.admin.get('/desk')).text, /Lateman/);
      assert.match((await manager.get('/es/desk')).text, /Sin respuesta/);
    });

    test('declined with a coded reason and words; ended with an outcome', async () => {
      let page = await make(manager, { family: 'Decline', urgency: 'routine' });
      const path = page.path;
      page = await manager.post(path, { act: 'decline', reason: 'level-not-offered', decline_words: 'Told of Elm House', version: '1' });
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /Not taken: We do not offer the level of care that is needed[^]*Told of Elm House[^]*Nia Ames/);
      assert.doesNotMatch(page.html, /name="act" value="(accept|decline|assign|facts|end|callback)"/, 'nothing more is to be done with it');
      assert.equal(rowsOf(desk.address, `SELECT count(*) AS n FROM due WHERE subject_id = '${idOf({ path })}'`)[0].n - 0, 0);
      page = await manager.get(at);
      const fields = { act: 'end', version: String(one().version), end_words: '' };
      page = await manager.post(at, { ...fields, outcome: 'admitted' });
      assert.equal(page.status, 400, 'an admission is an act of its own');
      assert.match(page.html, /href="#end-outcome"/);
      page = await manager.post(at, { ...fields, outcome: 'no-longer-needed', form_key: 'H'.repeat(22) });
      assert.equal(page.status, 200, page.text);
      assert.equal(one().state, 'ended');
      assert.doesNotMatch((await manager.get('/desk/requests')).text, /Ada Quill/);
      assert.match((await manager.get('/desk/requests?state=ended')).text, /Ada Quill/);
    });

    // The figure three: waitlist-outcomes.csv.
    test('whoever was not reached is tried three times, also before they are on a list', async () => {
      const path = (await make(manager, { family: 'Silent', source: 'desk' })).path, request = idOf({ path });
      let page = await manager.get(path);
      assert.match(page.text, /“We could not reach the person” asks for 3 tries without an answer\. So far: 0\./);
      const end = { act: 'end', outcome: 'not-reached', end_words: 'kept words', version: '1' };
      const call = { act: 'call', kind: 'went-out', way: 'call', result: 'no-answer', call_minutes_ago: '', minutes: '', call_words: '', version: '1' };
      for (const [index, fields] of [{}, { kind: 'came-in', result: 'reached' }, {}, { way: 'text', result: 'left-message' }, {}].entries()) {
        page = await manager.post(path, { ...end, form_key: `${index}`.repeat(22) });
        assert.equal(page.status, 400, `${index}`);
        assert.match(page.text, /Try to reach the person more often before you end the request[^]*kept words/);
        await manager.get(path);
        page = await manager.post(path, { ...call, ...fields });
        assert.equal(page.status, 200, page.text);
      }
      assert.match((await manager.get(`/es${path}`)).text, /exige 3 intentos sin respuesta\. Hasta ahora: 3\./);
      page = await manager.post(path, end);
      assert.equal(page.status, 200, page.text);
      assert.equal(one(request).outcome, 'not-reached');
    });

    test('a long list goes on, each one once, also when some are answered meanwhile', async () => {
      const path = (await make(manager, { family: 'Longlist', consents: ['call'], source: 'desk' })).path, request = idOf({ path });
      await manager.get(path);
      await manager.post(path, { act: 'callback', script: 'call-back', due_on: new Date(Date.now() + 5 * 86400e3).toISOString().slice(0, 10), due_at: '10:15', version: '1' });
      const copy = (table, where, changes) => {
        const names = Object.keys(rowsOf(desk.address, `SELECT * FROM ${table} WHERE ${where}`)[0]);
        const values = { id: "'00000000-0000-7000-8000-' || substr(CAST(1000000000000 + n AS TEXT), 2)", ...changes };
        writeRows(desk.address, `WITH RECURSIVE v(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM v WHERE n < 229)
          INSERT INTO ${table} (${names}) SELECT ${names.map((name) => values[name] ?? name)} FROM ${table}, v WHERE ${where}`);
      };
      // Three and three share a time; every seventh was answered.
      copy('request', `id = '${request}'`, { answer_by: 'answer_by + n / 3', answered_at: 'CASE WHEN n % 7 = 0 THEN 1000 ELSE 0 END' });
      copy('callback', `request_id = '${request}'`, { due_at: 'due_at + n / 3' });
      const walk = async (start, pattern, between) => {
        const seen = [];
        let pages = 0;
        for (let next = start; next; pages += 1) {
          const page = await manager.get(next);
          assert.equal(page.status, 200);
          seen.push(...[...page.html.matchAll(pattern)].map((match) => match[1]));
          next = plain(page.html.match(/<a href="([^"]*)" rel="next"/)?.[1] ?? '');
          assert.equal(/From the beginning of the list/.test(page.text), pages > 0);
          if (pages === 0) between?.();
        }
        assert.equal(new Set(seen).size, seen.length - (between ? 1 : 0), 'nobody twice, but for whom something changed');
        return seen;
      };
      const open = Number(rowsOf(desk.address, 'SELECT count(*) AS n FROM request WHERE ended_at = 0')[0].n);
      const requests = /\/desk\/requests\/([0-9a-f-]{36})">/g;
      const all = await walk('/desk/requests', requests);
      assert.equal(all.length, open);
      assert.deepEqual(await walk('/desk/requests?after=x-y-z', requests), all, 'a place of a stranger is the beginning');
      // The last one shown is answered before the second page is asked for: it goes on where it was, and shows that one among the answered.
      const moved = await walk('/desk/requests', requests, () => writeRows(desk.address, `UPDATE request SET answered_at = 1000 WHERE id = '${all[99]}'`));
      assert.deepEqual(moved.filter((one_) => one_ !== all[99]).slice(0, 150), all.filter((one_) => one_ !== all[99]).slice(0, 150));
      const queue = await walk('/desk/callbacks', /\?callback=([0-9a-f-]{36})/g);
      assert.equal(queue.length, Number(rowsOf(desk.address, 'SELECT count(*) AS n FROM callback WHERE done_at = 0')[0].n));
      writeRows(desk.address, `DELETE FROM callback WHERE id LIKE '00000000-0000-7000-8000-%'; DELETE FROM request WHERE id LIKE '00000000-0000-7000-8000-%'`);
    });

    test('settings: who is told step by step, for a site and an urgency', async () => {
      const where = '/desk/settings/requests', { admin } = desk;
      assert.equal((await manager.request(where)).status, 403);
      let page = await admin.get('/desk/settings');
      assert.match(page.html, /href="\/desk\/settings\/requests"/);
      page = await admin.get(`${where}?site=${west}&urgency=emergency`);
      assert.match(page.text, /No list yet[^]*West, Emergency/);
      const form = page.forms.find((one_) => one_.fields.act === 'steps').fields;
      assert.equal(form.site, west);
      page = await admin.post(where, { ...form, staff_1: staff['Otto Berg'], minutes_1: '' });
      assert.equal(page.status, 400);
      assert.match(page.html, /href="#steps_form-minutes_1"/);
      page = await admin.post(where, { ...form, staff_1: staff['Otto Berg'], minutes_1: '10', staff_3: staff['Nia Ames'], minutes_3: '20', form_key: 'P'.repeat(22) });
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /West\s+Emergency\s+Otto Berg, 10 minutes\s+Nia Ames, 20 minutes/);
      assert.deepEqual(rowsOf(desk.address, 'SELECT step, staff_id, minutes FROM request_escalation ORDER BY step').map((row) => [Number(row.step), row.staff_id, Number(row.minutes)]), [[1, staff['Otto Berg'], 10], [2, staff['Nia Ames'], 20]]);
      page = await admin.post(where, { ...form, staff_1: staff['Nia Ames'], minutes_1: '5', form_key: 'Q'.repeat(22) });
      assert.equal(page.status, 409, 'a page from before');
      assert.match(page.text, /Otto Berg[^]*Nia Ames/);
      for (const fields of [{ site: 'elsewhere' }, { urgency: 'whenever' }])
        assert.equal((await admin.post(where, { ...form, ...fields, form_key: 'R'.repeat(22) })).status, 400, JSON.stringify(fields));
      assert.equal(rowsOf(desk.address, 'SELECT count(*) AS n FROM request_escalation')[0].n - 0, 2);
      // Without script, too, a step is taken out again: nobody is a choice (a pressed radio button stays pressed).
      page = await admin.get(`${where}?site=${west}&urgency=emergency`);
      const stands = page.forms.find((one_) => one_.fields.act === 'steps').fields;
      assert.equal(stands.staff_3, 'none');
      page = await admin.post(where, { ...stands, staff_2: 'none', minutes_2: '' });
      assert.equal(page.status, 200, page.text);
      assert.equal(rowsOf(desk.address, 'SELECT count(*) AS n FROM request_escalation')[0].n - 0, 1);
      // Whoever has no staff record: the first of that list looks after it.
      const path = (await make(front, { urgency: 'emergency', family: 'Stepwise', assigned: '' })).path;
      assert.equal(one(idOf({ path })).assigned, staff['Otto Berg']);
    });

    test('settings: the working week, holidays and days of its own move a routine answer', async () => {
      const where = '/desk/settings/requests', { admin } = desk;
      const local = (micros) => new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Denver', dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23' }).format(Number(micros) / 1000).replace(',', '');
      const after = (micros, days) => new Date(Date.parse(`${local(micros).slice(0, 10)}T12:00:00Z`) + days * 86400e3).toISOString().slice(0, 10);
      let page = await admin.get(where);
      const week = page.forms.find((form) => form.fields.act === 'week').fields;
      page = await admin.post(where, { ...week, begins: '0', ends: '6', day_ends: '24:00' });
      assert.equal(page.status, 400);
      assert.match(page.html, /href="#week_form-day_ends"/);
      page = await admin.post(where, { act: 'week', version: week.version, begins: '0', ends: '6', day_ends: '23:59', keeps_holidays: '', form_key: 'T'.repeat(22) });
      assert.equal(page.status, 200, page.text);
      page = await admin.post(where, { ...week, begins: '1', ends: '5', form_key: 'U'.repeat(22) });
      assert.equal(page.status, 409);
      const first = one(idOf(await make(manager, { urgency: 'routine', family: 'Weekly' })));
      assert.equal(local(first.answer_by), `${after(first.received_at, 1)} 23:59`);
      await admin.get(where);
      page = await admin.post(where, { act: 'day', date: 'soon', is_open: '0' });
      assert.equal(page.status, 400);
      for (const days of [1, 2]) page = await admin.post(where, { act: 'day', date: after(first.received_at, days), is_open: '0' });
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /Closed\s+Take it out/);
      const second = one(idOf(await make(manager, { urgency: 'routine', family: 'Closed' })));
      if (local(second.received_at).slice(0, 10) === local(first.received_at).slice(0, 10)) assert.equal(local(second.answer_by), `${after(second.received_at, 3)} 23:59`);
      await admin.get(where);
      page = await admin.post(where, { act: 'remove', date: after(first.received_at, 1) });
      assert.equal(rowsOf(desk.address, 'SELECT count(*) AS n FROM business_day')[0].n - 0, 1);
      assert.match((await admin.get(`/es${where}`)).text, /Respuestas a solicitudes[^]*Días propios/);
    });

    test('in Spanish, and who looked is in the history of the program', async () => {
      const page = await manager.get('/es/desk/requests/new');
      assert.match(page.text, /Solicitud nueva[^]*Urgencia[^]*Emergencia: respuesta en 30 minutos/);
      assert.match((await manager.get(`/es${at}`)).text, /Qué pasó[^]*Recibida/);
      const subject = one().subject_id;
      const look = () => Object.fromEntries(rowsOf(desk.address, `SELECT act, count(*) AS n FROM audit_entry WHERE object = 'request' AND outcome = 'done' AND person_id = '${subject}' GROUP BY act`).map(({ act, n }) => [act, Number(n)]));
      const seen = await eventually(look, ({ read, write }) => read >= 5 && write >= 5);
      assert.ok(seen.read >= 5 && seen.write >= 5, JSON.stringify(seen));
      assert.doesNotMatch(desk.log(), /Quill|303555|mother/i);
    });
  });
}
