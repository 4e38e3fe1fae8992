// The bed board on the real server and both engines: rooms and beds written down by an administrator, holds for people and
// requests, who is where at any moment of any day, and every act on a bed. Expected values: what was typed; hold-kinds.csv (outreach
// 90 minutes, once 90 more), bed-cleaning-minutes 60, roles.csv. Failures seen elsewhere (programme reference 1.3) are named where they are met.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { engines, rowsOf } from '../support/databases.mjs';
import { eventually } from '../support/desk.mjs';
import { actOf, openBeds } from '../support/beds.mjs';

const MINUTE = 60 * 1000000;

for (const engine of engines()) {
  describe(`beds on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let world, desk, admin, nurse, ada, bo, adaStay, boStay;
    const words = (page) => page.text.replace(/\s+/g, ' ');
    const uses = (where) => rowsOf(world.address, `SELECT kind, start_at, until_at, end_reason, error_at FROM bed_use WHERE ${where} ORDER BY start_at, made_at`);
    const row = (html, name) => html.match(new RegExp(`<tr>\\s*<th scope="row" class="bed"><a href="/desk/beds/${world.beds[name]}"[^]*?</tr>`))?.[0] ?? '';
    const cells = (html, name) => row(html, name).match(/<td class="state"[^]*?<\/td>/)[0].replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
    before(async () => {
      world = await openBeds(engine.make());
      ({ desk, admin, nurse } = world);
      ada = await world.person('Ada');
      bo = await world.person('Bo', 'male');
      adaStay = await world.stay(ada);
      boStay = await world.stay(bo);
    });
    after(() => desk?.stop());

    test('an administrator writes down rooms and beds, and changes them; a stale change is shown beside the other', async () => {
      let page = await admin.get('/desk/settings/beds');
      assert.match(page.text, /Main House, East[^]*Rooms:\s+A\s+B/);
      assert.equal(rowsOf(world.address, 'SELECT name FROM bed').length, 5);
      page = await admin.get(`/desk/settings/beds?bed_id=${world.beds[4]}`);
      const stale = page.forms.find((form) => form.fields.act === 'bed').fields;
      page = await admin.post('/desk/settings/beds', { ...stale, has: ['licensed', 'staffed', 'isolation'], funding: [] });
      assert.equal(page.status, 200, page.text);
      assert.equal(rowsOf(world.address, `SELECT isolation FROM bed WHERE id = '${world.beds[4]}'`)[0].isolation, 1);
      const late = await admin.request('/desk/settings/beds', { method: 'POST', fields: { ...stale, form_key: 'S'.repeat(22), has: ['licensed'] } });
      assert.equal(late.status, 409);
      page = await admin.get('/desk/settings/beds');
      page = await admin.post('/desk/settings/beds', { act: 'bed', bed_id: '', where: `${world.units.East}/${world.rooms.A}`, name: '1', level_of_care: '3.5', policy: 'any', has: ['licensed', 'staffed'] });
      assert.equal(page.status, 400);
      assert.match(page.text, /Another bed in this room has that name/);
      page = await admin.get(`/desk/settings/beds?unit_id=${world.units.East}`);
      page = await admin.post('/desk/settings/beds', { act: 'unit', unit_id: world.units.East, licensed: '4', staffed: '5', cleaning: '60' });
      assert.equal(page.status, 400);
      page = await admin.get(`/desk/settings/beds?unit_id=${world.units.East}`);
      page = await admin.post('/desk/settings/beds', { act: 'unit', unit_id: world.units.East, licensed: '4', staffed: '3', cleaning: '45' });
      assert.equal(page.status, 200, page.text);
      assert.equal(Number(rowsOf(world.address, 'SELECT cleaning_minutes FROM bed_unit')[0].cleaning_minutes), 45);
    });

    test('who may not see or set it does not', async () => {
      assert.equal((await nurse.request('/desk/settings/beds', { method: 'POST', fields: { act: 'room' } })).status, 403);
      assert.equal((await admin.request('/desk/beds')).status, 403); // roles.csv: an administrator reaches no bed-board
      const { front } = world, page = await front.get('/desk/beds');
      assert.equal(page.status, 200);
      assert.doesNotMatch(page.html, /The board is right/);
      assert.equal((await front.request(`/desk/beds/${world.beds[1]}/hold?stay=${adaStay}`)).status, 403);
    });

    test('an empty board offers no more than the staff allows (failure 8: empty is not available)', async () => {
      const page = await nurse.get('/desk/beds');
      assert.equal(page.status, 200);
      for (const name of ['1', '2', '3', '4', 'W']) assert.match(cells(page.html, name), /Free/, name);
      assert.match(words(page), /East[^]*?3 can be offered[^]*?Places taken 0 \/ 3/);
    });

    test('beds are ranked for a stay, with every reason why not (failure 6)', async () => {
      const page = await nurse.get(`/desk/beds?stay=${boStay}`);
      assert.match(page.text, /A bed for Bo Vale/);
      assert.match(page.html, new RegExp(`/desk/beds/${world.beds[1]}/hold\\?stay=${boStay}`));
      const west = page.html.match(new RegExp(`<tr><th scope="row"><a href="/desk/beds/${world.beds.W}"[^]*?</tr>`))[0];
      assert.match(west, /Another level of care; For other people/);
      const order = [...page.html.matchAll(/<tr><th scope="row"><a href="\/desk\/beds\/([0-9a-f-]{36})/g)].map(([, id]) => id);
      assert.equal(order.at(-1), world.beds.W);
      assert.equal(order.at(-2), world.beds[4], 'the isolation bed is kept for who needs it');
      const asked = await nurse.get(`/desk/beds?stay=${boStay}&asked=1&isolation=1`);
      const first = asked.html.match(/<tr><th scope="row"><a href="\/desk\/beds\/([0-9a-f-]{36})/)[1];
      assert.equal(first, world.beds[4]);
    });

    test('a bed is held once, however often the form is sent, and nobody else gets it (failures 1, 3, 13)', async () => {
      const at = `/desk/beds/${world.beds[1]}/hold`;
      let page = await nurse.get(`${at}?stay=${adaStay}`);
      assert.match(page.text, /Ada Vale/);
      assert.match(page.html, /value="women" (checked|selected)/); // placement-groups.csv by the sex on record
      const empty = await nurse.post(at, { kind: '', stay: adaStay });
      assert.equal(empty.status, 400);
      page = await nurse.get(`${at}?stay=${adaStay}`);
      const fields = { ...page.forms.find((form) => form.action === at).fields, kind: 'outreach' };
      const twice = await Promise.all([1, 2].map(() => nurse.send(at, fields)));
      for (const answer of twice) assert.equal(answer.status, 303, answer.text);
      const [use, ...none] = uses(`bed_id = '${world.beds[1]}'`);
      assert.deepEqual(none, []);
      assert.equal(Number(use.until_at) - Number(use.start_at), 90 * MINUTE);
      await nurse.get(`/desk/beds/${world.beds[1]}/hold?stay=${boStay}`);
      page = await nurse.post(at, { stay: boStay, kind: 'hospital' });
      assert.equal(page.status, 409);
      assert.match(page.text, /This bed is on hold at that time/);
      await nurse.get(`/desk/beds/${world.beds[2]}/hold?stay=${adaStay}`);
      page = await nurse.post(`/desk/beds/${world.beds[2]}/hold`, { stay: adaStay, kind: 'hospital' });
      assert.equal(page.status, 409);
      assert.match(page.text, /has a bed or a hold at that time/);
    });

    test('the board shows the hold, and on any day what stands then', async () => {
      let page = await nurse.get('/desk/beds');
      assert.match(cells(page.html, '1'), /On hold Ada Vale On the way with outreach until \d\d:\d\d/);
      assert.match(words(page), /2 can be offered/);
      const tomorrow = new Date(Date.now() + 2 * 86400000).toISOString().slice(0, 10);
      page = await nurse.get(`/desk/beds?day=${tomorrow}`);
      assert.match(cells(page.html, '1'), /Free/);
      assert.match(page.text, /by plan/);
      const long = await nurse.get('/desk/beds?day=1999-01-01&clock=08:30&unit=nonsense&level=%3Cb%3E&site=x');
      assert.equal(long.status, 200);
      assert.doesNotMatch(long.html, /<b>\s*<|Ada Vale/);
    });

    test('a hold is made longer once, with a reason, and given back with one', async () => {
      const at = `/desk/beds/${world.beds[1]}`;
      let page = await nurse.get(at);
      const extend = actOf(page, 'extend'), release = actOf(page, 'release');
      page = await nurse.post(at, { ...extend, reason: '' });
      assert.equal(page.status, 400);
      page = await nurse.post(at, { ...extend, reason: 'transport-late' });
      assert.equal(page.status, 200, page.text);
      assert.equal(actOf(page, 'extend'), undefined, 'no second time');
      const [use] = uses(`bed_id = '${world.beds[1]}'`);
      assert.equal(Number(use.until_at) - Number(use.start_at), 180 * MINUTE);
      const again = await nurse.request(at, { method: 'POST', fields: { ...extend, form_key: 'E'.repeat(22), reason: 'other' } });
      assert.equal(again.status, 409);
      const stale = await nurse.request(at, { method: 'POST', fields: { ...release, form_key: 'R'.repeat(22), reason: 'not-coming' } });
      assert.equal(stale.status, 409, 'the hold was changed since that page was made');
      page = await nurse.get(at);
      page = await nurse.post(at, { ...actOf(page, 'release'), reason: 'not-coming' });
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /Given back: The person does not come/);
      assert.match(cells((await nurse.get('/desk/beds')).html, '1'), /Free/);
    });

    test('a planned arrival needs its time, and stands in the days to come', async () => {
      const at = `/desk/beds/${world.beds[3]}/hold`;
      await nurse.get(`${at}?stay=${boStay}`);
      let page = await nurse.post(at, { stay: boStay, kind: 'planned', on: '', at: '' });
      assert.equal(page.status, 400);
      assert.match(page.text, /Say when the person is expected/);
      const day = new Date(Date.now() + 3 * 86400000).toISOString().slice(0, 10);
      page = await nurse.post(at, { stay: boStay, kind: 'planned', on: day, at: '25:00' });
      assert.equal(page.status, 400);
      assert.match(page.text, /Please give a time as 14:05/);
      page = await nurse.post(at, { stay: boStay, kind: 'planned', on: day, at: '10:00', placed_as: 'men' });
      assert.equal(page.status, 200, page.text);
      const [use] = uses(`bed_id = '${world.beds[3]}'`);
      assert.ok(Number(use.until_at) > (Date.now() + 3 * 86400000) * 1000);
      page = await nurse.post(`/desk/beds/${world.beds[3]}`, { ...actOf(page, 'release'), reason: 'went-elsewhere' });
      assert.equal(page.status, 200, page.text);
    });

    test('a stay that goes on without a bed is shown, and is given one (failure 7)', async () => {
      const cy = await world.person('Cy'), stay = await world.stay(cy, '3.5', 'active');
      let page = await nurse.get('/desk/beds');
      assert.match(page.text, /Here without a bed[^]*Cy Vale/);
      page = await nurse.get(`/desk/beds?stay=${stay}`);
      assert.match(page.text, /Give this bed/);
      const at = `/desk/beds/${world.beds[2]}/hold`;
      await nurse.get(`${at}?stay=${stay}`);
      page = await nurse.post(at, { stay, placed_as: 'women' });
      assert.equal(page.status, 200, page.text);
      assert.equal(uses(`bed_id = '${world.beds[2]}'`)[0].kind, 'occupied');
      page = await nurse.get('/desk/beds');
      assert.match(cells(page.html, '2'), /Occupied Cy Vale/);
      assert.doesNotMatch(page.text, /Here without a bed/);
    });

    test('leave, return, plan, move, stay without a bed, and the end of the stay: each one frees what it should (failures 4, 5, 12)', async () => {
      const at = (name) => `/desk/beds/${world.beds[name]}`;
      const act = async (name, what, fields) => {
        const shown = await nurse.get(at(name)), form = actOf(shown, what);
        assert.ok(form, `no form ${what} on bed ${name}: ${shown.text}`);
        const page = await nurse.post(at(name), { ...form, ...fields });
        assert.equal(page.status, 200, `${what}: ${page.text}`);
        return page;
      };
      await act('2', 'leave', { reason: 'court' });
      assert.match(cells((await nurse.get('/desk/beds')).html, '2'), /On leave Cy Vale Court/);
      await act('2', 'return', {});
      const day = new Date(Date.now() + 2 * 86400000).toISOString().slice(0, 10);
      await act('2', 'plan', { date: day });
      let page = await nurse.get('/desk/beds');
      assert.match(cells(page.html, '2'), /planned to leave/);
      page = await nurse.get(`/desk/beds?day=${new Date(Date.now() + 3 * 86400000).toISOString().slice(0, 10)}`);
      assert.match(cells(page.html, '2'), /Free/, 'by plan');
      page = await nurse.get(at('2'));
      const move = actOf(page, 'transfer');
      page = await nurse.post(at('2'), { ...move, to: world.beds[2], reason: 'safety' });
      assert.equal(page.status, 400, 'a bed in use is not among those to choose from');
      await act('2', 'transfer', { to: world.beds[3], reason: 'safety' });
      page = await nurse.get('/desk/beds');
      assert.match(cells(page.html, '3'), /Occupied Cy Vale/);
      assert.match(cells(page.html, '2'), /Cleaning/);
      await act('2', 'ready', {});
      await act('3', 'unassign', { reason: 'clinical-need' });
      page = await nurse.get('/desk/beds');
      assert.match(page.text, /Here without a bed[^]*Cy Vale/);
      const stay = page.html.match(/\?stay=([0-9a-f-]{36})/)[1];
      await nurse.get(`/desk/beds/${world.beds[4]}/hold?stay=${stay}`);
      page = await nurse.post(`/desk/beds/${world.beds[4]}/hold`, { stay });
      assert.equal(page.status, 200, page.text);
      await act('4', 'discharge', { status: 'finished', end_reason: 'completed' });
      page = await nurse.get('/desk/beds');
      assert.match(cells(page.html, '4'), /Cleaning/);
      assert.equal(uses(`bed_id = '${world.beds[4]}' AND kind = 'occupied'`)[0].end_reason, 'discharged');
    });

    test('a bed is blocked and ready again', async () => {
      const at = `/desk/beds/${world.beds[1]}`;
      let page = await nurse.get(at);
      page = await nurse.post(at, { ...actOf(page, 'block'), reason: 'repair', words: 'The window\nis broken.' });
      assert.equal(page.status, 200, page.text);
      assert.match(cells((await nurse.get('/desk/beds')).html, '1'), /Blocked Repair/);
      page = await nurse.get(at);
      page = await nurse.post(at, { ...actOf(page, 'ready') });
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /Can be used again/);
    });

    test('what was entered wrong is marked, and what was true stands for it, days back (failure 2)', async () => {
      const at = `/desk/beds/${world.beds[2]}`;
      let page = await nurse.get(at);
      const wrong = [...page.html.matchAll(/\/correct\?use=([0-9a-f-]{36})/g)].map(([, id]) => id);
      const first = rowsOf(world.address, `SELECT id, version FROM bed_use WHERE bed_id = '${world.beds[2]}' AND kind = 'occupied' ORDER BY start_at`)[0];
      assert.ok(wrong.includes(first.id));
      page = await nurse.get(`${at}/correct?use=${first.id}`);
      assert.match(page.text, /Occupied: Cy Vale/);
      const form = page.forms.find((one) => one.action === `${at}/correct`).fields;
      page = await nurse.post(`${at}/correct`, { ...form, reason: '' });
      assert.equal(page.status, 400);
      const other = rowsOf(world.address, `SELECT id FROM bed_use WHERE bed_id = '${world.beds[2]}' AND kind = 'leave'`);
      assert.equal(other.length, 1);
      const late = await nurse.post(`${at}/correct`, { ...form, reason: 'wrong-time', until_on: '', until_at: '' });
      assert.equal(late.status, 400);
      assert.match(late.text, /That lies outside the stay/);
      page = await nurse.get(`${at}/correct?use=${first.id}`);
      page = await nurse.post(`${at}/correct`, { ...form, reason: 'wrong-person', without_other: '1' });
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /Entered in error: Belongs to someone else/);
      assert.ok(Number(uses(`id = '${first.id}'`)[0].error_at) > 0);
      const again = await nurse.request(`${at}/correct`, { method: 'POST', fields: { ...form, form_key: 'K'.repeat(22), reason: 'double', without_other: '1' } });
      assert.equal(again.status, 409);
      assert.equal((await nurse.request(`/desk/beds/${world.beds[1]}/correct?use=${first.id}`)).status, 404, 'another bed knows nothing of it');
    });

    test('somebody says that the board is right; it stands in the audit, and no name in the log', async () => {
      await nurse.get('/desk/beds');
      const page = await nurse.post('/desk/beds', {});
      assert.equal(page.status, 200);
      assert.match(page.text, /the board is right as of now/);
      const count = () => Number(rowsOf(world.address, "SELECT count(*) AS n FROM audit_entry WHERE object = 'bed-board' AND act = 'write' AND outcome = 'done'")[0].n);
      assert.ok(await eventually(count, (n) => n > 10) > 10);
      assert.doesNotMatch(desk.log(), /Vale|Ada|broken/);
    });

    test('the board and a bed in Spanish', async () => {
      const page = await nurse.get('/es/desk/beds');
      assert.match(page.text, /Camas[^]*se pueden ofrecer[^]*Libre/);
      assert.match((await nurse.get(`/es/desk/beds/${world.beds[1]}`)).text, /Bloquear esta cama/);
    });
  });
}
