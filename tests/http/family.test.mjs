// A member of the family, on the real server and both engines: staff make a sign-in by the one consent that names them; they see
// what disclose() lets through by it and nothing else, each look is a row of the person's accounting, and it is over at the moment
// the person takes the consent back. Expected values: 42 CFR 2.31 and 2.33, knowledge/roles.csv (family), docs/consent.md.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { engines, rowsOf } from '../support/databases.mjs';
import { freshCode, plain } from '../support/desk.mjs';
import { draft, openProgram, PASSWORD, signIn } from '../support/people.mjs';

for (const engine of engines()) {
  describe(`family on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let server, officer, nurse, person, at, address, family, consent, slip, looked;
    const pressed = async (visitor, action, fields) => {
      const page = await visitor.post(action, fields);
      if (!page.forms.some((form) => 'prove_secret' in form.fields)) return page;
      return visitor.prove({ prove_secret: PASSWORD, ...(visitor.secret ? { prove_code: await freshCode(visitor.secret) } : {}) });
    };
    const sign = async (wanted) => {
      await officer.get(`${at}/consent?kind=${wanted.kind}`);
      const shown = await officer.post(`${at}/consent`, wanted);
      return officer.post(`${at}/consent`, { ...wanted, words: shown.html.match(/name="words" value="([0-9a-f]{64})"/)[1], signer: 'Robin Vale' });
    };
    const count = () => rowsOf(address, 'SELECT id FROM disclosure').length;
    before(async () => {
      address = engine.make();
      ({ server, officer, nurse, person, at } = await openProgram(address, 'Robin'));
      await nurse.get(`${at}/facts`);
      await nurse.post(`${at}/facts`, { kind: 'allergy', value: '', words: 'penicillin', since: '', act: 'add' });
    });
    after(() => server?.stop());

    test('a consent for family that names one person may have a sign-in; no other may', async () => {
      await sign(draft);
      assert.doesNotMatch((await officer.get(`${at}/consents`)).html, /consents\/family/);
      const page = await sign({ ...draft, kind: 'family', purpose_codes: 'FAMRQT', recipients: 'Ana Vale', description: 'My name', documents: 'person' });
      consent = page.html.match(/consents\/family\?consent=([0-9a-f-]{36})/)[1];
      const other = rowsOf(address, `SELECT id FROM consent WHERE id <> '${consent}'`)[0].id;
      await officer.get(`${at}/consents/family?consent=${other}`);
      assert.equal((await pressed(officer, `${at}/consents/family`, { consent: other, act: 'make' })).status, 400);
      assert.equal(rowsOf(address, 'SELECT account_id FROM family_account').length, 0);
      await officer.get(`${at}/consents/family?consent=${consent}`);
      const made = await pressed(officer, `${at}/consents/family`, { consent, act: 'make' });
      assert.equal(made.status, 200, made.text);
      slip = ['name', 'code'].map((part) => plain(made.html.match(new RegExp(`id="slip-${part}">([^<]+)<`))[1]));
      // Name and code are drawn by lot, so that any word may stand in them.
      const paper = slip.reduce((text, drawn) => text.replace(drawn, ''), plain(made.html.match(/<section class="note slip"[^]*?<\/section>/)[0].replace(/<[^>]*>/g, ' ')));
      assert.doesNotMatch(paper, /Ana|Vale|Lantern|treat|care|recovery/i);
      assert.doesNotMatch((await officer.get(`${at}/consents/family?consent=${consent}`)).html, new RegExp(slip[1]), 'shown once');
      assert.deepEqual(rowsOf(address, `SELECT shown_name, email FROM account WHERE sign_in_name = '${slip[0]}'`).map((row) => [row.shown_name, row.email]), [['', '']]);
    });

    test('they see what the consent covers, and nothing else', async () => {
      family = await signIn(server.origin, ...slip);
      const home = await family.get('/me');
      assert.equal(home.status, 200, home.text);
      assert.doesNotMatch(home.html, /\/me\/(?:record|views|consents|disclosures)/);
      const before = count();
      const page = await family.get('/me/shared');
      assert.equal(page.status, 200, page.text);
      assert.doesNotMatch(page.html, /Robin/, 'nothing is shown before it is written down');
      assert.equal(count(), before);
      looked = await family.post('/me/shared', {});
      assert.equal(looked.status, 200, looked.text);
      assert.match(looked.path, /^\/me\/shared\?number=/);
      assert.match(looked.text, /Robin/);
      assert.match(looked.text, /protected by Federal confidentiality rules \(42 CFR part 2\)/);
      assert.doesNotMatch(looked.text, /penicillin/);
      const rows = rowsOf(address, 'SELECT basis, purpose, consent_ids, fields FROM disclosure ORDER BY at, id').slice(before);
      assert.deepEqual(rows.map((row) => [row.basis, row.purpose, row.consent_ids]), [['consent', 'FAMRQT', consent]]);
      assert.ok(rows[0].fields.split(' ').every((field) => field.startsWith('person.')), rows[0].fields);
      await family.get(looked.path);
      assert.equal(count(), before + 1, 'what was seen may be looked at again');
    });

    test('they reach nothing else of the person or the desk', async () => {
      for (const path of ['/me/record', '/me/views', '/me/consents', '/me/disclosures', `/me/copy?number=${looked.path.split('=')[1]}`, `/me/consents/sheet?consent=${consent}`]) {
        const page = await family.request(path);
        assert.equal(page.status, 403, path);
        assert.doesNotMatch(page.html, /Robin|Vale/, path);
      }
      for (const path of ['/desk', at, `${at}/consents`]) assert.equal((await family.request(path)).location, '/me', path);
      assert.equal((await person.request('/me/shared')).status, 403);
    });

    test('the person sees to whom it went and that they looked, without the audit holding a name', async () => {
      assert.match((await person.get('/me/disclosures')).text, /Ana Vale/);
      assert.match((await person.get('/me/views')).text, /Family\s*: Opened the page of what you let them see/);
    });

    test('taken back, it is over at once, and what was seen is not shown again', async () => {
      const page = await person.get('/me/consents');
      await person.post('/me/consents', page.forms.find((form) => form.fields.consent === consent).fields);
      const before = count();
      for (const path of [looked.path, '/me/shared', '/es/me/shared']) {
        const shown = await family.get(path);
        assert.match(shown.text, /Nothing is shared with you now|Ahora no se comparte nada con usted/, path);
        assert.doesNotMatch(shown.text, /Robin/, path);
      }
      const token = family.page.forms.find((form) => 'form_token' in form.fields).fields.form_token;
      const refused = await family.request('/me/shared', { method: 'POST', fields: { form_token: token, form_key: 'A'.repeat(22) } });
      assert.equal(refused.status, 403);
      assert.doesNotMatch(refused.html, /Robin/);
      assert.equal(count(), before);
    });

    test('a new consent has a sign-in of its own, and staff end it', async () => {
      const page = await sign({ ...draft, kind: 'family', purpose_codes: 'FAMRQT', recipients: 'Ana Vale', description: 'Again', documents: 'person' });
      const again = page.html.match(/consents\/family\?consent=([0-9a-f-]{36})/)[1];
      await officer.get(`${at}/consents/family?consent=${again}`);
      const made = await pressed(officer, `${at}/consents/family`, { consent: again, act: 'make' });
      const ana = await signIn(server.origin, ...['name', 'code'].map((part) => plain(made.html.match(new RegExp(`id="slip-${part}">([^<]+)<`))[1])));
      await ana.get('/me/shared');
      assert.match((await ana.post('/me/shared', {})).text, /Robin/);
      await officer.get(`${at}/consents/family?consent=${again}`);
      await pressed(officer, `${at}/consents/family`, { consent: again, act: 'end' });
      assert.match((await ana.get('/me/shared')).path, /sign-in/);
    });
  });
}
