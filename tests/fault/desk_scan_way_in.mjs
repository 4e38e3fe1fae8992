// The way in, for desk_scan.test.mjs: requests from outside and at the desk, calls, the waiting list, a bed, an intake with its
// instruments, medicines and belongings, and what pays for it; each with planted words wherever one can type. Then every form
// that its pages show is sent once more with planted words in each field, whatever comes of it: what is refused is kept nowhere either.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rowsOf } from '../support/databases.mjs';
import { makeHouse } from '../support/intakes.mjs';
import { fill, formKey, parsePage } from '../../script/check/security_forms.mjs';

const dayOf = (days) => new Date(Date.now() + days * 86400e3).toISOString().slice(0, 10);
const STROKES = '10,20 60,80 120,40;200,100 260,140';
const actOf = (page, act) => {
  const found = page.forms.find((form) => form.fields.act === act)?.fields;
  assert.ok(found, `no form ${act} on ${page.path}: ${page.text}`);
  return found;
};
const fieldOf = (page, name) => page.html.match(new RegExp(`name="${name}" value="([^"]*)"`))?.[1];

// Show, fill, send; what is refused ends the test.
async function act(visitor, path, fields, { good }) {
  await visitor.get(path);
  return good(await visitor.post(path.split('?')[0], fields), path);
}

// By the doors that anybody may use; answers the ids of what came in, the oldest first.
async function fromOutside(desk, planted) {
  const { word, good } = planted, stranger = desk.visitor();
  const phone = '716-909-3131', whom = { given: word('given'), family: word('family'), language: 'en', words: `${word('words')} since 09/1913` };
  const carry = (await stranger.request('/choose/result', { method: 'POST', fields: { age: '30', opioid_use_disorder: 'severe', support: 'none', go: 'carry' } })).html.match(/href="(\/carry\/[\w-]+)"/)[1];
  const send = async (path, fields) => {
    const key = fieldOf(await stranger.get(path), 'key');
    assert.equal((await stranger.request(path, { method: 'POST', fields: { key, ...fields, phone: 'zqxworb', given: word() } })).status, 400);
    const page = good(await stranger.request(path, { method: 'POST', fields: { key, ...fields } }), path);
    const link = page.html.match(/href="(\/requests\/[\w-]{43})"/)?.[1];
    assert.ok(link, page.text);
    good(await stranger.request(link), 'a private link');
  };
  await send('/refer', { ...whom, asker: word('asker'), asker_from: `Jail ${word('jail')}`, asker_phone: phone, urgency: 'routine', level: '3.5', birth_date: '9/14/1913', phone, pregnant: 'no', injecting: 'no', agreed: 'yes' });
  await send(`${carry}/ask`, { ...whom, phone, email: `${word('mail').toLowerCase()}@example.org`, pregnant: 'no', injecting: 'no', consents: ['send', 'call'] });
  await send('/talk', { given: whom.given, language: 'en', words: whom.words, phone, when: 'evening', consents: ['message'] });
  for (const path of ['/requests/zqxworb', '/availability/zqxworb', '/carry/zqxworb', '/carry/zqxworb/ask?look=zqxworb', '/refer?look=zqxworb', '/talk?zqxworb=1', '/learn/packing?zqxworb=1']) await stranger.request(path);
  good(await stranger.request('/learn/paying/calculator', { method: 'POST', fields: { income: '7169093', period: 'year', household: '1', state: 'VA' } }), 'the calculator');
  return rowsOf(desk.address, 'SELECT id FROM request ORDER BY received_at, id').map(({ id }) => `/desk/requests/${id}`);
}

