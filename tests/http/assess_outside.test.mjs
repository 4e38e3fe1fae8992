// The level of care from outside: only the routes and the command, held against a model of our own (tests/support/outside_model.mjs).
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { FLAGS, NUMBERS, ORDER, WORDS, aggregate, model } from '../support/outside_model.mjs';
import { fairlead, serve, shared, temporaryFolder } from '../support/server.mjs';

let server;
const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
before(async () => { server = await serve(temporaryFolder()); });
after(async () => { agent.destroy(); await server?.stop(); });

const send = (path, body, type = 'application/json', headers = {}) => new Promise((done, failed) => {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const request = http.request(server.origin + path, { method: 'POST', agent, headers: { 'content-type': type, 'content-length': bytes.length, ...headers } }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (piece) => { text += piece; });
    response.on('end', () => done({ status: response.statusCode, text, json: text.startsWith('{') ? JSON.parse(text) : null }));
  });
  request.on('error', failed).end(bytes);
});
const assess = (facts) => send('/api/assess', { facts });
const short = ({ level, setting, overlays }) => ({ level, setting, overlays: [...overlays].sort() });

// Seeded, so that a failure comes back.
function generator(seed) {
  let state = seed;
  const random = () => {
    state = (state + 0x6D2B79F5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return { random, pick: (list) => list[Math.floor(random() * list.length)] };
}
const names = [...Object.keys(WORDS), ...FLAGS, ...Object.keys(NUMBERS)];
const domain = (name) => WORDS[name] ?? NUMBERS[name] ?? [true, false];
const WISHES = { preference: WORDS.preference, medication_wanted: [true, false], motivation: NUMBERS.motivation,
  transport_blocked: [true, false], caregiving_blocked: [true, false], work_blocked: [true, false] };

// Random answers; most of them without an emergency, or nothing else would be seen.
function answers({ random, pick }, density, calm) {
  const facts = {};
  const quiet = { breathing_rate: [14], oxygen_saturation: [98], news2: [0, 5, 6], ciwa_ar: [0, 9, 10, 18], unresponsive: [false], seizure_48h: [false],
    delirium: [false], violence_imminent: [false], pregnancy_warning: [false], suicide_risk: ['none', 'low', 'moderate'], age: [18, 40], pregnant: [false],
    acute_illness: ['none', 'none', 'medical', 'hospital'], past_severe_withdrawal: [false, false, true], sedatives_daily: [false, false, true] };
  for (const name of names) if (random() < density) facts[name] = pick(calm && quiet[name] ? quiet[name] : domain(name));
  if (facts.pregnancy_warning && facts.pregnant === false) delete facts.pregnant; // they contradict each other
  return facts;
}

test('random answers get the level of an independent model, and wishes move nothing', async () => {
  const dice = generator(20), seen = new Set();
  for (let i = 0; i < 1500; i++) {
    const facts = answers(dice, dice.pick([0.1, 0.3, 0.6, 1]), dice.random() < 0.8);
    const { status, json } = await assess(facts);
    assert.equal(status, 200, JSON.stringify(facts));
    assert.deepEqual(short(json), short(model(facts)), JSON.stringify(facts));
    seen.add(json.level ?? json.setting);
    const other = { ...facts };
    for (const [name, values] of Object.entries(WISHES)) other[name] = dice.pick([...values, null]);
    assert.deepEqual(short((await assess(other)).json), short(json), JSON.stringify([facts, other]));
  }
  assert.deepEqual([...seen].filter(Boolean).sort(), [...ORDER].sort());
});

test('a worse answer never lowers the level', async () => {
  const worse = { ...WORDS, ...NUMBERS, medication: ['buprenorphine', 'none'], recovery_residence: ['confirmed', 'none'],
    oxygen_saturation: [99, 92, 91], breathing_rate: [14, 24, 25], overdose_days: [400, 31, 30, 0] };
  for (const name of FLAGS) worse[name] = ['prenatal_care', 'fluids_kept', 'manages_recovery_residence'].includes(name) ? [true, false] : [false, true];
  for (const name of ['age', ...Object.keys(WISHES)]) delete worse[name];
  const rank = ({ level, setting }) => (setting === 'emergency' ? ORDER.length - 1 : ORDER.indexOf(level));
  const dice = generator(21);
  for (let i = 0; i < 1500; i++) {
    const facts = answers(dice, dice.pick([0.3, 0.6, 1]), dice.random() < 0.9);
    const name = dice.pick(Object.keys(worse)), at = worse[name].indexOf(facts[name]);
    if (at < 0 || facts.age < 18) continue;
    const then = { ...facts, [name]: dice.pick(worse[name].slice(at)) };
    if (then.pregnancy_warning && then.pregnant === false) continue;
    const [first, second] = [(await assess(facts)).json, (await assess(then)).json];
    assert.ok(rank(second) >= rank(first), JSON.stringify([facts, name, then[name], short(first), short(second)]));
  }
});

test('what would change the level does, with no answer to spare', async () => {
  const dice = generator(22);
  for (let i = 0; i < 150; i++) {
    const facts = answers(dice, dice.pick([0.2, 0.5, 0.9]), true);
    const { json } = await assess(facts);
    for (const { set, level, overlays } of json.would_change) {
      const then = (await assess({ ...facts, ...set })).json;
      assert.deepEqual([then.level, then.overlays], [level, overlays], JSON.stringify([facts, set]));
      assert.notDeepEqual(short(then), short(json));
      for (const spared of Object.keys(set).length > 1 ? Object.keys(set) : []) {
        const part = { ...set };
        delete part[spared];
        assert.notDeepEqual(short(model({ ...facts, ...part })), short(then), JSON.stringify([facts, set, spared]));
      }
    }
  }
});

test('nothing is unknown exactly when no missing answer can change the result', async () => {
  const dice = generator(23);
  for (let i = 0; i < 150; i++) {
    const facts = answers(dice, 1, true);
    const open = [dice.pick(names), dice.pick(names), dice.pick(names)];
    for (const name of open) delete facts[name];
    const { json } = await assess(facts);
    let cases = [{}];
    for (const name of open) cases = cases.flatMap((one) => [null, ...domain(name)].map((value) => ({ ...one, [name]: value })));
    // Where the result is live-in, medicine that must start there is a condition on the place: a change too.
    const outcome = (one) => JSON.stringify([short(model(one)), model(one).atPlace ?? false]);
    const base = outcome(facts);
    const changes = cases.some((one) => !(one.pregnancy_warning && ({ ...facts, ...one }).pregnant === false) && outcome({ ...facts, ...one }) !== base);
    assert.equal(json.unknown.length > 0, changes, JSON.stringify([facts, open, json.unknown]));
    for (const { fact } of json.unknown) assert.ok(facts[fact] == null, fact);
  }
});

test('every need of a result is one that the finder knows', async () => {
  const dice = generator(24), needs = new Set();
  for (let i = 0; i < 400; i++) {
    const { json } = await assess(answers(dice, 0.7, dice.random() < 0.8));
    assert.ok(json.needs.includes('substance-use'));
    json.needs.forEach((need) => needs.add(need));
  }
  for (const need of needs) assert.equal((await fetch(`${server.origin}/api/facilities?need=${need}`)).status, 200, need);
  assert.equal((await fetch(`${server.origin}/api/facilities?need=no-such-need`)).status, 400);
});

test('the published aggregation vectors come out of facts', { skip: !existsSync(shared) && `no ${shared}` }, async () => {
  const rows = readFileSync(join(shared, 'data/clinical/loc_vectors.csv'), 'utf8').trim().split(/\r?\n/).slice(1).map((line) => line.split(','));
  let reached = 0;
  for (const [list, coe, residence, bio, hospital, psychiatric, expected] of rows) {
    const least = list.split(';').filter(Boolean), facts = { age: 40, opioid_use_disorder: 'none', medication: 'none' };
    const joined = aggregate(least, coe === '1', residence === '1', bio === '1', hospital === '1', psychiatric === '1');
    const named = `${joined.level}${joined.overlays.map((one) => ({ PSY: '-Psych', RR: '+RR' })[one] ?? `-${one}`).join('')}`;
    const plain = (text) => text.replace(/[\s-]/g, '').toLowerCase().replace('psych', 'psy');
    assert.equal(plain(named), plain(expected), list);
    if (psychiatric === '1' || (least.includes('2.5') && (coe === '0' || least.includes('3.5')))) continue; // no facts ask for it alone
    if (least.includes('1.7')) facts.chronic_illness = true;
    if (least.includes('2.1')) facts.overdose_days = 30;
    if (least.includes('2.5')) Object.assign(facts, { phq_9: 20, daily_function_impaired: true });
    if (least.includes('2.7')) Object.assign(facts, { cows: 13, failed_outpatient_start: true });
    if (least.includes('3.1')) facts.lasting_impairment = true;
    if (least.includes('3.5')) Object.assign(facts, { risky_use: 'imminent', daily_function_impaired: true });
    if (least.includes('3.7')) facts.sedatives_daily = true;
    if (coe === '1') facts.suicide_risk = 'moderate';
    if (residence === '1') Object.assign(facts, { housing: 'unstable', manages_recovery_residence: true });
    if (bio === '1') facts.fluids_kept = false;
    if (hospital === '1') facts.acute_illness = 'hospital';
    const { json } = await assess(facts);
    assert.deepEqual(short(json), short({ ...joined, setting: json.setting }), `${list} ${JSON.stringify(facts)}`);
    reached++;
  }
  assert.ok(reached > 280, `${reached} of ${rows.length}`);
});

test('a reason names the answer that it rests on', async () => {
  for (const [facts, rule, fact] of [
    [{ years_of_use: 3, lower_level_returns: 2 }, 'B16', 'lower_level_returns'],
    [{ years_of_use: 5, lower_level_returns: 2 }, 'B16', 'years_of_use'],
    [{ phq_9: 19, psychosis_or_mania: false, pc_ptsd_5: 4 }, 'B9', 'pc_ptsd_5'],
    [{ phq_9: 3, psychosis_or_mania: true, pc_ptsd_5: 5, daily_function_impaired: true }, 'B9a', 'psychosis_or_mania'],
    [{ support: 'none', recovery_residence: 'none' }, 'B15a', 'support'],
    [{ opioid_use_disorder: 'severe', medication: 'none' }, 'B1', 'opioid_use_disorder'],
    [{ transport_blocked: false, caregiving_blocked: false, work_blocked: true }, 'B17', 'work_blocked'],
  ]) {
    const { json } = await assess(facts);
    assert.equal(json.reasons.find((one) => one.rule === rule)?.fact, fact, JSON.stringify(facts));
  }
});

test('command and API print one document', async () => {
  const dice = generator(25);
  for (let i = 0; i < 12; i++) {
    const facts = answers(dice, 0.5, i % 3 > 0);
    const said = execFileSync(fairlead, ['assess', '-', '--json'], { input: JSON.stringify({ facts }), encoding: 'utf8' });
    assert.deepEqual(JSON.parse(said), (await assess(facts)).json);
    const response = { resourceType: 'QuestionnaireResponse', status: 'completed', item: [{ linkId: 'all', item: Object.entries(facts).map(([linkId, value]) => ({
      linkId, answer: [typeof value === 'boolean' ? { valueBoolean: value } : typeof value === 'string' ? { valueCoding: { code: value } } : { valueInteger: value }] })) }] };
    assert.deepEqual((await send('/api/assess', response, 'application/fhir+json')).json, JSON.parse(said));
  }
});

test('a FHIR system may send its own media type, its own groups and the panel of LOINC', async () => {
  const codes = ['LA6568-5', 'LA6569-3', 'LA6570-1', 'LA6571-9']; // LOINC's answers 0 to 3 of the PHQ
  const item = Array.from({ length: 9 }, (_, index) => ({ linkId: `${index + 1}`, answer: [{ valueCoding: { system: 'http://loinc.org', code: codes[3] } }] }));
  const response = { resourceType: 'QuestionnaireResponse', status: 'completed', questionnaire: 'http://loinc.org/q/44249-1|2.77', item: [{ linkId: 'ours', item: [{ linkId: 'deeper', item }] }] };
  const scored = await send('/api/score/phq-9', response, 'application/fhir+json; charset=utf-8');
  assert.deepEqual([scored.status, scored.json?.total, scored.json?.band, scored.json?.triggers], [200, 27, 'severe', ['c-ssrs']], scored.text);
  const { status, json, text } = await send('/api/assess', response);
  assert.deepEqual([status, json?.reasons?.map(({ rule, fact }) => [rule, fact])], [200, [['B9', 'phq_9']]], text);
  for (const path of ['/api/score/phq-9', '/api/assess'])
    assert.equal((await send(path, { ...response, status: 'entered-in-error' })).status, 400, path);
  assert.equal((await send('/api/score/phq-9', { ...response, item: [{ linkId: 'ours', item: [{ linkId: '77', answer: [{ valueInteger: 1 }] }] }] })).status, 400);
});

test('what is refused is named', async () => {
  const score = async (body) => (await send('/api/score/cows', body)).json.error.hint;
  assert.match(await score({ answers: { 1: 3 } }), /item 1\b/);
  assert.match(await score({ answers: { 99: 1 } }), /99/);
  assert.match(await score('{"answers":{"1":1,"1":2}}'), /line 1 column \d+/);
  assert.match(await score({ answers: {}, band_set: 'nope' }), /nope/);
  const hint = async (body) => (await send('/api/assess', body)).json.error.hint;
  for (const [name, value] of [['cows', '14'], ['cows', 14.5], ['cows', 49], ['cows', -1], ['pregnant', 'yes'], ['pregnant', 1], ['housing', 'Safe'], ['housing', true], ['nonsense', 1]])
    assert.match(await hint({ facts: { [name]: value } }), new RegExp(`\\b${name}\\b`), `${name} ${value}`);
  const clash = await hint({ facts: { pregnant: false, pregnancy_warning: true } });
  assert.doesNotMatch(clash, /\.\./);
  // Whatever else contradicts itself, an emergency is said.
  assert.equal((await assess({ pregnant: false, pregnancy_warning: true, unresponsive: true })).json.setting, 'emergency');
});

test('hostile bodies are refused, and numbers are read exactly', async () => {
  const facts = (text) => send('/api/assess', `{"facts":${text}}`);
  for (const text of ['{"cows":1,"cows":14}', '{"cows":1,"\\u0063ows":14}', '{"cows":014}', '{"cows":+1}', '{"cows":NaN}', '{"cows":1e400}', '{"overdose_days":1e400}',
    `{"overdose_days":1${'0'.repeat(400)}}`, '{"housing":"safe\\u0000"}', '{"housing":"\\ud800"}', `${'['.repeat(900)}`, '{"cows":1,}', '{}}', '[]', 'null'])
    assert.equal((await facts(text)).status, 400, text.slice(0, 60));
  assert.equal((await send('/api/assess', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).status, 400);
  assert.equal((await send('/api/assess', `{"facts":{"housing":"${'x'.repeat(3e6)}"}}`).catch(() => ({ status: 413 }))).status, 413);
  for (const [text, level] of [['{"cows":5.0}', '1.7'], ['{"cows":5e0}', '1.7'], ['{"cows":-0}', '1.5'], ['{"overdose_days":3e1}', '2.1'], ['{"overdose_days":30.5}', '1.5'], ['{"overdose_days":1e2}', '1.5']])
    assert.equal((await facts(text)).json.level, level, text);
  assert.equal((await facts('{"breathing_rate":8.0000000000000000001}')).json.setting, 'emergency');
});

test('the command line: 0 done, 1 refused, 2 usage', () => {
  const status = (input, ...words) => spawnSync(fairlead, words, { input, encoding: 'utf8' }).status;
  assert.equal(status('{"answers":{"1":1}}', 'score', 'cows', '--json'), 0); // incomplete
  assert.equal(status('{"answers":{"1":3}}', 'score', 'cows'), 1);
  assert.equal(status('{"answers":{}}', 'score', 'no-such-scale'), 1);
  assert.equal(status('{"answers":{}}', 'score', 'dast-10'), 1);
  assert.equal(status('{"answers":{}}', 'score', 'dast-10', '--licensed'), 0);
  assert.equal(status('', 'score'), 2);
  assert.equal(status('{"facts":{"unresponsive":true}}', 'assess', '-'), 0);
  assert.equal(status('{"facts":{"age":17}}', 'assess'), 0);
  assert.equal(status('{"facts":{"cows":"14"}}', 'assess'), 1);
  assert.equal(status('', 'assess', '--no-such-option'), 2);
});

test('staff: a typed score that is not that of the items is asked about, never preferred', async () => {
  const form = async (fields) => (await send('/choose', new URLSearchParams(fields).toString(), 'application/x-www-form-urlencoded')).text;
  const hidden = (html, name) => html.match(new RegExp(`name="${name}" value="([^"]*)"`))?.[1];
  let html = await form({ who: 'staff' });
  for (let i = 0; i < 12 && hidden(html, 'question') !== 'cows'; i++)
    html = await form({ answers: hidden(html, 'answers'), question: hidden(html, 'question'), go: 'skip' });
  assert.equal(hidden(html, 'question'), 'cows');
  const items = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`cows.${index + 1}`, index < 5 ? '1' : '0'])); // 5 in all
  const answer = (typed, more) => form({ answers: hidden(html, 'answers'), question: 'cows', go: 'next', ...more, 'cows.cows': typed });
  const clash = await answer('4', items);
  assert.equal(hidden(clash, 'question'), 'cows');
  assert.match(clash, /add up to 5\./);
  for (const [typed, more] of [['5', items], ['4', {}], ['', items], ['4', { 'cows.1': '1' }]])
    assert.notEqual(hidden(await answer(typed, more), 'question'), 'cows', typed);
});

