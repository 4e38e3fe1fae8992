// A person's own account, from the desk to /me and to its end, on the real server and both engines: a case manager makes it on
// the person's page and hands over a slip; the person signs in with the code, must choose a password, sees their own pages
// and nobody else's; a new code ends what was; ended, nothing opens. Expected values: knowledge/roles.csv (own-account; person:
// own), docs/accounts.md.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { engines, rowsOf } from '../support/databases.mjs';
import { eventually, openDesk, plain } from '../support/desk.mjs';

const OWN = 'kettle harbor seven sun';

for (const engine of engines()) {
  describe(`a person's own account on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let desk, manager, clerk, ada, bo, at;
    // Press, proving who one is when asked; the page that follows.
    const press = async (visitor, action, fields) => {
      const page = await visitor.post(action, fields);
      return page.forms.some((form) => 'prove_secret' in form.fields) ? visitor.prove({ prove_secret: visitor.password }) : page;
    };
    const slipOf = (html) => ['name', 'code'].map((part) => plain(html.match(new RegExp(`id="slip-${part}">([^<]+)<`))?.[1] ?? ''));
    const begin = async (visitor, given) => {
      await visitor.get('/desk/people/new');
      const page = await visitor.post('/desk/people/new', { given, family: 'Vale', sex: 'female', language: 'en' });
      return page.path.split('/').at(-1);
    };
    before(async () => {
      desk = await openDesk({ database: engine.make() });
      const program = desk.program('Harbor House');
      manager = await desk.account('case-manager', { program });
      clerk = await desk.account('front-desk', { program });
      ada = await begin(manager, 'Ada');
      bo = await begin(manager, 'Bo');
      at = `/desk/people/${ada}/account`;
    });
    after(() => desk?.stop());

    test('who may not make one does not', async () => {
      assert.equal((await clerk.request(at)).status, 403);
      const page = await clerk.get(`/desk/people/${ada}`);
      assert.doesNotMatch(page.html, /\/account"/);
      const token = page.forms.map((form) => form.fields.form_token).find(Boolean);
      assert.equal((await clerk.request(at, { method: 'POST', fields: { form_token: token, form_key: 'A'.repeat(22), act: 'make' } })).status, 403);
    });

    let slip, person;
    test('a case manager makes it after a proof, once, and a slip is shown', async () => {
      let page = await manager.get(`/desk/people/${ada}`);
      assert.match(page.html, new RegExp(`href="${at}"`));
      page = await manager.get(at);
      assert.match(page.text, /This person has no account/);
      page = await press(manager, at, { act: 'make' });
      assert.equal(page.status, 200, page.text);
      slip = slipOf(page.html);
      assert.match(slip[0], /^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
      assert.match(slip[1], /^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
      // Name and code are drawn by lot, so that any word may stand in them.
      const paper = slip.reduce((text, drawn) => text.replace(drawn, ''), page.html.match(/<section class="note slip"[^]*?<\/section>/)[0].replace(/<[^>]*>/g, ' '));
      assert.doesNotMatch(paper, /Ada|Vale|Harbor|treat|care|recovery|opioid/i, 'the slip says nothing of who and what');
      assert.match(page.text, /The code has not been used yet/);
      page = await manager.get(at);
      assert.deepEqual(slipOf(page.html), ['', ''], 'shown once');
      assert.deepEqual(rowsOf(desk.address, "SELECT count(*) AS n FROM account WHERE person_id <> ''").map(({ n }) => Number(n)), [1]);
      const again = await manager.post(at, { act: 'make', account_id: '' });
      assert.equal(again.status, 400);
      assert.match(again.text, /has an account already/);
    });

    test('the person signs in with the code and must choose a password', async () => {
      person = desk.visitor();
      let page = await person.signIn(slip[0], slip[1], undefined, '/me');
      assert.match(page.path, /^\/desk\/password/);
      assert.equal((await person.request('/me')).status, 303, 'nothing opens before');
      page = await person.post('/desk/password', { new_password: OWN, again: OWN });
      page = await person.get('/me');
      assert.equal(page.status, 200, page.text);
      assert.equal((await person.get('/me/views')).status, 200);
      for (const path of ['/desk', `/desk/people/${ada}`, `/desk/people/${bo}`, '/desk/people']) {
        const answer = await person.request(path);
        assert.equal(answer.status, 303, path);
        assert.equal(answer.location, '/me', path);
      }
      const old = desk.visitor();
      page = await old.signIn(slip[0], slip[1]);
      assert.equal(page.status, 400, 'the code is used up');
      page = await manager.get(at);
      assert.match(page.text, /In use/);
    });

    test('it is bound to that one person', () => {
      const rows = rowsOf(desk.address, "SELECT a.person_id, a.shown_name, a.email, r.role FROM account a JOIN account_role r ON r.account_id = a.id WHERE a.person_id <> ''");
      assert.deepEqual(rows.map(({ person_id, shown_name, email, role }) => [person_id, shown_name, email, role]), [[ada, '', '', 'person']]);
    });

    test('an administrator neither sees it among the sign-ins nor may change it', async () => {
      await desk.admin.get('/desk/program');
      await desk.admin.post('/desk/program', { program: rowsOf(desk.address, 'SELECT program_id FROM program')[0].program_id });
      const list = await desk.admin.get('/desk/users');
      const id = rowsOf(desk.address, "SELECT id FROM account WHERE person_id <> ''")[0].id;
      assert.doesNotMatch(list.html, new RegExp(id));
      assert.equal((await desk.admin.request(`/desk/users/${id}`)).status, 404);
    });

    test('a new code ends the password and the sessions', async () => {
      await manager.get(at);
      const page = await press(manager, at, { act: 'renew' });
      const [name, code] = slipOf(page.html);
      assert.equal(name, slip[0], page.text);
      assert.equal((await person.request('/me')).status, 303);
      const again = desk.visitor();
      assert.equal((await again.signIn(name, OWN)).status, 400);
      const next = await again.signIn(name, code);
      assert.match(next.path, /^\/desk\/password/);
      await again.post('/desk/password', { new_password: `${OWN} two`, again: `${OWN} two` });
      assert.equal((await again.get('/me')).status, 200);
      person = again;
    });

    test('ended, it opens nothing, and a stale form does nothing', async () => {
      let page = await manager.get(at);
      const form = page.forms.find((one) => 'account_id' in one.fields).fields;
      page = await press(manager, at, { act: 'end' });
      assert.match(page.text, /Ended/);
      assert.equal((await person.request('/me')).status, 303);
      assert.equal((await desk.visitor().signIn(slip[0], `${OWN} two`)).status, 400);
      const stale = await manager.request(at, { method: 'POST', fields: { ...form, form_key: 'E'.repeat(22), act: 'renew' } });
      assert.equal(stale.status, 400);
      assert.match(stale.text, /changed this account in between/);
      // Another person's page reaches it not.
      const other = await manager.request(`/desk/people/${bo}/account`, { method: 'POST', fields: { ...form, form_key: 'F'.repeat(22), act: 'renew' } });
      assert.equal(other.status, 404);
    });

    test('each act is in the history, about the person', async () => {
      const look = () => Number(rowsOf(desk.address, `SELECT count(*) AS n FROM audit_entry WHERE object = 'own-account' AND act = 'write' AND outcome = 'done' AND person_id = '${ada}'`)[0].n);
      assert.equal(await eventually(look, (n) => n >= 3), 3); // made, a new code, ended
    });
  });
}
