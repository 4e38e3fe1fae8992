// The public pages over HTTP: what they answer, that page and API agree, what a vanished place says.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, serve, temporaryFolder } from '../support/server.mjs';

const data = temporaryFolder();
let server;
before(async () => {
  run('import', '--data', data, '--demo', '2000');
  server = await serve(data);
});
after(async () => { await server?.stop(); });

const get = (path, headers = {}) => fetch(server.origin + path, { headers: { accept: 'text/html', ...headers }, redirect: 'manual' });
const post = (path, fields, headers = {}) => fetch(server.origin + path, {
  method: 'POST', headers: { accept: 'text/html', ...headers }, body: new URLSearchParams(fields),
});
const results = (html) => html.slice(html.indexOf('<section id="results"'), html.indexOf('</section>', html.indexOf('<section id="results"')));
const plain = (html) => html.replace(/<[^>]*>/g, ' ').replaceAll('&#39;', "'").replaceAll('&#x27;', "'").replaceAll('&quot;', '"').replaceAll('&lt;', '<')
  .replaceAll('&gt;', '>').replaceAll('&amp;', '&').replace(/\s+/g, ' ').trim();

test('every page answers in both languages, without a cookie', async () => {
  for (const path of ['/', '/find', '/now', '/about', '/learn/inpatient-or-outpatient', '/learn/worried-about-someone']) {
    for (const [prefix, language] of [['', 'en'], ['/es', 'es']]) {
      const response = await get(prefix + path);
      assert.equal(response.status, 200, prefix + path);
      assert.equal(response.headers.get('set-cookie'), null);
      assert.match(response.headers.get('content-type'), /^text\/html/);
      const html = await response.text();
      assert.match(html, new RegExp(`<html lang="${language}">`));
      assert.doesNotMatch(html, /\[\[|\{\{|style=|<script(?! src=)|\son\w+="/, 'a key, a tag or inline code was left');
    }
  }
});

test('what is not there is a 404 with a page of ours', async () => {
  for (const path of ['/learn/nothing', '/facilities/none', '/facilities/00000000-0000-5000-8000-000000000000', '/nowhere']) {
    const response = await get(path);
    assert.equal(response.status, 404, path);
    assert.match(await response.text(), /<form class="search"/);
  }
});

test('GET and POST find the same, page and API agree', async () => {
  const asked = [['asked', '1'], ['q', 'Texas'], ['need', 'buprenorphine'], ['need', 'medicaid'], ['sort', 'name']];
  const byGet = await (await get(`/find?${new URLSearchParams(asked)}`)).text();
  const byPost = await (await post('/find', asked)).text();
  assert.equal(results(byGet), results(byPost));
  const api = await (await get(`/api/facilities?${new URLSearchParams(asked)}`, { accept: 'application/json' })).json();
  const names = [...byGet.matchAll(/<h2><span class="number"[^>]*>\d+<\/span><a href="\/facilities\/([^"]+)">([^<]*)<\/a>/g)].map((match) => match[1]);
  assert.deepEqual(names, api.results.map((row) => row.id));
  for (const [need, count] of Object.entries(api.facets))
    assert.ok(byGet.includes(`id="count-${need}">${count.toLocaleString('en-US')}</span>`), need);
  const asJson = await (await get(`/find?${new URLSearchParams(asked)}`, { accept: 'application/json' })).json();
  assert.deepEqual(asJson, api);
});

test('what is made up says so wherever it goes', async () => {
  const answer = await (await fetch(`${server.origin}/api/facilities?limit=100`)).json();
  assert.equal(answer.results.length, 100);
  for (const result of answer.results) assert.equal(result.invented, true, result.name);
  const one = await (await fetch(`${server.origin}/api/facilities/${answer.results[0].id}`)).json();
  assert.equal(one.invented, true);
  const printed = JSON.parse(run('find', '--data', data, '--json', '--limit', '1'));
  assert.equal(printed.results[0].invented, true);
  for (const path of ['/', '/find', '/now', '/about', `/facilities/${one.id}`, '/learn/worried-about-someone', '/es/find'])
    assert.match(plain(await (await get(path)).text()), /made up|inventados/, path);
});

test('a search is nobody else\'s, and a page for all is kept a minute', async () => {
  assert.match((await get('/find?q=Texas')).headers.get('cache-control'), /private/);
  assert.match((await post('/find', { q: 'Texas' })).headers.get('cache-control'), /private/);
  assert.match((await get('/now')).headers.get('cache-control'), /public, max-age=60/);
  assert.ok(!server.log().includes('Texas'), 'the log holds no search');
});

test('a part of the page is sent to script that asks for it', async () => {
  const html = await (await post('/find', { asked: '1', q: 'Texas' }, { 'HX-Request': 'true' })).text();
  assert.match(html, /^<title>/);
  assert.doesNotMatch(html, /<html/);
  assert.match(html, /<span id="count-medicaid" data-hx-swap-oob="innerHTML">[\d,]+<\/span>/);
  const more = html.match(/name="cursor" value="([^"]+)"/)[1];
  const next = await (await post('/find', { asked: '1', q: 'Texas', cursor: more }, { 'HX-Request': 'true' })).text();
  assert.match(next, /^<ol class="cards" start="21">/);
});

test('what was typed comes back as text, whatever it is', async () => {
  for (const hostile of ['"><script>alert(1)</script>', "' onfocus=alert(1) x='", '{{page.exit}} [[site.name]]', '</title><b>', '\u202e?', '%00', 'a'.repeat(200)]) {
    for (const field of ['q', 'near', 'state', 'need', 'code', 'sort', 'within', 'cursor', 'choose']) {
      const response = await post('/find', { asked: '1', [field]: hostile });
      const html = await response.text();
      assert.ok([200, 400].includes(response.status), `${field} ${hostile}: ${response.status}`);
      assert.doesNotMatch(html, /<script>|<b>Fairlead|onfocus=alert\(1\) x='"/, field);
      if (field === 'q') assert.ok(plain(html.replace(/.*<input class="usa-input" id="q"[^>]*value="([^"]*)".*/s, '$1')).includes(hostile.slice(0, 20).trim()), hostile);
    }
  }
});

test('every service of a facility is on its page in plain words, with its source', async () => {
  const { results: [row] } = await (await get('/api/facilities?q=Texas&limit=1', { accept: 'application/json' })).json();
  const document = await (await get(`/api/facilities/${row.id}`, { accept: 'application/json' })).json();
  for (const prefix of ['', '/es']) {
    const html = await (await get(`${prefix}/facilities/${row.id}`)).text();
    const services = html.slice(html.indexOf('id="services"'), html.indexOf('</section>', html.indexOf('id="services"')));
    assert.equal([...services.matchAll(/<li>/g)].length, document.codes.length);
    for (const [, name] of services.matchAll(/<li>([^<]*)/g)) assert.ok(name.trim().length > 2);
    assert.equal([...html.matchAll(/<th scope="row">/g)].length, Object.keys(document.fields).length);
  }
});

test('a place that vanished says so, with its date, and its link still works', async (t) => {
  const folder = temporaryFolder(), other = temporaryFolder();
  const header = 'Name1,Name2,Street1,Street2,City,State,Zip,Phone,Intake1,Intake2,Intake1a,Intake2a,Service_code_info,latitude,longitude\n';
  const rows = ['Alder House,,1 Alder St,,Richmond,VA,23220,804-555-0101,804-555-0102,,,,SA DT * RES * DB * MD,37.55,-77.45',
    'Birch Clinic,,2 Birch St,,Richmond,VA,23220,804-555-0103,,,,,SA * OP * BUM MOA * MD,37.55,-77.46'];
  const write = (name, lines) => { const file = join(folder, name); writeFileSync(file, `${header}${lines.join('\n')}\n`); return file; };
  run('import', '--data', other, '--source', 'county', '--as-of', '2022-01-01', write('a-2022.csv', rows));
  const second = await serve(other);
  t.after(() => second.stop());
  const found = await (await fetch(`${second.origin}/api/facilities?q=Richmond,+VA`)).json();
  const alder = found.results.find((row) => row.name === 'Alder House');
  let html = await (await fetch(`${second.origin}/facilities/${alder.id}`)).text();
  assert.match(plain(html), /Detox without ongoing medicine reported/);
  assert.match(html, /href="tel:\+18045550102"/);
  run('import', '--data', other, '--source', 'county', '--as-of', '2023-05-04', write('a-2023.csv', rows.slice(1)));
  html = await (await fetch(`${second.origin}/facilities/${alder.id}`)).text();
  assert.match(plain(html), /no longer on the list, as of May 4, 2023/);
  const spanish = await (await fetch(`${second.origin}/es/facilities/${alder.id}`)).text();
  assert.match(plain(spanish), /ya no está en la lista, desde 4 de mayo de 2023/);
});
