// The program's own pages, on the real server and both engines: the first program is begun by an administrator who has none;
// its sites, units and staff are written down and changed, and a change that somebody overtook is not lost in silence.
// Expected values: what was typed; knowledge/roles.csv.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { engines, rowsOf } from '../support/databases.mjs';
import { eventually, openDesk } from '../support/desk.mjs';
import { run } from '../support/server.mjs';

for (const engine of engines()) {
  describe(`a program's pages on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let desk, admin;
    before(async () => {
      desk = await openDesk({ database: engine.make() });
      admin = desk.admin;
    });
    after(() => desk?.stop());

    test('an administrator without a program begins one', async () => {
      let page = await admin.get('/desk');
      assert.match(page.html, /href="\/desk\/settings"[^>]*>Begin a program/);
      page = await admin.get('/desk/program');
      assert.match(page.html, /href="\/desk\/settings"/);
      page = await admin.get('/desk/settings');
      page = await admin.post('/desk/settings', { name: 'Harbor House', kind: 'residential', zone: 'Denver', state: 'CO', languages: ['en', 'es'], phone: '', 'retention-years': '0' });
      assert.equal(page.status, 400);
      assert.match(page.text, /There is no such time zone/);
      assert.match(page.html, /value="Denver"/);
      page = await admin.post('/desk/settings', { name: 'Harbor House', kind: 'residential', zone: 'America/Denver', state: 'CO', languages: ['en', 'es'], phone: '303 555 0100', 'retention-years': '12' });
      assert.equal(page.status, 200, page.text);
      assert.equal(page.path, '/desk/settings/sites');
      assert.match(page.text, /Harbor House/);
      assert.deepEqual(rowsOf(desk.address, 'SELECT name, languages FROM program').map(({ name, languages }) => [name, languages]), [['Harbor House', 'en es']]);
    });

    test('its settings change, and a stale change is shown beside the other', async () => {
      const first = await admin.get('/desk/settings');
      assert.match(first.html, /name="retention-years"[^>]*value="12"/);
      const stale = first.forms.find((form) => form.action === '/desk/settings').fields;
      const done = await admin.post('/desk/settings', { name: 'Harbor Home', languages: ['en', 'es'] });
      assert.equal(done.status, 200, done.text);
      const clash = await admin.request('/desk/settings', { method: 'POST', fields: { ...stale, form_key: 'A'.repeat(22), name: 'Harbor Hall', kind: 'residential', languages: 'en' } });
      assert.equal(clash.status, 409);
      assert.match(clash.html, /Harbor Home[^]*Harbor Hall/);
    });

    test('what a program needs is kept, and a number outside its bounds is told with them', async () => {
      let page = await admin.get('/desk/settings');
      const filled = { street: '12 Quay Road', city: 'Denver', zip: '80202', hours: 'Mon to Fri 8 am to 5 pm', license_number: 'CO-77', license_expires_on: '2031-06-30', languages: ['en', 'es'] };
      page = await admin.post('/desk/settings', { ...filled, 'credential-notice-days': '366', zip: '8020' });
      assert.equal(page.status, 400);
      assert.match(page.text, /Write a number from 1 to 365/); // knowledge/program-settings.csv
      assert.match(page.html, /value="12 Quay Road"/);
      assert.match(page.html, /name="credential-notice-days"[^>]*value="366"/);
      page = await admin.post('/desk/settings', { ...filled, 'credential-notice-days': '90', zip: '8020' });
      assert.equal(page.status, 400);
      assert.match(page.html, /id="form-zip-problem"/);
      page = await admin.post('/desk/settings', { ...filled, 'credential-notice-days': '90' });
      assert.equal(page.status, 200, page.text);
      for (const [name, value] of Object.entries({ ...filled, 'credential-notice-days': '90', 'retention-years': '12' })) {
        if (name !== 'languages') assert.ok(page.html.includes(`value="${value}"`), name);
      }
      assert.deepEqual(rowsOf(desk.address, "SELECT value FROM program_setting WHERE name = 'credential-notice-days'").map(({ value }) => value), ['90']);
      // Every number that a program may set stands there, with a label.
      const settings = readFileSync(new URL('../../knowledge/program-settings.csv', import.meta.url), 'utf8').trim().split('\n').slice(1).map((line) => line.split(',')[0]);
      for (const name of settings) assert.match(page.html, new RegExp(`<label for="form-${name}">[^<]{3,}`), name);
    });

    test('sites and units are added and changed', async () => {
      await admin.get('/desk/settings/sites');
      let page = await admin.post('/desk/settings/sites', { act: 'site', site_id: '', name: '', zip: '12' });
      assert.equal(page.status, 400);
      page = await admin.post('/desk/settings/sites', { act: 'site', site_id: '', name: 'West House', street: '', city: 'Denver', state: 'CO', zip: '80202', zone: '', phone: '' });
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /West House[^]*No unit here yet/);
      const site = page.html.match(/site_id=([0-9a-f-]{36})/)[1];
      const unit = { act: 'unit', unit_id: '', site, unit_name: 'Second floor', kind: 'residential', level_of_care: '3.5', licensed: '8', staffed: '9' };
      page = await admin.post('/desk/settings/sites', unit);
      assert.equal(page.status, 400);
      assert.match(page.text, /more places with staff than licensed places/);
      page = await admin.post('/desk/settings/sites', { ...unit, staffed: '6' });
      assert.equal(page.status, 200, page.text);
      assert.match(page.html, /Second floor[^]*data-label="Licensed places">8<[^]*data-label="Places with staff">6</);
      page = await admin.get(`/desk/settings/sites?site_id=${site}`);
      page = await admin.post('/desk/settings/sites', { act: 'site', site_id: site, unit_id: '', name: 'West Cottage', state: 'CO' });
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /West Cottage/);
      assert.doesNotMatch(page.text, /West House/);
      page = await admin.get(`/desk/settings/sites?site_id=${site}`);
      const stale = page.forms.find((form) => form.fields.act === 'site').fields;
      page = await admin.post('/desk/settings/sites', { act: 'site', site_id: site, unit_id: '', hours: 'Day and night', license_number: 'W-1', license_expires_on: '2020-01-31', state: 'CO' });
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /Day and night[^]*W-1[^]*January 31, 2020\s+has ended/);
      // Somebody was faster: both stand beside each other, nothing is lost.
      const clash = await admin.request('/desk/settings/sites', { method: 'POST', fields: { ...stale, form_key: 'C'.repeat(22), act: 'site', name: 'West Lodge', state: 'CO' } });
      assert.equal(clash.status, 409);
      assert.match(clash.html, /West Cottage[^]*West Lodge/);
      assert.match(clash.html, /value="West Lodge"/);
    });

    test('a site is joined with its page in the finder by the address of that page', async () => {
      run('import', '--data', desk.data, '--db', desk.address, '--demo', '40');
      const listed = async () => (await (await fetch(`${desk.origin}/api/facilities?limit=1`)).json()).results[0];
      const facility = await eventually(listed, (found) => found);
      let page = await admin.get('/desk/settings/sites');
      const [, site] = page.html.match(/site_id=([0-9a-f-]{36})/);
      const save = async (listing) => {
        await admin.get(`/desk/settings/sites?site_id=${site}`);
        return admin.post('/desk/settings/sites', { act: 'site', site_id: site, unit_id: '', state: 'CO', listing });
      };
      for (const wrong of ['somewhere', '00000000-0000-5000-8000-000000000000', "' OR 1=1 --"]) {
        page = await save(wrong);
        assert.equal(page.status, 400, wrong);
        assert.match(page.text, /No page in the finder has this address/);
      }
      page = await save(`${desk.origin}/es/facilities/${facility.id.toUpperCase()}?from=find#how`);
      assert.equal(page.status, 200, page.text);
      assert.match(page.html, new RegExp(`href="/facilities/${facility.id}"`));
      assert.equal(rowsOf(desk.address, `SELECT facility_id FROM site WHERE id = '${site}'`)[0].facility_id, facility.id);
      page = await save('');
      assert.equal(rowsOf(desk.address, `SELECT facility_id FROM site WHERE id = '${site}'`)[0].facility_id, '');
    });

    test('staff are written down with what allows them to work', async () => {
      let page = await admin.get('/desk/staff');
      assert.match(page.text, /There is no staff record yet/);
      page = await admin.get('/desk/staff/new');
      page = await admin.post('/desk/staff/new', { name: '', profession: '', license_expires_on: '2026-13-01', hours: '' });
      assert.equal(page.status, 400);
      assert.match(page.html, /value="2026-13-01"/);
      page = await admin.post('/desk/staff/new', { name: 'Nia Ames', profession: 'counselor', credential: 'LADC', license_number: 'A1', license_state: 'CO', license_expires_on: '2031-05-31', hours: '40' });
      assert.equal(page.path, '/desk/staff', page.text);
      assert.match(page.text, /Nia Ames[^]*LADC[^]*May 31, 2031[^]*every site/);
      const id = page.html.match(/\/desk\/staff\/([0-9a-f-]{36})/)[1];
      page = await admin.get(`/desk/staff/${id}`);
      page = await admin.post(`/desk/staff/${id}`, { profession: 'counselor', license_state: 'CO', credential: 'LADC, LAC', left: '1' });
      assert.match(page.text, /Nia Ames\s+no longer works here[^]*LADC, LAC/, page.text);
      assert.equal(Number(rowsOf(desk.address, 'SELECT weekly_minutes AS n FROM staff')[0].n), 2400);
    });
  });
}
