// From outside to a request, on the real server and both engines, by pages alone: answers that somebody carries are sent to a
// place they choose. Expected: the form's own fields; request.h (what a request keeps of carried answers); the
// issue's words (a private link, no cookie, nothing in a log, once for a form).
// Failures seen elsewhere: 13 (a double click acts twice), 29 (an answer that tells who is known).
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { engines, rowsOf } from '../support/databases.mjs';
import { eventually, openDesk, plain, writeRows } from '../support/desk.mjs';
import { temporaryFolder } from '../support/server.mjs';

const severe = { age: '30', opioid_use_disorder: 'severe', medication: 'none', support: 'none', housing: 'safe', preference: 'outpatient', motivation: '8', pregnant: 'yes' };

// A page as a browser without cookies and script sees it.
export class Stranger {
  constructor(origin, headers = {}) { Object.assign(this, { origin, headers }); }
  async request(path, fields) {
    const response = await fetch(this.origin + path, {
      method: fields ? 'POST' : 'GET', redirect: 'manual', headers: this.headers,
      body: fields && new URLSearchParams(Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one) => [name, one]))),
    });
    const html = await response.text();
    assert.equal(response.headers.get('set-cookie'), null, 'no cookie');
    assert.match(response.headers.get('referrer-policy'), /no-referrer/);
    return { status: response.status, html, headers: response.headers, text: plain(html.replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ') };
  }
}
export const keyOf = (page) => plain(page.html.match(/name="key" value="([^"]*)"/)[1]);
export const linkOf = (page) => page.html.match(/href="(?:\/es)?(\/requests\/[\w-]{43})"/)?.[1];
export const carried = async (stranger, answers) => {
  const page = await stranger.request('/choose/result', { ...answers, go: 'carry' });
  return page.html.match(/href="(\/carry\/[\w-]+)"/)[1];
};

