// The interview over HTTP, as a browser without script sends it: forward and back, skipping, changing, both languages,
// what interrupts, and what a stranger might send. Expected: the issue, docs/assessment.md, knowledge/interview.md.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Interview, readPage, walk } from '../support/interview.mjs';
import { run, serve, temporaryFolder } from '../support/server.mjs';

const data = temporaryFolder();
let server;
before(async () => {
  run('import', '--data', data, '--demo', '500');
  server = await serve(data);
});
after(async () => { await server?.stop(); });

const result = async (answers, prefix = '', accept = 'application/json') => {
  const response = await fetch(`${server.origin}${prefix}/choose/result`, { method: 'POST', headers: { accept }, body: new URLSearchParams({ answers }) });
  return accept === 'application/json' && response.ok ? response.json() : response;
};
const assess = async (facts) => (await fetch(`${server.origin}/api/assess`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ facts }) })).json();

test('the start asks for whom it is, in both languages, and sets no cookie', async () => {
  for (const [prefix, words] of [['', ['For me', 'For someone I care about', 'I work with the person', 'Nothing is stored']],
    ['/es', ['Para mí', 'Para alguien que me importa', 'Trabajo con la persona', 'No se guarda nada']]]) {
    const response = await fetch(`${server.origin}${prefix}/choose`);
    const page = readPage(await response.text());
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('set-cookie'), null);
    for (const word of words) assert.ok(page.text.includes(word), word);
    assert.deepEqual(page.fields.filter(({ name }) => name === 'who').map(({ value }) => value), ['self', 'other', 'staff']);
  }
});

const people = [
  ['self', { age: { age: 34 }, medicine: 'buprenorphine', years: '1-to-4', overdose: 'never' }, '1.5'],
  ['self', { age: { age: 28 }, withdrawal: 'moderate', criteria: ['1', '2', '3', '4', '5', '11'], risk: ['alone'], overdose: 'before', years: '1-to-4',
    wishes: [['pays', 'medicaid'], ['looking-for', 'veteran']] }, '1.7'],
  ['other', { age: { age: 25 }, withdrawal: 'none', medicine: 'methadone', housing: 'unsafe', 'sober-home': 'no', support: 'none', overdose: 'year', years: '1-to-4' }, '3.1'],
  ['staff', { vitals: { breathing_rate: 14, oxygen_saturation: 97, news2: 0 }, age: { age: 50 }, cows: { cows: 26 }, fluids: 'yes', criteria: ['1', '2', '3', '4', '5', '6'] }, '3.7'],
];
for (const [who, plan, level] of people) {
  for (const prefix of ['', '/es']) {
    test(`${who} comes to ${level} (${prefix || '/en'}), as the same facts by API do`, async () => {
      const interview = new Interview(server.origin, prefix);
      const page = await walk(interview, who, plan);
      assert.equal(page.kind, 'review', page.text);
      assert.ok(interview.pages.every(({ status }) => status === 200));
      assert.ok(interview.pages.every(({ headers }) => headers.get('set-cookie') === null));
      assert.ok(interview.pages.every(({ headers }) => /private/.test(headers.get('cache-control'))), 'Back shows the page again');
      assert.ok(interview.pages.length <= 23, `${interview.pages.length} pages`);
      const found = await result(page.answers);
      assert.equal(found.level, level);
      if (plan.wishes) for (const need of ['medicaid', 'veterans']) assert.ok(found.needs.includes(need), need);
      const html = await (await result(page.answers, prefix, 'text/html')).text();
      assert.match(html, /<h1/);
    });
  }
}

