// Slots (places without a bed) by pages alone, on the real server and both engines: made and changed by an administrator, offered
// in the order of the law or with a reason for each who is passed over, the last place to one alone, given back, a further slot,
// leaving, and the notice to the State at 90 percent. Expected values: 45 CFR 96.126(a), 96.131, counted by hand; roles.csv; what was
// typed. Of the failures seen elsewhere: failure 3 (a reserved place given to another), failure 4 (places that stay taken after the
// end), failure 13 (a double click acts twice).
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { engines, rowsOf } from '../support/databases.mjs';
import { openDesk, writeRows } from '../support/desk.mjs';
import { run } from '../support/server.mjs';

const DAY = 24 * 3600e6;
const filled = {
  source: 'call', minutes_ago: '', urgency: 'routine', given: 'Ada', birth_date: '1990-02-03', phone: '(303) 555-0123', email: '',
  language: 'en', consents: ['call'], pregnant: '0', injecting: '0', words: '', level_of_care: '2.1', asker: '', asker_from: '', asker_phone: '',
};

for (const engine of engines()) {
  describe(`slots on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let desk, program, west, east, manager, nurse, slot, evening;
    const ids = {};
    const rows = (sql) => rowsOf(desk.address, sql);
    const count = (sql) => Number(rows(sql)[0].n);
    const taken = (id) => Number(rows(`SELECT taken FROM slot WHERE id = '${id}'`)[0].taken);
    const state = (name) => rows(`SELECT state FROM request WHERE id = '${ids[name]}'`)[0].state;
    const at = (name) => `/desk/waitlist/${ids[name]}`;
    const act = async (name, which, fields = {}) => {
      const page = await manager.get(at(name)), own = page.forms.find((one) => one.fields.act === which)?.fields;
      assert.ok(own, `${which} is offered on ${name}'s page: ${page.text}`);
      return manager.post(at(name), { ...own, ...fields });
    };
    const waiting = async (family, fields = {}) => {
      await manager.get('/desk/requests/new');
      const page = await manager.post('/desk/requests/new', { ...filled, site_id: west, family, ...fields });
      ids[family] = page.path.match(/^\/desk\/requests\/([0-9a-f-]{36})$/)?.[1];
      assert.ok(ids[family], page.text);
      await manager.post(page.path, { act: 'accept', version: '1' });
      if (!fields.stays) await act(family, 'enter');
    };
    const made = { name: 'Evening group', kind: 'evening', level_of_care: '2.1', weekdays: ['1', '3'], begins: '18:00', ends: '20:30', capacity: '2' };
    before(async () => {
      desk = await openDesk({ database: engine.make() });
      const command = (...words) => run(...words, '--data', desk.data, '--db', desk.address);
      program = JSON.parse(command('care', 'program', 'add', '--name', 'Harbor House', '--kind', 'outpatient', '--zone', 'America/Denver', '--state', 'CO', '--json')).id;
      for (const name of ['West', 'East']) command('care', 'site', 'add', '--program', program, '--name', name);
      [east, west] = rows('SELECT id FROM site ORDER BY name').map((row) => row.id);
      manager = await desk.account('case-manager', { program });
      nurse = await desk.account('nurse', { program });
      await desk.admin.get('/desk/program');
      await desk.admin.post('/desk/program', { program });
      await desk.admin.get('/desk/staff/new');
      await desk.admin.post('/desk/staff/new', { name: 'Nia Ames', profession: 'counselor' });
      const staff = rows('SELECT id FROM staff')[0].id;
      await desk.admin.get(`/desk/staff/${staff}`);
      await desk.press(`/desk/staff/${staff}/account`, { account: manager.id });
    });
    after(() => desk?.stop());

    test('an administrator makes slots; what is wrong is said beside its field', async () => {
      const { admin } = desk;
      assert.match((await admin.get('/desk/settings')).html, /href="\/desk\/settings\/slots"/);
      assert.match((await admin.get('/desk/settings/slots')).text, /There is no slot yet/);
      for (const [fields, name] of [[{ name: '' }, 'name'], [{ kind: 'night' }, 'kind'], [{ weekdays: [] }, 'weekdays'], [{ begins: '6' }, 'begins'],
        [{ ends: '24:00' }, 'ends'], [{ capacity: '-1' }, 'capacity'], [{ capacity: '10001' }, 'capacity'], [{ site: 'x' }, 'site']]) {
        await admin.get('/desk/settings/slots');
        const page = await admin.post('/desk/settings/slots', { ...made, site: west, ...fields });
        assert.equal(page.status, 400, JSON.stringify(fields));
        assert.match(page.html, new RegExp(`href="#form-${name}"`), JSON.stringify(fields));
      }
      await admin.get('/desk/settings/slots');
      const twice = await Promise.all([1, 2].map(() => admin.send('/desk/settings/slots', { ...made, site: west })));
      for (const answer of twice) assert.equal(answer.status, 303, answer.text);
      let page = await admin.get('/desk/settings/slots');
      assert.match(page.text, /Evening group\s+Evening[^]*West[^]*Monday, Wednesday, 18:00 to 20:30\s+0 \/ 2/);
      await admin.post('/desk/settings/slots', { ...made, site: west, name: '<b>Doses</b>', kind: 'dosing-window', weekdays: ['1', '2', '3', '4', '5'], begins: '22:00', ends: '01:00', capacity: '10' });
      page = await admin.get('/desk/settings/slots');
      assert.doesNotMatch(page.html, /<b>Doses/);
      assert.match(page.text, /22:00 to 01:00/);
      evening = rows("SELECT id FROM slot WHERE kind = 'evening'").map((row) => row.id);
      assert.equal(evening.length, 1);
      [evening] = evening;
      slot = rows("SELECT * FROM slot WHERE kind = 'dosing-window'")[0];
      assert.equal(Number(slot.ends), 25 * 60, 'past midnight');
      slot = slot.id;
    });

    test('a stale change shows both versions; a slot is changed and closed', async () => {
      const { admin } = desk, path = `/desk/settings/slots?slot_id=${slot}`;
      let page = await admin.get(path);
      const own = page.forms.find((one) => one.fields.slot_id === slot).fields, fields = { ...made, site: west, ...own, weekdays: ['1', '2'], kind: 'dosing-window', level_of_care: '2.1' };
      assert.equal(own.begins, '22:00');
      page = await admin.post('/desk/settings/slots', { ...fields, name: 'Doses', begins: '06:00', ends: '10:00' });
      assert.equal(page.status, 200, page.text);
      page = await admin.post('/desk/settings/slots', { ...fields, name: 'Other', form_key: 'S'.repeat(22) });
      assert.equal(page.status, 409);
      assert.match(page.text, /Saved by somebody else in the meantime[^]*Doses[^]*Other/);
      assert.equal(rows(`SELECT name FROM slot WHERE id = '${slot}'`)[0].name, 'Doses');
      assert.equal((await admin.get('/desk/settings/slots?slot_id=nobody')).status, 404);
      assert.equal((await manager.get('/desk/settings/slots')).status, 200);
      assert.doesNotMatch(manager.page.html, /<form method="post" action="\/desk\/settings\/slots"/);
      await manager.get('/desk/slots');
      assert.equal((await manager.send('/desk/settings/slots', { ...made, site: west })).status, 403);
    });

    test('the first takes a place; for another each one before needs a reason of fit', async () => {
      await waiting('Adams');
      await waiting('Baker');
      await waiting('Clark');
      let page = await act('Clark', 'offer', { slot: evening });
      assert.equal(page.status, 400);
      assert.match(page.text, /Somebody stands before\. Say for each one/);
      assert.match(page.html, new RegExp(`id="skip_${ids.Adams}-problem"[^]*id="skip_${ids.Baker}-problem"`));
      page = await act('Clark', 'offer', { slot: evening, [`skip_${ids.Adams}`]: 'not-reached', [`skip_${ids.Baker}`]: 'pays-less' });
      assert.equal(page.status, 400, 'money is no reason');
      assert.match(page.html, new RegExp(`id="skip_${ids.Baker}-problem"`));
      assert.doesNotMatch(page.html, new RegExp(`id="skip_${ids.Adams}-problem"`));
      assert.match(page.html, new RegExp(`name="skip_${ids.Adams}"[^]*?<option value="not-reached" selected`), 'what was chosen stays');
      assert.equal(taken(evening), 0);
      page = await act('Clark', 'offer', { slot: '', [`skip_${ids.Adams}`]: 'asked-to-wait', [`skip_${ids.Baker}`]: 'safety' });
      assert.equal(page.status, 400);
      assert.match(page.html, /href="#offer_form-slot"/);
      const own = (await manager.get(at('Clark'))).forms.find((one) => one.fields.act === 'offer').fields;
      const fields = { ...own, slot: evening, [`skip_${ids.Adams}`]: 'asked-to-wait', [`skip_${ids.Baker}`]: 'safety' };
      for (const answer of await Promise.all([1, 2].map(() => manager.request(at('Clark'), { method: 'POST', fields })))) assert.equal(answer.status, 303, answer.text);
      assert.equal((await manager.request(at('Clark'), { method: 'POST', fields })).status, 303, 'the same form again');
      page = await manager.get(at('Clark'));
      assert.match(page.text, /A place is offered · Evening group/);
      assert.equal(taken(evening), 1);
      assert.equal(count(`SELECT count(*) AS n FROM waitlist_skip WHERE for_request_id = '${ids.Clark}'`), 2);
      assert.match((await manager.get(`/desk/requests/${ids.Adams}`)).text, /Passed over, for a reason of fit: The person asked to wait/);
    });

    test('somebody who comes to stand before in the meantime is not passed over unasked', async () => {
      const page = await manager.get(at('Adams')), own = page.forms.find((one) => one.fields.act === 'offer').fields;
      await waiting('First', { pregnant: '1' });
      await manager.get(at('Adams'));
      const sent = await manager.post(at('Adams'), { ...own, slot: evening });
      assert.equal(sent.status, 400);
      assert.match(sent.html, new RegExp(`id="skip_${ids.First}-problem"`));
      assert.equal(state('Adams'), 'waiting');
    });

    test('the last place goes to one of many who press at once', async () => {
      const offers = [];
      for (const name of ['First', 'Adams']) {
        const page = await manager.get(at(name));
        const skip = name === 'Adams' ? { [`skip_${ids.First}`]: 'not-accessible' } : {};
        offers.push([at(name), { ...page.forms.find((one) => one.fields.act === 'offer').fields, slot: evening, ...skip }]);
      }
      const answers = await Promise.all(offers.map(([path, fields]) => manager.request(path, { method: 'POST', fields })));
      assert.deepEqual(answers.map((answer) => answer.status).sort(), [303, 400], answers.map((answer) => answer.text).join('\n'));
      assert.equal(taken(evening), 2);
      assert.equal(count(`SELECT count(*) AS n FROM slot_use WHERE slot_id = '${evening}' AND left_at = 0`), 2);
      assert.match((await manager.get('/desk/slots')).text, /Evening group[^]*2 \/ 2\s+Full/);
    });

    test('nine of ten places taken: the State is to be told within seven days', async () => {
      // Two of two and none of ten are 2 of 12: not yet. The dose hours shrink to two places that are taken.
      assert.equal(count('SELECT count(*) AS n FROM capacity_notice'), 0);
      writeRows(desk.address, `UPDATE slot SET capacity = 1 WHERE id = '${slot}'`);
      for (const name of ['Baker']) {
        const before = (await manager.get(at(name))).html.matchAll(/name="(skip_[0-9a-f-]{36})"/g);
        const page = await act(name, 'offer', { slot, ...Object.fromEntries([...before].map((match) => [match[1], 'level-differs'])) });
        assert.equal(page.status, 200, page.text);
      }
      const [notice] = rows('SELECT * FROM capacity_notice');
      assert.equal(Number(notice.due_at) - Number(notice.reached_at), 7 * DAY);
      assert.match((await manager.get('/desk/waitlist')).text, /The State is to be told that places run out:\s+1/);
      let page = await manager.get('/desk/waitlist/notices');
      assert.match(page.text, /90 percent[^]*Slots: 3 of 3 taken\s+6 days left/);
      writeRows(desk.address, `UPDATE capacity_notice SET due_at = due_at - ${8 * DAY}, reached_at = reached_at - ${8 * DAY}`);
      page = await manager.get('/desk/waitlist/notices');
      assert.match(page.html, /<b class="late">24 h late/);
      const form = page.forms.find((one) => one.fields.notice === notice.id).fields;
      const twice = await Promise.all([1, 2].map(() => manager.request('/desk/waitlist/notices', { method: 'POST', fields: form })));
      for (const answer of twice) assert.equal(answer.status, 303, answer.text);
      page = await manager.get('/desk/waitlist/notices');
      assert.match(page.text, /Slots: 3 of 3 taken[^]*late/);
      assert.doesNotMatch(page.html, /name="notice"/);
      page = await manager.post('/desk/waitlist/notices', { ...form, form_key: 'T'.repeat(22) });
      assert.equal(page.status, 409, 'told once');
      assert.match(page.text, /already written down/);
      assert.doesNotMatch((await manager.get('/desk/waitlist')).text, /The State is to be told that/);
    });

    test('a place is given back, and one that ends leaves none taken', async () => {
      let page = await act('Baker', 'release');
      assert.equal(page.status, 400, 'it asks first');
      page = await act('Baker', 'release', { sure: '1' });
      assert.equal(page.status, 200, page.text);
      assert.equal(state('Baker'), 'waiting');
      assert.equal(taken(slot), 0);
      page = await act('Clark', 'end', { outcome: 'said-no', words: '' });
      assert.equal(page.status, 200, page.text);
      assert.equal(taken(evening), 1);
      assert.match((await manager.get('/desk/waitlist/notices')).text, /places are free again/);
    });

    test('who is enrolled takes a further slot, and leaves one', async () => {
      const name = state('First') === 'offered' ? 'First' : 'Adams';
      // Being admitted is an act of the intake.
      writeRows(desk.address, `UPDATE request SET state = 'admitted', ended_at = 1000, outcome = 'admitted' WHERE id = '${ids[name]}'`);
      writeRows(desk.address, `UPDATE slot_use SET enrolled_at = held_at WHERE request_id = '${ids[name]}'`);
      writeRows(desk.address, `UPDATE waitlist_entry SET left_at = 1000 WHERE request_id = '${ids[name]}'`);
      let page = await manager.get(`/desk/slots/${slot}`);
      assert.match(page.text, /Nobody has a place here/);
      page = await manager.post(`/desk/slots/${slot}`, { act: 'add', request: ids.Baker });
      assert.equal(page.status, 400, 'not enrolled');
      await manager.get(`/desk/slots/${slot}`);
      const twice = await Promise.all([1, 2].map(() => manager.send(`/desk/slots/${slot}`, { act: 'add', request: ids[name] })));
      for (const answer of twice) assert.equal(answer.status, 303, answer.text);
      assert.equal(taken(slot), 1);
      page = await manager.get(`/desk/slots/${slot}`);
      assert.match(page.text, new RegExp(`Ada ${name}[^]*Leave`));
      const leave = page.forms.find((one) => one.fields.act === 'leave').fields;
      page = await manager.post(`/desk/slots/${slot}`, leave);
      assert.equal(page.status, 200, page.text);
      assert.equal(taken(slot), 0);
      page = await manager.post(`/desk/slots/${slot}`, { ...leave, form_key: 'L'.repeat(22) });
      assert.equal(page.status, 400, 'nobody leaves twice');
      assert.equal(taken(slot), 0);
      assert.equal((await nurse.get(`/desk/slots/${evening}`)).status, 200);
      assert.doesNotMatch(nurse.page.html, /name="act"/);
      const token = nurse.page.forms.map((one) => one.fields.form_token).find(Boolean);
      assert.equal((await nurse.request(`/desk/slots/${evening}`, { method: 'POST', fields: { form_token: token, form_key: 'N'.repeat(22), act: 'leave', whom: ids[name] } })).status, 403);
      assert.equal((await manager.request('/desk/slots/nobody')).status, 404);
      assert.equal((await desk.admin.request('/desk/slots')).status, 403);
    });

    test('the finder shows at once whether a place is free, and how long ago somebody looked', async () => {
      run('import', '--demo', '3', '--data', desk.data, '--db', desk.address);
      const json = async (path) => (await fetch(desk.origin + path)).json();
      const until = async (look, isSo) => {
        for (const begun = Date.now(); ;) {
          const found = await look();
          if (isSo(found)) return found;
          assert.ok(Date.now() - begun < 20000, JSON.stringify(found));
          await new Promise((done) => setTimeout(done, 20));
        }
      };
      const [facility] = (await until(() => json('/api/facilities?limit=1&sort=name'), (found) => found.results?.length)).results;
      const said = async () => (await json(`/api/facilities/${facility.id}`)).availability?.find((one) => one.level_of_care === '2.1');
      assert.equal(await said(), undefined);
      await desk.admin.get(`/desk/settings/sites?site_id=${west}`);
      const joined = await desk.admin.post('/desk/settings/sites', { act: 'site', site_id: west, unit_id: '', listing: `${desk.origin}/facilities/${facility.id}` });
      assert.equal(joined.status, 200, joined.text);
      const free = await until(said, (one) => one);
      assert.equal(free.source, 'slots');
      assert.equal(free.answer, 'yes');

      // Full, and free again: within a second of the act (the issue's own figure).
      const places = Number(rows(`SELECT sum(capacity - taken) AS n FROM slot WHERE level_of_care = '2.1' AND closed_at = 0 AND site_id = '${west}'`)[0].n);
      const open = rows(`SELECT id, capacity, taken, weekdays FROM slot WHERE level_of_care = '2.1' AND closed_at = 0 AND site_id = '${west}'`);
      assert.ok(places > 0 && open.length > 0);
      const set = async (answer, capacityOf) => {
        for (const one of open) {
          await desk.admin.get(`/desk/settings/slots?slot_id=${one.id}`);
          const fields = desk.admin.page.forms.find((form) => form.fields.slot_id === one.id).fields;
          assert.equal((await desk.admin.post('/desk/settings/slots', { ...fields, weekdays: one.weekdays.split(' '), capacity: capacityOf(one) })).status, 200, desk.admin.page.text);
        }
        const acted = Date.now();
        await until(said, (one) => one.answer === answer);
        assert.ok(Date.now() - acted < 1000, `seen ${Date.now() - acted} ms after the act`);
      };
      await set('no', (one) => String(one.taken));
      const sheet = await (await fetch(`${desk.origin}/facilities/${facility.id}`, { headers: { accept: 'text/html' } })).text();
      assert.match(sheet, /No opening now[^]*Just now\. Counted from the places taken\./);
      await set('yes', (one) => String(one.capacity));

      // It fades like beds, and somebody who looked makes it as of now.
      const old = Date.now() * 1000 - 30 * 3600e6;
      writeRows(desk.address, `UPDATE availability SET as_of = ${old}, changed_at = ${Date.now() * 1000}`);
      await until(said, (one) => one.age === 'call-first');
      await nurse.get('/desk/slots');
      assert.doesNotMatch(nurse.page.html, /This list is right/);
      const token = nurse.page.forms.map((one) => one.fields.form_token).find(Boolean);
      assert.equal((await nurse.request('/desk/slots', { method: 'POST', fields: { form_token: token, form_key: 'Q'.repeat(22) } })).status, 403);
      await manager.get('/desk/slots');
      const page = await manager.post('/desk/slots', manager.page.forms.find((one) => one.action.endsWith('/desk/slots')).fields);
      assert.match(page.text, /Noted: this list is right as of now/);
      const seen = await until(said, (one) => one.age === 'now');
      assert.ok(Math.abs(Date.parse(seen.as_of) - Date.now()) < 60000);
    });

    test('in Spanish, and no name in the log', async () => {
      assert.match((await manager.get('/es/desk/slots')).text, /Horarios[^]*lunes, miércoles, de 18:00 a 20:30/);
      assert.match((await manager.get('/es/desk/waitlist/notices')).text, /Avisos al Estado[^]*90 por ciento/);
      assert.doesNotMatch(desk.log(), /Ada|Adams|Baker/);
    });
  });
}