for (const engine of engines()) {
  describe(`requests from outside on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let desk, admin, clerk, manager, program, site, other, staff, stranger, path;
    const ask = () => `${path}/ask`;
    const requests = () => rowsOf(desk.address, 'SELECT * FROM request ORDER BY made_at');
    before(async () => {
      const data = temporaryFolder();
      desk = await openDesk({ database: engine.make(), data });
      admin = desk.admin;
      program = desk.program('Harbor House');
      manager = await desk.account('case-manager', { program });
      clerk = await desk.account('front-desk', { program });
      await admin.get('/desk/program');
      await admin.post('/desk/program', { program });
      for (const name of ['West House', 'East House']) {
        await admin.get('/desk/settings/sites');
        await admin.post('/desk/settings/sites', { act: 'site', name, city: name.slice(0, 4), state: 'VA', phone: '804 555 0142' });
      }
      [other, site] = rowsOf(desk.address, 'SELECT id FROM site ORDER BY name').map(({ id }) => id);
      await admin.get('/desk/staff/new');
      await admin.post('/desk/staff/new', { name: 'Ada Admit', profession: 'case-manager' });
      staff = rowsOf(desk.address, 'SELECT id FROM staff')[0].id;
      stranger = new Stranger(desk.origin);
      path = await carried(stranger, severe);
    });
    after(() => desk?.stop());

    test('no door is open before a program opens one', async () => {
      const page = await stranger.request(path);
      assert.doesNotMatch(page.html, /\/ask"/);
      assert.match((await stranger.request(ask())).text, /No place takes requests by this page right now/);
    });

    test('an administrator opens it, with who looks after what comes in', async () => {
      let page = await admin.get('/desk/settings/front');
      assert.match(page.text, /West House\s+No\s+No\s+Nobody/);
      page = await admin.post('/desk/settings/front', { site, people: '1', staff: '' });
      assert.equal(page.status, 400);
      assert.match(page.text, /Say who looks after this request/);
      await admin.get('/desk/settings/front');
      page = await admin.post('/desk/settings/front', { site, people: '1', staff });
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /West House\s+Yes\s+No\s+Ada Admit/);
      // Stale: a second administrator's page from before.
      const again = await admin.send('/desk/settings/front', { site, people: '', staff, version: '0', form_key: 'C'.repeat(22) });
      assert.equal(again.status, 409, again.text);
      assert.equal((await clerk.request('/desk/settings/front')).status, 403);
    });

    test('what is sent is shown first, and no name is asked for', async () => {
      const page = await stranger.request(ask());
      assert.equal(page.status, 200);
      assert.match(page.headers.get('cache-control'), /no-store/);
      assert.match(page.text, /You ask: Harbor House, West House/);
      assert.match(page.text, /The kind of care that your answers point to: Live-in care/);
      assert.match(page.html, /name="pregnant" value="yes" checked/);
      assert.match(page.html, /name="injecting" value="unsaid" checked/);
      assert.match(page.html, /href="tel:911"/);
      assert.match(page.html, /data-exit/);
      assert.match((await stranger.request(path)).html, new RegExp(`href="${ask()}"`));
      const spanish = await stranger.request(`/es${ask()}`);
      assert.match(spanish.text, /Usted le pide a: Harbor House, West House/);
      assert.match(spanish.text, /¿Se inyecta drogas\?/);
    });

    let link;
    test('sent once, however often the form comes (failure: double click)', async () => {
      const key = keyOf(await stranger.request(ask()));
      const fields = { key, site, given: 'Zephyrine', family: 'Quill', phone: '(804) 555-0199', email: '', language: 'es', pregnant: 'yes', injecting: 'yes', consents: ['send', 'call'], words: 'after 5 o’clock\nplease' };
      const answers = await Promise.all([1, 2, 3, 4].map(() => stranger.request(ask(), fields)));
      for (const answer of answers) assert.equal(answer.status, 200, answer.text);
      link = linkOf(answers[0]);
      assert.ok(link);
      for (const answer of answers) assert.equal(linkOf(answer), link);
      assert.equal(answers.filter(({ text }) => /Your request was sent/.test(text)).length, 1);
      assert.equal(answers.filter(({ text }) => /We have your request already/.test(text)).length, 3);
      const rows = requests();
      assert.equal(rows.length, 1);
      const [row] = rows;
      assert.deepEqual([row.source, row.state, row.site_id, row.pregnant, row.injecting, row.language, row.consents, row.assigned],
        ['link', 'received', site, 1, 1, 'es', 'send call', staff].map((v) => v));
      assert.match(row.level_of_care, /^\d/);
      assert.equal(rowsOf(desk.address, 'SELECT count(*) AS count FROM request_link')[0].count, 1);
      assert.equal(rowsOf(desk.address, 'SELECT count(*) AS count FROM callback')[0].count, 0);
      // The same page in the other language sends it again: the link is there, and still one request.
      const spanish = await stranger.request(`/es${ask()}`, fields);
      assert.match(spanish.text, /Ya tenemos su pedido/);
      assert.equal(linkOf(spanish), link);
      assert.equal(requests().length, 1);
    });

    test('the private link tells where it stands', async () => {
      const page = await stranger.request(link);
      assert.equal(page.status, 200);
      assert.match(page.text, /We have your request\. You will get an answer by/);
      assert.doesNotMatch(page.text, /Quill|Zephyrine|0199/);
    });

    test('what was said is sealed; the act is in the history as the system\'s', async () => {
      const [row] = requests();
      for (const column of ['identity', 'words']) assert.doesNotMatch(String(row[column]), /Zephyrine|Quill/);
      const lines = await eventually(() => rowsOf(desk.address, `SELECT object, act, actor_kind FROM audit_entry WHERE object = 'request' AND act = 'write'`), (seen) => seen.length > 0);
      assert.ok(lines.length >= 1);
      assert.ok(!desk.log().includes('Zephyrine') && !desk.log().includes(path.split('/')[2]) && !desk.log().includes(link.split('/')[2]));
    });

    test('what is wrong stands at its field, and nothing is kept', async () => {
      const key = keyOf(await stranger.request(ask()));
      const good = { key, site, language: 'en', consents: 'send' };
      const cases = [
        [{ consents: [] }, /You say yes to: Please fill this in/],
        [{ consents: ['call'] }, /tick that the answers may go to this program/],
        [{ consents: ['send', 'text'] }, /Please give a number/],
        [{ consents: ['send', 'email'] }, /Please give an address/],
        [{ consents: ['send', 'everything'] }, /choose one of these/],
        [{ phone: '12345' }, /ten digits/], [{ phone: '804555019x' }, /ten digits/],
        [{ email: 'no at sign' }, /does not look like an e-mail/],
        [{ language: 'xx' }, /choose one of these/],
        [{ given: 'x'.repeat(121) }, /too long/], [{ given: 'two\nlines' }, /too long/],
        [{ words: 'x'.repeat(1001) }, /too long/],
      ];
      for (const [fields, says] of cases) {
        const page = await stranger.request(ask(), { ...good, ...fields });
        assert.equal(page.status, 400, JSON.stringify(fields));
        assert.match(page.text, says);
        assert.match(page.html, /role="alert"/);
      }
      const hostile = await stranger.request(ask(), { ...good, given: '<script>alert(1)</script>', phone: 'x' });
      assert.ok(!hostile.html.includes('<script>alert'));
      for (const wrong of ['', 'x', key.slice(0, -3), `${key.slice(0, -4)}AAAA`, path.split('/')[2]]) {
        const page = await stranger.request(ask(), { ...good, key: wrong });
        assert.equal(page.status, 400, wrong.slice(0, 8));
        assert.match(page.text, /was open for a long time/);
      }
      for (const where of ['00000000-0000-7000-8000-000000000000', "x' OR 1=1 --", other]) {
        const page = await stranger.request(ask(), { ...good, site: where });
        assert.match(page.text, /does not take requests by this page now/, where);
      }
      assert.equal((await stranger.request(ask(), { ...good, words: 'x'.repeat(17000) })).status, 413);
      assert.equal(requests().length, 1);
    });

    test('a key of one form opens no other, and a token of a link is no key', async () => {
      const page = await stranger.request(ask(), { key: link.split('/')[2], site, language: 'en', consents: 'send' });
      assert.equal(page.status, 400);
      assert.match(page.text, /was open for a long time/);
    });

    test('answers that are broken or taken back are sent nowhere', async () => {
      const key = keyOf(await stranger.request(ask())), fields = { key, site, language: 'en', consents: 'send' };
      assert.equal((await stranger.request('/carry/zzz/ask', fields)).status, 410);
      const mine = await carried(stranger, { ...severe, pregnant: 'no' });
      assert.equal((await stranger.request(`${mine}/ask`)).status, 200);
      await stranger.request(mine, { revoke: 'yes' });
      assert.equal((await stranger.request(`${mine}/ask`)).status, 410);
      assert.equal((await stranger.request(`${mine}/ask`, fields)).status, 410);
      assert.equal(requests().length, 1);
    });

    test('the same answer, known or not (failure: an answer that tells)', async () => {
      const sendAs = async (given, family) => {
        const key = keyOf(await stranger.request(ask()));
        const page = await stranger.request(ask(), { key, site, given, family, language: 'en', consents: 'send' });
        const [token] = [linkOf(page).split('/')[2]];
        return page.html.slice(page.html.indexOf('<main'), page.html.indexOf('</main>')).replaceAll(token, 'T').replace(/<svg class="qr".*?<\/svg>/s, '').replace(/\d\d:\d\d/g, 'TIME');
      };
      assert.equal(await sendAs('Zephyrine', 'Quill'), await sendAs('Nobody', 'Known'));
      assert.equal(requests().length, 3);
    });

    test('for somebody else: who asks is named apart', async () => {
      const theirs = await carried(stranger, { ...severe, who: 'other' });
      const page = await stranger.request(`${theirs}/ask`);
      assert.match(page.text, /Who you are to them/);
      const fields = { key: keyOf(page), site, asker: 'Mona Quill', asker_from: 'mother', asker_phone: '1-804-555-0111', given: 'Zeph', language: 'en', pregnant: 'no', injecting: 'no', consents: ['send', 'call'] };
      assert.match((await stranger.request(`${theirs}/ask`, { ...fields, asker_phone: '' })).text, /Your phone number: You said yes to a call/);
      assert.equal((await stranger.request(`${theirs}/ask`, fields)).status, 200);
      const row = requests().at(-1);
      assert.deepEqual([row.pregnant, row.injecting, row.source], [0, 0, 'link']);
    });

    test('one address has its share within an hour', async () => {
      const from = (address) => new Stranger(desk.origin, { 'x-forwarded-for': 'unknown', ...(address ? { 'x-real-ip': address } : {}) });
      const send = async (who) => {
        const key = keyOf(await stranger.request(ask()));
        return who.request(ask(), { key, site, language: 'en', consents: 'send' });
      };
      const one = from('198.51.100.7');
      const statuses = [];
      for (let i = 0; i < 21; i += 1) statuses.push((await send(one)).status);
      assert.deepEqual([...new Set(statuses.slice(0, 20))], [200]); // LIMIT_DOOR_ADDRESS
      assert.equal(statuses[20], 429);
      const refused = await send(one);
      assert.match(refused.text, /Many requests came from where you are/);
      assert.equal((await send(from('198.51.100.8'))).status, 200);
      assert.equal((await send(from(''))).status, 200, 'a proxy that tells no address brakes by itself');
      for (const { length } of [desk.log().match(/198\.51\.100/g) ?? []]) assert.equal(length, 0);
    });

    test('/talk has the nation\'s lines before anybody has set one', async () => {
      const page = await stranger.request('/talk');
      assert.equal(page.status, 200);
      assert.match(page.html, /href="tel:988"|href="sms:988"/);
      assert.match(page.html, /data-exit/);
      assert.doesNotMatch(page.html, /<form class="screen"/);
      assert.match((await stranger.request('/es/talk')).text, /Alguien con quien hablar/);
      assert.match((await stranger.request('/now')).html, /href="\/talk"/);
    });

    const line = { name: 'Harbor help line', phone: '804-555-0177', text_phone: '', days: ['1', '2', '3', '4', '5', '0'], begins: '00:00', ends: '00:00', zone: 'America/New_York', urgency: 'urgent' };
    test('whoever runs the installation sets the line; nobody of a program does', async () => {
      const within = await admin.get('/desk/settings/talk');
      assert.match(within.text, /set at the installation/);
      assert.doesNotMatch(within.html, /name="urgency"/);
      assert.equal((await admin.send('/desk/settings/talk', { ...line, site, version: '0', form_key: 'E'.repeat(22) })).status, 403, 'in a program');
      assert.equal((await clerk.request('/desk/settings/talk')).status, 403);
      await admin.get('/desk/program');
      await admin.post('/desk/program', { program: '' });
      let page = await admin.get('/desk/settings/talk');
      assert.equal(page.status, 200, page.text);
      for (const fields of [{ begins: '25:00' }, { ends: 'noon' }, { zone: 'Nowhere' }, { site: other }, { urgency: '' }, { phone: '12' }]) {
        await admin.get('/desk/settings/talk');
        page = await admin.post('/desk/settings/talk', { ...line, site, ...fields });
        assert.equal(page.status, 400, JSON.stringify(fields));
        assert.match(page.html, new RegExp(`id="[^"]*${Object.keys(fields)[0]}-problem"`));
      }
      await admin.get('/desk/settings/talk');
      page = await admin.post('/desk/settings/talk', { ...line, site });
      assert.equal(page.status, 200, page.text);
      const again = await admin.send('/desk/settings/talk', { ...line, site, version: '0', form_key: 'D'.repeat(22) });
      assert.equal(again.status, 409);
    });

    test('a call is asked for once, and stands in the queue of the site that was named', async () => {
      const page = await stranger.request('/talk');
      assert.match(page.text, /Harbor help line/);
      assert.match(page.html, /href="tel:\+18045550177"/);
      assert.match(page.text, /Monday to Friday, Sunday, day and night/);
      assert.match(page.text, /(Open now|Closed right now)\./);
      assert.match((await stranger.request('/es/talk')).text, /lunes a viernes, domingo, de día y de noche/);
      const fields = { key: keyOf(page), site: 'x', given: 'Ophira', phone: '804 555 0133', when: 'evening', language: 'en', consents: 'message', words: 'by the back door' };
      assert.match((await stranger.request('/talk', { ...fields, phone: '' })).text, /Number to call: Please fill this in/);
      assert.equal((await stranger.request('/talk', { ...fields, when: 'never' })).status, 400);
      assert.equal((await stranger.request('/talk', { ...fields, consents: 'send' })).status, 400);
      assert.equal((await stranger.request('/talk', { ...fields, key: '' })).status, 400);
      const before = requests().length;
      const answers = await Promise.all([1, 2, 3].map(() => stranger.request('/talk', fields)));
      for (const answer of answers) assert.equal(answer.status, 200, answer.text);
      assert.equal(new Set(answers.map(linkOf)).size, 1);
      assert.ok(answers.some(({ text }) => /We will call you.*Harbor House calls you by .*, or sooner\./.test(text)));
      assert.equal(requests().length, before + 1);
      const row = requests().at(-1), queue = rowsOf(desk.address, 'SELECT request_id, script, due_at FROM callback');
      assert.deepEqual([row.source, row.urgency, row.consents, row.site_id, row.assigned], ['call', 'urgent', 'call message', site, staff]);
      assert.deepEqual(queue, [{ request_id: row.id, script: 'call-back', due_at: row.answer_by }]);
      // Two hours (request-urgencies.csv): what was promised on the page.
      assert.equal(Number(row.answer_by) - Number(row.received_at), 2 * 3600 * 1e6);
      assert.ok(!desk.log().includes('Ophira') && !desk.log().includes('5550133'));
      // A key of this form opens no other.
      const elsewhere = await stranger.request(ask(), { key: keyOf(await stranger.request('/talk')), site, language: 'en', consents: 'send' });
      assert.equal(elsewhere.status, 400);
    });

    test('another program sends somebody, with who refers named apart', async () => {
      await admin.get('/desk/program');
      await admin.post('/desk/program', { program });
      assert.match((await stranger.request('/refer')).text, /No place takes requests by this page right now/);
      await admin.get(`/desk/settings/front?site=${other}`);
      assert.match((await admin.post('/desk/settings/front', { site: other, people: '', programs: '1', staff })).text, /East House\s+No\s+Yes\s+Ada Admit/);
      const page = await stranger.request('/refer');
      assert.match(page.text, /You ask: Harbor House, East House/);
      const fields = {
        key: keyOf(page), site: other, asker: 'Nurse Quince', asker_from: 'County Jail', asker_phone: '804-555-0122', urgency: 'urgent', level: '3.5', given: 'Ottoline',
        family: 'Marsh', birth_date: '2/29/1980', phone: '', language: 'en', pregnant: 'yes', injecting: 'no', words: 'leaves on Friday', agreed: 'yes', consents: [],
      };
      for (const [wrong, says] of [[{ agreed: [] }, /Did they agree\?: Please fill this in/], [{ asker: '' }, /Your name: Please fill this in/], [{ urgency: '' }, /How soon must somebody answer\?: /],
        [{ level: '99' }, /choose one of these/], [{ birth_date: '2/30/1980' }, /write it like/], [{ birth_date: '1/1/2999' }, /date/i], [{ consents: ['call'] }, /give a number/], [{ asker_phone: '' }, /Your phone number: /]]) {
        const refused = await stranger.request('/refer', { ...fields, ...wrong });
        assert.equal(refused.status, 400, JSON.stringify(wrong));
        assert.match(refused.text, says);
      }
      const before = requests().length;
      const answers = await Promise.all([1, 2].map(() => stranger.request('/refer', fields)));
      for (const answer of answers) assert.equal(answer.status, 200, answer.text);
      assert.equal(requests().length, before + 1);
      const row = requests().at(-1);
      assert.deepEqual([row.source, row.urgency, row.level_of_care, row.pregnant, row.injecting, row.consents, row.site_id, row.assigned], ['program', 'urgent', '3.5', 1, 0, 'send', other, staff]);
      assert.match((await stranger.request(linkOf(answers[0]))).text, /We have your request/);
      // The door is for programs: nobody sends carried answers there.
      assert.match((await stranger.request(`${ask()}?site=${other}`)).text, /does not take requests by this page now/);
      assert.match((await stranger.request('/es/refer')).text, /Enviar a alguien a un programa de aquí/);
      assert.ok(!desk.log().includes('Ottoline'));
    });

    test('staff read what came in, as it was written', async () => {
      const row = requests().at(-1);
      const page = await manager.get(`/desk/requests/${row.id}`);
      assert.equal(page.status, 200, page.text);
      for (const part of ['Ottoline', 'Marsh', 'Nurse Quince', 'County Jail', 'leaves on Friday']) assert.ok(page.text.includes(part), part);
    });

    test('a place without a number, and a line that takes texts alone, are shown as any other', async () => {
      const before = rowsOf(desk.address, 'SELECT phone FROM site ORDER BY id').map((row) => row.phone);
      assert.ok(before.every((phone) => phone.length === 10));
      writeRows(desk.address, `UPDATE site SET phone = ''; UPDATE talk_line SET phone = '', text_phone = '8045550166'`);
      for (const [where, says] of [['/refer', /You ask: Harbor House, East House/], [ask(), /You ask: Harbor House, West House/], ['/talk', /Harbor help line/]]) {
        const page = await stranger.request(where);
        assert.equal(page.status, 200, where);
        assert.match(page.text, says);
        assert.doesNotMatch(page.html, /href="tel:"|tel:\+1"/);
      }
      assert.match((await stranger.request('/talk')).html, /href="sms:\+18045550166"/);
      const sent = await stranger.request(ask(), { key: keyOf(await stranger.request(ask())), site, language: 'en', consents: 'send' });
      assert.match(sent.text, /Your request was sent/);
      writeRows(desk.address, `UPDATE site SET phone = '8045550142'`);
    });

    test('a form that was sent to one program is not taken for sent to another', async () => {
      const elsewhere = randomUUID(), other_program = desk.program('Bright House'), now = Date.now() * 1000;
      writeRows(desk.address, `INSERT INTO site (program_id, id, name, street, city, state, zip, zone, phone, facility_id, closed_at, made_at, changed_at, version)
          VALUES ('${other_program}', '${elsewhere}', 'South House', '', '', '', '', 'America/New_York', '', '', 0, ${now}, ${now}, 1);
        INSERT INTO staff (program_id, id, external_id, name, folded, profession, credential, license_number, license_state, license_expires_on, expired_at,
            weekly_minutes, left_at, made_at, changed_at, version)
          SELECT '${other_program}', id, '', name, folded, profession, '', '', '', '', 0, 0, 0, ${now}, ${now}, 1 FROM staff WHERE id = '${staff}';
        INSERT INTO front_door (program_id, site_id, staff_id, people, programs, changed_at, version) VALUES ('${other_program}', '${elsewhere}', '${staff}', 1, 1, ${now}, 1);`);
      const key = keyOf(await stranger.request(`${ask()}?site=${site}`)), fields = { key, site, language: 'en', consents: 'send' }, before = requests().length;
      assert.equal((await stranger.request(ask(), fields)).status, 200);
      const page = await stranger.request(ask(), { ...fields, site: elsewhere });
      assert.equal(page.status, 400);
      assert.match(page.text, /Nothing was sent\. Please send it again/);
      assert.equal(requests().length, before + 1);
      assert.equal((await stranger.request(ask(), { ...fields, site: elsewhere, key: keyOf(page) })).status, 200);
      assert.equal(requests().at(-1).site_id, elsewhere);
      writeRows(desk.address, `DELETE FROM front_door WHERE program_id = '${other_program}'`);
    });

    test('a closed door takes nothing, also from a page that was open before', async () => {
      const key = keyOf(await stranger.request(ask())), before = requests().length;
      await admin.get('/desk/program');
      await admin.post('/desk/program', { program });
      await admin.get(`/desk/settings/front?site=${site}`);
      const closed = await admin.post('/desk/settings/front', { site, people: '', staff });
      assert.match(closed.text, /West House\s+No/);
      const page = await stranger.request(ask(), { key, site, language: 'en', consents: 'send' });
      assert.match(page.text, /does not take requests by this page now/);
      assert.equal(requests().length, before);
      assert.doesNotMatch((await stranger.request('/talk')).html, /<form class="screen"/);
    });
  });
}