test('plain answers become the facts that knowledge/interview.md names', async () => {
  const interview = new Interview(server.origin);
  const page = await walk(interview, 'self', { age: { age: 41 }, medicine: 'none', withdrawal: 'moderate', fluids: 'yes', 'other-drugs': ['sedatives'],
    illness: ['chronic'], mind: ['none'], mood: { 1: 0, 2: 0 }, suicide: { 1: 0, 2: 0, 6: 0 } });
  // sedatives every day ask for 3.7: what is not asked any more is not in the facts
  const facts = { unresponsive: false, seizure_48h: false, delirium: false, violence_imminent: false, age: 41, medication: 'none', suicide_risk: 'none', acute_illness: 'none',
    chronic_illness: true, alcohol_daily: false, ciwa_ar: 0, sedatives_daily: true, past_severe_withdrawal: false, psychosis_or_mania: false, lasting_impairment: false,
    pc_ptsd_5: 0, phq_9: 2 };
  const asked = interview.pages.map(({ question }) => question);
  if (asked.includes('withdrawal')) facts.cows = 18;
  if (asked.includes('fluids')) facts.fluids_kept = true;
  if (asked.includes('pregnancy')) Object.assign(facts, { pregnant: false, pregnancy_warning: false });
  if (asked.includes('criteria')) facts.opioid_use_disorder = 'none';
  const [mine, theirs] = [await result(page.answers), await assess(facts)];
  assert.deepEqual(mine.reasons, theirs.reasons);
  assert.deepEqual([mine.level, mine.overlays, mine.needs], [theirs.level, theirs.overlays, theirs.needs]);
});

test('back shows what was answered, and the answer can be changed', async () => {
  const interview = new Interview(server.origin);
  await interview.start('self');
  await interview.answer(['none']);
  await interview.answer({ age: 34 });
  assert.equal(interview.page.question, 'medicine');
  let page = await interview.go('back');
  assert.equal(page.question, 'age');
  assert.equal(page.fields.find(({ name }) => name === 'age.age').value, '34');
  page = await interview.go('back');
  assert.equal(page.question, 'screen');
  assert.ok('checked' in page.options.find(({ value }) => value === 'none'));
  assert.ok(!('checked' in page.options.find(({ value }) => value === 'danger')));
  page = await interview.go('next', [['screen', 'none']]);
  assert.equal(page.question, 'age', 'forward through what was answered');
  page = await interview.answer({ age: 43 });
  assert.equal(page.question, 'medicine');
  page = await interview.go('review');
  assert.match(page.text, /How old are you\? 43/);
  page = await interview.change('age');
  assert.equal(page.fields.find(({ name }) => name === 'age.age').value, '43');
  page = await interview.answer({ age: 44 });
  assert.equal(page.kind, 'review');
  assert.match(page.text, /How old are you\? 44/);
  page = await interview.go('on');
  assert.equal(page.question, 'medicine');
  page = await interview.go('back');
  page = await interview.go('back');
  page = await interview.go('back');
  assert.equal(page.kind, 'start');
});

test('nobody has to answer', async () => {
  for (const word of ['skip', 'unknown']) {
    const interview = new Interview(server.origin);
    let page = await interview.start('self');
    for (let i = 0; i < 40 && page.kind === 'question'; i++) page = await interview.go(page.question === 'wishes' ? 'next' : word);
    assert.equal(page.kind, 'review');
    assert.equal(new Set(interview.pages.map(({ question }) => question)).size, interview.pages.length, 'nothing is asked twice');
    const found = await result(page.answers);
    assert.equal(found.level, '1.5');
    assert.ok(found.unknown.length > 20);
  }
});

