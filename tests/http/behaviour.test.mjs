// What the server does with good requests: negotiation, compression, caching, languages, errors, headers, assets,
// logs and counts. Expected values: design.md sections 6 and 7; RFC 9110 (12, 13, 15), RFC 9111, RFC 5861.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { start, withDriver, pause } from './raw.mjs';

let server;
before(async () => { if (!withDriver.skip) server = await start({ threads: 2 }); });
after(async () => {
  if (server) assert.deepEqual(await server.stop(), { code: 0, signal: null }, server.log());
});

// One request with exactly these headers. Answers {status, headers, body, text}.
function ask(path, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((done, failed) => {
    const sent = request({ port: server.port, path, method, headers, agent: false }, (answer) => {
      const pieces = [];
      answer.on('data', (bytes) => pieces.push(bytes));
      answer.on('end', () => {
        const whole = Buffer.concat(pieces);
        const text = answer.headers['content-encoding'] === 'gzip' ? gunzipSync(whole).toString() : whole.toString();
        done({ status: answer.statusCode, headers: answer.headers, body: whole, text });
      });
    });
    sent.on('error', failed);
    sent.end(body);
  });
}
const form = (body, headers = {}) => ({
  method: 'POST', body, headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': body.length, ...headers },
});
const json = (answer) => JSON.parse(answer.text);

