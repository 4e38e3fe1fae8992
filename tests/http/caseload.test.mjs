// A counselor's caseload, from nothing, by pages alone, on the real server and both engines: an administrator writes down a
// staff record and links the counselor's account to it, a case manager gives people to it, from the person's page and
// from the staff member's; the counselor then reaches exactly those. Expected values: knowledge/roles.csv (a counselor
// reaches their caseload alone); what was typed.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { engines, rowsOf } from '../support/databases.mjs';
import { eventually, openDesk } from '../support/desk.mjs';

for (const engine of engines()) {
  describe(`a caseload on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let desk, admin, manager, counselor, other, member;
    const people = {};
    // Which of the three a visitor finds, and which pages open.
    const reached = async (visitor) => {
      const found = await visitor.post('/desk/people', { q: 'vale' });
      const names = Object.keys(people).filter((name) => found.html.includes(`href="/desk/people/${people[name]}"`));
      for (const name of Object.keys(people)) {
        const page = await visitor.request(`/desk/people/${people[name]}`);
        assert.equal(page.status, names.includes(name) ? 200 : 403, name);
      }
      return names;
    };
    before(async () => {
      desk = await openDesk({ database: engine.make() });
      admin = desk.admin;
      const program = desk.program('Harbor House');
      manager = await desk.account('case-manager', { program });
      counselor = await desk.account('counselor', { program, shown_name: 'Nia Ames' });
      other = await desk.account('counselor', { program, shown_name: 'Otto Berg' });
      await admin.get('/desk/program');
      await admin.post('/desk/program', { program });
      for (const given of ['Ada', 'Bo', 'Cy']) {
        await manager.get('/desk/people/new');
        const page = await manager.post('/desk/people/new', { given, family: 'Vale', sex: 'female', language: 'en' });
        people[given] = page.path.split('/').at(-1);
      }
    });
    after(() => desk?.stop());

    test('an account of its own reaches nobody', async () => {
      await counselor.get('/desk/people');
      assert.deepEqual(await reached(counselor), []);
    });

    test('an administrator links the account to a staff record', async () => {
      await admin.get('/desk/staff/new');
      await admin.post('/desk/staff/new', { name: 'Nia Ames', profession: 'counselor' });
      member = admin.page.html.match(/\/desk\/staff\/([0-9a-f-]{36})/)[1];
      let page = await admin.get(`/desk/staff/${member}`);
      assert.match(page.text, /No account is linked/);
      page = await admin.post(`/desk/staff/${member}/account`, { account: '' });
      assert.equal(page.status, 400);
      assert.match(page.html, /id="account_form-account-problem"|href="#account_form-account"/);
      page = await desk.press(`/desk/staff/${member}/account`, { account: counselor.id });
      assert.equal(page.status, 200, page.text);
      assert.equal(page.path, `/desk/staff/${member}`);
      assert.match(page.text, /Nia Ames\s+counselor\.\d/);
      assert.equal(rowsOf(desk.address, `SELECT staff_id FROM account WHERE id = '${counselor.id}'`)[0].staff_id, member);
      const second = await admin.request(`/desk/staff/${member}/account`, { method: 'POST', fields: { ...page.forms.find((form) => form.action.endsWith('/account')).fields, form_key: 'B'.repeat(22), account: other.id } });
      assert.equal(second.status, 400, 'a second account for one record');
      assert.match(second.text, /Another account is linked|Please choose one of these/);
      await counselor.get('/desk/people');
      assert.deepEqual(await reached(counselor), []);
      // Who looks after whom is no administrator's to see or say (roles.csv: episode).
      assert.equal((await admin.request(`/desk/staff/${member}/caseload`)).status, 403);
    });

    test('a case manager gives somebody to it on the person\'s page', async () => {
      const at = `/desk/people/${people.Ada}/team`;
      let page = await manager.get(at);
      assert.match(page.text, /Nobody is on the care team now/);
      page = await manager.post(at, { staff: member, role: '' });
      assert.equal(page.status, 400);
      assert.match(page.html, new RegExp(`value="${member}" (selected|checked)`));
      page = await manager.get(at);
      const fields = { act: '', staff: member, role: 'primary-counselor' };
      const twice = await Promise.all([1, 2].map(() => manager.send(at, fields)));
      for (const answer of twice) assert.equal(answer.status, 303, answer.text);
      page = await manager.get(at);
      assert.equal(page.html.match(/<th scope="row">Nia Ames/g).length, 1);
      page = await manager.post(at, fields);
      assert.equal(page.status, 400);
      assert.match(page.text, /has this part already/);
      page = await manager.get(`/desk/people/${people.Ada}`);
      assert.match(page.text, /Nia Ames\s+Primary counselor/);
      await counselor.get('/desk/people');
      assert.deepEqual(await reached(counselor), ['Ada']);
    });

    test('and somebody else from the staff member\'s page', async () => {
      let page = await manager.get('/desk/staff');
      assert.match(page.html, new RegExp(`/desk/staff/${member}/caseload">1<`));
      const at = `/desk/staff/${member}/caseload`;
      page = await manager.get(at);
      assert.match(page.html, new RegExp(`href="/desk/people/${people.Ada}">Ada Vale`));
      page = await manager.post(at, { act: '', q: 'bo vale' });
      assert.match(page.html, /option value="counselor" selected/);
      const add = page.forms.find((form) => form.fields.act === 'add').fields;
      assert.equal(add.person, people.Bo);
      page = await manager.post(at, add);
      assert.equal(page.status, 200, page.text);
      assert.match(page.html, /Ada Vale[^]*Bo Vale|Bo Vale[^]*Ada Vale/);
      await counselor.get('/desk/people');
      assert.deepEqual(await reached(counselor), ['Ada', 'Bo']);
      assert.deepEqual(await (await other.get('/desk/people'), reached(other)), []);
      // A counselor looks at their own caseload, not at a form to change it.
      page = await counselor.get(at);
      assert.equal(page.status, 200);
      assert.match(page.text, /Ada Vale/);
      assert.doesNotMatch(page.html, /name="act" value="(end|add)"/);
      const token = page.forms.map((form) => form.fields.form_token).find(Boolean);
      assert.equal((await counselor.request(at, { method: 'POST', fields: { form_token: token, form_key: 'C'.repeat(22), act: 'add', person: people.Cy, role: 'counselor' } })).status, 403);
    });

    test('what has ended is reached no more, and a stale form ends nothing twice', async () => {
      const at = `/desk/people/${people.Ada}/team`;
      let page = await manager.get(at);
      const end = page.forms.find((form) => form.fields.act === 'end').fields;
      page = await manager.post(at, end);
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /Nobody is on the care team now[^]*Before[^]*Nia Ames/);
      const stale = await manager.request(at, { method: 'POST', fields: { ...end, form_key: 'D'.repeat(22) } });
      assert.equal(stale.status, 400);
      await counselor.get('/desk/people');
      assert.deepEqual(await reached(counselor), ['Bo']);
    });

    test('without the link the caseload is out of reach, with it back again; who leaves looks after nobody', async () => {
      let page = await admin.get(`/desk/staff/${member}`);
      page = await desk.press(`/desk/staff/${member}/account`, { act: 'end', account: counselor.id });
      assert.match(page.text, /No account is linked/);
      await counselor.get('/desk/people');
      assert.deepEqual(await reached(counselor), []);
      await admin.get(`/desk/staff/${member}`);
      await desk.press(`/desk/staff/${member}/account`, { account: counselor.id });
      await counselor.get('/desk/people');
      assert.deepEqual(await reached(counselor), ['Bo']);
      await admin.get(`/desk/staff/${member}`);
      page = await admin.post(`/desk/staff/${member}`, { name: 'Nia Ames', profession: 'counselor', left: '1' });
      assert.equal(page.status, 200, page.text);
      await counselor.get('/desk/people');
      assert.deepEqual(await reached(counselor), []);
    });

    test('it all stands in the history', async () => {
      const look = () => Object.fromEntries(rowsOf(desk.address, "SELECT object, count(*) AS n FROM audit_entry WHERE outcome = 'done' AND object IN ('episode', 'account') AND act = 'write' GROUP BY object ORDER BY object").map(({ object, n }) => [object, Number(n)]));
      const count = await eventually(look, ({ episode, account }) => episode >= 3 && account >= 3);
      assert.equal(count.episode, 3); // Ada and Bo given, Ada ended; what was refused is undone
      assert.ok(count.account >= 3, JSON.stringify(count));
    });
  });
}