test('an answer that is none is asked for, beside the field and above, with what was typed', async () => {
  const interview = new Interview(server.origin);
  await interview.start('self');
  const expect = (page, text) => {
    assert.equal(page.status, 400);
    assert.deepEqual(page.problems, [text]);
    const summary = page.main.match(/<div class="problems"[^>]*>([\s\S]*?)<\/div>/);
    assert.match(summary[0], /role="alert" tabindex="-1" autofocus/);
    const [, id] = summary[1].match(/href="#([^"]+)"/);
    assert.ok(page.main.includes(`id="${id}"`), id);
  };
  expect(await interview.go('next'), 'Tick what fits, or “None of these”.');
  let page = await interview.answer(['none', 'danger']);
  assert.equal(page.kind, 'stop'); // what to do now comes before what does not fit
  await interview.start('self');
  expect(await interview.answer(['breathless']), 'This answer is not one of those that can be chosen.');
  await interview.answer(['none']);
  for (const [typed, text] of [['', "Fill this in, or press “I don't know”."], ['old', 'Type a number, like 34.'], ['200', 'Type a number from 0 to 120.'], ['-1', 'Type a number from 0 to 120.'],
    ['30.5', 'Type a whole number.'], ['<b>', 'Type a number, like 34.'], ['1e3', 'Type a number, like 34.']]) {
    page = await interview.answer({ age: typed });
    expect(page, text);
    assert.equal(page.fields.find(({ name }) => name === 'age.age').value, typed);
  }
  await interview.answer({ age: 30 });
  expect(await interview.go('next'), "Choose one answer, or press “I don't know”.");
  expect(await interview.answer(['none', 'methadone']), "Choose one answer, or press “I don't know”.");
  await interview.answer('none');
  assert.equal(interview.page.question, 'suicide');
  expect(await interview.go('next'), 'Choose an answer here.');
  page = await interview.answer({ 1: 1, 6: 0 });
  expect(page, 'Choose an answer here.');
  assert.ok(page.main.includes('id="suicide-2-problem"'));
  assert.ok('checked' in page.options.find(({ name, value }) => name === 'suicide.1' && value === '1'));
  expect(await interview.answer({ 1: 7, 2: 0, 6: 0 }), 'Choose an answer here.');
});

test('follow-up questions come only where they are needed', async () => {
  const interview = new Interview(server.origin);
  await interview.start('self');
  await interview.answer(['none']);
  await interview.answer({ age: 30 });
  await interview.answer('none');
  let page = await interview.answer({ 1: 1, 2: 0, 6: 1 });
  assert.equal(page.question, 'suicide-more');
  assert.deepEqual([...new Set(page.options.map(({ name }) => name))], ['suicide-more.6a'], 'questions 3 to 5 follow question 2 alone');
  page = await interview.go('back');
  page = await interview.answer({ 1: 0, 2: 1, 6: 0 });
  page = await interview.change('suicide-more');
  assert.deepEqual([...new Set(page.options.map(({ name }) => name))], ['suicide-more.3', 'suicide-more.4', 'suicide-more.5']);
});

test('an emergency interrupts at once, and lets go on only by a word', async () => {
  const interview = new Interview(server.origin);
  await interview.start('self');
  let page = await interview.answer(['danger']);
  assert.equal(page.kind, 'stop');
  assert.equal(page.status, 200);
  for (const href of ['href="tel:911"', 'href="tel:988"', '/now#overdose']) assert.ok(page.main.includes(href), href);
  page = await interview.go('next');
  assert.equal(page.kind, 'stop', 'next alone does not lead on');
  const { answers } = page;
  page = await interview.go('safe');
  assert.equal(page.question, 'age', 'a danger that has passed is gone');
  page = await interview.change('screen');
  page = await interview.answer(['danger']);
  assert.equal(page.kind, 'stop', 'a new danger interrupts anew');
  assert.equal((await result(answers)).setting, 'emergency');

  const seizure = new Interview(server.origin);
  await seizure.start('other');
  await seizure.answer(['seizure']);
  page = await seizure.go('safe');
  assert.equal(page.kind, 'review', 'a seizure stays what it is');
  const found = await result(page.answers);
  assert.deepEqual([found.level, found.setting, found.stop[0].rule], [null, 'emergency', 'A4']);

  const suicide = new Interview(server.origin);
  await suicide.start('self');
  await suicide.answer(['none']);
  await suicide.answer({ age: 40 });
  await suicide.answer('none');
  await suicide.answer({ 1: 1, 2: 1, 6: 0 });
  page = await suicide.answer({ 3: 1, 4: 1, 5: 0 });
  assert.equal(page.kind, 'stop');
  assert.match(page.text, /988/);
  page = await suicide.change('suicide-more');
  assert.equal(page.question, 'suicide-more');
});

