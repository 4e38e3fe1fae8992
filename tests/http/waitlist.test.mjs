// The waiting list at the desk, by pages alone, on the real server and both engines: onto the list, the law's order and why, the
// legal clocks with times in the past, interim services, attempts to reach somebody, a slot offered with a reason for each who is
// passed over, given back, the end with an outcome, the notice to the State; whom roles keep out. Expected values: 45 CFR 96.126 and
// 96.131 (order, 48 hours, 14 and 120 days, 90 percent and 7 days), counted by hand; roles.csv; what was typed.
// Of the failures seen elsewhere: failure 12 (states that do not guard), failure 13 (a double click acts twice).
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { engines, rowsOf } from '../support/databases.mjs';
import { eventually, openDesk, writeRows } from '../support/desk.mjs';
import { run } from '../support/server.mjs';

const HOUR = 3600e6, DAY = 24 * HOUR;
const filled = {
  source: 'call', minutes_ago: '', urgency: 'routine', given: 'Ada', family: 'Quill', birth_date: '1990-02-03', phone: '(303) 555-0123', email: '',
  language: 'en', consents: ['call'], pregnant: '0', injecting: '0', words: '', level_of_care: '2.1', asker: '', asker_from: '', asker_phone: '',
};

for (const engine of engines()) {
  describe(`the waiting list on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let desk, program, west, east, front, manager, nurse, staff;
    const ids = {};
    const one = (name) => rowsOf(desk.address, `SELECT * FROM request WHERE id = '${ids[name]}'`)[0];
    const entry = (name) => rowsOf(desk.address, `SELECT * FROM waitlist_entry WHERE request_id = '${ids[name]}'`)[0];
    const at = (name) => `/desk/waitlist/${ids[name]}`;
    // A form of the page about somebody, by its act.
    const form = (page, act) => page.forms.find((one) => one.fields.act === act)?.fields;
    const act = async (name, which, fields = {}, visitor = manager) => {
      const page = await visitor.get(at(name)), own = form(page, which);
      assert.ok(own, `${which} is offered on ${name}'s page: ${page.text}`);
      return visitor.post(at(name), { ...own, ...fields });
    };
    // Somebody who asked so long ago and was accepted.
    const accepted = async (family, { ago = 0, visitor = manager, ...fields } = {}) => {
      await visitor.get('/desk/requests/new');
      const page = await visitor.post('/desk/requests/new', { ...filled, site_id: west, family, ...fields });
      ids[family] = page.path.match(/^\/desk\/requests\/([0-9a-f-]{36})$/)?.[1];
      assert.ok(ids[family], page.text);
      if (ago) writeRows(desk.address, `UPDATE request SET received_at = received_at - ${ago} WHERE id = '${ids[family]}';
        UPDATE request_call SET at = at - ${ago} WHERE request_id = '${ids[family]}'`);
      await visitor.post(page.path, { act: 'accept', version: '1' });
      assert.equal(one(family).state, 'accepted');
    };
    const waiting = async (family, fields) => {
      await accepted(family, fields);
      const page = await act(family, 'enter');
      assert.equal(page.status, 200, page.text);
      return page;
    };
    const order = (page) => [...page.html.matchAll(/\/desk\/waitlist\/[0-9a-f-]{36}">Ada ([^<]*)</g)].map((match) => match[1]);
    before(async () => {
      desk = await openDesk({ database: engine.make() });
      const command = (...words) => run(...words, '--data', desk.data, '--db', desk.address);
      program = JSON.parse(command('care', 'program', 'add', '--name', 'Harbor House', '--kind', 'outpatient', '--zone', 'America/Denver', '--state', 'CO', '--json')).id;
      for (const name of ['West', 'East']) command('care', 'site', 'add', '--program', program, '--name', name);
      [east, west] = rowsOf(desk.address, 'SELECT id FROM site ORDER BY name').map((row) => row.id);
      manager = await desk.account('case-manager', { program, shown_name: 'Nia Ames' });
      front = await desk.account('front-desk', { program, shown_name: 'Fay Front' });
      nurse = await desk.account('nurse', { program });
      writeRows(desk.address, `UPDATE account_role SET site_id = '${east}' WHERE account_id = '${front.id}'`);
      await desk.admin.get('/desk/program');
      await desk.admin.post('/desk/program', { program });
      await desk.admin.get('/desk/staff/new');
      await desk.admin.post('/desk/staff/new', { name: 'Nia Ames', profession: 'counselor' });
      staff = rowsOf(desk.address, 'SELECT id FROM staff')[0].id;
      await desk.admin.get(`/desk/staff/${staff}`);
      await desk.press(`/desk/staff/${staff}/account`, { account: manager.id });
    });
    after(() => desk?.stop());

    test('an accepted request goes onto the list by one press, also when pressed twice', async () => {
      let page = await manager.get('/desk/waitlist');
      assert.match(page.text, /Nobody waits here/);
      await accepted('Adams', { ago: 3 * HOUR });
      page = await manager.get(at('Adams'));
      assert.match(page.text, /Ada Adams[^]*Accepted[^]*Put on the waiting list/);
      const enter = form(page, 'enter');
      const twice = await Promise.all([1, 2].map(() => manager.request(at('Adams'), { method: 'POST', fields: enter })));
      for (const answer of twice) assert.equal(answer.status, 303, answer.text);
      assert.equal(one('Adams').state, 'waiting');
      page = await manager.get(at('Adams'));
      assert.match(page.text, /You are next[^]*Everybody else · Routine · asked/);
      assert.doesNotMatch(page.html, /value="enter"/);
      page = await manager.post(at('Adams'), { ...enter, form_key: 'S'.repeat(22) });
      assert.equal(page.status, 409, 'a page from before');
      page = await manager.post(at('Adams'), { ...enter, version: String(one('Adams').version), form_key: 'T'.repeat(22) });
      assert.equal(page.status, 400, 'a state that does not follow');
      assert.match(page.text, /cannot go there from where it stands/);
      assert.equal((await manager.get(`/desk/requests/${ids.Adams}`)).html.includes(`href="${at('Adams')}"`), true);
    });

    test('the list stands in the order of the law, with the reason of each place', async () => {
      await waiting('Clark', { urgency: 'urgent', ago: 2 * HOUR });
      await waiting('Davis', { injecting: '1', ago: 2 * HOUR });
      await waiting('Evans', { pregnant: '1', ago: 2 * HOUR });
      await waiting('Frank', { pregnant: '1', injecting: '1', ago: HOUR });
      await waiting('Baker', { pregnant: '-1', ago: HOUR });
      await waiting('Other', { level_of_care: '3.5' });
      const page = await manager.get('/desk/waitlist');
      const [first, second] = page.html.split('<h2 ').slice(1, 3).map((html) => order({ html }));
      assert.deepEqual(first, ['Frank', 'Evans', 'Davis', 'Clark', 'Adams', 'Baker']);
      assert.deepEqual(second, ['Other']);
      assert.match(page.text, /Pregnant, and injects drugs · Routine[^]*Pregnant · Routine[^]*Injects drugs · Routine[^]*Everybody else · Urgent/);
      assert.match(page.html, /Ask about pregnancy: it may change the place/);
      assert.doesNotMatch(page.html, /Ask about pregnancy and injecting/);
      assert.match((await manager.get(at('Baker'))).text, /number 6[^]*3 people are before you because the law[^]*One person is before you because their need is more urgent[^]*One person is before you because they asked earlier[^]*Money and insurance/);
      assert.deepEqual(order(await manager.get(`/desk/waitlist?site=${west}&level=3.5`)), ['Other']);
      assert.deepEqual(order(await manager.get('/desk/waitlist?level=%27%3B--')), []);
    });

    test('who injects has an identifier; names and codes are in no address and no log', async () => {
      const identifier = entry('Davis').identifier;
      assert.match(identifier, /^[2-9A-Z]{10}$/);
      assert.match((await manager.get('/desk/waitlist')).html, new RegExp(`<code>${identifier}</code>`));
      assert.equal(entry('Adams').identifier, '');
      assert.doesNotMatch(desk.log(), /Davis|Evans/);
      assert.ok(!desk.log().includes(identifier));
    });

    test('48 hours: what is owed, when it is late, and how it moves 14 days to 120', async () => {
      let page = await manager.get(at('Davis'));
      assert.match(page.text, /Help to begin with\s+45 h left/, 'two hours gone, and moments');
      assert.match(page.text, /Admission\s+13 days left[^]*14 days after asking/);
      assert.doesNotMatch((await manager.get(at('Adams'))).text, /Help to begin with\s+\d|days after asking/);
      const naloxone = { ...form(await manager.get(at('Davis')), 'interim'), services: ['naloxone'] };
      for (let i = 0; i < 2; i += 1) assert.equal((await manager.request(at('Davis'), { method: 'POST', fields: naloxone })).status, 303, 'the same form again');
      assert.equal(Number(entry('Davis').interim_at), 0, 'what the law does not ask for does not stop its clock');
      const owed = ['hiv-tb-education', 'needle-risk', 'steps-against-infection', 'hiv-tb-referral'];
      page = await act('Davis', 'interim', { services: owed.slice(0, 3) });
      assert.match(page.text, /The law asks for these[^]*A way to HIV or tuberculosis care/);
      assert.equal(Number(entry('Davis').interim_at), 0);
      page = await act('Davis', 'interim', { services: owed.slice(3) });
      assert.equal(page.status, 200, page.text);
      assert.ok(Number(entry('Davis').interim_at) > 0);
      assert.match(page.text, /Admission\s+119 days left[^]*120 days after asking, since help to begin with came in time/);
      // Another, whose request lies 50 hours back when it is given.
      await waiting('Gomez', { injecting: '1', ago: 50 * HOUR });
      assert.match((await manager.get(at('Gomez'))).html, /Help to begin with<\/dt><dd><b class="late">2 h late/);
      page = await act('Gomez', 'interim', { services: owed });
      assert.match(page.text, /Given:[^]*It came late[^]*Admission\s+11 days left[^]*14 days after asking/);
      // And one who asked 15 days ago.
      await waiting('Hayes', { injecting: '1', ago: 15 * DAY + HOUR });
      assert.match((await manager.get(at('Hayes'))).html, /Admission<\/dt><dd><b class="late">25 h late/);
    });

    test('an interim service in the future, at no true time, or of no list is refused beside its field', async () => {
      const cases = [[{ on: '2999-01-01' }, 'at', /has not come yet/], [{ at: '25:00' }, 'at', /time like 14:05/], [{ at: '7' }, 'at', /time like 14:05/],
        [{ services: ['bed'] }, 'services', /one of those/], [{ services: [] }, 'services', null], [{ on: '2026-02-31' }, 'on', null]];
      for (const [fields, name, words] of cases) {
        const page = await act('Evans', 'interim', { services: ['prenatal-referral'], ...fields });
        assert.equal(page.status, 400, JSON.stringify(fields));
        assert.match(page.html, new RegExp(`href="#interim_form-${name}"`), JSON.stringify(fields));
        if (words) assert.match(page.text, words);
      }
      assert.equal(rowsOf(desk.address, `SELECT count(*) AS n FROM interim_given WHERE request_id = '${ids.Evans}'`)[0].n - 0, 0);
    });

    test('the clocks ring by themselves, write down what is late, and put a call into the queue', async () => {
      await waiting('Irwin', { injecting: '1', ago: 200 * DAY });
      const seen = await eventually(() => entry('Irwin'), (row) => Number(row.interim_late_at) > 0 && Number(row.admit_late_at) > 0);
      assert.ok(Number(seen.interim_late_at) > 0 && Number(seen.admit_late_at) > 0);
      const queue = () => rowsOf(desk.address, `SELECT id, done_at FROM callback WHERE request_id = '${ids.Irwin}'`);
      assert.equal((await eventually(queue, (rows) => rows.length === 1)).length, 1);
      let page = await act('Irwin', 'contact', { way: 'call', result: 'no-answer', words: 'Rang twice.\nNo machine.' });
      assert.match(page.text, /Attempts without an answer: 1[^]*We called them · Call\s+No answer\s+Rang twice/);
      assert.equal(Number(queue()[0].done_at), 0, 'it stays in the queue');
      page = await act('Irwin', 'contact', { way: '', result: 'reached' });
      assert.equal(page.status, 400);
      assert.match(page.html, /href="#contact_form-way"/);
      page = await act('Irwin', 'contact', { way: 'call', result: 'reached' });
      assert.doesNotMatch(page.text, /Attempts without an answer/);
      assert.ok(Number(queue()[0].done_at) > 0);
      assert.match(page.text, /Next call\s+6 days left/);
    });

    test('nobody leaves without an outcome; not reached asks for three attempts', async () => {
      let page = await act('Irwin', 'end', { outcome: '' });
      assert.equal(page.status, 400);
      assert.match(page.html, /href="#end_form-outcome"/);
      assert.doesNotMatch(page.html.match(/<select id="end_form-outcome"[^]*?<\/select>|<legend>Outcome[^]*?<\/fieldset>/)[0], /money|insur|pay|value="admitted"/i);
      page = await act('Irwin', 'end', { outcome: 'not-reached', words: 'kept words' });
      assert.equal(page.status, 400);
      assert.match(page.text, /Try to reach the person more often[^]*kept words/);
      for (let i = 0; i < 3; i += 1) await act('Irwin', 'contact', { way: 'call', result: 'no-answer' });
      page = await act('Irwin', 'end', { outcome: 'not-reached', words: 'kept words' });
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /Ended · We could not reach the person/);
      assert.doesNotMatch(page.html, /name="act"/);
      assert.equal(one('Irwin').state, 'ended');
      assert.equal(rowsOf(desk.address, `SELECT count(*) AS n FROM due WHERE subject_id = '${ids.Irwin}'`)[0].n - 0, 0);
      assert.ok(!order(await manager.get('/desk/waitlist')).includes('Irwin'));
    });

    test('another site, roles that only read, and those who may not look', async () => {
      assert.equal((await front.request(at('Adams'))).status, 403, 'another site');
      assert.deepEqual(order(await front.get('/desk/waitlist')), []);
      assert.equal((await front.request(`/desk/waitlist?site=${west}`)).status, 403);
      const page = await nurse.get(at('Adams'));
      assert.equal(page.status, 200);
      assert.doesNotMatch(page.html, /name="act"/);
      const token = page.forms.map((one) => one.fields.form_token).find(Boolean);
      for (const path of [at('Adams'), '/desk/waitlist/notices']) {
        const sent = await nurse.request(path, { method: 'POST', fields: { form_token: token, form_key: 'N'.repeat(22), act: 'end', outcome: 'said-no', version: String(one('Adams').version) } });
        assert.equal(sent.status, 403, path);
      }
      for (const path of ['/desk/waitlist', at('Adams'), '/desk/waitlist/notices']) {
        assert.equal((await desk.admin.request(path)).status, 403, path);
        assert.equal((await desk.visitor().request(path)).status, 303, path);
      }
      assert.equal((await manager.request('/desk/waitlist/00000000-0000-0000-0000-000000000000')).status, 404);
      await manager.get(at('Adams'));
      assert.equal((await manager.post(at('Adams'), { act: 'explode', form_key: 'X'.repeat(22) })).status, 400);
    });

    test('in Spanish, and who looked is in the history of the program', async () => {
      assert.match((await manager.get('/es/desk/waitlist')).text, /Lista de espera[^]*Está embarazada[^]*quedan \d+ h/);
      assert.match((await manager.get(`/es${at('Davis')}`)).text, /Ayuda mientras espera[^]*Terminar la espera/);
      const subject = one('Davis').subject_id;
      const look = () => Object.fromEntries(rowsOf(desk.address, `SELECT act, count(*) AS n FROM audit_entry WHERE object = 'request' AND outcome = 'done' AND person_id = '${subject}' GROUP BY act`).map(({ act: what, n }) => [what, Number(n)]));
      const seen = await eventually(look, ({ read, write }) => read >= 5 && write >= 4);
      assert.ok(seen.read >= 5 && seen.write >= 4, JSON.stringify(seen));
      assert.doesNotMatch(desk.log(), /Davis|Rang twice|kept words/);
    });
  });
}
