// The result over HTTP: page, API and command line say the same, byte for byte; hostile answers get a
// clear error; what a person carries opens, expires, breaks and is taken back.
// Expected: the contract, docs/assessment.md, the rules of knowledge/level-of-care.md.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { query } from '../support/directory.mjs';
import { fairlead, run, serve, temporaryFolder } from '../support/server.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const data = temporaryFolder();
let server, strict;
before(async () => {
  run('import', '--data', data, '--demo', '2000');
  server = await serve(data);
  strict = await serve(data, '--require-signatures');
});
after(async () => { await server?.stop(); await strict?.stop(); });

const json = { 'content-type': 'application/json' };
const api = (body, headers = {}) => fetch(`${server.origin}/api/assess`, { method: 'POST', headers: { ...json, ...headers }, body });
const page = (fields, { prefix = '', accept = 'text/html', origin = server.origin } = {}) => fetch(`${origin}${prefix}/choose/result`, {
  method: 'POST', headers: { accept }, body: new URLSearchParams(fields) });
const plain = (html) => html.slice(html.indexOf('<main'), html.indexOf('</main>')).replace(/<[^>]*>/g, ' ').replaceAll('&#39;', "'").replaceAll('&quot;', '"')
  .replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&').replace(/\s+/g, ' ').trim();

// --- Made-up people ------------------------------------------------------------------------------

// The facts of the table, read from the document itself.
const rows = readFileSync(`${root}/knowledge/level-of-care.md`, 'utf8').split('## Facts')[1].split('\n## ')[0].split('\n')
  .filter((line) => line.startsWith('|') && !/^\| (fact|---)/.test(line)).map((line) => line.split('|').map((cell) => cell.trim()));
const facts = rows.map(([, name, kind, values]) => ({ name, kind, values }));
assert.ok(facts.length > 40);
let seed = 20261122;
const random = () => { seed = (Math.imul(seed, 1103515245) + 12345) >>> 0; return seed / 2 ** 32; };
const pick = (list) => list[Math.floor(random() * list.length)];
function valueOf({ kind, values }) {
  if (kind === 'yes-no') return random() < 0.5;
  if (kind === 'word') return pick(values.split(' '));
  const [low, high] = values.split('..').map(Number);
  const value = low + random() * (high - low);
  return kind === 'integer' ? Math.round(value) : Math.round(value * 100) / 100;
}
function someone() {
  const known = {}, share = random();
  for (const fact of facts) if (random() < share && !/unresponsive|seizure|delirium|violence|warning|breathing|oxygen|news2/.test(fact.name)) known[fact.name] = valueOf(fact);
  if (random() < 0.15) known[pick(['unresponsive', 'delirium', 'seizure_48h', 'violence_imminent'])] = true;
  if (random() < 0.9) known.age = 18 + Math.floor(random() * 60);
  if (known.suicide_risk === 'high' && random() < 0.8) delete known.suicide_risk;
  return known;
}
const asFields = (known) => Object.entries(known).map(([name, value]) => [name, value === true ? 'yes' : value === false ? 'no' : String(value)]);
const asResponse = (known) => ({ resourceType: 'QuestionnaireResponse', status: 'completed', item: Object.entries(known).map(([linkId, value]) => ({ linkId,
  answer: [typeof value === 'boolean' ? { valueBoolean: value } : typeof value === 'string' ? { valueCoding: { code: value } } : Number.isInteger(value) ? { valueInteger: value } : { valueDecimal: value }] })) });

test('200 people: page, API and command line give the same result, byte for byte', async () => {
  const levels = new Set();
  for (let i = 0; i < 200; i++) {
    const known = someone(), body = JSON.stringify({ facts: known });
    const byApi = await (await api(body)).text();
    const byForm = await (await page(asFields(known), { accept: 'application/json' })).text();
    const byDocument = await (await fetch(`${server.origin}/choose/result`, { method: 'POST', headers: { ...json, accept: 'application/json' }, body: JSON.stringify(asResponse(known)) })).text();
    const byCommand = spawnSync(fairlead, ['assess', '-', '--json'], { input: body, encoding: 'utf8' });
    assert.equal(byCommand.status, 0, byCommand.stderr);
    assert.equal(byForm, byApi, body);
    assert.equal(byDocument, byApi, body);
    assert.equal(byCommand.stdout.trimEnd(), byApi, body);
    const { level, setting } = JSON.parse(byApi);
    levels.add(level ?? setting);
  }
  assert.ok(levels.size >= 5, `the people are of many kinds: ${[...levels]}`);
});

