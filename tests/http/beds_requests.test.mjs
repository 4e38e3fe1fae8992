// A bed for a request, by pages alone, on the real server and both engines: ranked, held, and offered in the same act, with a reason
// for each who is passed over; given back, the request waits again. Expected values: skip-reasons.csv; what was typed.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { engines, rowsOf } from '../support/databases.mjs';
import { actOf, openBeds } from '../support/beds.mjs';

const filled = {
  source: 'call', minutes_ago: '', given: 'Ada', birth_date: '1990-02-03', phone: '(303) 555-0123', email: '', language: 'en', consents: ['call'],
  pregnant: '0', injecting: '0', words: '', level_of_care: '3.5', asker: '', asker_from: '', asker_phone: '',
};

for (const engine of engines()) {
  describe(`a bed for a request on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let world, manager;
    const ids = {};
    const state = (name) => rowsOf(world.address, `SELECT state FROM request WHERE id = '${ids[name]}'`)[0].state;
    before(async () => {
      world = await openBeds(engine.make());
      ({ manager } = world);
      const { admin, desk } = world;
      await admin.get('/desk/staff/new');
      await admin.post('/desk/staff/new', { name: 'Nia Ames', profession: 'counselor' });
      const staff = rowsOf(world.address, 'SELECT id FROM staff')[0].id;
      await admin.get(`/desk/staff/${staff}`);
      await desk.press(`/desk/staff/${staff}/account`, { account: manager.id });
      for (const [family, urgency] of [['First', 'urgent'], ['Second', 'routine']]) {
        await manager.get('/desk/requests/new');
        const page = await manager.post('/desk/requests/new', { ...filled, family, urgency, site_id: world.site });
        ids[family] = page.path.match(/^\/desk\/requests\/([0-9a-f-]{36})$/)?.[1];
        assert.ok(ids[family], page.text);
        await manager.post(page.path, { act: 'accept', version: '1' });
        const at = `/desk/waitlist/${ids[family]}`, shown = await manager.get(at);
        await manager.post(at, actOf(shown, 'enter'));
        assert.equal(state(family), 'waiting');
      }
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
  });
}
