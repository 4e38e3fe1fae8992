// People at the desk, on the real server and both engines: a record is begun, found, changed, known by its banner; nothing
// of a person stands in an address. Expected values: what was typed; docs/desk.md; style.md (one h1).
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { engines } from '../support/databases.mjs';
import { enroll, openDesk } from '../support/desk.mjs';
import { fairlead } from '../support/server.mjs';

for (const engine of engines()) {
  describe(`people on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let desk, manager, clerk, staff, id, place;
    const command = (...words) => {
      const run = spawnSync(fairlead, [...words, '--data', desk.data, ...place], { encoding: 'utf8' });
      assert.equal(run.status, 0, run.stderr);
      return run.stdout;
    };
    before(async () => {
      const database = engine.make();
      place = database ? ['--db', database] : [];
      desk = await openDesk({ database });
      const program = JSON.parse(command('care', 'program', 'add', '--name', 'Harbor House', '--kind', 'residential', '--zone', 'America/Denver', '--state', 'CO', '--json'));
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
      for (const typed of ['smith', 'jo smy', '2/29/1980', '303-555-0142']) {
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
      assert.deepEqual(labels(page.html), ['Overview', 'Stays', '[Facts]', 'Consents', 'Shared with', 'Emergency']);
      for (const [path, tab] of [['consents', 'Consents'], ['disclosures', 'Shared with'], ['share', 'Shared with'], ['consent', 'Consents']]) {
        const other = await manager.get(`/desk/people/${id}/${path}`);
        assert.match(other.html, /<section class="person"[^]*Spanish[^]*mark-allergy[^]*penicillin/, path);
        assert.deepEqual(labels(other.html), labels(page.html).map((label) => label.replace(/[[\]]/g, '')).map((label) => (label === tab ? `[${tab}]` : label)), path);
      }
      // knowledge/roles.csv gives the front desk no fact: neither what is known, nor that nothing is.
      for (const path of ['', '/consents']) {
        const blind = await clerk.get(`/desk/people/${id}${path}`);
        assert.equal(blind.status, 200, blind.text);
        assert.match(blind.html, /<section class="person"[^]*Spanish/);
        assert.doesNotMatch(blind.text, /penicillin|allerg/i);
      }
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