test('someone under 18 is told where to go', async () => {
  const interview = new Interview(server.origin, '/es');
  await interview.start('self');
  await interview.answer(['none']);
  let page = await interview.answer({ age: 16 });
  assert.equal(page.kind, 'minor');
  assert.ok(page.main.includes('/es/find?need=teens'));
  assert.ok(page.main.includes('tel:+18006624357'));
  const found = await result(page.answers);
  assert.deepEqual([found.level, found.setting], [null, null]);
  page = await interview.change('age');
  page = await interview.answer({ age: 61 });
  assert.equal(page.question, 'medicine');
});

test('answers that do not fit are shown side by side', async () => {
  const interview = new Interview(server.origin);
  let page = await walk(interview, 'self', { age: { age: 33 }, medicine: 'none', withdrawal: 'moderate', criteria: ['none'] });
  assert.equal(page.kind, 'clash', page.text);
  assert.match(page.text, /No sign was ticked in the last 12 months, but the withdrawal is strong/);
  const kept = new Interview(server.origin);
  kept.page = page;
  page = await kept.go('keep');
  assert.equal(page.question, 'wishes');
  page = await interview.change('criteria');
  assert.ok('checked' in page.options.find(({ value }) => value === 'none'));
  page = await interview.answer(['1', '2', '3', '4', '5', '6']);
  assert.equal(page.question, 'wishes');
});

test('an emergency goes before answers that do not fit', async () => {
  const interview = new Interview(server.origin);
  let page = await interview.start('self');
  for (let i = 0; i < 20 && page.kind === 'question'; i++)
    page = await (page.question === 'screen' ? interview.answer(['none']) : page.question === 'age' ? interview.answer({ age: 70 })
      : page.question === 'withdrawal' ? interview.answer('moderate') : page.question === 'pregnancy' ? interview.answer('yes') : interview.go('unknown'));
  assert.equal(page.kind, 'stop', 'withdrawal in pregnancy, though the age hardly fits');
  page = await interview.go('safe');
  assert.equal(page.kind, 'clash');
});

test('a changed answer takes those that hung on it along', async () => {
  const interview = new Interview(server.origin);
  let page = await interview.start('self');
  for (let i = 0; i < 20 && page.question !== 'alcohol-now'; i++)
    page = await (page.question === 'screen' ? interview.answer(['none']) : page.question === 'age' ? interview.answer({ age: 50 })
      : page.question === 'other-drugs' ? interview.answer(['alcohol']) : interview.go('unknown'));
  page = await interview.answer('shaky');
  assert.equal((await result(page.answers)).level, '3.7');
  page = await interview.change('other-drugs');
  page = await interview.answer(['none']);
  assert.notEqual(page.kind, 'clash');
  assert.equal((await result(page.answers)).level, '1.5');
});

test('the other language shows the same question with the same answers', async () => {
  const interview = new Interview(server.origin);
  await interview.start('self');
  await interview.answer(['none']);
  await interview.answer({ age: 34 });
  await interview.go('back');
  const form = interview.page.html.match(/<form id="switch"[\s\S]*?<\/form>/)[0];
  assert.match(form, /action="\/es\/choose"/);
  const fields = [...form.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]);
  interview.base = '/es';
  const page = await interview.send(fields);
  assert.equal(page.heading, '¿Cuántos años tiene?');
  assert.equal(page.fields.find(({ name }) => name === 'age.age').value, '34');
});