// The first becomes a record and is admitted; the second is declined, the third called. Answers the person's pages.
async function requests(desk, staff, [first, second, third], house, planted) {
  const { word, good } = planted, { manager } = staff;
  let page = await manager.get(first);
  assert.ok(page.text.includes('Zqxworb'), 'staff read it');
  for (const path of [first, second, third]) {
    page = await manager.get(path);
    const call = actOf(page, 'call');
    good(await manager.post(path, { ...call, kind: 'went-out', way: 'call', result: 'asked-to-call-later', minutes: '4', call_words: `${word('call')} 1913-09-14`, again_on: dayOf(5), again_at: '9:30' }), 'a call');
  }
  page = await manager.get(second);
  good(await manager.post(second, { ...actOf(page, 'decline'), reason: 'age', decline_words: word('decline') }), 'a decline');
  page = await manager.get(first);
  good(await manager.post(first, actOf(page, 'accept')), 'an answer');
  await manager.get(`${first}/record`);
  await manager.post(`${first}/record`, { act: '', q: 'zqxworb' });
  page = good(await manager.post(`${first}/record`, { ...actOf(await manager.get(`${first}/record`), 'new'), sex: 'female', plan: '1' }), 'a record');
  const [{ person_id: person }] = rowsOf(desk.address, `SELECT person_id FROM request WHERE id = '${first.split('/').at(-1)}'`);
  assert.ok(person, page.text);
  const waiting = first.replace('requests', 'waitlist');
  page = await manager.get(waiting);
  good(await manager.post(waiting, actOf(page, 'enter')), 'the list');
  const request = first.split('/').at(-1);
  await act(manager, `/desk/beds/${house.beds[0]}/hold?request=${request}`, { request, kind: 'outreach', words: word('hold') }, planted);
  return `/desk/people/${person}`;
}

async function comeIn(desk, staff, at, planted) {
  const { word, good } = planted, { manager, nurse, other, technician } = staff;
  let page = await act(manager, `${at}/intake`, { act: 'begin' }, planted);
  const [{ id: intake }] = rowsOf(desk.address, 'SELECT id FROM intake');
  const say = (item, fields) => act(nurse, `${at}/intake/item?intake=${intake}&item=${item}`, { intake, item, answer: 'done', words: word(item.slice(0, 4)), date: '', clock: '', ...fields }, planted);
  await say('pregnancy-test', { answer: 'declined.did-not-want' });
  await say('history', { words: `in the drawer of ${word('drawer')}, 1913-09-14` });
  await act(nurse, `${at}/intake/medicines?intake=${intake}`, { act: 'first', count_id: '', medicine: `${word('medicine')} 8 mg`, number: '4117' }, planted);
  page = await other.get(`${at}/intake/medicines?intake=${intake}`);
  good(await other.post(`${at}/intake/medicines`, { ...actOf(page, 'second'), second: '4116', explanation: word('fell') }), 'a second count');
  await act(technician, `${at}/belongings`, { act: 'add', thing: `${word('coat')} with a name in it`, quantity: '1', condition: 'good', restricted: '' }, planted);
  const [{ id: thing }] = rowsOf(desk.address, "SELECT id FROM belonging WHERE count_id = ''");
  await technician.get(`${at}/belongings/thing?thing=${thing}`);
  good(await technician.post(`${at}/belongings/thing`, { act: 'move', state: 'stored', place: word('locker'), words: word('stored') }), 'a thing that is kept');
  await technician.get(`${at}/belongings/sign?intake=${intake}`);
  good(await technician.post(`${at}/belongings/sign`, { signed_by: 'patient', signer: `${word('signer')} Vale`, authority: '', drawn: STROKES, drawn_staff: STROKES }), 'two signatures');
  return intake;
}

async function pays(desk, staff, at, planted) {
  const { word, good } = planted, { reviewer } = staff, to = `${at}/coverage`;
  await act(reviewer, `${to}/plan`, { name: `${word('plan')} Health`, payer: 'employer', turn: '1', member_number: word('member'), member_name: word('holder'), payer_id: '12345', phone: '716-909-3141', address: `9 ${word('road')}`, from: dayOf(-100) }, planted);
  const [{ id: plan }] = rowsOf(desk.address, 'SELECT id FROM coverage_plan');
  await act(reviewer, `${to}/benefits?plan=${plan}&level=3.5`, { a_active: 'yes', a_covered: 'yes', a_deductible: '$1,500', source: 'phone', who: word('who'), reference: word('reference'), asked: dayOf(-1) }, planted);
  await act(reviewer, `${to}/authorization`, { level: '3.5', unit: 'day', units: '14', on: dayOf(-1), at: '00:00', words: word('authorize') }, planted);
  await act(reviewer, `${to}/denial`, { authorization: '', level: '3.5', reason: 'step-first', denied: dayOf(-1), requested: `14 days, ${word('asked')}`, number: word('number') }, planted);
  const [{ id: stay }] = rowsOf(desk.address, `SELECT id FROM episode WHERE person_id = '${at.split('/').at(-1)}'`);
  await act(reviewer, `${to}/funding`, { row_id: '', stay, plan: '', source: 'county', amount: '2500', from: '', to: '', words: word('fund'), borrowed: '', rate: '', months: '', fee: '' }, planted);
  const [{ id: denial }] = rowsOf(desk.address, 'SELECT id FROM coverage_denial');
  await reviewer.get(`${to}/letter?letter=parity-analysis&denial=${denial}`);
  good(await reviewer.post(`${to}/letter`, { act: 'look', program_address: word('sender'), items: ['approval', 'step-first'] }), 'a letter that is only looked at');
}

