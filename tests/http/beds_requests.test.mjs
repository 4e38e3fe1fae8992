// A bed for a request, by pages alone, on the real server and both engines: ranked, held, and offered in the same act, with a reason
// for each who is passed over; given back, the request waits again. What pays for the stay helps to choose a bed, for who may read it,
// and nobody's place on the list. Expected values: skip-reasons.csv; funding-sources.csv; roles.csv; what was typed.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { engines, rowsOf } from '../support/databases.mjs';
import { actOf, openBeds } from '../support/beds.mjs';
import { eventually } from '../support/desk.mjs';

const filled = {
  source: 'call', minutes_ago: '', given: 'Ada', birth_date: '1990-02-03', phone: '(303) 555-0123', email: '', language: 'en', consents: ['call'],
  pregnant: '0', injecting: '0', words: '', level_of_care: '3.5', asker: '', asker_from: '', asker_phone: '',
};

for (const engine of engines()) {
  describe(`a bed for a request on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let world, manager;
    const ids = {};
    const state = (name) => rowsOf(world.address, `SELECT state FROM request WHERE id = '${ids[name]}'`)[0].state;
    const wait = async (family, urgency) => {
      await manager.get('/desk/requests/new');
      const page = await manager.post('/desk/requests/new', { ...filled, family, urgency, site_id: world.site });
      ids[family] = page.path.match(/^\/desk\/requests\/([0-9a-f-]{36})$/)?.[1];
      assert.ok(ids[family], page.text);
      await manager.post(page.path, { act: 'accept', version: '1' });
      const at = `/desk/waitlist/${ids[family]}`, shown = await manager.get(at);
      await manager.post(at, actOf(shown, 'enter'));
      assert.equal(state(family), 'waiting');
    };
    before(async () => {
      world = await openBeds(engine.make(), { others: { reviewer: 'utilization', both: ['nurse', 'counselor'] } });
      ({ manager } = world);
      const { admin, desk } = world;
      await admin.get('/desk/staff/new');
      await admin.post('/desk/staff/new', { name: 'Nia Ames', profession: 'counselor' });
      const staff = rowsOf(world.address, 'SELECT id FROM staff')[0].id;
      await admin.get(`/desk/staff/${staff}`);
      await desk.press(`/desk/staff/${staff}/account`, { account: manager.id });
      for (const [family, urgency] of [['First', 'urgent'], ['Second', 'routine']]) await wait(family, urgency);
    });
    after(() => world?.desk.stop());

    test('whoever is passed over has a reason; hold and offer are one act', async () => {
      let page = await manager.get(`/desk/beds?request=${ids.Second}`);
      assert.match(page.text, /A bed for Ada Second/);
      const at = `/desk/beds/${world.beds[1]}/hold`;
      assert.ok(page.html.includes(`${at}?request=${ids.Second}`));
      page = await manager.get(`${at}?request=${ids.Second}`);
      assert.match(page.text, /Ada First/);
      page = await manager.post(at, { request: ids.Second, kind: 'outreach' });
      assert.equal(page.status, 400);
      assert.equal(rowsOf(world.address, 'SELECT id FROM bed_use').length, 0, 'no hold without the reason');
      const reason = page.html.match(new RegExp(`name="skip_${ids.First}"[^]*?<option value="([a-z-]+)"`))[1];
      page = await manager.post(at, { request: ids.Second, kind: 'outreach', [`skip_${ids.First}`]: reason });
      assert.equal(page.status, 200, page.text);
      assert.equal(state('Second'), 'offered');
      assert.equal(state('First'), 'waiting');
      page = await manager.get('/desk/beds');
      assert.ok(page.html.includes(`/desk/requests/${ids.Second}`));
    });

    test('the first of the list needs no reason, and a hold given back puts the request back', async () => {
      const at = `/desk/beds/${world.beds[2]}`;
      await manager.get(`${at}/hold?request=${ids.First}`);
      let page = await manager.post(`${at}/hold`, { request: ids.First, kind: 'hospital' });
      assert.equal(page.status, 200, page.text);
      assert.equal(state('First'), 'offered');
      page = await manager.post(at, { ...actOf(page, 'release'), reason: 'not-coming' });
      assert.equal(page.status, 200, page.text);
      assert.notEqual(state('First'), 'offered');
    });

    describe('what pays for the stay', { concurrency: 1 }, () => {
      let person, reviewer;
      const words = (html) => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
      const rowOf = (page, name) => words(page.html.match(new RegExp(`<tr><th scope="row"><a href="/desk/beds/${world.beds[name]}"[^]*?</tr>`))[0]);
      const order = (page) => [...page.html.matchAll(/<tr><th scope="row"><a href="\/desk\/beds\/([0-9a-f-]{36})/g)].map(([, id]) => Object.keys(world.beds).find((name) => world.beds[name] === id));
      const field = (page) => page.html.match(/<select id="funding"[^]*?<\/select>/)?.[0] ?? '';
      const chosen = (page) => field(page).match(/<option value="([a-z-]+)" selected>([^<]*)/)?.slice(1);
      const looked = (visitor, more = '', whom = `request=${ids.Third}`) => visitor.get(`/desk/beds?${whom}${more}`);
      const entered = async (fields) => {
        const at = `/desk/people/${person}/coverage/funding`, stay = rowsOf(world.address, `SELECT id FROM episode WHERE person_id = '${person}'`)[0].id;
        await reviewer.get(at);
        const page = await reviewer.post(at, { row_id: '', stay, plan: '', amount: '', from: '', to: '', words: '', borrowed: '', rate: '', months: '', fee: '', ...fields });
        assert.equal(page.status, 200, page.text);
        return stay;
      };
      before(async () => {
        ({ reviewer } = world);
        await wait('Third', 'routine');
        for (const [name, funding] of [['2', ['medicaid', 'state']], ['3', ['county']]]) {
          const page = await world.admin.get(`/desk/settings/beds?bed_id=${world.beds[name]}`);
          const saved = await world.admin.post('/desk/settings/beds', { ...actOf(page, 'bed'), has: ['licensed', 'staffed'], funding });
          assert.equal(saved.status, 200, saved.text);
        }
      });

      test('without a record nothing is proposed, and who asks may try a source', async () => {
        let page = await looked(manager);
        assert.deepEqual(chosen(page), ['unknown', 'Not known']);
        assert.match(rowOf(page, '2'), /It fits This bed is paid from: Medicaid, State money\. What pays for the stay is not known\./);
        assert.match(rowOf(page, '3'), /It fits This bed is paid from: County money\./);
        assert.doesNotMatch(rowOf(page, '4'), /paid|pay/);
        page = await looked(manager, '&asked=1&funding=county');
        assert.deepEqual(chosen(page), ['county', 'County money']);
        assert.match(rowOf(page, '3'), /It fits This bed is paid from: County money\. The stay is paid by: County money\./);
        assert.match(rowOf(page, '2'), /Paid for by other funds This bed is paid from: Medicaid, State money\. The stay is paid by: County money\./);
        assert.match(rowOf(page, '4'), /Anything may pay for this bed\./);
      });

      test('what the stay of a joined record is paid by is proposed, and may be changed', async () => {
        const at = `/desk/requests/${ids.Third}/record`;
        let page = await manager.get(at);
        page = await manager.post(at, { ...actOf(page, 'new'), sex: 'female', plan: '1' });
        assert.equal(page.status, 200, page.text);
        person = rowsOf(world.address, `SELECT person_id FROM request WHERE id = '${ids.Third}'`)[0].person_id;
        assert.ok(person);
        assert.deepEqual(chosen(await looked(manager)), ['unknown', 'Not known'], 'nothing was entered');
        const before = [...(await manager.get('/desk/waitlist')).html.matchAll(/\/desk\/waitlist\/([0-9a-f-]{36})/g)].map(([, id]) => id);
        await entered({ source: 'county', to: '2020-01-01' });
        const stay = await entered({ source: 'medicaid' });
        for (const whom of [`request=${ids.Third}`, `stay=${stay}`]) {
          page = await looked(manager, '', whom);
          assert.deepEqual(chosen(page), ['as-entered', 'As the stay says: Medicaid'], 'what is over pays no more');
          assert.match(rowOf(page, '2'), /It fits This bed is paid from: Medicaid, State money\. The stay is paid by: Medicaid\./);
          assert.match(rowOf(page, '3'), /Paid for by other funds This bed is paid from: County money\. The stay is paid by: Medicaid\./);
          assert.ok(order(page).indexOf('2') < order(page).indexOf('3'));
        }
        page = await looked(manager, '&asked=1&funding=unknown');
        assert.deepEqual(chosen(page), ['unknown', 'Not known']);
        assert.match(rowOf(page, '3'), /It fits/);
        page = await looked(manager, '&asked=1&funding=county');
        assert.ok(order(page).indexOf('3') < order(page).indexOf('2'));
        for (const other of ['', '&asked=1', '&asked=1&funding=%3Cb%3E', '&asked=1&funding=as-entered']) assert.deepEqual(chosen(await looked(manager, other)), ['as-entered', 'As the stay says: Medicaid'], other);
        assert.match(page.text, /It never changes who comes first on the waiting list/);
        const after = [...(await manager.get('/desk/waitlist')).html.matchAll(/\/desk\/waitlist\/([0-9a-f-]{36})/g)].map(([, id]) => id);
        assert.ok(before.indexOf(ids.First) < before.indexOf(ids.Third), 'both wait');
        assert.deepEqual(after, before);
        page = await manager.get(`/desk/beds/${world.beds[2]}/hold?request=${ids.Third}`);
        assert.match(page.html, new RegExp(`name="skip_${ids.First}"`), 'whoever comes first is passed over with a reason all the same');
      });

      test('who may not read coverage sees no source of the stay, whatever the address says', async () => {
        const { both } = world; // roles.csv: a counselor reads coverage of their caseload alone, which is nobody's yet
        const denied = () => Number(rowsOf(world.address, "SELECT count(*) AS n FROM audit_entry WHERE outcome = 'denied' AND object = 'coverage'")[0].n);
        const read = (visitor) => Number(rowsOf(world.address, `SELECT count(*) AS n FROM audit_entry WHERE object = 'coverage' AND act = 'read' AND person_id = '${person}' AND account_id = '${visitor.id}'`)[0].n);
        for (const visitor of [world.nurse, both]) {
          const plain = await looked(visitor, '&asked=1'), asked = await looked(visitor, '&asked=1&funding=county');
          for (const page of [plain, asked]) {
            assert.equal(page.status, 200, page.text);
            assert.equal(field(page), '');
            assert.doesNotMatch(page.html, /paid by|Paid by|Paid for by other funds|as-entered/);
            assert.match(rowOf(page, '2'), /It fits This bed is paid from: Medicaid, State money\. /);
            assert.doesNotMatch(page.html, /funding=/);
          }
          assert.deepEqual(order(asked), order(plain));
        }
        const before = read(world.front);
        assert.deepEqual(chosen(await looked(world.front)), ['as-entered', 'As the stay says: Medicaid']);
        assert.equal(await eventually(() => read(world.front), (count) => count === before + 1), before + 1);
        for (const visitor of [world.nurse, both]) assert.equal(read(visitor), 0);
        assert.equal(denied(), 0, 'nobody tried to open it');
      });
    });
  });
}
