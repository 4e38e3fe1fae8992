// Questionnaires in the staff's form, the level of care, medicines counted by two, and what is overdue, on the real server
// and both engines. Expected: PHQ-9 sums and bands (Kroenke and others, 2001), COWS bands (Wesson and Ling, 2003), C-SSRS
// triage (item 4, intent: high risk), rules B12/A1 of knowledge/level-of-care.md read by hand, intake-items.csv (who, when).
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { engines, rowsOf } from '../support/databases.mjs';
import { eventually, openDesk, writeRows } from '../support/desk.mjs';
import { beginIntake, comeIn, makeHouse, makeRequest, micros, sayItem } from '../support/intakes.mjs';

const tally = (n, value) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`phq-9.${i + 1}`, String(value)]));

for (const engine of engines()) {
  describe(`assessing at an intake on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let desk, program, house, manager, nurse, other, front, prescriber, person, intake, at;
    const count = (table, where) => Number(rowsOf(desk.address, `SELECT count(*) AS n FROM ${table} WHERE ${where}`)[0].n);
    const asks = (visitor, instrument) => visitor.get(`${at}/intake/instruments?intake=${intake}&instrument=${instrument}`);
    before(async () => {
      desk = await openDesk({ database: engine.make() });
      program = desk.program('Harbor House');
      house = makeHouse(desk.address, program);
      manager = await desk.account('case-manager', { program });
      nurse = await desk.account('nurse', { program });
      other = await desk.account('nurse', { program });
      front = await desk.account('front-desk', { program });
      prescriber = await desk.account('prescriber', { program });
      person = await comeIn(manager, { given: 'Ada', site: house.site });
      at = person.at;
      intake = await beginIntake(manager, at);
    });
    after(() => desk?.stop());

    test('a questionnaire is asked whole, scored here, kept sealed, and settles its item', async () => {
      let page = await nurse.get(`${at}/intake/instruments?intake=${intake}`);
      assert.match(page.text, /PHQ-9[^]*GAD-7/);
      page = await asks(nurse, 'phq-9');
      assert.equal((page.html.match(/<fieldset /g) ?? []).length >= 9, true);
      // One answer is open, one is none of those allowed: nothing is kept, what was ticked stays.
      page = await nurse.post(`${at}/intake/instruments`, { ...tally(9, 2), 'phq-9.9': '' });
      assert.equal(page.status, 400);
      assert.match(page.html, /href="#phq-9-9"/);
      assert.match(page.html, /name="phq-9.1" value="2" checked/);
      for (const bad of ['7', '-1', 'zebra', '2 OR 1=1', '9'.repeat(40)]) {
        page = await nurse.post(`${at}/intake/instruments`, { ...tally(9, 2), 'phq-9.3': bad });
        assert.equal(page.status, 400, bad);
      }
      assert.equal(count('intake_instrument', '1 = 1'), 0);
      await asks(nurse, 'phq-9');
      const twice = await Promise.all([1, 2].map(() => nurse.send(`${at}/intake/instruments`, { ...tally(9, 1), 'phq-9.9': '0', 'phq-9.10': '0' })));
      for (const answer of twice) assert.equal(answer.status, 303, answer.text);
      assert.equal(count('intake_instrument', "instrument = 'phq-9'"), 1);
      page = await nurse.get(twice[0].location);
      assert.match(page.text, /PHQ-9[^]*\b8\b[^]*[Mm]ild/); // 8 times 1: mild, 5 to 9
      assert.match(page.text, /A score is not a diagnosis/);
      page = await nurse.get(`${at}/intake?intake=${intake}`);
      assert.match(page.html, /id="item-mood"[^]*?settled">Done</);
      const blob = rowsOf(desk.address, engine.name === 'sqlite' ? 'SELECT hex(answers) AS a FROM intake_instrument' : "SELECT encode(answers, 'hex') AS a FROM intake_instrument")[0].a;
      assert.ok(!Buffer.from(blob, 'hex').toString('latin1').includes('"answers"'), 'sealed');
    });

    test('what is urgent is said at once, with whom to call', async () => {
      let page = await asks(nurse, 'c-ssrs');
      const answers = Object.fromEntries([...page.html.matchAll(/name="(c-ssrs\.[^"]+)" value="1"/g)].map(([, name]) => [name, '1']));
      page = await nurse.post(`${at}/intake/instruments`, answers);
      assert.equal(page.status, 200, page.text);
      assert.match(page.html, /panel urgent[^]*Please get help now/);
      assert.match(page.html, /href="tel:988"/);
    });

    test('whose part it is not, is refused; what is off or unknown is not there', async () => {
      let page = await asks(front, 'cows');
      assert.match(page.text, /This is for somebody else to do/);
      const token = page.forms.map((form) => form.fields.form_token).find(Boolean);
      page = await asks(nurse, 'cows');
      const cows = Object.fromEntries([...page.html.matchAll(/name="(cows\.\d+)" value="0"/g)].map(([, name]) => [name, '0']));
      assert.equal(Object.keys(cows).length, 11);
      const refused = await front.request(`${at}/intake/instruments`, { method: 'POST', fields: { form_token: token, form_key: 'A'.repeat(22), intake, instrument: 'cows', ...cows } });
      assert.equal(refused.status, 403);
      for (const bad of ['nothing', '../cows', 'COWS', 'x'.repeat(200)]) assert.equal((await nurse.request(`${at}/intake/instruments?intake=${intake}&instrument=${encodeURIComponent(bad)}`)).status, 404, bad);
      assert.equal((await nurse.request(`${at}/intake/instruments?intake=${intake}&taken=${person.id}`)).status, 404);
      // COWS 13 is moderate (13 to 24): 5 + 5 + 3 of items that allow it.
      page = await asks(nurse, 'cows');
      const allowed = (name) => [...page.html.matchAll(new RegExp(`name="${name.replace('.', '\\.')}" value="(\\d+)"`, 'g'))].map(([, value]) => Number(value));
      let left = 13;
      for (const name of Object.keys(cows)) {
        const take = Math.max(...allowed(name).filter((value) => value <= left));
        cows[name] = String(take);
        left -= take;
      }
      assert.equal(left, 0);
      page = await nurse.post(`${at}/intake/instruments`, cows);
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /\b13\b[^]*[Mm]oderate/);
    });

    test('the table suggests from the scores, a clinician decides and says why', async () => {
      let page = await prescriber.get(`${at}/intake/level?intake=${intake}`);
      assert.match(page.html, /id="fact-cows"[^>]*value="13"/);
      assert.match(page.html, /id="fact-phq_9"[^>]*value="8"/);
      assert.match(page.html, /id="fact-age"[^>]*value="\d+"/);
      // A score that the person could not have, and a suggestion: nothing is kept by looking.
      page = await prescriber.post(`${at}/intake/level`, { act: 'suggest', 'fact.cows': '99' });
      assert.equal(page.status, 400);
      assert.match(page.html, /id="fact-cows-problem"/);
      const known = { 'fact.cows': '13', 'fact.suicide_risk': 'none', 'fact.risky_use': 'some', 'fact.housing': 'unsafe', 'fact.support': 'none', 'fact.opioid_use_disorder': 'severe', 'fact.medication': 'methadone' };
      page = await prescriber.post(`${at}/intake/level`, { act: 'suggest', ...known });
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /The table suggests: [^]*\(\d(\.\d)?\)/);
      const suggested = page.text.match(/The table suggests: [^(]*\((\d(?:\.\d)?)\)/)[1];
      assert.equal(count('intake_level', '1 = 1'), 0);
      // Another level asks for a reason, which is sealed.
      const chosen = suggested === '3.7' ? '3.5' : '3.7';
      page = await prescriber.post(`${at}/intake/level`, { act: 'decide', ...known, chosen, reason: '' });
      assert.equal(page.status, 400);
      assert.match(page.text, /You chose another level than the table\. Please say why\./);
      page = await prescriber.post(`${at}/intake/level`, { act: 'decide', ...known, chosen, reason: 'quokka on the ward', change: '1' });
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /Decided before[^]*quokka on the ward[^]*The prescriber/);
      const row = rowsOf(desk.address, 'SELECT suggested, chosen FROM intake_level')[0];
      assert.deepEqual(row, { suggested, chosen });
      assert.equal(rowsOf(desk.address, `SELECT level_of_care AS l FROM episode WHERE id = '${person.stay}'`)[0].l, chosen);
      page = await manager.get(`${at}/intake?intake=${intake}`);
      assert.match(page.html, /id="item-level-of-care"[^]*?settled">Done</);
      // An emergency is no level; and who may not decide looks on.
      page = await prescriber.get(`${at}/intake/level?intake=${intake}`);
      page = await prescriber.post(`${at}/intake/level`, { act: 'suggest', 'fact.unresponsive': 'yes' });
      assert.match(page.text, /Emergency care now[^]*Call 911/);
      page = await manager.get(`${at}/intake/level?intake=${intake}`);
      assert.match(page.text, /A clinician decides on the level of care/);
      const token = page.forms.map((form) => form.fields.form_token).find(Boolean);
      const refused = await manager.request(`${at}/intake/level`, { method: 'POST', fields: { form_token: token, form_key: 'B'.repeat(22), intake, act: 'decide', chosen: '3.5', reason: 'x' } });
      assert.equal(refused.status, 403);
      assert.match((await prescriber.get(`/es${at}/intake/level?intake=${intake}`)).text, /Nivel de atención/);
    });

    test('what the record says is proposed, and counts once a clinician takes it', async () => {
      const today = new Date().toLocaleDateString('sv-SE', { timeZone: 'America/New_York' }); // where the site is
      const day = (ago) => new Date(Date.parse(`${today}T12:00:00Z`) - ago * 864e5).toISOString().slice(0, 10);
      const write = async (at, fields) => {
        await nurse.get(`${at}/facts`);
        const page = await nurse.post(`${at}/facts`, { act: '', value: '', words: '', ...fields });
        assert.equal(page.status, 200, page.text);
      };
      const wren = await comeIn(manager, { given: 'Wren', site: house.site });
      const begun = await beginIntake(manager, wren.at);
      const level = `${wren.at}/intake/level`;
      assert.doesNotMatch((await prescriber.get(`${level}?intake=${begun}`)).text, /What the record says/);
      await write(wren.at, { kind: 'pregnancy', value: 'pregnancy.yes' });
      await write(wren.at, { kind: 'opioid-medicine', value: 'opioid-medicine.methadone' });
      await write(wren.at, { kind: 'overdose', value: '', date: day(40) });
      await write(wren.at, { kind: 'housing', value: 'housing.independent' });
      makeRequest(desk.address, program, wren.id, { site: house.site, state: 'received', received: micros() - 5 * 86400e6 });
      const cows = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`cows.${i + 1}`, '0']));
      await nurse.get(`${wren.at}/intake/instruments?intake=${begun}&instrument=cows`);
      await nurse.post(`${wren.at}/intake/instruments`, { ...cows, 'cows.1': '1' });
      // Proposed, not filled in: but for what was measured at this intake. An older record that differs is told.
      let page = await prescriber.get(`${level}?intake=${begun}`);
      const section = page.html.match(/aria-labelledby="record"[^]*?<\/section>/)[0];
      const ticks = [...section.matchAll(/name="take" value="([^"]+)"/g)].map(([, tick]) => tick);
      assert.deepEqual(ticks.map((tick) => tick.split('.')[0]).sort(), ['medication', 'overdose_days', 'pregnant']);
      assert.ok(ticks.includes('overdose_days.40'), ticks);
      assert.match(section, /An older record says:[^<]*no \(A request for a place/);
      assert.match(section, /COWS[^]*In the form/);
      assert.match(page.html, /id="fact-cows"[^>]*value="1"/);
      assert.match(page.html, /id="fact-overdose_days"[^>]*value=""/);
      assert.doesNotMatch(page.html, /id="fact-pregnant"[^>]*>(?:<option[^>]*>[^<]*<\/option>)*<option value="yes" selected/);
      // Taken: the fields hold it, what was typed beside stays, nothing is kept yet.
      const medication = ticks.find((tick) => tick.startsWith('medication'));
      page = await prescriber.post(level, { act: 'take', take: ['pregnant.1', 'overdose_days.40'], 'fact.years_of_use': '7' });
      assert.equal(page.status, 200, page.text);
      assert.match(page.html, /id="fact-overdose_days"[^>]*value="40"/);
      assert.match(page.html, /id="fact-years_of_use"[^>]*value="7"/);
      assert.match(page.html, /name="fact.pregnant"><option value="">[^<]*<\/option><option value="yes" selected/);
      assert.doesNotMatch(page.html, /value="pregnant\.1"|The table suggests/);
      assert.match(page.html, new RegExp(`value="${medication}"`));
      const rows = count('intake_level', '1 = 1');
      // A tick counts with the suggestion, too; one that the record does not say is refused.
      page = await prescriber.post(level, { act: 'suggest', take: [medication] });
      assert.match(page.text, /The table suggests/);
      for (const bad of ['pregnant.0', 'cows.48', 'nothing.1', '', 'overdose_days.40.1']) {
        page = await prescriber.post(level, { act: 'decide', chosen: '3.7', reason: 'x', take: [bad] });
        assert.equal(page.status, 400, bad);
        assert.match(page.text, /The record changed meanwhile/);
      }
      assert.equal(count('intake_level', '1 = 1'), rows);
      // The record changes between two looks: what was shown is not what is taken.
      await write(wren.at, { kind: 'overdose', value: '', date: day(2) });
      page = await prescriber.post(level, { act: 'decide', chosen: '3.7', reason: 'x', take: ['overdose_days.40'] });
      assert.equal(page.status, 400);
      assert.match(page.html, /value="overdose_days\.2"/);
      page = await prescriber.post(level, { act: 'decide', chosen: '3.7', reason: 'because', take: ['overdose_days.2'] });
      assert.equal(page.status, 200, page.text);
      assert.equal(count('intake_level', '1 = 1'), rows + 1);
      // Decided: the next look begins with it.
      page = await prescriber.get(`${level}?intake=${begun}`);
      assert.match(page.html, /id="fact-overdose_days"[^>]*value="2"/);
      assert.match((await prescriber.get(`/es${level}?intake=${begun}`)).text, /Lo que dice el expediente[^]*Sobredosis/);
    });

    test('medicines are counted by two, each alone', async () => {
      await nurse.get(`${at}/intake/medicines?intake=${intake}`);
      let page = await nurse.post(`${at}/intake/medicines`, { act: 'first', count_id: '', medicine: 'Buprenorphine 8 mg', number: '-3' });
      assert.equal(page.status, 400);
      await nurse.get(`${at}/intake/medicines?intake=${intake}`);
      const twice = await Promise.all([1, 2].map(() => nurse.send(`${at}/intake/medicines`, { act: 'first', count_id: '', medicine: 'Buprenorphine 8 mg', number: '4117' })));
      for (const answer of twice) assert.equal(answer.status, 303, answer.text);
      assert.equal(count('medication_count', '1 = 1'), 1);
      page = await nurse.get(twice[0].location);
      assert.match(page.text, /4,117[^]*It waits for a second person/);
      // The same person does not count twice; the second is not told the number.
      const own = page.forms.find((form) => form.fields.act === 'first' && form.fields.count_id).fields;
      const same = await nurse.request(`${at}/intake/medicines`, { method: 'POST', fields: { ...own, act: 'second', second: '4117', explanation: '', form_key: 'C'.repeat(22) } });
      assert.equal(same.status, 400);
      page = await other.get(`${at}/intake/medicines?intake=${intake}`);
      assert.doesNotMatch(page.text, /4,117|4117/);
      const second = page.forms.find((form) => form.fields.act === 'second').fields;
      page = await other.post(`${at}/intake/medicines`, { ...second, second: 'many' });
      assert.equal(page.status, 400);
      page = await other.post(`${at}/intake/medicines`, { ...second, second: '4116', explanation: '' });
      assert.equal(page.status, 400);
      assert.match(page.text, /The two counts differ/);
      assert.doesNotMatch(page.text, /4,117|4117/);
      page = await other.post(`${at}/intake/medicines`, { ...second, second: '4116', explanation: 'one fell' });
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /4,117[^]*4,116[^]*The counts differ[^]*one fell/);
      assert.equal(count('belonging', "count_id <> ''"), 1);
      const again = await other.request(`${at}/intake/medicines`, { method: 'POST', fields: { ...second, form_key: 'D'.repeat(22), second: '1', explanation: 'x' } });
      assert.equal(again.status, 409);
      page = await front.get(`${at}/intake/medicines?intake=${intake}`);
      assert.doesNotMatch(page.html, /name="number"|name="second"/);
    });

    test('what is overdue stands in one list, for whom the reader reaches', async () => {
      let page = await nurse.get('/desk/intakes');
      assert.match(page.text, /Nothing is late/);
      await sayItem(nurse, at, intake, 'consent-treatment', { words: 'Signed' });
      await nurse.get(`${at}/intake/admit?intake=${intake}`);
      page = await nurse.post(`${at}/intake/admit`, { place: 'none', date: '', clock: '' });
      assert.equal(page.status, 200, page.text);
      // Three days on: the clock finds what was due (the clock's rows, moved; docs/intake.md).
      const ago = micros() - 80 * 3600e6;
      writeRows(desk.address, `UPDATE intake_admission SET at = ${ago}; UPDATE due SET at = ${ago}, try_at = ${ago} WHERE kind = 'intake.late';`);
      assert.ok(await eventually(() => count('intake_late', '1 = 1'), (n) => n > 5) > 5);
      page = await nurse.get('/desk/intakes');
      assert.match(page.html, new RegExp(`href="/desk/people/${person.id}/intake\\?intake=${intake}"`));
      assert.match(page.text, /Ada Vale[^]*Allergies\s+since/); // due 4 hours after
      assert.doesNotMatch(page.text, /Full exam|Low mood/); // not asked here; answered
      assert.match(page.text, /Items: \d+\. Intakes: 1\./);
      // Narrowed: to one's site, and to one's caseload, which is nobody's yet.
      await desk.admin.get('/desk/program');
      await desk.admin.post('/desk/program', { program });
      const away = makeHouse(desk.address, program, { name: 'East House' });
      const [here, there] = [await desk.account('nurse', { site: house.site }), await desk.account('nurse', { site: away.site })];
      assert.match((await here.get('/desk/intakes')).text, /Ada Vale/);
      assert.match((await there.get('/desk/intakes')).text, /Nothing is late/);
      const counselor = await desk.account('counselor');
      assert.match((await counselor.get('/desk/intakes')).text, /Nothing is late/);
      for (const number of ['2', '0', '-7', 'x', '9'.repeat(30)]) assert.match((await nurse.get(`/desk/intakes?page=${number}`)).text, /Ada Vale/, number);
      assert.match((await nurse.get('/es/desk/intakes')).text, /Ingresos atrasados[^]*Alergias/);
      // Who was shown stands in the history.
      assert.ok(await eventually(() => count('audit_entry', "object = 'person' AND act = 'search' AND outcome = 'done'"), (n) => n > 0) > 0);
      for (const word of ['quokka', 'Buprenorphine', 'Vale', 'one fell']) assert.ok(!desk.log().includes(word), word);
    });
  });
}