test('headers of design.md section 7 stand on every kind of answer', withDriver, async () => {
  for (const path of ['/page', '/echo', '/nothing', '/failure', '/redirect', '/assets/site-1a2b.css', '/much', '/robots.txt']) {
    const { headers } = await ask(path);
    assert.equal(headers['content-security-policy'],
      "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
      + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'", path);
    assert.equal(headers['referrer-policy'], 'no-referrer', path);
    assert.equal(headers['x-content-type-options'], 'nosniff', path);
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin', path);
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin', path);
    assert.match(headers['permissions-policy'], /^geolocation=\(self\),.*camera=\(\).*microphone=\(\)/, path);
    for (const absent of ['server', 'set-cookie', 'strict-transport-security', 'x-powered-by', 'last-modified'])
      assert.equal(headers[absent], undefined, `${path} ${absent}`);
  }
});
test('Strict-Transport-Security stands only behind https', withDriver, async () => {
  const { headers } = await ask('/page', { headers: { 'X-Forwarded-Proto': 'https' } });
  assert.match(headers['strict-transport-security'], /^max-age=\d{8,}/);
});

test('pages are HTML, documents JSON, unless the client says otherwise', withDriver, async () => {
  const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
  const type = async (path, accept) => (await ask(path, { headers: accept ? { Accept: accept } : {} })).headers['content-type'];
  assert.equal(await type('/page'), 'text/html; charset=utf-8');
  assert.equal(await type('/page', browser), 'text/html; charset=utf-8');
  assert.equal(await type('/page', 'image/png'), 'text/html; charset=utf-8', 'never 406');
  assert.equal(await type('/page', 'application/json'), 'application/json');
  assert.equal(await type('/echo'), 'application/json');
  assert.equal(await type('/echo', browser), 'application/json');
  const { headers } = await ask('/page');
  assert.match(headers.vary, /Accept\b.*Accept-Encoding.*HX-Request/);
  const document = json(await ask('/page', { headers: { Accept: 'application/json' } }));
  assert.deepEqual(Object.keys(document).slice(0, 2), ['method', 'path'], 'JSON is the result, without the page');
});
test('htmx gets the fragment, a boosted or restored page the whole', withDriver, async () => {
  const text = async (headers) => (await ask('/page', { headers })).text;
  assert.equal(await text({ 'HX-Request': 'true' }), '<p>fragment</p>\n');
  assert.match(await text({ 'HX-Request': 'true', 'HX-Boosted': 'true' }), /<html/);
  assert.match(await text({ 'HX-Request': 'true', 'HX-History-Restore-Request': 'true' }), /<html/);
});

test('parameters come from the query, then the form, decoded, repeatable and escaped in HTML', withDriver, async () => {
  const answer = json(await ask('/echo?need=a&need=b&q=x+%C3%A9%26', form('need=c&q=')));
  assert.deepEqual(answer.parameters, [['need', 'a'], ['need', 'b'], ['q', 'x é&'], ['need', 'c'], ['q', '']]);
  const { text } = await ask('/page?q=%3Cscript%3E');
  assert.ok(text.includes('&lt;script&gt;') && !text.includes('<script>'));
});
test('a JSON body reaches a document’s route, and only there', withDriver, async () => {
  const body = '{"a":1}';
  const options = { method: 'POST', body, headers: { 'Content-Type': 'application/json', 'Content-Length': body.length } };
  assert.equal(json(await ask('/echo?x=1', options)).body, body);
  assert.equal((await ask('/page', options)).status, 415);
});
test('what does not decode is 400', withDriver, async () => {
  for (const bad of ['%', '%4', '%zz', '%00', '%0A', '%1F', '%7F', '%FF', '%C3', '%ED%A0%80']) {
    assert.equal((await ask(`/echo?q=${bad}`)).status, 400, bad);
    assert.equal((await ask(`/echo?${bad}=q`)).status, 400, bad);
    assert.equal((await ask('/echo', form(`q=${bad}`))).status, 400, bad);
  }
  assert.equal((await ask(`/echo?${'a=1&'.repeat(513)}`)).status, 400);
});
test('bodies of another kind are 415', withDriver, async () => {
  for (const type of ['multipart/form-data; boundary=x', 'text/plain', 'application/x-www-form-urlencoded; charset=latin1'])
    assert.equal((await ask('/echo', form('a=1', { 'Content-Type': type }))).status, 415, type);
  assert.equal((await ask('/echo', form('a=1', { 'Content-Encoding': 'gzip' }))).status, 415);
});

test('languages: a prefix, ?lang=, and Accept-Language for documents alone', withDriver, async () => {
  const language = async (path, headers = {}) => json(await ask(path, { headers: { Accept: 'application/json', ...headers } })).language;
  assert.equal(await language('/page'), 'en');
  assert.equal(await language('/es/page'), 'es');
  assert.equal(await language('/page?lang=es'), 'es');
  assert.equal(await language('/page', { 'Accept-Language': 'es' }), 'en', 'a page’s address alone decides');
  assert.equal(await language('/echo', { 'Accept-Language': 'es-MX,es;q=0.9,en;q=0.8' }), 'es');
  assert.equal(await language('/echo?lang=en', { 'Accept-Language': 'es' }), 'en');
  assert.equal(await language('/echo?lang=xx'), 'en');
  const spanish = await ask('/es/page');
  assert.equal(spanish.headers['content-language'], 'es');
  assert.match(spanish.text, /<html lang="es">.* \/page /s);
  assert.match((await ask('/es/')).text, / \/ /);
});
test('a captured segment is decoded', withDriver, async () => {
  assert.equal(json(await ask('/items/a%20b%2Fc')).captured, 'a b/c');
  assert.equal((await ask('/items/a/b')).status, 404);
  assert.equal((await ask('/items/%00')).status, 404);
});

test('errors: pages for pages, documents for documents, in the request’s language, with nothing of the cause', withDriver, async () => {
  const page = await ask('/failure-page');
  assert.equal(page.status, 500);
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  const document = await ask('/failure');
  assert.deepEqual(Object.keys(json(document).error), ['code', 'message', 'hint']);
  for (const answer of [page, document]) {
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.ok(!/secret|cause|Mend/.test(answer.text), answer.text);
  }
  assert.match(server.log(), /event=web\.failed why="cause of  in \/var\/secret"/);
  const refused = await ask('/failure?kind=refused');
  assert.equal(refused.status, 400);
  assert.equal(json(refused).error.hint, 'Mend <it> so.');
  assert.match((await ask('/failure-page?kind=refused')).text, /Mend &lt;it&gt; so\./);
  assert.ok(!server.log().includes('cause of refused'), 'a refusal may quote what was typed: it is not logged');
  const busy = await ask('/failure?kind=busy');
  assert.equal(busy.status, 503);
  assert.equal(busy.headers['retry-after'], '5');
  const missing = await ask('/es/no/such');
  assert.equal(missing.status, 404);
  assert.match(missing.text, /<html lang="es">/);
  assert.equal((await ask('/api/no/such')).headers['content-type'], 'application/json');
  assert.equal(json(await ask('/page/', { headers: { Accept: 'application/json' } })).error.code, 'not-found');
});
test('a redirect is 303 to a path of our own', withDriver, async () => {
  const { status, headers } = await ask('/redirect');
  assert.equal(status, 303);
  assert.equal(headers.location, '/page?from=redirect');
});

test('gzip comes when it is accepted and worth it', withDriver, async () => {
  const plain = await ask('/eight');
  const packed = await ask('/eight', { headers: { 'Accept-Encoding': 'gzip, deflate, br' } });
  assert.equal(plain.headers['content-encoding'], undefined);
  assert.equal(packed.headers['content-encoding'], 'gzip');
  assert.ok(packed.body.length < plain.body.length / 4);
  assert.equal(packed.text, plain.text);
  assert.match(packed.headers.vary, /Accept-Encoding/);
  assert.match(plain.headers.vary, /Accept-Encoding/);
  const encoding = async (path, accept) => (await ask(path, { headers: { 'Accept-Encoding': accept } })).headers['content-encoding'];
  assert.equal(await encoding('/eight', 'gzip;q=0'), undefined);
  assert.equal(await encoding('/eight', 'br'), undefined);
  assert.equal(await encoding('/echo', 'gzip'), undefined, 'under a kilobyte');
});
test('ETag: 304 for what the client has, another one for each coding and content', withDriver, async () => {
  const plain = await ask('/eight'), packed = await ask('/eight', { headers: { 'Accept-Encoding': 'gzip' } });
  assert.match(plain.headers.etag, /^"[0-9a-f]{16}"$/);
  assert.notEqual(plain.headers.etag, packed.headers.etag);
  assert.notEqual((await ask('/page')).headers.etag, (await ask('/page?x')).headers.etag);
  const again = await ask('/eight', { headers: { 'If-None-Match': `"x", W/${plain.headers.etag}` } });
  assert.equal(again.status, 304);
  assert.equal(again.body.length, 0);
  for (const name of ['etag', 'cache-control', 'vary']) assert.equal(again.headers[name], plain.headers[name], name);
  assert.equal((await ask('/eight', { headers: { 'If-None-Match': packed.headers.etag } })).status, 200);
  assert.equal((await ask('/page', form('a=1', { 'If-None-Match': '*' }))).status, 200, 'POST is never 304');
});
test('Cache-Control follows the view', withDriver, async () => {
  assert.equal((await ask('/eight')).headers['cache-control'], 'public, max-age=60');
  assert.equal((await ask('/page', form('q=1'))).headers['cache-control'], 'private, no-cache');
  assert.equal((await ask('/echo')).headers['cache-control'], 'no-store');
});

test('assets: immutable, compressed, and only those of the manifest', withDriver, async () => {
  const style = await ask('/assets/site-1a2b.css', { headers: { 'Accept-Encoding': 'gzip' } });
  assert.equal(style.status, 200);
  assert.equal(style.headers['content-type'], 'text/css; charset=utf-8');
  assert.equal(style.headers['cache-control'], 'public, max-age=31536000, immutable');
  assert.equal(style.headers['content-encoding'], 'gzip');
  assert.equal(style.text, 'body { color: #1f2a30; }\n'.repeat(200));
  assert.equal((await ask('/assets/site-1a2b.css', { headers: { 'If-None-Match': style.headers.etag, 'Accept-Encoding': 'gzip' } })).status, 304);
  const icon = await ask('/favicon.svg');
  assert.equal(icon.headers['content-type'], 'image/svg+xml');
  assert.match((await ask('/robots.txt')).text, /^User-agent: \*\n/);
  for (const path of ['/assets/site.css', '/assets/unlisted.css', '/assets/manifest.json', '/assets/', '/assets/../outside/secret.css',
    '/assets/..%2foutside%2fsecret.css', '/assets/%2e%2e/outside/secret.css', '/assets//site-1a2b.css', '/es/assets/site-1a2b.css'])
    assert.equal((await ask(path)).status, 404, path);
  assert.equal((await ask('/assets/site-1a2b.css', form('a=1'))).status, 405);
});

test('the log has the route’s pattern, never a path, a query or a form', withDriver, async () => {
  await ask('/items/capturedmark?q=querymark');
  await ask('/echo?q=querymark', form('q=formmark'));
  await ask('/unknownmark?q=querymark');
  await pause(1500); // lines gather for a second
  const log = server.log();
  assert.match(log, /event=web\.request method=GET route=\/items\/\{id\} status=200 bytes=\d+ microseconds=\d+\n/);
  assert.match(log, /event=web\.request method=GET route=none status=404/);
  for (const mark of ['capturedmark', 'querymark', 'formmark', 'unknownmark']) assert.ok(!log.includes(mark), mark);
});
test('requests are counted by route and class, with a histogram', withDriver, async () => {
  const { headers, text } = await ask('/counts');
  assert.match(headers['content-type'], /^text\/plain; version=0\.0\.4/);
  assert.match(text, /^fairlead_http_requests_total\{route="\/items\/\{id\}",status="2xx"\} \d+$/m);
  assert.match(text, /^fairlead_http_requests_total\{route="none",status="4xx"\} \d+$/m);
  const buckets = [...text.matchAll(/^fairlead_http_request_seconds_bucket\{le="([^"]+)"\} (\d+)$/gm)];
  assert.equal(buckets.at(-1)[1], '+Inf');
  const counts = buckets.map((one) => Number(one[2]));
  assert.deepEqual(counts, [...counts].sort((a, b) => a - b), 'buckets are cumulative');
  assert.equal(counts.at(-1), Number(text.match(/^fairlead_http_request_seconds_count (\d+)$/m)[1]));
  assert.match(text, /^fairlead_http_connections \d+$/m);
  for (const line of text.trim().split('\n')) assert.match(line, /^# (HELP|TYPE) |^[a-z_]+(\{[^}]*\}|\{route="[^"]*",status="\dxx"\})? [0-9.]+$/);
});
