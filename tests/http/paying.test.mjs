// The calculator over HTTP: it answers by POST alone, refuses with the field named, keeps nothing, and past its guideline's last
// day gives no number. Expected: HHS poverty guidelines (fpl.json, skipped without ../shared), 42 USC 1396a (138 %), HRSA chapter 9.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inflesz } from '../support/articles.mjs';
import { readCsv } from '../support/independent.mjs';
import { grade } from '../support/reading.mjs';
import { fairlead, run, serve, shared, temporaryFolder } from '../support/server.mjs';

const data = temporaryFolder(), knowledge = fileURLToPath(new URL('../../knowledge', import.meta.url));
const path = '/learn/paying/calculator';
let server;
before(async () => {
  run('import', '--data', data, '--demo', '50');
  server = await serve(data);
});
after(async () => { await server?.stop(); });

const get = (address) => fetch(server.origin + address, { headers: { accept: 'text/html' } });
const send = (fields, { prefix = '', accept = 'text/html', origin = server.origin } = {}) =>
  fetch(origin + prefix + path, { method: 'POST', headers: { accept }, body: new URLSearchParams(fields) });
const ask = async (fields, more) => (await send(fields, { accept: 'application/json', ...more })).json();
const text = (html) => html.slice(html.indexOf('<main'), html.indexOf('</main>')).replace(/<[^>]*>/g, ' ').replaceAll('&#39;', "'").replaceAll('&amp;', '&').replace(/\s+/g, ' ');
const one = { income: '1000', period: 'month', household: '1', state: 'MA' };

