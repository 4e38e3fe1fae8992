// The question to a plan and its answer as files (X12 270 and 271), by the desk's pages, on the real server and both engines.
// Expected values: the order of segments and the widths of ISA in X12 005010X279A1; what a person reads out of
// fuzz/corpus/x12/good.271 (for place of service 55); knowledge/x12-rejections.csv; what was typed.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { engines, rowsOf } from '../support/databases.mjs';
import { eventually, openDesk } from '../support/desk.mjs';
import { draft } from '../support/people.mjs';
import { filesBelow, inFiles, needlesOf } from '../support/scan.mjs';

const corpus = (name) => readFileSync(fileURLToPath(new URL(`../../fuzz/corpus/x12/${name}`, import.meta.url)), 'latin1');
const good = corpus('good.271');
const dayOf = (days = 0) => new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York' }).format(new Date(Date.now() + days * 86400000));

for (const engine of engines()) {
  describe(`X12 files on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let desk, reviewer, manager, nurse, officer, at, person, plan;
    const sheet = (page, level = '3.5') => `${at}/${page}?plan=${plan}&level=${level}`;
    const count = (table) => Number(rowsOf(desk.address, `SELECT count(*) AS n FROM ${table}`)[0].n);
    // A form with a file, as a browser sends it.
    const sendFile = (visitor, fields, file) => {
      const boundary = `b${randomBytes(12).toString('hex')}`, form = visitor.page.forms.find((one) => 'form_key' in one.fields) ?? { fields: {} };
      const own = { form_token: form.fields.form_token, form_key: form.fields.form_key, plan, level: '3.5', network: 'yes', ...fields };
      const parts = Object.entries(own).map(([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
      if (file !== undefined) parts.push(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.271"\r\nContent-Type: application/octet-stream\r\n\r\n${file}\r\n`);
      const body = Buffer.from(`${parts.join('')}--${boundary}--\r\n`, 'latin1');
      return visitor.request(`${at}/answer`, { method: 'POST', body, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } });
    };
    const seqOf = (answer) => answer.html.match(/name="seq" value="(\d+)"/)[1];
    const checkedOf = (answer) => answer.html.match(/name="checked" value="([0-9a-f]{64})"/)?.[1];
    before(async () => {
      desk = await openDesk({ database: engine.make() });
      const program = desk.program('Harbor House');
      manager = await desk.account('case-manager', { program });
      reviewer = await desk.account('utilization', { program });
      nurse = await desk.account('nurse', { program });
      officer = await desk.account('privacy-officer', { program });
      await manager.get('/desk/people/new');
      person = (await manager.post('/desk/people/new', { given: 'Ada', family: 'Éxample', sex: 'female', language: 'en', birth_date: '1966-07-04' })).path;
      at = `${person}/coverage`;
      await reviewer.get(`${at}/plan`);
      await reviewer.post(`${at}/plan`, { name: 'Example Health Plan', payer: 'employer', turn: '1', member_number: 'X000-111-222', payer_id: 'EX001' });
      plan = reviewer.page.html.match(/coverage\/plan\?plan=([0-9a-f-]{36})/)[1];
    });
    after(() => desk?.stop());
    const facts = { provider_npi: '1234567893', sender: 'harbor', receiver: 'PAYERID', number: 'X000111222' };

    test('who may ask reaches the question, who writes about coverage the answer', async () => {
      for (const [who, name] of [[nurse, 'nurse'], [officer, 'privacy officer']])
        for (const page of ['question', 'answer']) assert.equal((await who.request(sheet(page))).status, 403, `${name}: ${page}`);
      const asking = await manager.get(sheet('question'));
      assert.equal(asking.status, 200, asking.text);
      assert.doesNotMatch(asking.html, /coverage\/answer/);
      assert.equal((await manager.request(sheet('answer'))).status, 403);
      assert.match((await manager.get(at)).html, new RegExp(`formaction="${at}/question"`));
      assert.doesNotMatch(manager.page.html, /coverage\/answer/);
      const sheetSeen = await manager.get(sheet('benefits'));
      assert.match(sheetSeen.html, /coverage\/question\?plan=/);
      assert.doesNotMatch(sheetSeen.html, /coverage\/answer/);
      for (const page of ['question', 'answer']) {
        assert.equal((await reviewer.request(`${at}/${page}?plan=${plan}&level=love`)).status, 404);
        assert.equal((await reviewer.request(`${at}/${page}?plan=nothing&level=3.5`)).status, 404);
      }
      const links = await reviewer.get(sheet('benefits'));
      for (const page of ['question', 'answer']) assert.match(links.html, new RegExp(`href="${at}/${page}\\?plan=${plan}&amp;level=3\\.5"`));
      assert.match((await reviewer.get(at)).html, new RegExp(`formaction="${at}/question"`));
    });

    test('without a consent the question is shown and does not leave', async () => {
      let page = await reviewer.get(sheet('question'));
      assert.equal(page.status, 200, page.text);
      for (const value of ['Harbor House', 'Example Health Plan', 'EX001', 'Éxample', 'X000-111-222', '1966-07-04', 'AI', dayOf()])
        assert.match(page.html, new RegExp(`value="${value}"`), value);
      page = await reviewer.post(`${at}/question`, { ...facts, act: 'look', family: 'A*B~C', provider_npi: '123', born: dayOf(9) });
      assert.equal(page.status, 400);
      for (const field of ['family', 'born']) assert.match(page.html, new RegExp(`id="[a-z_-]*${field}-problem"`), field);
      await reviewer.get(sheet('question'));
      page = await reviewer.post(`${at}/question`, { ...facts, act: 'look' });
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /asks the plan whether this member is covered[^]*July 4, 1966/);
      assert.match(page.text, /No consent of this person lets this question go/);
      assert.doesNotMatch(page.html, /value="leave"/);
      assert.equal((await reviewer.send(`${at}/question`, { ...facts, act: 'leave' })).status, 403);
      assert.equal(count('disclosure') + count('coverage_question'), 0);
    });

    let left;
    test('by a consent it leaves once, and the file is what was disclosed', async () => {
      await manager.get(`${person}/consent`);
      const consent = { ...draft, purpose_codes: 'HPAYMT', recipients: 'Example Health Plan', description: 'What my plan asks to pay for my care' };
      const shown = await manager.post(`${person}/consent`, consent);
      const kept = await manager.post(`${person}/consent`, { ...consent, words: shown.html.match(/name="words" value="([0-9a-f]{64})"/)[1], signer: 'Ada Example' });
      assert.equal(kept.status, 200, kept.text);
      await reviewer.get(sheet('question'));
      const page = await reviewer.post(`${at}/question`, { ...facts, act: 'look' });
      assert.match(page.html, /value="leave"/, page.text);
      const fields = { ...facts, act: 'leave' };
      const twice = await Promise.all([1, 2].map(() => reviewer.send(`${at}/question`, fields)));
      assert.deepEqual(twice.map((answer) => answer.status), [303, 303], twice[0].text);
      assert.equal(twice[0].location, twice[1].location);
      assert.deepEqual([count('disclosure'), count('coverage_question')], [1, 1], 'it left once');
      left = twice[0].location;
      const file = await reviewer.request(`${left}&as=edi`), data = await reviewer.request(`${left}&as=json`);
      assert.equal(file.headers.get('content-type'), 'application/EDI-X12');
      assert.match(file.headers.get('content-disposition'), /attachment; filename="question\.edi"/);
      const document = JSON.parse(data.html);
      assert.equal(file.html, document.record['x12-question'].text, 'byte for byte');
      assert.match(document.notice, /42 CFR|42 C\.F\.R/);
      const [row] = rowsOf(desk.address, 'SELECT purpose, basis, sha256, fields FROM disclosure');
      assert.deepEqual([row.purpose, row.basis, row.sha256], ['HPAYMT', 'consent', createHash('sha256').update(data.html).digest('hex')]);
      const segments = file.html.split('~\n'), trace = document.record['x12-question'].trace;
      assert.match(trace, /^[0-9A-F]{32}$/);
      assert.match(segments[0], /^ISA\*00\* {10}\*00\* {10}\*ZZ\*HARBOR {9}\*ZZ\*PAYERID {8}\*\d{6}\*\d{4}\*\^\*00501\*000000001\*0\*P\*:$/);
      assert.deepEqual(segments.filter((one) => /^(NM1|TRN|DMG|DTP|EQ)/.test(one)), [
        'NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*EX001', 'NM1*1P*2*HARBOR HOUSE*****XX*1234567893', `TRN*1*${trace}*9EX001`,
        'NM1*IL*1*EXAMPLE*ADA****MI*X000111222', 'DMG*D8*19660704*F', `DTP*291*D8*${dayOf().replaceAll('-', '')}`, 'EQ*AI']);
      assert.equal((await reviewer.get(left)).status, 200);
      assert.match(reviewer.page.html, /as=edi/);
    });

    test('the next one has the next number, also when many leave at once, and begins with what the program called itself', async () => {
      await reviewer.get(sheet('question'));
      assert.match(reviewer.page.html, /value="1234567893"/);
      const token = reviewer.page.forms.find((form) => form.action === `${at}/question`).fields;
      const answers = await Promise.all([1, 2, 3, 4].map((n) => reviewer.request(`${at}/question`, { method: 'POST',
        fields: { ...token, ...facts, act: 'leave', test: '1', form_key: `${'ABCD'[n - 1]}`.repeat(22) } })));
      assert.deepEqual(answers.map((answer) => answer.status), [303, 303, 303, 303], answers.map((answer) => answer.text.slice(0, 300)).join('\n'));
      assert.deepEqual(rowsOf(desk.address, 'SELECT control FROM coverage_question ORDER BY control').map((row) => Number(row.control)), [1, 2, 3, 4, 5]);
      const files = await Promise.all(answers.map(async (answer) => (await reviewer.request(`${answer.location}&as=edi`)).html));
      assert.equal(new Set(files.map((file) => file.match(/\*00501\*(\d{9})\*/)[1])).size, 4);
      assert.equal(new Set(files.map((file) => file.match(/TRN\*1\*(\w+)/)[1])).size, 4);
      for (const file of files) assert.match(file, /\*0\*T\*:~/);
      assert.equal((await reviewer.request(left.replace(/number=[0-9a-f-]+/, 'number=nothing&as=edi'))).status, 404);
    });

    test('a case manager asks, too, and by the same way out', async () => {
      await manager.get(sheet('question'));
      const answer = await manager.send(`${at}/question`, { ...facts, act: 'leave' });
      assert.equal(answer.status, 303, answer.text);
      assert.match((await manager.request(`${answer.location}&as=edi`)).html, /\*00501\*000000006\*/);
      assert.equal(count('disclosure'), 6);
    });

    test('an answer is shown beside what stands, and changes nothing before it is taken', async () => {
      await reviewer.get(sheet('benefits'));
      await reviewer.post(`${at}/benefits`, { a_deductible: '900', 'a_step-first': 'no', source: 'phone', who: 'Pat R.', reference: 'call 77', asked: dayOf() });
      let page = await reviewer.get(sheet('answer'));
      assert.equal(page.status, 200, page.text);
      page = await sendFile(reviewer, {}, good);
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /\$900\s+By phone[^]*?\$1,500\s+differs/);
      assert.match(page.text, /EXAMPLE HEALTH PLAN[^]*TRACE1/);
      assert.match(checkedOf(page), /^[0-9a-f]{64}$/);
      assert.equal(count('benefits_worksheet'), 1);
    });

    test('only the file that was looked at is taken, once', async () => {
      await reviewer.get(sheet('answer'));
      const looked = await sendFile(reviewer, {}, good), fields = { seq: seqOf(looked), checked: checkedOf(looked) };
      const other = await sendFile(reviewer, fields, good.replace('*23*1500~', '*23*1600~'));
      assert.equal(other.status, 400);
      assert.match(other.text, /another file than the one we looked at/);
      const twice = await Promise.all([1, 2].map(() => sendFile(reviewer, fields, good)));
      assert.deepEqual(twice.map((answer) => answer.status), [303, 303], twice[0].text);
      assert.equal(count('benefits_worksheet'), 2);
      const page = await reviewer.get(twice[0].location);
      assert.match(page.text, /\$1,500\s+From a file of the plan, EXAMPLE HEALTH PLAN, TRACE1/);
      assert.match(page.text, /20 %/);
      assert.match(page.text, /No\s+By phone, Pat R\./, 'what the file does not answer stays');
      await reviewer.get(sheet('answer'));
      const stale = await sendFile(reviewer, fields, good);
      assert.equal(stale.status, 409, stale.text);
      assert.match(stale.text, /Somebody changed this/);
      assert.equal(count('benefits_worksheet'), 2);
      assert.equal(seqOf(stale), '2', 'sent again, it is taken');
      const bytes = rowsOf(desk.address, 'SELECT answers FROM benefits_worksheet');
      assert.equal(bytes.length, 2);
    });

    test('an answer about somebody else, or to another question, is refused', async () => {
      await reviewer.get(sheet('answer'));
      const trace = rowsOf(desk.address, 'SELECT trace FROM coverage_question ORDER BY control')[0].trace;
      for (const [from, to, words] of [
        ['X000111222', 'X000111223', /member number in the file is not the one/], ['*EXAMPLE*ADA*', '*EXAMPLE*EVE*', /name in the file is not this person/],
        ['*EXAMPLE*ADA*', '***', /name in the file is not this person/]]) {
        const page = await sendFile(reviewer, {}, good.replace(from, to));
        assert.equal(page.status, 400);
        assert.match(page.text, words);
        assert.equal(checkedOf(page), undefined);
      }
      const own = await sendFile(reviewer, {}, good.replaceAll('TRACE1', trace));
      assert.match(own.text, /a question of ours/);
      await reviewer.get(`${at}/plan`);
      await reviewer.post(`${at}/plan`, { name: 'Other Plan', payer: 'employer', turn: '2', member_number: '' });
      const other = reviewer.page.html.match(/coverage\/plan\?plan=([0-9a-f-]{36})">Other Plan/)[1];
      await reviewer.get(sheet('answer'));
      assert.match((await sendFile(reviewer, { plan: other }, good)).text, /no member number yet/);
      assert.match((await sendFile(reviewer, { plan: other }, good.replaceAll('TRACE1', trace))).text, /question about somebody else, or to another plan/);
      assert.equal(count('benefits_worksheet'), 2);
    });

    test('no answer is told in plain words, and a broken file by its place, without a quote', async () => {
      await reviewer.get(sheet('answer'));
      let page = await sendFile(reviewer, {}, corpus('rejected.271').replace(/NM1\*IL\*1\*[^~]*/, 'NM1*IL*1*EXAMPLE*ADA****MI*X000111222'));
      assert.match(page.text, /The plan did not find this member/);
      assert.equal(checkedOf(page), undefined, 'nothing to take');
      const trace = rowsOf(desk.address, 'SELECT trace FROM coverage_question ORDER BY control')[0].trace;
      const nobody = corpus('rejected.271').replace(/NM1\*IL\*1\*[^~]*/, 'NM1*IL*1');
      assert.match((await sendFile(reviewer, {}, nobody)).text, /names nobody, and answers no question of ours/);
      const own = await sendFile(reviewer, {}, nobody.replace(/TRN\*2\*[^*]*/, `TRN*2*${trace}`));
      assert.match(own.text, /a question of ours[^]*The plan did not find this member/);
      page = await sendFile(reviewer, {}, good.replace('*23*1500~', '*23*SECRETWORD~'));
      assert.equal(page.status, 400);
      const segment = good.split('~').findIndex((one) => /\*23\*1500$/.test(one)) + 1;
      assert.match(page.text, new RegExp(`segment ${segment}, element 7`));
      assert.doesNotMatch(page.html, /SECRETWORD/);
      for (const bytes of ['<b>no</b>', '\x00\xff\xfe', 'ISA'.repeat(200), corpus('unended'), corpus('isa-alone'), 'A'.repeat(200 * 1024)]) {
        page = await sendFile(reviewer, {}, bytes);
        assert.equal(page.status, 400, page.text);
        assert.match(page.text, /cannot be read as an answer of a plan/);
      }
      assert.match((await sendFile(reviewer, {})).text, /Please choose the file/);
      assert.match((await sendFile(reviewer, { network: '' }, good)).text, /Say whether the program is in the plan’s network/);
      assert.equal((await sendFile(reviewer, {}, 'A'.repeat(512 * 1024 + 1))).status, 400);
      assert.equal((await sendFile(reviewer, {}, 'A'.repeat(1024 * 1024))).status, 413);
      assert.equal((await sendFile(nurse, {}, good)).status, 403);
      assert.equal(count('benefits_worksheet'), 2);
    });

    test('in Spanish', async () => {
      let page = await reviewer.get(`/es${sheet('question')}`);
      assert.match(page.text, /Preguntar al plan con un archivo[^]*Fecha de nacimiento/);
      page = await reviewer.get(`/es${sheet('answer')}`);
      assert.match(page.text, /Respuesta del plan como archivo/);
    });

    test('the accounting and the history name it; the log names nothing', async () => {
      const page = await reviewer.get(`${person}/disclosures`);
      assert.match(page.text, /Example Health Plan/);
      assert.equal(count('disclosure'), 6);
      // Sealed within a second: six questions that left with their numbers; two worksheets and two plans that were written.
      const written = (object, act = 'write') => Number(rowsOf(desk.address, `SELECT count(*) AS n FROM audit_entry WHERE object = '${object}' AND act = '${act}' AND person_id = '${person.split('/').at(-1)}'`)[0].n);
      assert.ok(await eventually(() => written('coverage'), (n) => n >= 4) >= 4, `coverage: ${written('coverage')}`);
      assert.ok(await eventually(() => written('coverage', 'ask'), (n) => n >= 6) >= 6, `asked: ${written('coverage', 'ask')}`);
      assert.ok(await eventually(() => written('disclosure'), (n) => n >= 6) >= 6, `disclosure: ${written('disclosure')}`);
      assert.doesNotMatch(desk.log(), /xample|X000|1234567893|SECRETWORD|TRACE1|EX001/, 'no record in the log');
      if (desk.address.includes('://')) return;
      const files = [...filesBelow(dirname(desk.address))].filter((path) => path.startsWith(desk.address)), counts = { files: 0, bytes: 0 };
      assert.deepEqual(inFiles(needlesOf(['X000111222', 'X000-111-222', 'TRACE1', 'ealth Plan']), files, counts), [], 'sealed in the files');
      assert.ok(counts.bytes > 100000, 'the files were read');
    });
  });
}