test('an emergency that is ticked beside "None of these" is still an emergency', async () => {
  const form = async (fields) => (await send('/choose', new URLSearchParams(fields).toString(), 'application/x-www-form-urlencoded'));
  const hidden = (html, name) => html.match(new RegExp(`name="${name}" value="([^"]*)"`))?.[1];
  for (const who of ['self', 'other', 'staff']) {
    const start = (await form({ who })).text;
    const sent = [['answers', hidden(start, 'answers')], ['question', 'screen'], ['go', 'next']];
    for (const ticked of [['none', 'seizure'], ['seizure', 'none'], ['seizure', 'no-such-answer']]) {
      const page = await form([...sent, ...ticked.map((one) => ['screen', one])]);
      assert.match(page.text, /href="tel:911"/, `${who} ${ticked}`);
      assert.match(page.text, /<h1[^>]*>Get help now</, `${who} ${ticked}`);
    }
    assert.equal((await form([...sent, ['screen', 'none'], ['screen', 'no-such-answer']])).status, 400);
    let page = (await form([...sent, ['screen', 'none']])).text; // where no answer is an emergency, it is asked again
    for (let i = 0; i < 12 && hidden(page, 'question') !== 'illness'; i++)
      page = (await form([['answers', hidden(page, 'answers')], ['question', hidden(page, 'question')], ['go', 'skip']])).text;
    const both = await form([['answers', hidden(page, 'answers')], ['question', 'illness'], ['go', 'next'], ['illness', 'chronic'], ['illness', 'none']]);
    assert.equal(both.status, 400);
    assert.match(both.text, /“None of these” does not go with another answer\./);
    assert.match(both.text, /value="chronic"[^>]*checked|checked[^>]*value="chronic"/);
  }
});