// Every form below some pages, with planted words in every field that takes any. What comes of it does not matter, a failure does.
async function everyForm(visitor, starts, isOurs, { word, good }) {
  const queue = [...starts], seen = new Set(queue), sent = new Set();
  while (queue.length && seen.size < 400) {
    const path = queue.shift(), page = await visitor.get(path), { links, forms } = parsePage(page.html);
    assert.ok(page.status < 500, `${path}: ${page.status}`);
    for (const link of links) {
      const next = new URL(link, new URL(path, visitor.origin));
      const key = `${next.pathname}${next.search}`;
      if (next.origin === visitor.origin && isOurs(next.pathname) && !seen.has(key)) { seen.add(key); queue.push(key); }
    }
    for (const form of forms.filter((one) => one.method === 'POST' && isOurs(new URL(one.action || path, visitor.origin).pathname))) {
      const fields = fill(form).map(([name, value]) => {
        const control = form.controls.find((one) => one.name === name);
        if (name === 'form_key') return [name, randomBytes(16).toString('base64url')];
        if (control.tag === 'textarea') return [name, `${word('lines')}\n${word('more')}`];
        if (control.type === 'tel') return [name, '(716) 909-3151'];
        if (control.tag !== 'input' || !['text', 'search', 'email'].includes(control.type) || control.value) return [name, value];
        return [name, /date|birth|_on$|^on$|from|to$|asked|denied/.test(name) ? '09/14/1913' : word(name.slice(0, 4))];
      });
      const key = formKey({ ...form, action: form.action || path, fields });
      if (sent.has(key)) continue;
      sent.add(key);
      const answer = await visitor.request(form.action || path, { method: 'POST', body: new URLSearchParams(fields).toString(), headers: { 'content-type': 'application/x-www-form-urlencoded' } });
      assert.ok(answer.status < 500, `${form.action}: ${answer.status}`);
    }
  }
  good({ status: sent.size > 0 ? 200 : 500, text: 'no form was found' }, 'every form');
  return sent.size;
}

// `staff`: manager, nurse, other (another nurse), technician, reviewer, administrator, all of `program`.
export async function wayIn(desk, staff, program, planted) {
  const house = makeHouse(desk.address, program), { site } = house;
  await act(staff.administrator, '/desk/staff/new', { name: 'Nia Ames', profession: 'case-manager' }, planted);
  const [{ id: clerk }] = rowsOf(desk.address, 'SELECT id FROM staff');
  await act(staff.administrator, '/desk/settings/front', { site, people: '1', programs: '1', staff: clerk }, planted);
  await desk.admin.get('/desk/program');
  await act(desk.admin, '/desk/settings/talk', { name: 'Harbor help line', phone: '804-555-0177', text_phone: '', days: ['1', '2'], begins: '00:00', ends: '00:00', zone: 'America/New_York', urgency: 'urgent', site }, planted);
  const paths = await fromOutside(desk, planted);
  assert.equal(paths.length, 3);
  const at = await requests(desk, staff, paths, house, planted);
  await comeIn(desk, staff, at, planted);
  await pays(desk, staff, at, planted);
  const isOurs = (path) => /^\/desk\/(requests|waitlist|callbacks|beds|slots|intakes|coverage)(\/|$)/.test(path) || (path.startsWith(`${at}/`) && !/\/(erase|merge|account|record|photo|events)$/.test(path)) || path === at;
  let forms = 0;
  for (const visitor of [staff.nurse, staff.technician, staff.reviewer, staff.manager])
    forms += await everyForm(visitor, [at, ...paths, ...paths.map((path) => path.replace('requests', 'waitlist')), '/desk/requests', '/desk/callbacks', '/desk/beds', `/desk/beds/${house.beds[1]}`], isOurs, planted);
  return { at, forms };
}
