// A letter to a plan, from the desk: it leaves by a consent that names the plan for payment, through the accounting of disclosures, and
// what is printed is what was disclosed. The words are compared with tests/golden/coverage/*.{txt,html}, which the engine's own tests
// hold to the law's template; only the day of the letter is today's.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { engines, rowsOf } from '../support/databases.mjs';
import { openDesk } from '../support/desk.mjs';
import { draft } from '../support/people.mjs';

const golden = (name) => readFileSync(fileURLToPath(new URL(`../golden/coverage/${name}`, import.meta.url)), 'utf8');
const dayOf = (days = 0) => new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York' }).format(new Date(Date.now() + days * 86400000));
const inWords = (day, language) => new Intl.DateTimeFormat(language === 'es' ? 'es-US' : 'en-US', { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`));
// What the letter asks about, in both languages: knowledge/parity-items.csv.
const rowsIn = (name) => readFileSync(fileURLToPath(new URL(`../../knowledge/${name}`, import.meta.url)), 'utf8').split('\n').slice(1).filter(Boolean)
  .map((line) => line.match(/("[^"]*"|[^",]*)(,|$)/g).map((cell) => cell.replace(/,$/, '').replace(/^"|"$/g, '')));
// What it relies on with an employer's plan: knowledge/appeal-rights.csv.
const asked = [...rowsIn('parity-items.csv').filter((row) => /^(approval|step-first)$/.test(row[0])).map((row) => row.slice(4, 6)),
  ...rowsIn('appeal-rights.csv').filter((row) => row[1].split(' ').includes('employer')).map((row) => row.slice(2, 4))];
// knowledge/letters.csv: no letter is written past the last day of its version.
const skipAfter = dayOf() > '2027-12-31' ? 'the letters’ law must be looked at again: knowledge/letters.csv' : false;

for (const engine of engines()) {
  describe(`letters to a plan on ${engine.name}`, { skip: engine.skip || skipAfter, concurrency: 1 }, () => {
    let desk, reviewer, manager, nurse, at, denial, plan;
    const home = () => at.replace(/\/coverage$/, '');
    before(async () => {
      desk = await openDesk({ database: engine.make() });
      const program = desk.program('Harbor House <Made Up>');
      manager = await desk.account('case-manager', { program });
      reviewer = await desk.account('utilization', { program });
      nurse = await desk.account('nurse', { program });
      await manager.get('/desk/people/new');
      at = `${(await manager.post('/desk/people/new', { given: 'Ada', family: 'Example', sex: 'female', language: 'en' })).path}/coverage`;
      await reviewer.get(`${at}/plan`);
      await reviewer.post(`${at}/plan`, { name: 'Example Health Plan', payer: 'employer', turn: '1', member_name: 'Ada "A." Example & Co', member_number: 'X000111222', address: '9 Plan Way, Hartford, CT 06103' });
      plan = reviewer.page.html.match(/coverage\/plan\?plan=([0-9a-f-]{36})/)[1];
      await reviewer.get(`${at}/denial`);
      await reviewer.post(`${at}/denial`, { plan, authorization: '', level: '3.5', reason: 'step-first', denied: '2026-11-18', requested: '14 days of residential treatment', number: 'D-77' });
      denial = reviewer.page.path.match(/id=([0-9a-f-]{36})/)[1];
    });
    after(() => desk?.stop());
    const facts = { program_address: '1 Wharf Street, Boston, MA 02110', items: ['approval', 'step-first'] };
    const path = (letter) => `${at}/letter?letter=${letter}&denial=${denial}`;

    test('who may not disclose gets no page', async () => {
      await nurse.get('/desk');
      assert.equal((await nurse.request(path('parity-analysis'))).status, 403);
      assert.equal((await reviewer.request(`${at}/letter?letter=love`)).status, 404);
      assert.equal((await reviewer.request(`${at}/letter?letter=parity-analysis&denial=nothing`)).status, 404);
    });

    test('without a consent it is shown and does not leave', async () => {
      let page = await reviewer.get(path('parity-analysis'));
      assert.equal(page.status, 200, page.text);
      assert.match(page.html, /value="Ada &quot;A.&quot; Example &amp; Co"/);
      assert.match(page.text, /No lawyer has checked this letter/);
      page = await reviewer.post(`${at}/letter`, { act: 'look', program_address: '' });
      assert.equal(page.status, 400);
      await reviewer.get(path('parity-analysis'));
      page = await reviewer.post(`${at}/letter`, { ...facts, act: 'look' });
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /No consent of this person lets this letter go/);
      assert.doesNotMatch(page.html, /value="leave"/);
      const refused = await reviewer.send(`${at}/letter`, { ...facts, act: 'leave' });
      assert.equal(refused.status, 403);
      assert.equal(rowsOf(desk.address, 'SELECT id FROM disclosure').length, 0);
    });

    for (const [letter, extra] of [['parity-analysis', {}], ['step-therapy', {
      level_name: 'residential care', first_care: 'intensive outpatient care', tried: 'outpatient care in 2025', clinician: 'R. Example, MD', assessed: 'assessment of 2026-11-20',
      reasons: 'Risk of serious harm without care around the clock.\r\nNo safe place to live.' }]]) {
      for (const language of ['en', 'es']) {
        test(`${letter} in ${language} leaves as it was written, and is printed as it left`, async () => {
          if (rowsOf(desk.address, 'SELECT id FROM consent').length === 0) {
            await manager.get(`${home()}/consent`);
            const consent = { ...draft, purpose_codes: 'HPAYMT', recipients: 'Example Health Plan', description: 'What my plan asks to pay for my care' };
            const shown = await manager.post(`${home()}/consent`, consent);
            const words = shown.html.match(/name="words" value="([0-9a-f]{64})"/)?.[1];
            assert.ok(words, shown.text);
            const kept = await manager.post(`${home()}/consent`, { ...consent, words, signer: 'Ada Example' });
            assert.equal(kept.status, 200, kept.text);
          }
          await reviewer.get(path(letter));
          const typed = letter === 'step-therapy' ? { program_address: facts.program_address, ...extra } : facts;
          let page = await reviewer.post(`${at}/letter`, { ...typed, language, act: 'look' });
          assert.equal(page.status, 200, page.text);
          assert.match(page.html, /value="leave"/, page.text);
          const before = rowsOf(desk.address, 'SELECT id FROM disclosure').length;
          const fields = { ...typed, language, act: 'leave' };
          const twice = await Promise.all([1, 2].map(() => reviewer.send(`${at}/letter`, fields)));
          assert.deepEqual(twice.map((answer) => answer.status), [303, 303], twice[0].text);
          assert.equal(twice[0].location, twice[1].location);
          assert.equal(rowsOf(desk.address, 'SELECT id FROM disclosure').length, before + 1, 'it left once');
          const left = JSON.parse((await reviewer.request(`${twice[0].location}&as=json`)).html);
          // The golden files: of 2026-11-22, their facts in English; the desk writes days and what is asked in the letter's language.
          const expected = (name) => asked.reduce((all, [en, es]) => all.replaceAll(en, language === 'es' ? es : en),
            golden(name).replaceAll('November 22, 2026', inWords(dayOf(), language)).replaceAll('November 18, 2026', inWords('2026-11-18', language)));
          assert.equal(left.record.letter.text.trim(), expected(`${letter}.${language}.txt`).trim());
          assert.match(left.notice, /42 CFR|42 C\.F\.R/);
          const file = (await reviewer.request(`${twice[0].location}&as=html`)).html;
          const article = (html) => html.match(/<article class="letter">[^]*?<\/article>/)[0];
          const printed = expected(`${letter}.${language}.html`);
          assert.equal(article(file), article(printed), 'the file');
          page = await reviewer.get(twice[0].location);
          assert.equal(article(page.html), article(printed), 'the page to print');
        });
      }
    }

    describe('an appeal', () => {
      const denied = dayOf(-4), typed = { program_address: facts.program_address, tried: 'outpatient care in 2025', clinician: 'R. Example, MD', assessed: 'assessment of 2026-11-20',
        requested: '14 days of residential treatment', reason: 'outpatient care must be tried first', reasons: 'Risk of serious harm without care around the clock.\r\nNo safe place to live.' };
      let appealed;
      const deny = async (on, number) => {
        await reviewer.get(`${at}/denial`);
        await reviewer.post(`${at}/denial`, { plan, authorization: '', level: '3.5', reason: 'step-first', denied: on, requested: typed.requested, number });
        return reviewer.page.path.match(/id=([0-9a-f-]{36})/)[1];
      };
      const letterAt = (id) => `${at}/letter?letter=appeal&denial=${id}`;
      const steps = (id) => rowsOf(desk.address, `SELECT act FROM coverage_step WHERE subject_id = '${id}' ORDER BY seq`).map((row) => row.act);
      before(async () => { appealed = await deny(denied, 'D-77'); });

      test('is of a denial, and begins with what is known', async () => {
        assert.equal((await reviewer.request(`${at}/letter?letter=appeal`)).status, 404);
        const page = await reviewer.get(letterAt(appealed));
        assert.equal(page.status, 200, page.text);
        assert.match(page.html, /value="14 days of residential treatment"/);
        assert.match(page.html, /name="taken"[^>]*checked|checked[^>]*name="taken"/);
        assert.doesNotMatch(page.html, /value="external"/, 'a review from outside comes after the plan’s own answer');
        assert.doesNotMatch((await manager.get(letterAt(appealed))).html, /name="taken"/, 'who cannot note a step is not asked');
        assert.match((await reviewer.get(`${at}/denial?id=${appealed}`)).html, /letter=appeal&amp;denial=/);
      });

      for (const language of ['en', 'es'])
        test(`leaves in ${language} with its last day and the denial, and the step is noted once`, async () => {
          await reviewer.get(letterAt(appealed));
          const page = await reviewer.post(`${at}/letter`, { ...typed, language, act: 'look' });
          assert.match(page.html, /value="leave"/, page.text);
          const twice = await Promise.all([1, 2].map(() => reviewer.send(`${at}/letter`, { ...typed, language, act: 'leave' })));
          assert.deepEqual(twice.map((answer) => answer.status), [303, 303], twice[0].text);
          const left = JSON.parse((await reviewer.request(`${twice[0].location}&as=json`)).html);
          const expected = asked.reduce((all, [en, es]) => all.replaceAll(en, language === 'es' ? es : en), golden(`appeal.${language}.txt`)
            .replaceAll('November 22, 2026', inWords(dayOf(), language)).replaceAll('November 18, 2026', inWords(denied, language)).replaceAll('May 17, 2027', inWords(dayOf(176), language)));
          assert.equal(left.record.letter.text.trim(), expected.trim());
          assert.deepEqual(steps(appealed), ['denied', 'internal']);
          const denial = await reviewer.get(`${at}/denial?id=${appealed}`);
          // 29 CFR 2560.503-1(i)(2)(ii)(A): 30 days
          assert.ok(denial.text.replace(/\s+/g, ' ').includes(`The plan must answer by ${inWords(dayOf(30))}`), denial.text);
        });

      test('after the last day it says why it is late, and notes no step', async () => {
        const late = await deny(dayOf(-200), 'D-78');
        await reviewer.get(letterAt(late));
        let page = await reviewer.post(`${at}/letter`, { ...typed, language: 'en', act: 'look' });
        assert.equal(page.status, 400);
        assert.match(page.html, /why_late-problem/);
        page = await reviewer.post(`${at}/letter`, { ...typed, language: 'en', why_late: 'The member was in the hospital.', act: 'look' });
        assert.equal(page.status, 200, page.text);
        assert.ok(page.text.includes(`The last day for this was ${inWords(dayOf(-20))}`), page.text);
        assert.match(page.text, /The member was in the hospital\. Please accept it for good cause/);
        assert.equal((await reviewer.send(`${at}/letter`, { ...typed, language: 'en', why_late: 'The member was in the hospital.', act: 'leave' })).status, 303);
        assert.deepEqual(steps(late), ['denied']);
      });

      test('urgent it asks for hours; after the second no it asks for a review from outside', async () => {
        const again = await deny(dayOf(-1), 'D-79');
        await reviewer.get(letterAt(again));
        let page = await reviewer.post(`${at}/letter`, { ...typed, language: 'en', urgent: '1', act: 'look' });
        assert.match(page.text, /R\. Example, MD finds that waiting could put the life or health of the member at risk\. Please answer within 72 hours/);
        for (const step of ['internal', 'denied-again']) {
          await reviewer.get(`${at}/denial?id=${again}`);
          assert.equal((await reviewer.post(`${at}/denial`, { step, outcome: '', on: dayOf() })).status, 200);
        }
        await reviewer.get(letterAt(again));
        page = await reviewer.post(`${at}/letter`, { ...typed, language: 'en', act: 'look' });
        assert.match(page.text, /Request for a review from outside[^]*independent review organization/);
        assert.equal((await reviewer.send(`${at}/letter`, { ...typed, language: 'en', act: 'leave' })).status, 303);
        assert.deepEqual(steps(again), ['denied', 'internal', 'denied-again', 'external']);
      });
    });

    test('the accounting names it, and the person’s own list too', async () => {
      const page = await reviewer.get(`${home()}/disclosures`);
      assert.match(page.text, /Example Health Plan/);
      const rows = rowsOf(desk.address, "SELECT purpose, basis, fields FROM disclosure");
      assert.equal(rows.length, 8);
      for (const row of rows) {
        assert.deepEqual([row.purpose, row.basis], ['HPAYMT', 'consent']);
        assert.match(row.fields, /letter\.text|text/);
      }
      assert.doesNotMatch(desk.log(), /Example|X000111222|residential/, 'no record in the log');
    });
  });
}
