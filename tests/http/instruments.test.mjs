// Questionnaires over HTTP: pages and API score alike, refuse with the item named, keep nothing. Expected scores: the
// published forms (PHQ-2 cut of 3: Kroenke 2003; C-SSRS triage: cssrs.columbia.edu; AUDIT-C cuts: 4 men, 3 women).
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fairlead, run, serve, temporaryFolder } from '../support/server.mjs';

const data = temporaryFolder();
let server, licensed;
before(async () => {
  run('import', '--data', data, '--demo', '50');
  [server, licensed] = await Promise.all([serve(data), serve(data, '--licensed', 'dast-10', '--licensed', 'barc-10')]);
});
after(async () => { await server?.stop(); await licensed?.stop(); });

const ids = readFileSync(fileURLToPath(new URL('../../knowledge/instruments.csv', import.meta.url)), 'utf8').trim().split('\n').slice(1)
  .map((line) => line.split(',')).map(([id, on]) => ({ id, on: on === 'yes' }));
const get = (path, { origin } = server, headers = {}) => fetch(origin + path, { headers: { accept: 'text/html', ...headers } });
const send = (path, fields, headers = {}) => fetch(server.origin + path, { method: 'POST', headers: { accept: 'text/html', ...headers }, body: new URLSearchParams(fields) });
const score = (id, document, { origin } = server) => fetch(`${origin}/api/score/${id}`, {
  method: 'POST', headers: { 'content-type': 'application/json' }, body: typeof document === 'string' ? document : JSON.stringify(document),
});
const form = (id, answers) => Object.entries(answers).map(([number, value]) => [`${id}.${number}`, String(value)]);
const section = (html, from, to) => html.slice(html.indexOf(from), html.indexOf(to, html.indexOf(from)));
const checked = (html) => [...html.matchAll(/name="([^"]+)" value="([^"]+)" checked/g)].map(([, name, value]) => [name, value]);

