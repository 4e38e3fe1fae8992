// What pays for somebody's care, by the desk's pages, on the real server and both engines: plans and the worksheet of benefits.
// Expected values: knowledge/benefits-questions.csv (an answer of the deductible counts 30 days), knowledge/roles.csv (utilization
// writes, a case manager reads, a nurse does neither), what was typed. Each answer has its
// source, its number and its last day.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { engines, rowsOf } from '../support/databases.mjs';
import { eventually, freshCode, openDesk, plain, writeRows } from '../support/desk.mjs';
import { makeHouse } from '../support/intakes.mjs';

const dayOf = (days = 0, zone = 'America/New_York') => new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(new Date(Date.now() + days * 86400000));

for (const engine of engines()) {
  describe(`coverage on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let desk, reviewer, manager, nurse, officer, person, at;
    before(async () => {
      desk = await openDesk({ database: engine.make() });
      const program = desk.program('Harbor House');
      manager = await desk.account('case-manager', { program });
      reviewer = await desk.account('utilization', { program });
      nurse = await desk.account('nurse', { program });
      officer = await desk.account('privacy-officer', { program });
      await manager.get('/desk/people/new');
      const page = await manager.post('/desk/people/new', { given: 'Ada', family: 'Vale', sex: 'female', language: 'en', birth_date: '1980-02-29' });
      person = page.path.split('/').at(-1);
      at = `/desk/people/${person}/coverage`;
    });
    after(() => desk?.stop());
    const planId = () => reviewer.page.html.match(/coverage\/plan\?plan=([0-9a-f-]{36})/)[1];
    const sheet = (id, level = '3.5') => `${at}/benefits?plan=${id}&level=${level}`;

    test('only who may sees or writes it', async () => {
      await nurse.get('/desk');
      for (const path of [at, `${at}/plan`, `${at}/benefits?plan=x&level=3.5`]) assert.equal((await nurse.request(path)).status, 403, path);
      let page = await manager.get(at);
      assert.equal(page.status, 200);
      assert.match(page.text, /No plan is entered/);
      assert.doesNotMatch(page.html, /coverage\/plan"/);
      assert.equal((await manager.request(`${at}/plan`)).status, 403);
      assert.equal((await manager.send(`${at}/plan`, { name: 'X', payer: 'employer', turn: '1' })).status, 403);
      page = await reviewer.get(`/desk/people/${person}`);
      assert.match(page.html, new RegExp(`href="${at}"`));
    });

    test('a plan is entered once, with its problems beside the fields', async () => {
      await reviewer.get(`${at}/plan`);
      let page = await reviewer.post(`${at}/plan`, { name: '', payer: 'lottery', turn: '12' });
      assert.equal(page.status, 400);
      for (const field of ['name', 'payer', 'turn']) assert.match(page.html, new RegExp(`id="form-${field}-problem"|id="[a-z_]*${field}-problem"`), field);
      const fields = { name: 'Example <b>Plan</b>', payer: 'employer', turn: '1', member_number: 'X000111222', payer_id: '12345', phone: '303-555-0142', address: '9 Plan Way', from: dayOf(-100) };
      const twice = await Promise.all([1, 2].map(() => reviewer.send(`${at}/plan`, fields)));
      for (const answer of twice) assert.equal(answer.status, 303, answer.text);
      page = await reviewer.get(at);
      assert.equal(page.html.match(/coverage\/plan\?plan=/g).length, 1);
      assert.match(page.html, /Example &lt;b&gt;Plan/);
      assert.match(page.text, /X000111222/);
      const [row] = rowsOf(desk.address, 'SELECT payer, turn, version FROM coverage_plan');
      assert.deepEqual([row.payer, Number(row.turn), Number(row.version)], ['employer', 1, 1]);
    });

    test('a plan that somebody else changed shows both', async () => {
      await reviewer.get(at);
      const path = `${at}/plan?plan=${planId()}`, other = desk.visitor();
      await other.signIn(reviewer.name, reviewer.password, reviewer.secret);
      await reviewer.get(path);
      await other.get(path);
      assert.equal((await other.send(`${at}/plan`, { name: 'Example Plan' })).status, 303);
      const page = await reviewer.post(`${at}/plan`, { name: 'Another Plan' });
      assert.equal(page.status, 409, page.text);
      assert.match(page.text, /Example Plan/);
      assert.match(page.html, /value="Another Plan"/);
      await reviewer.get(at);
      assert.match(reviewer.page.text, /Example Plan/);
    });

    test('the worksheet keeps who said what, and until when', async () => {
      await reviewer.get(at);
      const id = planId();
      let page = await reviewer.get(sheet(id));
      assert.equal(page.status, 200);
      assert.match(page.text, /Is this plan active today\?/);
      assert.equal(page.html.match(/class="chip"/g).length, 18);
      page = await reviewer.post(`${at}/benefits`, { a_active: 'perhaps', a_deductible: 'much', asked: dayOf(3) });
      assert.equal(page.status, 400);
      assert.match(page.html, /id="p-deductible"/);
      assert.match(page.html, /value="much"/);
      page = await reviewer.post(`${at}/benefits`, {
        a_active: 'yes', a_covered: 'yes', a_deductible: '$1,500', 'a_day-limit_none': '1', a_coinsurance: '20', source: 'phone', who: 'Pat R.', reference: 'call 77', asked: dayOf(),
      });
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /\$1,500\s+By phone, Pat R\., call 77/);
      assert.match(page.text, /No limit\s+By phone/);
      assert.match(page.text, /20 %/);
      // days-used is not asked where there is no limit; five are known
      assert.equal(page.html.match(/class="chip"/g).length, 12);
      const stale = page.forms.find((form) => form.action === `${at}/benefits`).fields;
      page = await reviewer.post(`${at}/benefits`, { a_deductible: '2000', source: 'portal', who: '', reference: '', asked: dayOf(-40) });
      assert.equal(page.status, 200);
      assert.match(page.text, /\$2,000\s+too old/);
      assert.match(page.text, /Yes\s+By phone, Pat R\./, 'what was not touched keeps its source');
      const late = await reviewer.request(`${at}/benefits`, { method: 'POST', fields: { ...stale, form_key: 'C'.repeat(22), a_deductible: '1', source: 'phone', asked: dayOf() } });
      assert.equal(late.status, 409, late.text);
      assert.match(late.html, /\$2,000/);
      const rows = rowsOf(desk.address, 'SELECT seq FROM benefits_worksheet ORDER BY seq');
      assert.deepEqual(rows.map((row) => Number(row.seq)), [1, 2]);
      page = await manager.get(sheet(id));
      assert.equal(page.status, 200);
      assert.doesNotMatch(page.html, /Save the answers/);
      page = await manager.get(at);
      assert.match(page.text, /1 too old/);
    });

    const inWords = (day) => new Intl.DateTimeFormat('en-US', { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`));

    test('an approval has the law’s clock, and burns down by delivered days', async () => {
      await desk.admin.get('/desk/program');
      await desk.admin.post('/desk/program', { program: rowsOf(desk.address, 'SELECT program_id FROM program')[0].program_id });
      await desk.admin.get('/desk/settings/sites');
      await desk.admin.post('/desk/settings/sites', { act: 'site', name: 'West House', city: 'West', state: 'VA', phone: '804 555 0142' });
      const site = rowsOf(desk.address, 'SELECT id FROM site')[0].id;
      await manager.get(`/desk/people/${person}/episodes`);
      const stays = await manager.post(`/desk/people/${person}/episodes`, { status: 'active', site, level: '3.5' });
      assert.equal(stays.status, 200, stays.text);
      const stay = rowsOf(desk.address, 'SELECT id FROM episode')[0].id;
      await reviewer.get(at);
      let page = await reviewer.get(`${at}/authorization`);
      page = await reviewer.post(`${at}/authorization`, { units: '0', on: dayOf(2), at: '9:77' });
      assert.equal(page.status, 400);
      for (const field of ['units']) assert.match(page.html, new RegExp(`${field}-problem`), field);
      await reviewer.get(`${at}/authorization`);
      const fields = { level: '3.5', stay, unit: 'day', units: '14', on: dayOf(), at: '00:00', words: '' };
      page = await reviewer.post(`${at}/authorization`, { ...fields, on: dayOf(2) });
      assert.equal(page.status, 400);
      assert.match(page.html, /on-problem/);
      const twice = await Promise.all([1, 2].map(() => reviewer.send(`${at}/authorization`, fields)));
      assert.deepEqual(twice.map((answer) => answer.status), [303, 303], twice[0].text);
      assert.equal(twice[0].location, twice[1].location);
      page = await reviewer.get(twice[0].location);
      // 29 CFR 2560.503-1(f)(2)(iii)(A): 15 days for an employer's plan
      assert.ok(page.text.includes(inWords(dayOf(15))), page.text);
      assert.match(page.text, /not checked by a lawyer/);
      const [clock] = rowsOf(desk.address, "SELECT kind, person_id FROM due WHERE kind LIKE 'coverage.%'");
      assert.deepEqual([clock.kind, clock.person_id], ['coverage.decision', person]);
      const due = await reviewer.get('/desk/coverage');
      assert.match(due.html, new RegExp(`href="${twice[0].location.replace('?', '\\?')}">The plan must have decided`));
      assert.match(due.text, /Ada Vale/);
      assert.equal((await nurse.request('/desk/coverage')).status, 403);
      const day = await manager.get(`/desk/people/${person}/delivered`);
      assert.equal(day.status, 200);
      const given = (await manager.post(`/desk/people/${person}/delivered`, { act: 'days', stay, level: '3.5', from: dayOf(), through: '' })).status;
      assert.equal(given, 200);
      await reviewer.get(twice[0].location);
      page = await reviewer.post(`${at}/authorization`, { state: 'approved', decided: dayOf(), units: '', from: '', to: '' });
      assert.equal(page.status, 400);
      page = await reviewer.post(`${at}/authorization`, { state: 'approved', decided: dayOf(), units: '3', from: dayOf(), to: dayOf(6), review: dayOf(2), number: 'A-77' });
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /A-77/);
      assert.match(page.text, /Used\s+1\s/);
      assert.match(page.text, /Units left\s+2\s+few left/);
      assert.deepEqual(rowsOf(desk.address, "SELECT kind FROM due WHERE kind LIKE 'coverage.%'").map((row) => row.kind), ['coverage.review']);
      page = await manager.get(at);
      assert.match(page.text, /2 \/ 3/);
      assert.equal((await manager.send(`${at}/authorization`, { id: 'x' })).status, 403);
    });

    test('a denial shows what is open, and until when; the step is taken once', async () => {
      await reviewer.get(at);
      await reviewer.get(`${at}/denial`);
      let page = await reviewer.post(`${at}/denial`, { reason: 'no such', denied: dayOf(1), requested: '' });
      assert.equal(page.status, 400);
      for (const field of ['reason', 'requested']) assert.match(page.html, new RegExp(`${field}-problem`), field);
      await reviewer.get(`${at}/denial`);
      page = await reviewer.post(`${at}/denial`, { authorization: '', level: '3.5', reason: 'step-first', denied: dayOf(), requested: '14 days of residential treatment', number: 'D-77' });
      assert.equal(page.status, 200, page.text);
      // 29 CFR 2560.503-1(h)(3)(i): 180 days
      assert.ok(page.text.includes(inWords(dayOf(180))), page.text);
      assert.match(page.text, /in 180 days/);
      assert.match(page.text, /Review from outside\s+After the plan/);
      const path = page.path;
      page = await reviewer.post(`${at}/denial`, { step: 'ended', outcome: '', on: dayOf() });
      assert.equal(page.status, 400);
      assert.match(page.html, /outcome-problem/);
      await reviewer.get(path);
      page = await reviewer.post(`${at}/denial`, { step: 'internal', outcome: '', on: dayOf() });
      assert.equal(page.status, 200, page.text);
      assert.doesNotMatch(page.html, /value="internal"/);
      page = await reviewer.post(`${at}/denial`, { step: 'denied-again', outcome: '', on: dayOf() });
      assert.match(page.text, /Review from outside\s+Open/);
      page = await reviewer.post(`${at}/denial`, { step: 'ended', outcome: 'in-part', on: dayOf() });
      assert.match(page.text, /The plan pays a part/);
      assert.doesNotMatch(page.html, /name="step"/);
      assert.equal(rowsOf(desk.address, "SELECT kind FROM due WHERE kind = 'coverage.appeal'").length, 0);
      assert.match((await reviewer.get(at)).text, /The plan pays a part/);
      assert.equal((await reviewer.request(`${at}/denial?id=nothing`)).status, 404);
    });

    test('what pays for a stay; a loan stands last and with its whole cost', async () => {
      const stay = rowsOf(desk.address, 'SELECT id FROM episode')[0].id;
      const clean = { row_id: '', stay, plan: '', amount: '', from: '', to: '', words: '', borrowed: '', rate: '', months: '', fee: '' };
      await reviewer.get(`${at}/funding`);
      let page = await reviewer.post(`${at}/funding`, { ...clean, source: 'loan', amount: '1000' });
      assert.equal(page.status, 400);
      assert.match(page.html, /borrowed-problem/);
      await reviewer.get(`${at}/funding`);
      // without interest: ten payments of 100 and the fee of 50
      page = await reviewer.post(`${at}/funding`, { ...clean, source: 'loan', borrowed: '1000', rate: '0', months: '10', fee: '50' });
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /Paid back in all:\s+\$1,050/);
      page = await reviewer.post(`${at}/funding`, { ...clean, source: 'county', amount: '2500' });
      assert.match(page.text, /County money[^]*Loan/);
      const row = page.html.match(/name="row_id" value="([0-9a-f-]{36})"/)[1];
      page = await reviewer.post(`${at}/funding`, { row_id: row, row_version: '1', act: 'end' });
      assert.match(page.text, /County money\s+does not pay/);
      const flat = () => reviewer.page.text.replace(/\s+/g, ' ').replace(/ ([:.,])/g, '$1');
      const fundings = () => rowsOf(desk.address, 'SELECT id, version, ended_at FROM stay_funding ORDER BY made_at, id');
      const county = () => fundings().filter((one) => Number(one.ended_at) === 0).at(-1);
      // Undone by a new row: the old one stays as it was, and a second undo of it is refused.
      page = await reviewer.post(`${at}/funding`, { row_id: row, row_version: '2', act: 'undo' });
      assert.equal(page.status, 200, page.text);
      assert.match(flat(), /Pays after all: County money, \$2,500 \(The utilization/);
      assert.match(flat(), /Does not pay: County money, \$2,500 \(The utilization/);
      assert.equal(fundings().length, 3);
      assert.match((await reviewer.send(`${at}/funding`, { row_id: row, row_version: '2', act: 'undo' })).text, /Somebody changed this/);
      assert.match((await reviewer.send(`${at}/funding`, { row_id: row, row_version: '3', act: 'undo' })).text, /Somebody changed this/);
      // Changed by a new row, and back again.
      page = await reviewer.get(`${at}/funding?row_id=${county().id}`);
      assert.match(page.html, /name="amount"[^>]*value="\$2,500"|value="\$2,500"[^>]*name="amount"/);
      page = await reviewer.post(`${at}/funding`, { row_id: county().id, row_version: '1', amount: '3000', act: '' });
      assert.equal(page.status, 200, page.text);
      assert.match(flat(), /Changed: County money, \$2,500 → County money, \$3,000 \(The utilization/);
      page = await reviewer.post(`${at}/funding`, { row_id: county().id, row_version: '1', act: 'undo' });
      assert.match(flat(), /Changed: County money, \$3,000 → County money, \$2,500/);
      assert.equal(fundings().length, 5, 'nothing is deleted');
      const loan = fundings()[0];
      const nothing = await reviewer.send(`${at}/funding`, { row_id: loan.id, row_version: '1', act: 'undo' });
      assert.equal(nothing.status, 400, nothing.text);
      assert.match(nothing.text, /nothing to undo/);
      assert.equal((await manager.send(`${at}/funding`, { row_id: county().id, row_version: '1', act: 'undo' })).status, 403);
      await reviewer.get(`${at}/funding`);
      assert.equal((await manager.send(`${at}/funding`, { ...clean, source: 'county' })).status, 403);
    });

    test('a program’s own fees, and what a stay would cost by them', async () => {
      const guideline = readFileSync(fileURLToPath(new URL('../../knowledge/poverty-guideline.csv', import.meta.url)), 'utf8').split('\n').find((line) => line.startsWith('2026,') && !/Alaska|Hawa/.test(line));
      const holds = dayOf() <= guideline.match(/(\d{4}-\d\d-\d\d),(\d{4}-\d\d-\d\d)/)[2];
      await desk.admin.get('/desk/settings/fees');
      let page = await desk.admin.post('/desk/settings/fees', { approved_by: 'The board', from: dayOf(-1), to: '', bands: '100 $5\n133 25%' });
      assert.equal(page.status, 400);
      assert.match(page.html, /bands-problem/);
      for (const bands of ['x', '100', '100 $5\n50 25%', '- 100%\n200 10%']) {
        await desk.admin.get('/desk/settings/fees');
        assert.equal((await desk.admin.post('/desk/settings/fees', { approved_by: 'The board', from: dayOf(-1), to: '', bands })).status, 400, bands);
      }
      const bands = '100 $5\n133 25%\n166 50%\n200 75%\n- 100%';
      for (const from of [dayOf(-1), dayOf(30)]) {
        await desk.admin.get('/desk/settings/fees');
        page = await desk.admin.post('/desk/settings/fees', { approved_by: 'The board', from, to: '', bands });
        assert.equal(page.status, 200, page.text);
      }
      const later = page.html.match(/name="fee_version" value="([0-9a-f-]{36})"/)[1];
      page = await desk.admin.post('/desk/settings/fees', { fee_version: later });
      assert.match(page.text, /taken back/);
      assert.match(page.text.replace(/\s+/g, ' '), /Taken back ?: from [A-Z][^(]* \([^()]+, <?[A-Z]/, 'who did it, and when');
      page = await desk.admin.get(`/desk/settings/fees?again=${later}`);
      assert.match(page.html, /100 \$5\s+133 25%\s+166 50%\s+200 75%\s+- 100%/);
      page = await desk.admin.post('/desk/settings/fees', { again: later, approved_by: 'The board', from: dayOf(60), to: dayOf(90) });
      assert.equal(page.status, 200, page.text);
      assert.match(page.text.replace(/\s+/g, ' '), /Entered again ?: [^(]*\(with the bands of/);
      assert.equal((await reviewer.request('/desk/settings/fees')).status, 403);
      // one person at exactly the guideline pays five dollars a day
      const first = guideline.split(',').find((cell) => /^\d{5}$/.test(cell));
      await reviewer.get(`${at}/estimate`);
      page = await reviewer.post(`${at}/estimate`, { level: '3.5', days: '10', price: '300', income: first, period: 'year', household: '1' });
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /Example Plan/);
      if (holds) {
        assert.match(page.text, /100 % of the poverty guideline/);
        assert.match(page.text, /The whole stay by the sliding fee\s+\$50\s+The whole stay without it\s+\$3,000/);
      } else assert.match(page.text, /guideline that we know has ended/);
      page = await reviewer.post(`${at}/estimate`, { level: '3.5', days: '10', price: 'much', income: '' });
      assert.equal(page.status, 400);
      assert.match(page.html, /price-problem/);
    });

    test('it stands in the record that the person may have', async () => {
      await officer.get(`/desk/people/${person}/record`);
      let page = await officer.post(`/desk/people/${person}/record`, {});
      if (page.forms.some((form) => 'prove_secret' in form.fields)) page = await officer.prove({ prove_secret: officer.password, ...(officer.secret ? { prove_code: await freshCode(officer.secret) } : {}) });
      assert.match(page.path, /copy\?number=/, page.text);
      const { record } = JSON.parse((await officer.request(`${page.path}&as=json`)).html);
      assert.equal(record['coverage-plan'][0].name, 'Example Plan');
      assert.equal(record['coverage-plan'][0].member_number, 'X000111222');
      assert.ok(record['coverage-answers'][0].answers.some((one) => one.who === 'Pat R.' && one.reference === 'call 77'));
      assert.equal(record['coverage-authorization'][0].number, 'A-77');
      assert.equal(record['coverage-denial'][0].requested, '14 days of residential treatment');
      assert.match(page.text, /Approvals[^]*A-77/);
    });

    test('unknown plans, levels and people are not there', async () => {
      await reviewer.get(at);
      const id = planId();
      for (const path of [sheet(id, '9.9'), sheet('nothing'), sheet(id, ''), `${at}/plan?plan=nothing`]) assert.equal((await reviewer.request(path)).status, 404, path);
      await manager.get('/desk/people/new');
      const other = (await manager.post('/desk/people/new', { given: 'Bo', family: 'Vale', sex: 'male', language: 'en' })).path.split('/').at(-1);
      assert.equal((await reviewer.request(`/desk/people/${other}/coverage/benefits?plan=${id}&level=3.5`)).status, 404);
      assert.equal((await reviewer.request(`/desk/people/${other}/coverage/plan?plan=${id}`)).status, 404);
    });

    test('a long list of what is due goes on, each once, for whom the reader reaches', async () => {
      const today = Math.floor(Date.parse(`${dayOf()}T00:00:00Z`) / 86400000), { program_id: program } = rowsOf(desk.address, 'SELECT program_id FROM program')[0];
      await manager.get('/desk/people/new');
      const other = (await manager.post('/desk/people/new', { given: 'Cleo', family: 'Vale', sex: 'female', language: 'en' })).path.split('/').at(-1);
      // Of each 115: three and three on a day, every second one's of somebody else.
      const copy = (table, from, group, changes) => {
        const names = Object.keys(rowsOf(desk.address, `SELECT * FROM ${table} WHERE id = '${from}'`)[0]);
        const values = { id: `'00000000-0000-7000-${group}-' || substr(CAST(1000000000000 + n AS TEXT), 2)`, person_id: `CASE WHEN n % 2 = 0 THEN '${other}' ELSE person_id END`, due_on: `${today} + n / 3`, ...changes };
        writeRows(desk.address, `WITH RECURSIVE v(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM v WHERE n < 114)
          INSERT INTO ${table} (${names}) SELECT ${names.map((name) => values[name] ?? name)} FROM ${table}, v WHERE id = '${from}'`);
      };
      copy('coverage_authorization', rowsOf(desk.address, "SELECT id FROM coverage_authorization WHERE state = 'approved'")[0].id, '8000', { review_on: `${today} + n / 3`, to_on: String(today + 400) });
      copy('coverage_denial', rowsOf(desk.address, 'SELECT id FROM coverage_denial')[0].id, '8001', { outcome: "''", ended_on: '0', internal_on: '0', internal_denied_on: '0' });
      // Over, though nobody has written since: on no list.
      writeRows(desk.address, `UPDATE coverage_authorization SET to_on = ${today - 1}, from_on = ${today - 9}, review_on = 0 WHERE id = '00000000-0000-7000-8000-000000000030'`);
      const open = (people = [person, other]) => ['coverage_authorization', 'coverage_denial'].flatMap((table) => rowsOf(desk.address, `SELECT id, due_on FROM ${table} WHERE due_on > 0
          AND person_id IN (${people.map((id) => `'${id}'`)}) AND id <> '00000000-0000-7000-8000-000000000030'`))
        .sort((a, b) => Number(a.due_on) - Number(b.due_on) || (a.id < b.id ? -1 : 1)).map(({ id }) => id);
      const walk = async (visitor, start = '/desk/coverage', between = undefined) => {
        const seen = [];
        let pages = 0;
        for (let next = start; next; pages += 1) {
          const page = await visitor.get(next), found = [...page.html.matchAll(/coverage\/(?:authorization|denial)\?id=([0-9a-f-]{36})/g)].map((match) => match[1]);
          assert.equal(page.status, 200);
          assert.ok(found.length <= 100);
          assert.equal(page.html.match(/>(Ada|Cleo) Vale</g)?.length ?? 0, found.length, 'each has a name');
          assert.equal(/From the beginning of the list/.test(page.text), pages > 0);
          if (pages === 0) assert.match(page.text, new RegExp(`In all: ${open().length}\\.`));
          seen.push(...found);
          next = plain(page.html.match(/<a href="([^"]*)" rel="next"/)?.[1] ?? '');
          if (pages === 0) await between?.(seen);
        }
        return seen;
      };
      const all = open();
      assert.equal(all.length, 115 + 114 + rowsOf(desk.address, "SELECT id FROM coverage_authorization WHERE due_on > 0 AND id NOT LIKE '00000000-%'").length);
      assert.deepEqual(await walk(reviewer), all);
      for (const place of ['x-y', '5', `-${'0'.repeat(36)}`]) assert.deepEqual(await walk(reviewer, `/desk/coverage?after=${place}`), all, place);
      // Between two pages one that was shown is ended by its page, the last one shown and one to come are settled: the others come, each once.
      const gone = [all[99], all[150]], ended = all.slice(0, 90).find((id) => /-8001-/.test(id) && Number(id.slice(-12)) % 2 === 1);
      const moved = await walk(reviewer, '/desk/coverage', async () => {
        const { page } = reviewer;
        await reviewer.get(`${at}/denial?id=${ended}`);
        assert.equal((await reviewer.post(`${at}/denial`, { step: 'ended', outcome: 'dropped', on: dayOf() })).status, 200);
        for (const table of ['coverage_authorization', 'coverage_denial']) writeRows(desk.address, `UPDATE ${table} SET due_on = 0 WHERE id IN ('${gone.join("', '")}')`);
        reviewer.page = page;
      });
      assert.deepEqual(moved, all.filter((id) => id !== gone[1]));
      assert.deepEqual(await walk(reviewer), all.filter((id) => id !== ended && !gone.includes(id)));
      // Of one's site: by a stay, or by the record; of one's caseload, which is nobody's yet; of a record that was joined to one of the site.
      const away = makeHouse(desk.address, program, { name: 'East House' }), home = rowsOf(desk.address, "SELECT id FROM site WHERE name = 'West House'")[0].id;
      writeRows(desk.address, `UPDATE person SET site_id = '${away.site}' WHERE id = '${other}'`);
      const [here, there, counselor] = [await desk.account('front-desk', { site: home }), await desk.account('front-desk', { site: away.site }), await desk.account('counselor')];
      const ids = async (visitor) => { const seen = []; for (let next = '/desk/coverage'; next;) { const page = await visitor.get(next); seen.push(...[...page.html.matchAll(/\?id=([0-9a-f-]{36})/g)].map((match) => match[1])); assert.match(page.text, new RegExp(`In all: \\d+\\.|Nothing is due`)); next = plain(page.html.match(/<a href="([^"]*)" rel="next"/)?.[1] ?? ''); } return seen; };
      assert.deepEqual(await ids(here), open([person]));
      assert.match((await here.get('/desk/coverage')).text, new RegExp(`In all: ${open([person]).length}\\.`));
      assert.deepEqual(await ids(there), open([other]));
      assert.match((await counselor.get('/desk/coverage')).text, /Nothing is due/);
      writeRows(desk.address, `UPDATE person SET merged_into = '${person}' WHERE id = '${other}'`);
      assert.deepEqual(await ids(here), open());
      assert.deepEqual(await ids(there), open());
      writeRows(desk.address, `DELETE FROM coverage_authorization WHERE id LIKE '00000000-0000-7000-8%'; DELETE FROM coverage_denial WHERE id LIKE '00000000-0000-7000-8%'; UPDATE person SET merged_into = '' WHERE id = '${other}'`);
    });

    test('in Spanish, and in the audit', async () => {
      const page = await reviewer.get(`/es${at}`);
      assert.match(page.text, /Qué paga la atención/);
      assert.match(page.text, /Un plan del trabajo/);
      const look = () => Object.fromEntries(rowsOf(desk.address, `SELECT act, count(*) AS n FROM audit_entry WHERE object = 'coverage' AND person_id = '${person}' AND outcome = 'done' GROUP BY act`).map(({ act, n }) => [act, Number(n)]));
      const acts = await eventually(look, (seen) => seen.write >= 4);
      assert.ok(acts.write >= 4 && acts.read > 0, JSON.stringify(acts));
      assert.doesNotMatch(desk.log(), /Example|X000111222|Pat R/, 'no record in the log');
    });
  });
}
