// packaging/nginx.conf in front of the test server, with ports and a certificate of a test's own: what it refuses,
// what it passes on, and what it writes down. Expected: docs/operations.md, "The proxy in front".
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { join } from 'node:path';
import { missing, openProxy } from '../support/proxies.mjs';
import { answers, exchange, pause, start, withDriver } from './raw.mjs';

const skip = withDriver.skip || missing('nginx');
let server, proxy;
before(async () => {
  if (skip) return;
  server = await start();
  proxy = await openProxy('nginx', server.port);
});
after(async () => {
  await proxy?.stop();
  await server?.stop();
});

// Raw bytes over TLS; waits for the end, or for 300 ms of silence after the first answer.
function ask(bytes) {
  return new Promise((done, failed) => {
    const pieces = [];
    const socket = connect({ port: proxy.port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
    const finish = (isClosed) => {
      socket.destroy();
      const text = Buffer.concat(pieces).toString('latin1');
      done({ text, isClosed, answers: answers(text) });
    };
    let silence;
    socket.on('secureConnect', () => socket.write(bytes, 'latin1'));
    socket.on('data', (piece) => { pieces.push(piece); clearTimeout(silence); silence = setTimeout(finish, 300, false); });
    socket.on('end', () => { clearTimeout(silence); finish(true); });
    socket.on('error', (error) => (pieces.length ? finish(true) : failed(error)));
    socket.setTimeout(10000, () => finish(false));
  });
}
const get = (lines = '', target = '/echo') => `GET ${target} HTTP/1.1\r\nHost: a\r\n${lines}\r\n`;
const post = (lines, body) => `POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n${lines}\r\n${body}`;

test('a request goes through, as https, and never as this machine’s own', { skip }, async () => {
  const { answers: [answer] } = await ask(get('X-Forwarded-For: 192.0.2.1\r\nCookie: a=b\r\n', '/echo?q=a%20b'));
  assert.equal(answer.status, 200);
  const seen = JSON.parse(answer.body);
  assert.deepEqual([seen.secure, seen.local, seen.parameters], [true, false, [['q', 'a b']]]);
  assert.match(answer.headers['strict-transport-security'], /max-age/);
  assert.match(answer.headers['content-security-policy'], /default-src 'none'/);
  assert.ok(!/nginx\/\d/.test(answer.headers.server ?? ''), 'no version');
});
test('plain HTTP is sent to https', { skip }, async () => {
  const { answers: [answer] } = await exchange(proxy.plainPort, get());
  assert.equal(answer.status, 308);
  assert.equal(answer.headers.location, 'https://a/echo');
});
test('/metrics is not there', { skip }, async () => {
  assert.equal((await ask(get('', '/metrics'))).answers[0].status, 404);
});
test('compression is Fairlead’s', { skip }, async () => {
  const { answers: [answer] } = await ask(get('Accept-Encoding: gzip\r\n', '/eight'));
  assert.equal(answer.headers['content-encoding'], 'gzip');
  assert.match(answer.headers.etag, /^"[0-9a-f]{16}-g"$/, 'a strong tag: nginx did not compress anew');
});
test('what the library hides is refused by nginx, or written anew', { skip }, async () => {
  const second = get('', '/items/second');
  for (const [what, lines] of [['NUL in a value', 'A: b\0c\r\n'], ['NUL before LF', 'A: b\0\nB: c\r\n'], ['a folded line', 'A: b\r\n c\r\n'],
    ['a space before the colon', 'A : b\r\n']]) {
    const { text, answers: list, isClosed } = await ask(get(lines) + second);
    assert.equal(list[0].status, 400, `${what}: ${text.slice(0, 100)}`);
    assert.ok(isClosed && list.length === 1, what);
  }
  assert.equal((await ask(get('A(b: x\r\n'))).answers[0].status, 400, 'passed on, and refused by Fairlead');
  const { answers: [bare] } = await ask('GET /echo?q=1 HTTP/1.1\nHost: a\nA: b\n\n');
  assert.equal(bare.status, 200, 'nginx takes a bare LF and sends CRLF on: Fairlead alone answers it 400');
});
test('two ways to tell a body’s length are refused', { skip }, async () => {
  for (const [lines, body] of [['Content-Length: 3\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'], ['Content-Length: 3\r\nContent-Length: 4\r\n', 'a=1']]) {
    const { answers: list, isClosed } = await ask(post(lines, body) + get('', '/items/second'));
    assert.equal(list[0].status, 400);
    assert.ok(isClosed && list.length === 1);
  }
});
test('a chunked body goes on with its length', { skip }, async () => {
  const { answers: [answer] } = await ask(post('Transfer-Encoding: chunked\r\n', '3\r\na=1\r\n0\r\n\r\n'));
  assert.deepEqual(JSON.parse(answer.body).parameters, [['a', '1']]);
});
test('limits stand', { skip }, async () => {
  assert.equal((await ask(post('Content-Length: 2000000\r\n', ''))).answers[0].status, 413);
  assert.equal((await ask(get('', '/echo?' + 'x'.repeat(9000)))).answers[0].status, 414);
  assert.equal((await ask(get(`A: ${'x'.repeat(20000)}\r\n`))).answers[0].status, 400);
});
test('nothing that was asked is written down', { skip }, async () => {
  await ask(get('Referer: https://example.org/referermark\r\nUser-Agent: agentmark\r\n', '/items/pathmark?q=querymark'));
  await server.stop(); // nginx now fails to pass a request on, and would log that
  assert.equal((await ask(get('', '/items/pathmark?q=querymark'))).answers[0].status, 502);
  await pause(200);
  const log = readFileSync(join(proxy.folder, 'fairlead.log'), 'utf8');
  assert.match(log, /^\S+ GET 200 \d+ [\d.]+$/m);
  assert.match(log, /^\S+ GET 502 \d+ [\d.]+$/m);
  const written = log + ['fairlead-error.log', 'main-error.log'].map((name) => readFileSync(join(proxy.folder, name), 'utf8')).join('');
  for (const mark of ['pathmark', 'querymark', 'referermark', 'agentmark']) assert.ok(!(written + server.log()).includes(mark), mark);
  assert.ok(!written.includes('127.0.0.1'), 'no address');
});
