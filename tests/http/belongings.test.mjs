// What somebody brought, by pages alone, on the real server and both engines: a list that begins with a stay's intake, where each
// thing goes and who says so, two people to destroy, two signatures over the list as it was shown, giving back, and a person's
// own look at it. Expected values: what was typed; knowledge/{belongings-states,restricted-items}.csv; knowledge/roles.csv; the
// programme reference's 6.4 (two signatures, a reason for what cannot stay, destroyed by two).
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { engines, rowsOf } from '../support/databases.mjs';
import { eventually, freshCode, openDesk, plain } from '../support/desk.mjs';
import { draft, openRecords, PASSWORD, signIn } from '../support/people.mjs';

// The words of a page on one line.
const said = (page) => page.text.replace(/\s+/g, ' ').replace(/ ([.,:;])/g, '$1');
const STROKES = '10,20 60,80 120,40;200,100 260,140';

for (const engine of engines()) {
  describe(`belongings on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let desk, records, staff, technician, nurse, joan, at, intake;
    const kept = (thing) => rowsOf(desk.address, `SELECT state, version, error_at FROM belonging WHERE id = '${thing}'`)[0];
    // The id of a thing on the list that is shown.
    const idOf = (page, thing) => page.html.match(new RegExp(`thing\\?thing=([0-9a-f-]{36})">(?:<s>)?${thing}<`))[1];
    const add = (visitor, fields) => visitor.post(at, { act: 'add', quantity: '1', condition: 'good', restricted: '', ...fields });
    const move = async (visitor, thing, fields) => {
      await visitor.get(`${at}/thing?thing=${thing}`);
      return visitor.post(`${at}/thing`, { act: 'move', place: '', words: '', ...fields });
    };
    before(async () => {
      const database = engine.make();
      desk = await openDesk({ database });
      records = await openRecords(desk.origin, desk.data, database);
      staff = records.staff;
      [joan] = records.people;
      at = `/desk/people/${joan}/belongings`;
      technician = await desk.account('technician', { program: records.program.id, shown_name: 'Tess Rowe' });
      nurse = await desk.account('nurse', { program: records.program.id });
      const page = await staff.get(`/desk/people/${joan}/episodes`);
      const site = page.html.match(/value="([0-9a-f-]{36})"[^>]*>\s*(?:<span>)?West House/)[1];
      await staff.post(`/desk/people/${joan}/episodes`, { status: 'active', site, level: '3.5', referral: 'self' });
    });
    after(() => desk?.stop());

    test('the list begins with the stay\'s intake, once', async () => {
      let page = await technician.get(at);
      assert.match(said(page), /Nothing is written here yet/);
      assert.match(page.html, /aria-current="page">Belongings</);
      const twice = page.forms.find((form) => form.fields.act === 'begin').fields;
      const answers = await Promise.all([1, 2].map(() => technician.request(at, { method: 'POST', fields: twice })));
      for (const answer of answers) assert.equal(answer.status, 303, answer.text);
      page = await technician.get(answers[0].location);
      intake = page.path.match(/intake=([0-9a-f-]{36})/)[1];
      assert.equal(rowsOf(desk.address, 'SELECT id FROM intake').length, 1);
      assert.match(said(page), /Nothing is here/);
      assert.doesNotMatch(said(page), /Begin the list/);
    });

    test('a thing is named, counted and looked at; what is wrong stands beside its field', async () => {
      await technician.get(at);
      let page = await add(technician, { thing: '', quantity: '0', condition: '' });
      assert.equal(page.status, 400);
      for (const name of ['thing', 'quantity', 'condition']) assert.match(page.html, new RegExp(`href="#form-${name}"`), name);
      page = await add(technician, { thing: 'Winter coat', condition: 'mint' });
      assert.equal(page.status, 400);
      page = await add(technician, { thing: 'Winter coat', restricted: 'lock-box' });
      assert.equal(page.status, 400);
      page = await add(technician, { thing: 'x'.repeat(201) });
      assert.equal(page.status, 400);
      page = await add(technician, { thing: 'Winter <b>coat</b>, "blue" & {{warm}}', quantity: '1', condition: 'worn' });
      assert.equal(page.status, 200, page.text);
      assert.match(said(page), /Winter <b>coat<\/b>, "blue" & {{warm}}\s+1\s+Worn\s+Received/);
      const form = page.forms.find(({ fields }) => fields.act === 'add').fields;
      const fields = { ...form, thing: 'Blue bag', quantity: '2', condition: 'good', restricted: '' };
      const answers = await Promise.all([1, 2, 3].map(() => technician.request(at, { method: 'POST', fields })));
      for (const answer of answers) assert.equal(answer.status, 303, answer.text);
      page = await technician.get(at);
      assert.equal(page.html.match(/>Blue bag</g).length, 1, 'sent three times, kept once');
      assert.match(said(page), /Not signed yet/);
      assert.equal(rowsOf(desk.address, 'SELECT thing FROM belonging').every(({ thing }) => !/coat|bag/i.test(Buffer.from(String(thing)).toString())), true, 'sealed');
    });

    test('what cannot stay says why and where it goes', async () => {
      await technician.get(at);
      let page = await add(technician, { thing: 'Whisky', restricted: 'alcohol', condition: 'sealed' });
      assert.match(said(page), /Cannot stay: Drinks with alcohol\. It makes the first days harder[^]*Two people destroy it/);
      page = await add(technician, { thing: 'Telephone', restricted: 'phone' });
      assert.match(said(page), /Phone, tablet, computer[^]*It is stored, and you get it back/);
      const phone = idOf(page, 'Telephone');
      page = await move(technician, phone, { state: 'stored', place: '' });
      assert.equal(page.status, 400);
      assert.match(said(page), /Please say where it is/);
      page = await move(technician, phone, { state: 'stored', place: 'locker 12' });
      assert.match(said(page), /Stored: locker 12/);
      assert.doesNotMatch(page.html.slice(page.html.indexOf('Telephone')).slice(0, 700), /Cannot stay/);
    });

    test('a stale form shows both versions and changes nothing', async () => {
      const phone = idOf(await staff.get(at), 'Telephone');
      await staff.get(`${at}/thing?thing=${phone}`);
      const page = await move(technician, phone, { state: 'with-person', words: 'for a call' });
      assert.match(said(page), /With the person/);
      const stale = await staff.post(`${at}/thing`, { act: 'move', state: 'returned', place: '', words: 'late' });
      assert.equal(stale.status, 409);
      assert.match(stale.html, /<td data-label="[^"]*">With the person<\/td>\s*<td data-label="[^"]*">Given back<\/td>/);
      assert.equal(kept(phone).state, 'with-person');
      const again = await staff.post(`${at}/thing`, { act: 'move', state: 'stored', place: 'locker 9', words: '' });
      assert.equal(again.status, 200, again.text);
      assert.equal(kept(phone).state, 'stored');
    });

    test('nobody destroys alone', async () => {
      const bottle = idOf(await technician.get(at), 'Whisky');
      let page = await move(technician, bottle, { state: 'destroy-asked', words: 'poured out' });
      assert.match(said(page), /waits for a second person/);
      page = await move(technician, bottle, { state: 'destroyed' });
      assert.equal(page.status, 400);
      assert.match(said(page), /A second person must do this/);
      page = await move(staff, bottle, { state: 'destroyed' });
      assert.match(said(page), /No longer here[^]*Whisky/);
      page = await staff.get(`${at}/thing?thing=${bottle}`);
      assert.match(said(page), /Received[^]*Tess Rowe[^]*To be destroyed[^]*Tess Rowe\s+poured out[^]*Destroyed by two people[^]*, Tess Rowe/);
      assert.doesNotMatch(page.html, /name="state"/, 'an end');
    });

    test('a mistake is marked, once it is ticked, and stays to be seen', async () => {
      await technician.get(at);
      let page = await add(technician, { thing: 'Typing error' });
      const wrong = idOf(page, 'Typing error');
      await technician.get(`${at}/thing?thing=${wrong}`);
      page = await technician.post(`${at}/thing`, { act: 'wrong', sure: '' });
      assert.equal(page.status, 400);
      assert.equal(Number(kept(wrong).error_at), 0);
      page = await technician.post(`${at}/thing`, { act: 'wrong', sure: '1' });
      assert.equal(page.status, 200, page.text);
      assert.match(page.html, /<s>Typing error<\/s>/);
      assert.ok(Number(kept(wrong).error_at) > 0);
    });

    test('two sign the list that was shown: drawn, or typed with proof', async () => {
      let page = await technician.get(`${at}/sign?intake=${intake}`);
      assert.match(said(page), /What I brought[^]*1\. Winter <b>coat[^]*2\. Blue bag: 2\. Good\.[^]*3\. Whisky[^]*4\. Telephone/);
      assert.doesNotMatch(said(page), /Typing error/);
      page = await technician.post(`${at}/sign`, { signed_by: 'personal-representative', signer: 'Joan Smyth', authority: '', drawn_staff: STROKES });
      assert.equal(page.status, 400);
      page = await technician.post(`${at}/sign`, { signer: 'Joan Smyth', drawn: 'M0,0', drawn_staff: STROKES });
      assert.equal(page.status, 400);
      // Somebody adds a thing meanwhile: what was read aloud is no longer the list.
      await staff.get(at);
      await add(staff, { thing: 'Guitar' });
      page = await technician.post(`${at}/sign`, { signed_by: 'patient', signer: 'Joan Smyth', authority: '', drawn: STROKES, drawn_staff: STROKES });
      assert.equal(page.status, 409, page.text);
      assert.match(said(page), /The list changed\. Show it again before signing/);
      assert.match(said(page), /5\. Guitar/);
      assert.doesNotMatch(page.html, new RegExp(STROKES), 'a drawn line belongs to the list that was shown');
      assert.equal(rowsOf(desk.address, 'SELECT id FROM belonging_signing').length, 0);
      // The staff member types: they prove who they are, or draw.
      page = await technician.post(`${at}/sign`, { signer: 'Joan Smyth', drawn: STROKES, drawn_staff: '' });
      if (page.forms.some((form) => 'prove_secret' in form.fields)) page = await technician.prove({ prove_secret: technician.password, ...(technician.secret ? { prove_code: await freshCode(technician.secret) } : {}) });
      assert.equal(page.status, 200, page.text);
      assert.equal(page.path, `${at}/sheet?intake=${intake}`);
      assert.match(said(page), /Joan Smyth[^]*The person[^]*Drawn signature[^]*Tess Rowe\s+Staff\s+Typed name/);
      assert.equal(page.html.match(/<polyline/g).length, 2);
      const [{ sha256, person_signature_id: one, staff_signature_id: two }] = rowsOf(desk.address, 'SELECT sha256, person_signature_id, staff_signature_id FROM belonging_signing');
      assert.notEqual(one, two);
      // The list as it is printed is what was hashed.
      const lines = [page.html.match(/<h1>([^<]*)/)[1], ...[...page.html.match(/<div class="listed">([^]*?)<\/div>/)[1].matchAll(/<p>([^<]*)<\/p>/g)].map((match) => match[1]), page.html.match(/<p><b>(This list[^<]*)</)[1]];
      const words = lines.map((line) => line.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&#x27;|&#39;/g, "'").replace(/&amp;/g, '&') + '\n').join('');
      assert.equal(createHash('sha256').update(words).digest('hex'), sha256);
      page = await technician.get(at);
      assert.match(said(page), /Both have signed the list/);
    });

    test('a list that grew asks for new signatures; where a thing is later does not', async () => {
      const guitar = idOf(await technician.get(at), 'Guitar');
      let page = await move(technician, guitar, { state: 'stored', place: 'music room' });
      assert.match(said(page), /Both have signed the list/);
      page = await add(technician, { thing: 'Hat' });
      assert.match(said(page), /The list has changed since it was signed/);
      page = await technician.get(`${at}/sheet`);
      assert.match(said(page), /The list has changed since it was signed[^]*Guitar/);
      assert.doesNotMatch(page.html.match(/<div class="listed">([^]*?)<\/div>/)[1], /Hat/, 'signed words stay what they were');
    });

    test('the person sees their own, without where it is locked up, and nobody else\'s', async () => {
      const { person } = records;
      let page = await person.get('/me');
      assert.match(page.html, /href="\/me\/belongings"/);
      page = await person.get('/me/belongings');
      assert.equal(page.status, 200, page.text);
      assert.match(said(page), /Guitar\s+1\s+Stored/);
      assert.match(said(page), /Whisky\s+1\s+Destroyed by two people/);
      assert.doesNotMatch(said(page), /music room|locker/);
      page = await person.get(`/es/me/belongings?intake=${intake}`);
      assert.match(said(page), /Sus cosas[^]*Guitar\s+1\s+Guardado|Sus cosas[^]*Guitar\s+1\s+\S+/);
      page = await person.get('/me/belongings/sheet');
      assert.match(said(page), /What I brought[^]*Joan Smyth/);
      const other = await person.request(`/me/belongings?intake=${'0198a000-0000-7000-8000-0000000000aa'}`);
      assert.equal(other.status, 404);
    });

    test('in Spanish the sheet is in the language that was signed, the page around it in the reader\'s', async () => {
      const page = await staff.get(`/es${at}/sheet?intake=${intake}`);
      assert.match(page.html, /<article class="paper" lang="en">[^]*What I brought/);
      assert.match(said(page), /La lista en papel/);
    });

    test('at discharge things are given back against a receipt that both sign', async () => {
      let page = await technician.get(`${at}/return?intake=${intake}`);
      const form = page.forms.find((one) => one.action === `${at}/return`).fields;
      const all = [...page.html.matchAll(/name="things" value="([^"]+)" checked/g)].map((match) => match[1]);
      assert.equal(all.length, 5); // coat, bag, phone, guitar, hat; the bottle has ended
      page = await technician.post(`${at}/return`, { ...form, things: all, words: '', signed_by: 'patient' });
      assert.equal(page.status, 400);
      // The second step shows the receipt, in the person's language, and gives nothing back yet.
      await technician.get(`${at}/return?intake=${intake}`);
      page = await technician.post(`${at}/return`, { things: all.slice(0, 2), words: 'Joan herself', signed_by: 'patient', why: '' });
      assert.equal(page.status, 200, page.text);
      assert.match(said(page), /What I got back 1\. Winter <b>coat[^]*: 1\. Worn\. 2\. Blue bag: 2\. Good\. Given to: Joan herself I got back what this list says\./);
      assert.equal(rowsOf(desk.address, "SELECT id FROM belonging WHERE state = 'returned'").length, 0);
      const shown = page.forms.find((one) => one.fields.act === 'sign').fields;
      // A name is missing, a line is none, a receipt of something else: refused, with the receipt shown again.
      page = await technician.post(`${at}/return`, { ...shown, things: all.slice(0, 2), signer: '', drawn: STROKES, drawn_staff: STROKES });
      assert.equal(page.status, 400);
      assert.match(page.html, /href="#form-signer"/);
      assert.match(said(page), /What I got back/);
      page = await technician.post(`${at}/return`, { ...shown, things: all.slice(0, 2), signer: 'Joan Smyth', drawn: 'M0,0', drawn_staff: STROKES });
      assert.equal(page.status, 400);
      const other = await technician.request(`${at}/return`, { method: 'POST', fields: { ...shown, things: all.slice(0, 3), signer: 'Joan Smyth', drawn: STROKES, drawn_staff: STROKES } });
      assert.equal(other.status, 409);
      assert.doesNotMatch(other.html, new RegExp(STROKES), 'a drawn line belongs to the receipt that was shown');
      assert.equal(rowsOf(desk.address, 'SELECT id FROM belonging_return').length, 0);
      // Sent twice, done once; the receipt is kept to the byte.
      const fields = { ...shown, things: all.slice(0, 2), signer: 'Joan Smyth', drawn: STROKES, drawn_staff: STROKES };
      const answers = await Promise.all([1, 2].map(() => technician.request(`${at}/return`, { method: 'POST', fields })));
      for (const answer of answers) assert.equal(answer.status, 303, answer.text);
      assert.equal(rowsOf(desk.address, 'SELECT id FROM belonging_return').length, 1);
      page = await technician.get(answers[0].location);
      assert.match(said(page), /What I got back[^]*Joan Smyth[^]*The person[^]*Tess Rowe Staff Drawn signature/);
      assert.doesNotMatch(said(page), /Guitar|Where things are/);
      const lines = [page.html.match(/<h1>([^<]*)/)[1], ...[...page.html.match(/<div class="listed">([^]*?)<\/div>/)[1].matchAll(/<p>([^<]*)<\/p>/g)].map((match) => match[1]), page.html.match(/<p><b>(I got back[^<]*)</)[1]];
      const words = lines.map((line) => line.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&#x27;|&#39;/g, "'").replace(/&amp;/g, '&') + '\n').join('');
      assert.equal(createHash('sha256').update(words).digest('hex'), rowsOf(desk.address, 'SELECT sha256 FROM belonging_return')[0].sha256);
      // The person has the same receipt; nobody finds it under another stay or with another number.
      const receipt = answers[0].location.match(/return=([0-9a-f-]{36})/)[1];
      page = await records.person.get('/me/belongings');
      assert.match(page.html, new RegExp(`/me/belongings/sheet\\?intake=${intake}&(?:amp;)?return=${receipt}`));
      assert.match(said(await records.person.get(`/me/belongings/sheet?intake=${intake}&return=${receipt}`)), /What I got back[^]*Joan Smyth/);
      for (const bad of ['x', intake, `${receipt}%00`, `${receipt}'--`]) assert.ok([400, 404].includes((await records.person.request(`/me/belongings/sheet?return=${encodeURIComponent(bad)}`)).status), bad);
    });

    test('nobody has to sign; then it says why; sent twice, done once', async () => {
      let page = await technician.get(`${at}/return?intake=${intake}`);
      const all = [...page.html.matchAll(/name="things" value="([^"]+)" checked/g)].map((match) => match[1]);
      assert.equal(all.length, 3);
      page = await technician.post(`${at}/return`, { things: all, words: 'Joan herself', signed_by: 'nobody', why: '' });
      assert.equal(page.status, 400);
      assert.match(page.html, /href="#form-why"/);
      page = await technician.post(`${at}/return`, { things: all, words: 'Joan herself', signed_by: 'nobody', why: 'zebra' });
      assert.equal(page.status, 400);
      await technician.get(`${at}/return?intake=${intake}`);
      const fields = { ...technician.page.forms.find((one) => one.action === `${at}/return`).fields, things: all.slice(0, 2), words: 'Joan herself', signed_by: 'nobody', why: 'did-not-want' };
      const answers = await Promise.all([1, 2].map(() => technician.request(`${at}/return`, { method: 'POST', fields })));
      for (const answer of answers) assert.equal(answer.status, 303, answer.text);
      page = await technician.get(at);
      assert.equal(page.html.match(/Given back/g).length, 4);
      assert.match(said(page), /Not signed: They did not want to sign/);
      const stale = await technician.request(`${at}/return`, { method: 'POST', fields: { ...fields, form_key: 'R'.repeat(22), things: all } });
      assert.equal(stale.status, 409, 'things that were given back already');
      assert.match(said(stale), /given back|Load it again|changed|follow/i);
      assert.equal(rowsOf(desk.address, "SELECT belonging_id FROM belonging_step WHERE state = 'returned'").length, 4);
      assert.equal(rowsOf(desk.address, 'SELECT belonging_id FROM belonging_return_thing').length, 4);
    });

    test('family sees what a consent names: the things, not where they are locked up, no medicine unless it is named', async () => {
      const of = `/desk/people/${joan}`;
      const pressed = async (action, fields) => {
        const page = await staff.post(action, fields);
        if (!page.forms.some((form) => 'prove_secret' in form.fields)) return page;
        return staff.prove({ prove_secret: PASSWORD, ...(staff.secret ? { prove_code: await freshCode(staff.secret) } : {}) });
      };
      await staff.get(`${of}/intake/medicines?intake=${intake}`);
      await staff.post(`${of}/intake/medicines`, { act: 'first', count_id: '', medicine: 'Quokkazone 5 mg', number: '6' });
      const second = (await nurse.get(`${of}/intake/medicines?intake=${intake}`)).forms.find((form) => form.fields.act === 'second').fields;
      assert.equal((await nurse.post(`${of}/intake/medicines`, { ...second, second: '6', explanation: '' })).status, 200);
      const seen = async (fields) => {
        const wanted = { ...draft, kind: 'family', purpose_codes: 'FAMRQT', recipients: 'Ann Smyth', description: 'What I brought', ...fields };
        await staff.get(`${of}/consent?kind=family`);
        const shown = await staff.post(`${of}/consent`, wanted);
        const kept = await staff.post(`${of}/consent`, { ...wanted, words: shown.html.match(/name="words" value="([0-9a-f]{64})"/)[1], signer: 'Joan Smyth' });
        const consent = [...kept.html.matchAll(/consents\/family\?consent=([0-9a-f-]{36})/g)].map((match) => match[1])
          .find((one) => !rowsOf(desk.address, `SELECT consent_id FROM family_account WHERE consent_id = '${one}'`).length);
        await staff.get(`${of}/consents/family?consent=${consent}`);
        const made = await pressed(`${of}/consents/family`, { consent, act: 'make' });
        const ann = await signIn(desk.origin, ...['name', 'code'].map((part) => plain(made.html.match(new RegExp(`id="slip-${part}">([^<]+)<`))[1])));
        await ann.get('/me/shared');
        const page = await ann.post('/me/shared', {});
        assert.equal(page.status, 200, page.text);
        assert.equal((await ann.request('/me/belongings')).status, 403, 'no other way in');
        return page;
      };
      const things = await seen({ documents: 'belonging' });
      assert.match(said(things), /Belongings[^]*Thing Guitar How many 1 Condition Good Where it is Given back/);
      assert.match(said(things), /Thing Hat/);
      assert.doesNotMatch(said(things), /Quokkazone|Whisky|Typing error|music room|locker|Joan herself/);
      const all = said(await seen({ documents: 'belonging', labels: 'FREETEXT' }));
      for (const thing of [/Thing Quokkazone 5 mg How many 6/, /Thing Whisky[^]*Drinks with alcohol/, /Thing Guitar/]) assert.match(all, thing);
      assert.doesNotMatch(said(await seen({ documents: 'person' })), /Guitar|Hat/);
      // The person's own copy has them all, with why something could not stay.
      await records.person.get('/me/record');
      const copy = await records.person.post('/me/record', {});
      assert.match(said(copy), /Whisky[^]*Drinks with alcohol/);
      assert.match(said(copy), /Quokkazone/);
      assert.doesNotMatch(said(copy), /music room|locker/);
    });

    test('who may not write only looks; who may not look is refused', async () => {
      let page = await nurse.get(at);
      assert.equal(page.status, 200);
      assert.doesNotMatch(page.html, /name="act" value="(add|begin)"|belongings\/(sign|return)/);
      const token = page.forms.map((form) => form.fields.form_token).find(Boolean);
      for (const path of [at, `${at}/thing`, `${at}/sign`, `${at}/return`])
        assert.equal((await nurse.request(path, { method: 'POST', fields: { form_token: token, form_key: 'N'.repeat(22), act: 'add', thing: 'x', quantity: '1', condition: 'good' } })).status, 403, path);
      const pharmacist = await desk.account('pharmacist', { program: records.program.id });
      for (const path of [at, `${at}/sheet`, `${at}/thing?thing=x`]) assert.equal((await pharmacist.request(path)).status, 403, path);
      for (const path of [`${at}?intake=x`, `${at}/thing?thing=%27%3B--`, `${at}/sheet?intake=${joan}`]) assert.equal((await staff.request(path)).status, 404, path);
    });

    test('all of it stands in the history, none of it in the log', async () => {
      const look = () => Number(rowsOf(desk.address, "SELECT count(*) AS n FROM audit_entry WHERE object = 'belongings' AND act = 'write' AND outcome = 'done'")[0].n);
      assert.ok(await eventually(look, (count) => count >= 10) >= 10);
      assert.doesNotMatch(desk.log(), /Guitar|Whisky|locker 12|Joan|Smyth|poured/);
    });
  });
}