test('changed, cut, foreign and missing answers lead to a new start', async () => {
  const interview = new Interview(server.origin);
  await interview.start('self');
  const { answers } = await interview.answer(['none']);
  const carried = await (await fetch(`${server.origin}/choose/result`, { method: 'POST', body: new URLSearchParams({ answers, go: 'carry' }) })).text();
  const [, token] = carried.match(/\/carry\/([\w-]{40,})/);
  const turned = (at) => answers.slice(0, at) + (answers[at] === 'A' ? 'B' : 'A') + answers.slice(at + 1);
  for (const bad of ['', 'x', answers.slice(0, -1), answers.slice(1), `${answers}A`, turned(0), turned(30), turned(answers.length - 5), token, 'é'.repeat(50), '{}', 'A'.repeat(20000)]) {
    const page = await interview.send([['answers', bad], ['question', 'age'], ['age.age', '30'], ['go', 'next']]);
    assert.equal(page.status, 400);
    assert.match(page.text, /Please start again/);
    assert.ok(page.main.includes('href="/choose"'));
    const response = await fetch(`${server.origin}/choose/result`, { method: 'POST', body: new URLSearchParams({ answers: bad }) });
    assert.equal(response.status, bad === '' ? 200 : 400);
  }
});

test('what a stranger sends gets an answer, never a failure', async () => {
  const interview = new Interview(server.origin);
  await interview.start('staff');
  const { answers } = await interview.answer(['none']);
  const pieces = ['answers', answers, 'question', 'go', 'change', 'from', 'screen', 'age', 'age.age', 'cows', 'cows.1', 'cows.cows', 'wishes', 'ready.motivation', 'pays', 'next', 'back', 'skip', 'unknown',
    'review', 'finish', 'safe', 'keep', 'show', 'on', 'none', '0', '1', '999999999999999999999', '-0', 'NaN', '1.0000001', '%00', '\u202e', '<script>', "'\"", 'x'.repeat(3000), '', 'staff', 'self', 'mood', 'risk'];
  let seed = 7;
  const draw = () => { seed = (Math.imul(seed, 1103515245) + 12345) >>> 0; return pieces[Math.floor((seed / 2 ** 32) * pieces.length)]; };
  const statuses = new Map();
  for (let i = 0; i < 400; i++) {
    const fields = [['answers', answers], ['question', draw()], ['go', draw()]];
    for (let j = 0; j < i % 7; j++) fields.push([draw(), draw()]);
    const response = await fetch(`${server.origin}/choose`, { method: 'POST', body: new URLSearchParams(i % 10 ? fields : fields.slice(1)) });
    const page = await response.text();
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    assert.ok([200, 400].includes(response.status), `${response.status}: ${JSON.stringify(fields)}`);
    assert.ok(!page.includes('<script>'), 'nothing comes back as markup');
  }
  assert.ok(statuses.get(200) > 50 && statuses.get(400) > 20, JSON.stringify([...statuses]));
});

test('nothing is written to the data folder, and no answer to the log', async () => {
  const picture = () => readdirSync(data, { recursive: true }).sort().map((name) => {
    const path = join(data, name), { mtimeMs, size } = statSync(path);
    return [name, mtimeMs, size, /\.(?:db|key|current)$/.test(name) ? createHash('sha256').update(readFileSync(path)).digest('hex') : ''];
  });
  const before = picture();
  const interview = new Interview(server.origin);
  const page = await walk(interview, 'self', { age: { age: 77 }, medicine: 'naltrexone' });
  await result(page.answers);
  assert.deepEqual(picture(), before);
  await new Promise((done) => setTimeout(done, 1500)); // lines gather for up to a second
  const log = server.log();
  assert.match(log, /route=\/choose /);
  for (const word of ['naltrexone', 'answers', 'question', page.answers.slice(0, 40)]) assert.ok(!log.includes(word), word);
});

test('pages answer quickly', async () => {
  const times = [];
  for (let i = 0; i < 5; i++) {
    const interview = new Interview(server.origin);
    await walk(interview, 'self', { age: { age: 30 }, medicine: 'none', withdrawal: 'moderate', criteria: ['1', '2', '3', '4'] });
    times.push(...interview.pages.map(({ milliseconds }) => milliseconds));
  }
  times.sort((a, b) => a - b);
  console.log(`# ${times.length} pages, the whole way: median ${times[times.length >> 1].toFixed(1)} ms, 90 % ${times[Math.floor(times.length * 0.9)].toFixed(1)} ms`);
  assert.ok(times[times.length >> 1] < 200, 'with the sanitizers in');
});
