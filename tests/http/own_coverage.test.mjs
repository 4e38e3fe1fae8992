// A person's own page of what pays for their care, /me/coverage, on the real server and both engines: what the plan said, what is
// approved and until when, what can still be done about a no, what pays, the letters that left; and what a stay may cost. Expected
// values: what staff typed; 180 days to appeal and 30 to answer (29 CFR 2560.503-1), 15 to decide; a deductible of 1,500 dollars
// and no share is the most of a stay of 1,000 dollars a day. Staff's notes and other people's coverage stand nowhere on it.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { engines, rowsOf } from '../support/databases.mjs';
import { eventually, openDesk, writeRows } from '../support/desk.mjs';
import { draft, openRecords, PASSWORD } from '../support/people.mjs';

const dayOf = (days = 0) => new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Denver' }).format(new Date(Date.now() + days * 86400000));
const inWords = (day, language = 'en-US') => new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`));
const flat = (page) => page.text.replace(/\s+/g, ' ').replace(/ ([:.,])/g, '$1');

for (const engine of engines()) {
  describe(`one's own coverage on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let desk, staff, person, people, reviewer, at, plan;
    before(async () => {
      const database = engine.make();
      let program;
      desk = await openDesk({ database });
      ({ staff, person, people, program } = await openRecords(desk.origin, desk.data, database));
      reviewer = await desk.account('utilization', { program: program.id });
      at = `/desk/people/${people[0]}/coverage`;
      writeRows(desk.address, "UPDATE program SET phone = '3035550177'");
    });
    after(() => desk?.stop());

    test('before anything is entered it says so, and whom to call', async () => {
      assert.match((await person.get('/me')).html, /href="\/me\/coverage"/);
      const page = await person.get('/me/coverage');
      assert.equal(page.status, 200, page.text);
      assert.match(flat(page), /Call 303-555-0177.*Nothing was asked of a plan yet.*No plan was asked yet.*We know of no plan of yours/);
      assert.match(page.html, /href="tel:\+13035550177"/);
    });

    test('the plan, what it said, what was asked, and by when it must answer', async () => {
      await reviewer.get(`${at}/plan`);
      await reviewer.post(`${at}/plan`, { name: 'Example <b>Plan</b>', payer: 'employer', turn: '1', member_number: 'X000111222', address: '9 Plan Way' });
      plan = reviewer.page.html.match(/coverage\/plan\?plan=([0-9a-f-]{36})/)[1];
      await reviewer.get(`${at}/benefits?plan=${plan}&level=3.5`);
      await reviewer.post(`${at}/benefits`, { a_active: 'yes', a_covered: 'yes', source: 'phone', who: 'Pat R.', reference: 'call 77', asked: dayOf() });
      await reviewer.get(`${at}/benefits?plan=${plan}&level=3.5`);
      await reviewer.post(`${at}/benefits`, { a_deductible: '1500', source: 'phone', who: 'Pat R.', reference: 'call 12', asked: dayOf(-60) });
      await reviewer.get(`${at}/authorization`);
      await reviewer.post(`${at}/authorization`, { plan, level: '3.5', stay: '', unit: 'day', units: '14', on: dayOf(), at: '00:00', words: 'a note of the staff' });
      let page = await person.get('/me/coverage');
      assert.match(page.html, /Example &lt;b&gt;Plan/);
      assert.match(flat(page), /We asked\. Your plan has not answered yet/);
      assert.ok(flat(page).includes(`We asked on ${inWords(dayOf())}. Your plan must answer by ${inWords(dayOf(15))}`), flat(page));
      assert.match(flat(page), /Yes By phone, call 77/);
      assert.match(flat(page), /\$1,500 this may have changed By phone, call 12/);
      assert.match(flat(page), /Some questions are still open/);
      assert.doesNotMatch(page.text, /a note of the staff/);
      page = await person.get('/es/me/coverage');
      assert.ok(flat(page).includes(`Lo pedimos el ${inWords(dayOf(), 'es-US')}`), flat(page));
    });

    test('what is approved, how much is left and when it ends', async () => {
      const id = rowsOf(desk.address, 'SELECT id FROM coverage_authorization')[0].id;
      await reviewer.get(`${at}/authorization?id=${id}`);
      const kept = await reviewer.post(`${at}/authorization`, { state: 'approved', decided: dayOf(), units: '10', from: dayOf(-1), to: dayOf(9), review: '', number: 'A-77' });
      assert.equal(kept.status, 200, kept.text);
      const page = await person.get('/me/coverage');
      assert.ok(flat(page).includes(`Approved 10 days, ${inWords(dayOf(-1))} – ${inWords(dayOf(9))} Left 10 days Ends ${inWords(dayOf(9))} (in 9 days)`), flat(page));
      assert.match(flat(page), /A-77/);
    });

    test('a no says what can still be done and until when; then that it was done', async () => {
      await reviewer.get(`${at}/denial`);
      await reviewer.post(`${at}/denial`, { plan, authorization: '', level: '3.7', reason: 'step-first', denied: dayOf(-4), requested: '14 days of residential treatment', number: 'D-77', words: 'another note of the staff' });
      const denial = reviewer.page.path;
      let page = await person.get('/me/coverage');
      assert.match(flat(page), /14 days of residential treatment.*said no\. The plan wants other care tried first\. Number of the decision: D-77/);
      assert.ok(flat(page).includes(`Appeal to your plan: open until ${inWords(dayOf(176))} (in 176 days) 29 CFR`), flat(page));
      assert.match(flat(page), /Review by somebody outside your plan: after your plan has answered again/);
      assert.doesNotMatch(page.text, /Hearing/, 'a plan from work knows no hearing before the state');
      assert.doesNotMatch(page.text, /another note/);
      await reviewer.get(denial);
      await reviewer.post(`${at}/denial`, { step: 'internal', outcome: '', on: dayOf() });
      page = await person.get('/me/coverage');
      assert.ok(flat(page).includes(`Appeal to your plan: made on ${inWords(dayOf())}`), flat(page));
      assert.ok(flat(page).includes(`Your plan must answer by ${inWords(dayOf(30))}`), flat(page));
      await reviewer.get(denial);
      await reviewer.post(`${at}/denial`, { step: 'ended', outcome: 'overturned', on: dayOf() });
      page = await person.get('/me/coverage');
      assert.match(flat(page), /The plan now pays/);
      assert.doesNotMatch(page.text, /Appeal to your plan/);
    });

    test('what pays for the stay, a loan with its whole cost', async () => {
      const site = rowsOf(desk.address, 'SELECT id FROM site')[0].id;
      await staff.get(`/desk/people/${people[0]}/episodes`);
      await staff.post(`/desk/people/${people[0]}/episodes`, { status: 'active', site, level: '3.5' });
      const stay = rowsOf(desk.address, 'SELECT id FROM episode')[0].id;
      const clean = { row_id: '', stay, plan: '', amount: '', from: '', to: '', words: '', borrowed: '', rate: '', months: '', fee: '' };
      for (const fields of [{ source: 'county', amount: '2500' }, { source: 'loan', borrowed: '1000', rate: '0', months: '10', fee: '50' }]) {
        await reviewer.get(`${at}/funding`);
        assert.equal((await reviewer.post(`${at}/funding`, { ...clean, ...fields })).status, 200);
      }
      assert.match(flat(await person.get('/me/coverage')), /County money, \$2,500.*Loan.*Paid back in all: \$1,050 \(\$50 beyond the loan\)/);
    });

    test('what a stay may cost is reckoned and kept nowhere', async () => {
      let page = await person.get('/me/coverage/estimate');
      assert.equal(page.status, 200, page.text);
      assert.doesNotMatch(page.html, /href="\/desk\/people/, 'no page of the desk');
      page = await person.post('/me/coverage/estimate', { plan, level: '3.5', days: '0', price: '' });
      assert.equal(page.status, 400);
      page = await person.post('/me/coverage/estimate', { plan, level: '3.5', days: '10', price: '1000' });
      assert.equal(page.status, 200, page.text);
      assert.match(flat(page), /\$10,000/, 'nothing of what is not known is taken for granted');
    });

    test('a letter that left stands there, and opens as it left', async () => {
      await staff.get(`/desk/people/${people[0]}/consent`);
      const consent = { ...draft, purpose_codes: 'HPAYMT', recipients: 'Example <b>Plan</b>', description: 'What my plan asks' };
      const shown = await staff.post(`/desk/people/${people[0]}/consent`, consent);
      await staff.post(`/desk/people/${people[0]}/consent`, { ...consent, words: shown.html.match(/name="words" value="([0-9a-f]{64})"/)[1], signer: 'Joan Smyth' });
      await reviewer.get(`${at}/letter?letter=step-therapy&denial=`);
      const left = await reviewer.send(`${at}/letter`, { program_address: '1 Wharf Street', plan_address: '9 Plan Way', level: '3.5', first_care: 'intensive outpatient care', reasons: 'No safe place to live.', clinician: 'R. Example, MD', act: 'leave' });
      assert.equal(left.status, 303, left.text);
      let page = await person.get('/me/coverage');
      const href = page.html.match(/href="(\/me\/copy\?[^"]+)"/)[1].replaceAll('&amp;', '&');
      assert.match(flat(page), /Letter to Example/);
      page = await person.get(href);
      if (page.forms.some((form) => 'prove_secret' in form.fields)) page = await person.prove({ prove_secret: PASSWORD });
      assert.match(page.text, /intensive outpatient care/, page.text);
    });

    test('only the person themselves; the look is in the audit, and nothing in the log', async () => {
      for (const [who, name] of [[staff, 'staff'], [reviewer, 'utilization']])
        for (const path of ['/me/coverage', '/me/coverage/estimate']) assert.notEqual((await who.request(path)).status, 200, `${name}: ${path}`);
      await reviewer.get(`/desk/people/${people[1]}/coverage/plan`);
      await reviewer.post(`/desk/people/${people[1]}/coverage/plan`, { name: 'Somebody Else’s Plan', payer: 'medicaid', turn: '1' });
      assert.doesNotMatch((await person.get('/me/coverage')).text, /Somebody Else/);
      const looks = await eventually(() => Number(rowsOf(desk.address, `SELECT count(*) AS n FROM audit_entry WHERE object = 'coverage' AND act = 'read' AND person_id = '${people[0]}' AND outcome = 'done' AND actor_kind = 'person'`)[0].n), (n) => n >= 5);
      assert.ok(looks >= 5, String(looks));
      assert.doesNotMatch(desk.log(), /Example|X000111222|Pat R/, 'no record in the log');
    });
  });
}