test('in Spanish the document has the same shape and other words', async () => {
  const body = JSON.stringify({ facts: { cows: 30, housing: 'unsafe' } });
  const [english, byQuery, byHeader] = await Promise.all([api(body), fetch(`${server.origin}/api/assess?lang=es`, { method: 'POST', headers: json, body }), api(body, { 'accept-language': 'es' })]);
  const [a, b, c] = [await english.json(), await byQuery.json(), await byHeader.json()];
  assert.deepEqual(b, c);
  assert.equal(a.level_name, 'Live-in care with nurses day and night');
  assert.equal(b.level_name, 'Estadía con enfermería día y noche');
  assert.deepEqual(a.reasons.map(({ rule }) => rule), b.reasons.map(({ rule }) => rule));
});

// --- Hostile -------------------------------------------------------------------------------------

test('what cannot be read gets a clear error, with the field and how to mend it', async () => {
  const huge = `{"facts":{"cows":${'1'.repeat(70_000)}}}`;
  for (const [body, status, said] of [['', 400, /JSON|document/i], ['{"facts":{"cows":1,"cows":2}}', 400, /line 1/], ['{"facts":{"cows":NaN}}', 400, /line 1/],
    ['{"facts":{"cows":Infinity}}', 400, /line 1/], ['{"facts":{"cows":"14"}}', 400, /cows/], ['{"facts":{"cows":14.5}}', 400, /cows/], ['{"facts":{"cows":-1}}', 400, /cows/],
    ['{"facts":{"pulse":80}}', 400, /pulse/], ['{"facts":{"housing":["safe"]}}', 400, /housing/], ['{"facts":{"age":1e400}}', 400, /age/],
    ['{"facts":{"pregnant":false,"pregnancy_warning":true}}', 400, /contradict/], ['{"facts":{}} {}', 400, /line 1/], ['[]', 400, /neither/],
    ['{"facts":{},"resourceType":"QuestionnaireResponse"}', 400, /both/], [`${'{"facts":'.repeat(200)}${'}'.repeat(200)}`, 400, /line 1|deep/],
    ['{"resourceType":"QuestionnaireResponse","item":[{"linkId":"cows","answer":[{"valueInteger":1}]},{"linkId":"cows","answer":[{"valueInteger":30}]}]}', 400, /cows: answered twice/],
    [huge, 413, /./], ['{"facts":{"\\u0000":1}}', 400, /./]]) {
    const response = await api(body), text = await response.text(), label = body.slice(0, 70);
    assert.equal(response.status, status, label);
    const { error } = JSON.parse(text);
    assert.match(`${error.message} ${error.hint}`, said, label);
    assert.ok(error.code && error.message, label);
  }
  assert.equal((await fetch(`${server.origin}/api/assess`, { method: 'POST', headers: { 'content-type': 'text/csv' }, body: 'cows,1' })).status, 415);
  assert.equal((await fetch(`${server.origin}/api/assess`)).status, 405);
});

test('a form is read as strictly as a document', async () => {
  for (const [fields, said] of [[[['cows', 'many']], /cows/], [[['pulse', '80']], /pulse/], [[['cows', '3'], ['cows', '30']], /cows: answered twice/],
    [[['pregnant', 'maybe']], /pregnant/], [[['pregnant', 'no'], ['pregnancy_warning', 'yes']], /contradict/], [[['cows', '1e1']], /cows/]]) {
    const response = await page(fields, { accept: 'application/json' });
    assert.equal(response.status, 400, JSON.stringify(fields));
    assert.match((await response.json()).error.hint, said);
    const shown = await page(fields);
    assert.equal(shown.status, 400);
    assert.match(await shown.text(), /<main/);
  }
  assert.equal((await page([['cows', ''], ['age', ' 30 ']])).status, 200);
  const marked = plain(await (await page([['<b>"x"', '1']])).text());
  assert.doesNotMatch(marked, /"x"/);
});

