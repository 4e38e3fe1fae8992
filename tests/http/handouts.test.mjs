// What a program hands to people before they come, on the real server and both engines: its own lines of the packing list, its own
// words of welcome, the public list, and the sheets of a person. Expected: what was typed; knowledge/packing-list.csv (what is for
// live-in programs alone); knowledge/roles.csv (an administrator writes the program, whoever does intakes prints the sheets).
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { engines, rowsOf } from '../support/databases.mjs';
import { eventually, openDesk } from '../support/desk.mjs';
import { openRecords } from '../support/people.mjs';

const said = (page) => page.text.replace(/\s+/g, ' ').replace(/ ([.,:;])/g, '$1');
const line = (fields) => ({ act: 'add', side: 'bring', kind: 'thing', english: 'A towel', spanish: 'Una toalla', ...fields });

for (const engine of engines()) {
  describe(`handouts on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let desk, records, staff, joan;
    const PACKING = '/desk/settings/packing', WELCOME = '/desk/settings/welcome';
    before(async () => {
      const database = engine.make();
      desk = await openDesk({ database });
      records = await openRecords(desk.origin, desk.data, database);
      staff = records.staff;
      [joan] = records.people;
    });
    after(() => desk?.stop());

    test('the public list is by the kind of program, and asks nothing', async () => {
      const visitor = desk.visitor();
      const live = await visitor.get('/learn/packing?kind=residential');
      assert.equal(live.status, 200);
      assert.match(said(live), /What to bring.*Where are you going\?.*All your medicines.*Leave at home.*Weapons/);
      assert.match(live.text, /Comfortable clothes for a week/);
      const visit = await visitor.get('/learn/packing?kind=outpatient');
      assert.doesNotMatch(visit.text, /Comfortable clothes for a week/);
      const spanish = await visitor.get('/es/learn/packing');
      assert.match(said(spanish), /Qué traer.*Todas sus medicinas/);
      assert.equal(visitor.cookies.size, 0);
      for (const path of ['/learn/packing?kind=%3Cscript%3E', "/learn/packing?kind='--", '/learn/packing?program=x', `/learn/packing?program=${'0198a000-0000-7000-8000-0000000000aa'}`]) {
        const page = await visitor.get(path);
        assert.equal(page.status, 200, path);
        assert.doesNotMatch(page.html, /<script>|'--/, path);
      }
      // Nobody is told to leave medicine at home.
      const leave = live.html.slice(live.html.indexOf('Leave at home'));
      assert.doesNotMatch(leave, /medicines?, in the boxes|methadone/);
    });

    test('a program leaves lines of ours out and puts them in its own order; medicine stays', async () => {
      const list = async () => said(await desk.visitor().get(`/learn/packing?program=${records.program.id}`));
      const choose = async (item, act) => {
        await staff.get(PACKING);
        return staff.post(PACKING, { item, act });
      };
      // Things of a live-in program, in the order of knowledge/packing-list.csv.
      assert.match(await list(), /Comfortable clothes for a week/);
      let page = await choose('clothes', 'hide');
      assert.equal(page.status, 200, page.text);
      assert.match(page.html, /<s>Comfortable clothes[^<]*<\/s>/);
      assert.doesNotMatch(await list(), /Comfortable clothes/);
      assert.match((await desk.visitor().get('/learn/packing?kind=residential')).text, /Comfortable clothes/, 'another program says it');
      await choose('clothes', 'say');
      assert.match(await list(), /Comfortable clothes/);
      page = await staff.get(PACKING);
      const items = [...page.html.matchAll(/name="item" value="([a-z-]+)">(?:<button|\s)/g)].map((match) => match[1]).filter((item, i, all) => all.indexOf(item) === i);
      const rows = [...page.html.matchAll(/<th scope="row">(?:<s>)?([^<]*)[^]*?data-label="Kind">([^<]*)/g)].filter((match) => match[2] === 'Things').map((match) => match[1]);
      assert.ok(rows.length >= 3 && items.length > rows.length, rows.join());
      const order = async () => { const text = await list(); return [...rows].sort((a, b) => text.indexOf(a) - text.indexOf(b)); };
      assert.deepEqual(await order(), rows);
      const last = page.html.match(new RegExp(`<th scope="row">${rows.at(-1).replace(/[.*+?^$()|[\]]/g, '\\$&')}<[^]*?name="item" value="([a-z-]+)"`))[1];
      page = await choose(last, 'up');
      assert.equal(page.status, 200, page.text);
      assert.deepEqual(await order(), [...rows.slice(0, -2), rows.at(-1), rows.at(-2)]);
      await choose(last, 'down');
      await choose(last, 'down'); // at the end nothing changes
      assert.deepEqual(await order(), rows);
      // Sent twice, done once.
      page = await staff.get(PACKING);
      const form = page.forms.find(({ fields }) => fields.item === last).fields;
      for (const answer of await Promise.all([1, 2].map(() => staff.request(PACKING, { method: 'POST', fields: { ...form, act: 'up' } })))) assert.equal(answer.status, 303, answer.text);
      assert.deepEqual(await order(), [...rows.slice(0, -2), rows.at(-1), rows.at(-2)]);
      // Medicine is on every list; what is no line of ours, or no act, is none.
      page = await choose('medicines', 'hide');
      assert.equal(page.status, 400);
      assert.match(page.text, /Medicine is always on the list/);
      assert.equal((await choose('weather', 'hide')).status, 400);
      for (const [item, act] of [['clothes', 'burn'], ['', 'hide'], ['', 'up'], ["'--", 'down']]) assert.equal((await choose(item, act)).status, 400, act);
      assert.match(await list(), /All your medicines/);
      assert.match((await staff.get(`/es${PACKING}`)).text, /Líneas de toda lista/);
    });

    test('a program adds its own lines, in both languages', async () => {
      await staff.get(PACKING);
      let page = await staff.post(PACKING, line({ spanish: '' }));
      assert.equal(page.status, 400);
      assert.match(page.html, /href="#form-spanish"/);
      page = await staff.post(PACKING, line({ side: 'leave', kind: 'medicine', english: 'Pills', spanish: 'Pastillas' }));
      assert.equal(page.status, 400);
      assert.match(page.text, /Nobody leaves medicine at home/);
      page = await staff.post(PACKING, line({ side: 'burn' }));
      assert.equal(page.status, 400);
      page = await staff.post(PACKING, line({ english: 'x'.repeat(201) }));
      assert.equal(page.status, 400);
      page = await staff.get(PACKING);
      const form = page.forms.find(({ fields }) => fields.act === 'add').fields;
      const fields = { ...form, ...line({ english: 'A <b>towel</b> & "soap"' }) };
      const answers = await Promise.all([1, 2].map(() => staff.request(PACKING, { method: 'POST', fields })));
      for (const answer of answers) assert.equal(answer.status, 303, answer.text);
      assert.equal(rowsOf(desk.address, 'SELECT id FROM packing_line').length, 1, 'sent twice, kept once');
      page = await desk.visitor().get(`/learn/packing?program=${records.program.id}`);
      assert.match(page.html, /A &lt;b&gt;towel&lt;\/b&gt; &amp; (&quot;|")soap/);
      assert.match(page.text, /Harbor House/);
      page = await desk.visitor().get('/learn/packing?kind=residential');
      assert.doesNotMatch(page.text, /towel/, 'one program\'s lines are its own');
    });

    test('its welcome in its own words; somebody faster is not written over', async () => {
      let page = await staff.get(`${WELCOME}?part=phone`);
      assert.match(page.html, /<textarea[^>]*name="english"[^>]*>\n?In the first days we keep it/);
      const first = page.forms.find((form) => form.action === WELCOME).fields;
      page = await staff.post(WELCOME, { part: 'phone', english: 'Keep it.', spanish: '' });
      assert.equal(page.status, 400);
      page = await staff.post(WELCOME, { part: 'phone', english: 'Keep it.\nNo photos.', spanish: 'Quédese con él.\nSin fotos.' });
      assert.equal(page.status, 200, page.text);
      assert.match(said(page), /Keep it\. No photos\. These are your words/);
      page = await staff.request(WELCOME, { method: 'POST', fields: { ...first, form_key: 'W'.repeat(22), english: 'Other', spanish: 'Otro' } });
      assert.equal(page.status, 409);
      assert.match(page.text, /Keep it\./);
      assert.equal((await staff.request(`${WELCOME}?part=nothing`)).status, 404);
      page = await staff.get(`/desk/people/${joan}/welcome`);
      assert.match(said(page), /Welcome, Joan.*When We tell you the day.*Your phone Keep it\. No photos\./);
      assert.doesNotMatch(page.text, /we keep it for you/);
    });

    test('a person\'s sheets are in their language, whatever the desk speaks', async () => {
      let page = await staff.get(`/es/desk/people/${joan}/packing`);
      assert.match(page.html, /<article class="paper" lang="en">\s*<h1>What to bring/);
      page = await staff.get(`/desk/people/${joan}/packing?language=es`);
      assert.match(page.html, /<article class="paper" lang="es">\s*<h1>Qué traer/);
      page = await staff.get(`/desk/people/${joan}/welcome?language=es`);
      assert.match(said(page), /Le damos la bienvenida, Joan.*Quédese con él\. Sin fotos\./);
      page = await staff.get(`/desk/people/${joan}/welcome?language=tlh&meets=%27`);
      assert.match(said(page), /Somebody from our team/);
      assert.match((await desk.visitor().get('/learn')).html, /href="\/learn\/packing"/);
    });

    test('who does no intake prints nothing; who does not run the program changes nothing', async () => {
      const technician = await desk.account('technician', { program: records.program.id });
      const page = await technician.get(`/desk/people/${joan}/packing`);
      assert.equal(page.status, 200);
      assert.equal((await technician.request(PACKING)).status, 403);
      const token = page.forms.map((form) => form.fields.form_token).find(Boolean);
      for (const path of [PACKING, WELCOME])
        assert.equal((await technician.request(path, { method: 'POST', fields: { form_token: token, form_key: 'T'.repeat(22), ...line({}), part: 'phone' } })).status, 403, path);
      for (const part of ['packing', 'welcome']) assert.equal((await records.person.request(`/desk/people/${joan}/${part}`)).status, 303, 'a person has pages of their own');
    });

    test('it stands in the history, and no name in the log', async () => {
      const look = () => Number(rowsOf(desk.address, "SELECT count(*) AS n FROM audit_entry WHERE object = 'program' AND act = 'write' AND outcome = 'done'")[0].n);
      assert.ok(await eventually(look, (count) => count >= 2) >= 2);
      assert.doesNotMatch(desk.log(), /Joan|Smyth|towel/);
    });
  });
}