test('the form is a whole page in both languages, without a cookie, and the article leads to it', async () => {
  for (const [prefix, language] of [['', 'en'], ['/es', 'es']]) {
    const response = await get(prefix + path), html = await response.text();
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('set-cookie'), null);
    assert.match(html, new RegExp(`<html lang="${language}">`));
    assert.match(html, new RegExp(`<form class="screen" method="post" action="${prefix}${path}"`));
    assert.doesNotMatch(html, /\[\[|\{\{|style=|<script(?! src=)|\son\w+="|id="answer"/);
    for (const name of ['income', 'period', 'household', 'state']) assert.match(html, new RegExp(`<label class="usa-label" for="${name}">`));
    assert.ok((await (await get(`${prefix}/learn/paying`)).text()).includes(`href="${prefix}${path}"`));
  }
  assert.equal((await get(`${path}?income=1000&household=1&state=MA`).then((r) => r.text())).includes('id="answer"'), false, 'nothing is read from an address');
});

test('every line of the guideline stands as the reference has it', { skip: !existsSync(join(shared, 'data/programme/fpl.json')) && 'no ../shared' }, async () => {
  const fpl = JSON.parse(readFileSync(join(shared, 'data/programme/fpl.json'), 'utf8'));
  for (const [state, region] of [['OH', 'contiguous48_DC'], ['AK', 'AK'], ['HI', 'HI']])
    for (const household of [1, 2, 5, 9, 50]) {
      const { first, each_additional: more } = fpl['2026'][region], line = first + (household - 1) * more;
      for (const [income, percent] of [[line, 100], [line + 0.01, 101], [2 * line, 200]]) {
        const answer = await ask({ income: String(income), period: 'year', household: String(household), state });
        assert.equal(answer.line, line * 100);
        assert.equal(answer.percent, percent, `${state} ${household} ${income}`);
      }
    }
});

test('the page says percent, line, band, ways with their sources, and keeps what was typed', async () => {
  const response = await send([...Object.entries(one), ['situation', 'aged'], ['situation', 'served']]), html = await response.text(), said = text(html);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('cache-control'), 'no-store');
  assert.equal(response.headers.get('set-cookie'), null);
  assert.match(said, /76 % of the federal poverty line You said \$12,000 a year\. For one person in the 48 states and Washington DC, the line for 2026 is \$15,960 a year\./);
  assert.match(said, /91 FR 1797.*Good until January 31, 2027/);
  assert.match(said, /only an example, and nobody has signed it/);
  assert.match(html, /<tr class="yours"><th scope="row">up to 100 %/);
  assert.match(said, /These likely fit you.*Medicare.*VA care or TRICARE/);
  assert.match(said, /not yet checked against the source/);
  assert.match(html, /id="income"[^>]* value="1000"/);
  assert.match(html, /<option value="MA" selected>/);
  assert.match(html, /value="aged" checked/);
  assert.doesNotMatch(html, /value="tribe" checked/);
  assert.match(html, /<form id="switch" method="post"[^>]*>.*name="income" value="1000".*name="situation" value="served"/s);
  const spanish = text(await (await send(one, { prefix: '/es' })).text());
  assert.match(spanish, /76 % de la línea federal de pobreza/);
  assert.match(spanish, /Usted no paga nada/);
  assert.doesNotMatch(spanish, /You pay|Medicaid while/);
});

test('the same answer as a document', async () => {
  const answer = await ask({ ...one, income: '1,835.40' });
  assert.deepEqual([answer.income_a_year, answer.guideline, answer.line, answer.percent, answer.schedule, answer.band, answer.expired],
    [2202480, 'holds', 1596000, 138, 'example-2026', 'two-fifths', 0]);
  assert.ok(answer.ways.find(({ way, fit }) => way === 'medicaid' && fit === 'likely'));
  const more = await ask({ ...one, income: '1,836' });
  assert.equal(more.percent, 139);
  assert.ok(!more.ways.find(({ way }) => way === 'medicaid') && more.ways.find(({ way }) => way === 'market-expanded'));
  const texas = await ask({ ...one, income: '0', state: 'TX' });
  assert.deepEqual(texas.ways.filter(({ fit }) => fit === 'note').map(({ way }) => way), ['gap']);
});

test('a territory without a guideline gets no number, and the page says so', async () => {
  const answer = await ask({ ...one, state: 'PR' });
  assert.deepEqual([answer.guideline, answer.line, answer.percent, answer.band], ['missing', null, null, null]);
  const said = text(await (await send({ ...one, state: 'PR' })).text());
  assert.match(said, /The federal poverty line has no number for this place/);
  assert.match(said, /Some ways need the poverty line and are left out/);
});

test('what cannot be read is refused at its field, and stays as typed', async () => {
  for (const [fields, field] of [[{ ...one, income: '' }, 'income'], [{ ...one, income: '-5' }, 'income'], [{ ...one, income: '<b>9' }, 'income'],
    [{ ...one, income: '99999999999999999999' }, 'income'], [{ ...one, income: '900000000', period: 'week' }, 'income'], [{ ...one, household: '0' }, 'household'], [{ ...one, household: '51' }, 'household'],
    [{ ...one, household: 'two' }, 'household'], [{ ...one, state: '' }, 'state'], [{ ...one, state: 'ZZ' }, 'state']]) {
    const response = await send(fields), html = await response.text();
    assert.equal(response.status, 400, JSON.stringify(fields));
    assert.match(html, new RegExp(`<li><a href="#${field}">`));
    assert.match(html, new RegExp(`id="${field}"[^>]* aria-invalid="true" aria-describedby="${field}-problem"`));
    assert.doesNotMatch(html, /id="answer"|<b>9/);
  }
  const none = await send({});
  assert.equal(none.status, 400);
  assert.equal((await none.text()).match(/aria-invalid="true"/g).length, 3);
  assert.equal((await ask({ ...one, period: 'hour', situation: 'rich' })).income_a_year, 1200000, 'an unknown period counts as the first, an unknown situation as none');
});

test('nothing that was typed is logged', async () => {
  await send({ ...one, income: '7777.77' });
  await send({ ...one, income: '7777.77x' });
  assert.doesNotMatch(server.log(), /7777/);
});

test('past the last day of what is known there is no number', async () => {
  const share = join(temporaryFolder(), 'share'), built = [join(dirname(fairlead), 'share'), join(dirname(fairlead), '../share')].find((folder) => existsSync(folder));
  cpSync(built, share, { recursive: true });
  for (const [name, from, to] of [['poverty-guideline.csv', /,2027-01-31,/g, ',2026-01-31,'], ['paying-ways.csv', /,2026-12-31,/g, ',2026-01-31,']]) {
    const file = join(share, 'knowledge', name);
    writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
  }
  const before = process.env.FAIRLEAD_SHARE;
  process.env.FAIRLEAD_SHARE = share;
  const late = await serve(data);
  if (before === undefined) delete process.env.FAIRLEAD_SHARE; else process.env.FAIRLEAD_SHARE = before;
  try {
    const answer = await ask(one, { origin: late.origin });
    assert.deepEqual([answer.guideline, answer.percent, answer.band], ['expired', null, null]);
    assert.ok(answer.expired > 0 && !answer.ways.find(({ way }) => way === 'medicaid'));
    const said = text(await (await send(one, { origin: late.origin })).text());
    assert.match(said, /The poverty line that we hold ended on January 31, 2026/);
    assert.match(said, /Some rules that we hold have ended/);
  } finally { await late.stop(); }
});

// The bars of the articles: sixth grade, and "fairly easy" by INFLESZ.
test('its words are plain', () => {
  const names = new Set(['medicaid', 'medicare', 'county', 'tricare', 'federal', 'poverty']);
  const ways = readCsv(readFileSync(join(knowledge, 'paying-ways.csv'), 'utf8'));
  const english = [...new Set(ways.map((way) => way.words_en))].join(' '), spanish = [...new Set(ways.map((way) => way.words_es))].join(' ');
  assert.ok(grade(english, names) <= 6.9, `grade ${grade(english, names)}`);
  assert.ok(inflesz(spanish) >= 60, `inflesz ${inflesz(spanish)}`);
  for (const language of ['en', 'es']) {
    const words = readCsv(readFileSync(fileURLToPath(new URL(`../../locale/${language}/coverage.csv`, import.meta.url)), 'utf8'))
      .filter(({ key }) => /^paying\.(lead|private|income_help|household_help|line_ended|no_line|example|ended|left_out|guide)$/.test(key)).map((row) => row.text.replace(/\{\{\w+\}\}/g, 'x')).join(' ');
    if (language === 'en') assert.ok(grade(words, names) <= 6.9, `grade ${grade(words, names)}`);
    else assert.ok(inflesz(words) >= 60, `inflesz ${inflesz(words)}`);
  }
  assert.ok(readdirSync(knowledge).includes('paying-situations.csv'));
});