// --- Pages ---------------------------------------------------------------------------------------

const severe = [['age', '30'], ['opioid_use_disorder', 'severe'], ['medication', 'none'], ['support', 'none'], ['housing', 'safe'], ['preference', 'outpatient'], ['motivation', '8']];

test('the page says level, for and against, changes, reasons, what it is like, medicine, the wish, places and steps', async () => {
  for (const [prefix, language, parts] of [['', 'en', ['Live-in care with structure', 'Start medicine now', 'Points toward inpatient', 'Nobody at home or nearby can help', 'Points toward outpatient',
    'What would change this', 'recovery home', 'Why, rule by rule', 'Not yet signed by a clinician', 'A typical day', '$17,400', 'Medicine, explained', 'Buprenorphine', 'What you want', 'The next safe choice',
    'Places that offer this near you', 'Next steps', 'naloxone', 'Look at this again on', 'not endorsed', 'Your answers']],
  ['/es', 'es', ['Estadía con estructura', 'Empiece la medicina ahora', 'Apunta a internado', 'Qué cambiaría esto', 'Por qué, regla por regla', 'Todavía no la firmó', 'Un día típico', 'Lo que usted quiere', 'Próximos pasos']]]) {
    const response = await page(severe, { prefix });
    assert.equal(response.status, 200);
    assert.match(response.headers.get('cache-control'), /private/);
    assert.equal(response.headers.get('set-cookie'), null);
    const html = await response.text(), text = plain(html);
    assert.match(html, new RegExp(`<html lang="${language}">`));
    assert.doesNotMatch(html, /\[\[|\{\{|style=|<script(?! src=)|\son\w+="/, 'a key, a tag or inline code was left');
    for (const part of parts) assert.ok(text.includes(part), `${language}: ${part}`);
    for (const article of ['methadone', 'buprenorphine', 'naltrexone']) {
      assert.ok(html.includes(`${prefix}/learn/${article}"`), article);
      assert.equal((await fetch(`${server.origin}${prefix}/learn/${article}`)).status, 200, article);
    }
  }
});

test('the level stands first, then for and against, then changes, then why', async () => {
  const text = plain(await (await page(severe)).text());
  const order = ['Live-in care with structure', 'Start medicine now', 'Points toward inpatient', 'Points toward outpatient', 'What would change this', 'Why, rule by rule', 'What it is like',
    'Medicine, explained', 'What you want', 'Next steps', 'Worth asking still'].map((part) => text.indexOf(part));
  assert.deepEqual(order, [...order].sort((a, b) => a - b));
  assert.ok(order.every((at) => at >= 0));
});

test('places near a ZIP stand on the page with the needs set, and go on to the finder', async () => {
  const html = await (await page([...severe, ['near', 'Los Angeles, CA']])).text();
  const cards = [...html.matchAll(/<li class="card"/g)].length;
  assert.equal(cards, 3);
  const needs = [...html.matchAll(/<input type="hidden" name="need" value="([a-z-]+)">/g)].map((match) => match[1]);
  const { needs: wanted } = await (await page(severe, { accept: 'application/json' })).json();
  assert.deepEqual(needs, wanted);
  const found = await fetch(`${server.origin}/find`, { method: 'POST', headers: { accept: 'text/html' },
    body: new URLSearchParams([['asked', '1'], ['q', 'Los Angeles, CA'], ...needs.map((need) => ['need', need])]) });
  const first = html.match(/<a href="(\/facilities\/[^"]+)">/)[1];
  assert.ok((await found.text()).includes(first), 'the finder lists the same place');
});

test('an emergency shows what to do now and nothing else; pregnant people see places', async () => {
  const html = await (await page([['suicide_risk', 'high'], ['pregnant', 'yes'], ['cows', '9'], ['near', 'Los Angeles, CA']])).text();
  for (const part of ['href="tel:911"', 'href="tel:988"', 'Get help now', 'Places that treat pregnant people', 'class="card"']) assert.ok(html.includes(part), part);
  for (const part of ['Points toward', 'What it is like', 'Why, rule by rule']) assert.ok(!plain(html).includes(part), part);
  const alone = await (await page([['unresponsive', 'yes']])).text();
  assert.ok(alone.includes('/now#overdose') && !alone.includes('id="places"'));
});

test('a minor is told where to go, with places', async () => {
  const text = plain(await (await page([['age', '16'], ['cows', '10'], ['near', 'Los Angeles, CA']])).text());
  assert.match(text, /This guide is for adults/);
  assert.match(text, /1-800-662-4357/);
  assert.match(text, /Places for teens/);
  assert.doesNotMatch(text, /Points toward|Start medicine now/);
});

test('family is spoken to as family', async () => {
  const text = plain(await (await page([...severe, ['who', 'other']])).text());
  assert.match(text, /about the person you care for/);
  assert.match(text, /They can start medicine now/);
  for (const part of ['What they want', 'You said they would like to live at home', 'What they give up', 'Call a place from the list together', 'It is their choice'])
    assert.ok(text.includes(part), part);
  assert.doesNotMatch(text, /What you want|You said you would/);
  const file = await (await page([['preference', 'inpatient'], ['medication', 'methadone'], ['who', 'other'], ['go', 'file']])).text();
  assert.match(file.replace(/\s+/g, ' '), /less we know about them/);
});

test('where signatures are required an unsigned rule waits, and a clinician decides', async () => {
  const response = await page(severe, { origin: strict.origin });
  const text = plain(await response.text());
  assert.match(text, /^From your answers A clinician must decide/);
  assert.match(text, /Rules that wait for a signature/);
  assert.doesNotMatch(text, /Live-in care with structure/);
  const result = await (await page(severe, { origin: strict.origin, accept: 'application/json' })).json();
  assert.deepEqual(result.reasons, []);
  assert.ok(result.waiting.length > 0);
});

test('the result is saved as a file, with the answers', async () => {
  for (const [prefix, name, part] of [['', 'what-fits.txt', 'Your answers'], ['/es', 'que-conviene.txt', 'Sus respuestas']]) {
    const response = await page([...severe, ['go', 'file']], { prefix });
    assert.equal(response.headers.get('content-disposition'), `attachment; filename="${name}"`);
    assert.match(response.headers.get('content-type'), /^text\/plain; charset=utf-8/);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    const text = await response.text();
    assert.ok(text.includes(part) && text.includes('naloxon'), text);
    assert.doesNotMatch(text, /\[\[|\{\{|care\.|<\w/);
  }
});

test('opened without answers it leads to the questions', async () => {
  const response = await fetch(`${server.origin}/choose/result`);
  assert.equal(response.status, 200);
  assert.match(await response.text(), /href="\/choose"/);
});

test('it answers in under 10 ms', async () => {
  const times = [];
  for (let i = 0; i < 60; i++) {
    const start = performance.now();
    await (await page(asFields(someone()))).text();
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const limit = /asan|tsan/.test(fairlead) ? 200 : 10;
  assert.ok(times[30] < limit, `median ${times[30].toFixed(2)} ms`);
});

// --- Carried -------------------------------------------------------------------------------------

const carry = async (fields, prefix = '') => {
  const html = await (await page([...fields, ['go', 'carry']], { prefix })).text();
  return { html, path: html.match(/href="((?:\/es)?\/carry\/([\w-]+))"/)?.[1], token: html.match(/\/carry\/([\w-]+)"/)?.[1] };
};

test('a carried result opens as it was, for whoever has the code', async () => {
  const { html, path, token } = await carry(severe);
  assert.match(html, /<svg class="qr" viewBox="0 0 \d+ \d+"/);
  assert.ok(token.length <= 1800, `${token.length} characters`);
  const response = await fetch(server.origin + path, { headers: { accept: 'text/html' } });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('cache-control'), 'no-store');
  assert.equal(response.headers.get('referrer-policy'), 'no-referrer');
  const text = plain(await response.text());
  for (const part of [/Made on .*20\d\d\. Valid until .*20\d\d\./, /Live-in care with structure/, /support at home and nearby: none/, /Take this link back/]) assert.match(text, part);
  assert.equal((await fetch(`${server.origin}/es${path}`)).status, 200);
});

test('where the rules have changed since, a carried result says what it was', async () => {
  const { path } = await carry(severe); // made where every rule acts, opened where signatures are required
  const text = plain(await (await fetch(strict.origin + path)).text());
  assert.match(text, /On that day they said: Live-in care with structure\./);
  assert.match(text, /A clinician must decide/);
  assert.doesNotMatch(plain(await (await fetch(server.origin + path)).text()), /rules have changed/);
});

test('any set of answers fits 1,800 characters', async () => {
  const longest = facts.map(({ name, kind, values }) => [name, kind === 'yes-no' ? 'no' : kind === 'word' ? values.split(' ').sort((a, b) => b.length - a.length)[0]
    : kind === 'integer' ? values.split('..')[1] : `${Number(values.split('..')[1]) - 1}.987654321`])
    .map(([name, value]) => (name === 'pregnant' ? [name, 'yes'] : [name, value]));
  const { token } = await carry(longest);
  assert.ok(token && token.length <= 1800, `${token?.length} characters`);
});

test('a broken link says so, and nothing of it is in the log', async () => {
  const { path, token } = await carry(severe);
  const changed = token.slice(0, 60) + (token[60] === 'A' ? 'B' : 'A') + token.slice(61);
  for (const wrong of [changed, token.slice(0, -5), 'x', 'a'.repeat(1800), `${token}AAAA`]) {
    const response = await fetch(`${server.origin}/carry/${wrong}`);
    assert.equal(response.status, 410, wrong.slice(0, 20));
    assert.match(plain(await response.text()), /not whole/);
  }
  await fetch(server.origin + path);
  await new Promise((done) => { setTimeout(done, 1500); }); // lines are written each second
  assert.ok(!server.log().includes(token.slice(0, 24)), 'no token in the log');
  assert.match(server.log(), /route=\/carry\/\{token\}/);
});

test('a link is taken back with a second step; only its id is kept, until it would have expired', async () => {
  const { path } = await carry(severe);
  const ask = await fetch(server.origin + path, { method: 'POST', body: new URLSearchParams({ revoke: 'ask' }) });
  assert.match(plain(await ask.text()), /Take this link back\?.*Yes, take it back/);
  assert.equal((await fetch(server.origin + path)).status, 200, 'not yet');
  const sure = () => fetch(server.origin + path, { method: 'POST', body: new URLSearchParams({ revoke: 'yes' }) });
  const done = await sure();
  assert.equal(done.status, 200);
  assert.match(plain(await done.text()), /The link is taken back/);
  const gone = await fetch(server.origin + path);
  assert.equal(gone.status, 410);
  assert.match(plain(await gone.text()), /has taken it back/);
  assert.equal((await sure()).status, 410, 'again does no harm');
  const rows = query(data, 'SELECT id, expires FROM carry_revoked');
  assert.equal(rows.length, 1);
  assert.match(rows[0].id, /^[0-9a-f]{48}$/);
  const days = (rows[0].expires / 1e6 - Date.now() / 1000) / 86400;
  assert.ok(days > 29.9 && days < 30.1, `${days} days`);
});

test('the proxies in front log no path', () => {
  assert.match(readFileSync(`${root}/packaging/nginx.conf`, 'utf8'), /log_format fairlead '(?!.*(\$request\b|\$request_uri|\$uri|\$args|referer)).*'/);
  assert.match(readFileSync(`${root}/packaging/Caddyfile`, 'utf8'), /request>uri delete/);
});
