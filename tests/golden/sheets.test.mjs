// The sheets that people are handed: the packing list, the welcome, the list of belongings unsigned and signed, in English and
// Spanish, from the real server on both engines, against files that were read. Moments of signing are left out; all else is compared
// byte for byte. Expected: what was typed; knowledge/{packing-list,welcome-parts,restricted-items}.csv with their words; the
// programme reference's 6.4. A sheet that travels holds no family name.
// FAIRLEAD_GOLDEN=write writes the files anew, to be read before they are kept.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { engines } from '../support/databases.mjs';
import { openDesk, writeRows } from '../support/desk.mjs';
import { openRecords } from '../support/people.mjs';

const folder = fileURLToPath(new URL('sheets', import.meta.url));
const STROKES = ['10,20 60,80 120,40;200,100 260,140', '20,150 200,50 380,150 560,50'];
// 2031-01-15 at 9:30 in the morning in Denver.
const PLANNED = Date.UTC(2031, 0, 15, 16, 30) * 1000;

const articleOf = (html) => html.match(/<article class="paper"[^]*<\/article>/)[0].replace(/<time datetime="[^"]*">[^<]*<\/time>/g, '<time>…</time>') + '\n';

for (const engine of engines()) {
  describe(`sheets on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let desk, staff, people, admin;
    const intakes = [];
    const compare = (name, html) => {
      const path = join(folder, name), said = articleOf(html);
      if (process.env.FAIRLEAD_GOLDEN === 'write' || !existsSync(path)) {
        assert.equal(process.env.FAIRLEAD_GOLDEN, 'write', `${name} is not there`);
        writeFileSync(path, said);
      }
      assert.equal(said, readFileSync(path, 'utf8'), name);
    };
    before(async () => {
      const database = engine.make();
      desk = await openDesk({ database });
      const records = await openRecords(desk.origin, desk.data, database);
      ({ staff, people } = records);
      admin = staff; // of every role
      const act = async (path, fields) => {
        await staff.get(path);
        const page = await staff.post(path.split('?')[0], fields);
        assert.equal(page.status, 200, `${path}: ${page.text}`);
        return page;
      };
      await act('/desk/settings/sites', { act: 'site', site_id: '', name: 'East House', street: '12 Mill <Lane>', city: 'Aspen', state: 'CO', zip: '81611', phone: '970-555-0147', hours: 'Every day, 7 to 22' });
      await act('/desk/settings/packing', { act: 'add', side: 'bring', kind: 'thing', english: 'A towel & a "blanket"', spanish: 'Una toalla y una "cobija"' });
      await act('/desk/settings/packing', { act: 'add', side: 'leave', kind: 'thing', english: 'Skis', spanish: 'Esquís' });
      await act('/desk/settings/welcome?part=arrive', { part: 'arrive', english: 'Ring the bell at the blue door.\nWe wait for you.', spanish: 'Toque el timbre de la puerta azul.\nLe esperamos.' });
      await act('/desk/staff/new', { name: 'Nia Ames', profession: 'counselor', license_expires_on: '', hours: '' });
      const member = (await staff.get('/desk/staff')).html.match(/\/desk\/staff\/([0-9a-f-]{36})/)[1];
      for (const [index, id] of people.entries()) {
        const page = await staff.get(`/desk/people/${id}/episodes`);
        const site = page.html.match(/value="([0-9a-f-]{36})"[^>]*>\s*(?:<span>)?East House/)[1];
        await act(`/desk/people/${id}/episodes`, { status: 'planned', site, level: '3.5', referral: 'self' });
        await act(`/desk/people/${id}/team`, { act: '', staff: member, role: 'primary-counselor' });
        const at = `/desk/people/${id}/belongings`, begun = await staff.get(at);
        intakes.push((await staff.post(at, begun.forms.find(({ fields }) => fields.act === 'begin').fields)).path.match(/intake=([0-9a-f-]{36})/)[1]);
        for (const fields of [{ thing: 'Winter coat <blue>', quantity: '1', condition: 'worn', restricted: '' }, { thing: 'Whisky', quantity: '2', condition: 'sealed', restricted: 'alcohol' }, { thing: 'Telephone', quantity: '1', condition: 'good', restricted: 'phone' }])
          await act(at, { act: 'add', ...fields });
        writeRows(desk.address, `UPDATE intake SET planned_at = ${PLANNED} WHERE id = '${intakes[index]}'`);
      }
    });
    after(() => desk?.stop());

    for (const language of ['en', 'es']) {
      test(`the packing list in ${language}`, async () => {
        compare(`packing.${language}.html`, (await staff.get(`/desk/people/${people[0]}/packing?language=${language}`)).html);
      });
      test(`the welcome sheet in ${language}`, async () => {
        const page = await staff.get(`/desk/people/${people[0]}/welcome?language=${language}`);
        compare(`welcome.${language}.html`, page.html);
        assert.doesNotMatch(articleOf(page.html), /Smyth/, 'no family name on a paper that travels');
      });
      test(`the list of belongings in ${language}, to sign on paper`, async () => {
        compare(`belongings.${language}.html`, (await staff.get(`/desk/people/${people[0]}/belongings/sheet?language=${language}`)).html);
      });
    }

    test('signed, each in the language that was read', async () => {
      for (const [index, language] of ['en', 'es'].entries()) {
        const at = `/desk/people/${people[index]}/belongings`;
        await staff.get(`${at}/sign?intake=${intakes[index]}&language=${language}`);
        const page = await staff.post(`${at}/sign`, { signed_by: 'patient', signer: ['Joan Smyth', 'Jon Smyth'][index], authority: '', drawn: STROKES[0], drawn_staff: STROKES[1] });
        assert.equal(page.status, 200, page.text);
        compare(`belongings-signed.${language}.html`, page.html);
        // Whoever opens it, and in whatever language: the signed words.
        compare(`belongings-signed.${language}.html`, (await staff.get(`/es${at}/sheet?language=${language === 'en' ? 'es' : 'en'}`)).html);
      }
    });

    test('what a program says itself can be taken back', async () => {
      let page = await admin.get('/desk/settings/packing');
      const ends = page.forms.filter(({ fields }) => fields.act === 'end');
      assert.equal(ends.length, 2);
      for (const { fields } of ends) { page = await admin.get('/desk/settings/packing'); page = await admin.post('/desk/settings/packing', { ...fields, ...page.forms.find((one) => one.fields.line === fields.line).fields }); }
      assert.match(page.text, /No lines of your own yet/);
      await admin.get('/desk/settings/welcome?part=arrive');
      page = await admin.post('/desk/settings/welcome', { part: 'arrive', english: '', spanish: '' });
      assert.equal(page.status, 200, page.text);
      page = await staff.get(`/desk/people/${people[0]}/welcome?language=en`);
      assert.match(page.text, /Come to the front door/);
    });
  });
}