test('every questionnaire has a page in both languages, without a cookie', async () => {
  assert.ok(ids.length >= 18);
  for (const { id, on } of ids)
    for (const [prefix, language] of [['', 'en'], ['/es', 'es']]) {
      const response = await get(`${prefix}/instruments/${id}`);
      assert.equal(response.status, on ? 200 : 403, id);
      assert.equal(response.headers.get('set-cookie'), null);
      const html = await response.text();
      assert.match(html, new RegExp(`<html lang="${language}">`));
      assert.doesNotMatch(html, /\[\[|\{\{|style=|<script(?! src=)|\son\w+="/, 'a key, a tag or inline code was left');
      if (on) assert.match(html, new RegExp(`<form class="instrument" method="post" action="${prefix}/instruments/${id}"`));
      const list = await (await get(`${prefix}/instruments`)).text();
      assert.equal(list.includes(`href="${prefix}/instruments/${id}"`), on, id);
    }
  assert.match(await (await get('/about')).text(), /href="\/instruments"/);
  assert.equal((await get('/instruments/nothing')).status, 404);
  assert.equal((await score('nothing', {})).status, 404);
});

test('each item is a group of answers with its question, and Spanish says other words', async () => {
  const html = await (await get('/instruments/phq-9')).text(), spanish = await (await get('/es/instruments/phq-9')).text();
  assert.equal(html.match(/<fieldset /g).length, 10);
  assert.equal(html.match(/<legend /g).length, 10);
  assert.equal(html.match(/type="radio" name="phq-9\.9" value="[0-3]"/g).length, 4);
  assert.match(spanish, /Ningún día/);
  assert.doesNotMatch(spanish, /Not at all/);
  const days = await (await get('/instruments/bam-r')).text();
  assert.match(days, /name="bam-r\.2" type="text" inputmode="numeric"/);
});

test('page, API and command line give the same score', async () => {
  for (const [id, answers, more] of [['phq-9', { 1: 2, 2: 2, 3: 2, 4: 1, 5: 0, 6: 0, 7: 1, 8: 0, 9: 1 }, {}], ['phq-9', { 1: 3 }, {}],
    ['c-ssrs', { 1: 1, 2: 1, 3: 0, 4: 1, 5: 0, 6: 0 }, {}], ['audit-c', { 1: 1, 2: 1, 3: 1 }, { sex: 'male' }], ['readiness', { 1: 10, 2: 0, 3: 7 }, {}],
    ['bam-r', { 1: 4, 2: 30 }, {}]]) {
    const page = await send(`/instruments/${id}`, [...form(id, answers), ...Object.entries(more)], { accept: 'application/json' });
    const api = await score(id, { answers, ...more });
    assert.equal(api.status, 200, id);
    const result = await api.json();
    assert.deepEqual(await page.json(), result, id);
    const { stdout } = spawnSync(fairlead, ['score', id, '--json'], { encoding: 'utf8', input: JSON.stringify({ answers, ...more }) });
    assert.deepEqual(JSON.parse(stdout), result, id);
    assert.deepEqual(Object.keys(result).slice(0, 8), ['instrument', 'complete', 'total', 'scales', 'band', 'band_set', 'triggers', 'missing']);
  }
});

test('a scored page says the total, its band and what it means, and keeps the answers', async () => {
  const response = await send('/instruments/phq-2', [['phq-2.1', '2'], ['phq-2.2', '1']]);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('cache-control'), 'no-store');
  assert.equal(response.headers.get('set-cookie'), null);
  const html = await response.text(), result = section(html, 'id="result"', '</section>');
  assert.match(result, /<b>3<\/b> <span class="small">from 0 to 6/);
  assert.match(result, /<b>Positive<\/b>/);
  assert.match(result, /href="\/instruments\/phq-9"/, 'the PHQ-9 follows');
  assert.match(result, /Kroenke/);
  assert.deepEqual(checked(html), [['phq-2.1', '2'], ['phq-2.2', '1']]);
  const other = section(html, '<form id="switch"', '</form>');
  assert.match(other, /action="\/es\/instruments\/phq-2"/);
  assert.match(other, /name="phq-2\.1" value="2"/);
});

test('an open item gives no total and is linked', async () => {
  const html = await (await send('/instruments/phq-2', [['phq-2.1', '3']])).text(), result = section(html, 'id="result"', '</section>');
  assert.match(result, /Not complete yet/);
  assert.match(result, /href="#phq-2-2"/);
  assert.doesNotMatch(result, /from 0 to 6/);
  assert.match(html, /<fieldset [^>]*id="phq-2-2"/);
});

test('what is not allowed is refused at the item and above, and what was typed stays', async () => {
  const response = await send('/instruments/readiness', [['readiness.1', '11'], ['readiness.2', '5'], ['readiness.3', '<b>']]);
  assert.equal(response.status, 400);
  const html = await response.text(), above = section(html, 'role="alert"', '</div>');
  assert.match(above, /href="#readiness-1"/);
  assert.match(above, /href="#readiness-3"/);
  assert.doesNotMatch(above, /href="#readiness-2"/);
  assert.match(html, /id="readiness-1-error"/);
  assert.match(html, /value="11" aria-invalid="true"/);
  assert.match(html, /value="&lt;b&gt;"/);
  assert.doesNotMatch(html, /id="result"/);
  const choice = await send('/instruments/cows', [['cows.1', '3']]); // the pulse scores 0, 1, 2 or 4
  assert.equal(choice.status, 400);
  assert.match(await choice.text(), /Choose one of the answers/);
});

test('an emergency stands above everything', async () => {
  for (const [id, fields, next] of [['c-ssrs', [['c-ssrs.4', '1']]], ['phq-9', [['phq-9.9', '1']], '/instruments/c-ssrs']])
    for (const prefix of ['', '/es']) {
      const html = await (await send(`${prefix}/instruments/${id}`, fields)).text(), urgent = section(html, '<section class="urgent"', '</section>');
      assert.match(urgent, /href="tel:988"/, id);
      assert.match(urgent, /href="tel:911"/, id);
      assert.ok(html.indexOf('<section class="urgent"') < html.indexOf('class="lead"'));
      if (next) assert.match(urgent, new RegExp(`href="${prefix}${next}"`));
    }
  const calm = await (await send('/instruments/c-ssrs', form('c-ssrs', { 1: 0, 2: 0, 6: 0 }))).text();
  assert.doesNotMatch(calm, /<section class="urgent"/);
});

test('a cut that differs by sex is asked for, and other cuts are named', async () => {
  const audit = [['audit-c.1', '1'], ['audit-c.2', '1'], ['audit-c.3', '1']];
  assert.match(await (await get('/instruments/audit-c')).text(), /name="sex" value="male"/);
  assert.match(await (await send('/instruments/audit-c', [...audit, ['sex', 'male']])).text(), /<b>Negative<\/b>/);
  for (const sex of ['female', 'unspecified', 'other', ''])
    assert.match(await (await send('/instruments/audit-c', [...audit, ['sex', sex]])).text(), /<b>Positive<\/b>/, sex);
  const trauma = await (await send('/instruments/pc-ptsd-5', form('pc-ptsd-5', { 0: 1, 1: 1, 2: 1, 3: 1, 4: 0, 5: 0 }))).text();
  assert.match(trauma, /efficient-4: /);
  assert.match(trauma, /sensitive-3: Positive/);
});

test('skip logic is said beside the question', async () => {
  assert.match(await (await get('/instruments/pc-ptsd-5')).text(), /Only if you answered “Yes” to question 0\./);
  const ignored = await (await send('/instruments/pc-ptsd-5', form('pc-ptsd-5', { 0: 0, 1: 1 }))).text();
  assert.match(ignored, /href="#pc-ptsd-5-1">1<\/a>/);
});

test('the API refuses with the item named, and answers a FHIR response', async () => {
  const refused = await score('phq-9', { answers: { 3: 4 } });
  assert.equal(refused.status, 400);
  assert.deepEqual((await refused.json()).error.hint, 'phq-9, item 3: an answer that is not allowed. Item 3 takes 0, 1, 2, 3.');
  for (const document of ['', 'x', '[]', '{"answers":{"1":NaN}}', '{"answers":{"1":1,"1":2}}', '{"answers":{"99":1}}', '{"answers":{"1":-1}}', '{"answers":{"1":1e400}}'])
    assert.equal((await score('phq-9', document)).status, 400, document);
  const response = { resourceType: 'QuestionnaireResponse', questionnaire: 'urn:fairlead:instrument:phq-2', status: 'completed',
    item: ['1', '2'].map((linkId) => ({ linkId, answer: [{ valueCoding: { system: 'http://loinc.org', code: 'LA6570-1' } }] })) };
  assert.equal((await (await score('phq-2', response)).json()).total, 4);
  assert.equal((await score('phq-9', response)).status, 400, 'answers to another questionnaire');
  assert.equal((await score('phq-2', `{"answers":{"1":${' '.repeat(70000)}1}}`)).status, 413);
  assert.equal((await get('/api/score/phq-9')).status, 405);
});

test('what is off scores only where the operator says so', async () => {
  const answers = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [index + 1, 1]));
  for (const id of ['dast-10', 'barc-10']) {
    assert.equal((await score(id, { answers })).status, 403, id);
    assert.equal((await score(id, { answers }, licensed)).status, 200, id);
    assert.equal((await get(`/instruments/${id}`, licensed)).status, 200, id);
  }
  const wrong = spawnSync(fairlead, ['serve', '--data', data, '--listen', '127.0.0.1:0', '--licensed', 'nothing'], { encoding: 'utf8', timeout: 30000 });
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /no instrument "nothing"/);
});
