// The strictness table of style.md section 6, row by row, over raw sockets. Expected statuses: RFC 9112
// (sections 2.2, 3.2, 5.1, 6.1, 6.3), RFC 9110 (10.1.1, 15.5, 15.6), RFC 6585.
//
// "hidden:" marks what libmicrohttpd 0.9.75 consumes or answers before the program can see it; those tests
// assert what does happen, and docs/operations.md says what the proxy in front must do.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { start, exchange, open, pause, withDriver } from './raw.mjs';

let server;
before(async () => { if (!withDriver.skip) server = await start(); });
after(async () => {
  if (server) assert.deepEqual(await server.stop(), { code: 0, signal: null }, server.log());
});

const get = (lines = '', target = '/echo') => `GET ${target} HTTP/1.1\r\nHost: a\r\n${lines}\r\n`;
const post = (lines, body = '') =>
  `POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n${lines}\r\n${body}`;
const second = get('', '/items/second');

// One answer with one of these statuses, the connection closed, and nothing behind it served.
async function refused(bytes, ...statuses) {
  const { text, isClosed, answers } = await exchange(server.port, bytes + second);
  const told = JSON.stringify(bytes.slice(0, 200)) + '\n' + text.slice(0, 400);
  assert.ok(isClosed, `stays open: ${told}`);
  assert.equal(answers.length, 1, told);
  assert.ok(statuses.includes(answers[0].status), told);
  assert.ok(!text.includes('second'), `the second request was served: ${told}`);
  return answers[0];
}
// The request is served, and so is the one behind it.
async function served(bytes) {
  const { text, answers } = await exchange(server.port, bytes + second);
  const told = JSON.stringify(bytes.slice(0, 200)) + '\n' + text.slice(0, 400);
  assert.deepEqual(answers.filter((one) => one.status !== 100).map((one) => one.status), [200, 200], told);
  assert.ok(text.includes('second'));
  return answers.find((one) => one.status === 200);
}
const cases = (name, list) => {
  for (const [what, bytes, ...statuses] of list)
    test(`${name}: ${what}`, withDriver, () => refused(bytes, ...statuses));
};

cases('framing', [
  ['Content-Length with Transfer-Encoding', post('Content-Length: 3\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'), 400],
  ['Transfer-Encoding with Content-Length', post('Transfer-Encoding: chunked\r\nContent-Length: 3\r\n', '0\r\n\r\n'), 400],
  ['two lengths that differ', post('Content-Length: 3\r\nContent-Length: 4\r\n', 'a=1'), 400],
  ['two lengths that agree', post('Content-Length: 3\r\nContent-Length: 3\r\n', 'a=1'), 400],
  ['a list of lengths', post('Content-Length: 3, 3\r\n', 'a=1'), 400],
  ['a length with a sign', post('Content-Length: +5\r\n', 'a=123'), 400],
  ['a negative length', post('Content-Length: -5\r\n', 'a=123'), 400],
  ['a length of 20 digits', post('Content-Length: 00000000000000000005\r\n', 'a=123'), 400],
  ['an empty length', post('Content-Length:\r\n', 'a=1'), 400],
  ['a hexadecimal length', post('Content-Length: 0x3\r\n', 'a=1'), 400],
  ['Transfer-Encoding: xchunked', post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'), 400, 501],
  ['Transfer-Encoding: chunked, identity', post('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n'), 400, 501],
  ['Transfer-Encoding: gzip, chunked', post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'), 400, 501],
  ['Transfer-Encoding twice', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'), 400],
  ['Transfer-Encoding with a space before its colon', post('Transfer-Encoding : chunked\r\n', '0\r\n\r\n'), 400],
  ['Transfer-Encoding in HTTP/1.0', post('Transfer-Encoding: chunked\r\n', '0\r\n\r\n').replace('HTTP/1.1', 'HTTP/1.0'), 400, 501],
  ['a chunk size that is no number', post('Transfer-Encoding: chunked\r\n', 'z\r\n\r\n'), 400],
  ['a chunk size with a sign', post('Transfer-Encoding: chunked\r\n', '+3\r\na=1\r\n0\r\n\r\n'), 400],
  ['a chunk longer than its size', post('Transfer-Encoding: chunked\r\n', '3\r\na=1234\r\n0\r\n\r\n'), 400],
  ['a body on GET', get('Content-Length: 3\r\n') + 'a=1', 400],
]);
test('framing: hidden: a length past 64 bits is answered 413 by the library, and closed', withDriver,
  () => refused(post('Content-Length: 99999999999999999999\r\n', 'a=123'), 413));

cases('lines', [
  ['bare LF behind the request line', get().replace('HTTP/1.1\r\n', 'HTTP/1.1\n'), 400],
  ['bare LF behind a header', get('A: b\nB: c\r\n'), 400],
  ['bare LF behind the last header', get('A: b\n'), 400],
  ['bare LF as the empty line', 'GET /echo HTTP/1.1\r\nHost: a\r\n\n', 400],
  ['bare LF everywhere', 'GET /echo HTTP/1.1\nHost: a\n\n', 400],
  ['bare CR behind a header', get('A: b\rB: c\r\n'), 400],
  ['bare CR in a value', get('A: b\rc\r\n'), 400],
  ['LF CR as a line end', get('A: b\n\rB: c\r\n'), 400],
  ['NUL in a value', get('A: b\0c\r\n'), 400],
  ['NUL and a byte before a bare LF', get('A: b\0~\n').slice(0, -2) + '\n', 400],
  ['NUL in a name', get('A\0B: c\r\n'), 400],
  ['NUL in the target', get('', '/echo\0x'), 400],
  ['control character in a value', get('A: b\x01c\r\n'), 400],
  ['DEL in a value', get('A: b\x7fc\r\n'), 400],
  ['space before the colon', get('A : b\r\n'), 400],
  ['tab before the colon', get('A\t: b\r\n'), 400],
  ['a folded header', get('A: b\r\n c\r\n'), 400],
  ['a header folded by a tab', get('A: b\r\n\tc\r\nB: d\r\n'), 400],
  ['a folded first header', 'GET /echo HTTP/1.1\r\n Host: a\r\nHost: a\r\n\r\n', 400],
  ['a name that is no token', get('A(b: x\r\n'), 400],
  ['an empty name', get(': x\r\n'), 400],
  ['a line without a colon', get('A\r\n'), 400],
  ['a name with a byte over 127', get('A\xe9: x\r\n'), 400],
]);
test('lines: hidden: a NUL right before the LF of a line’s end is taken for its CR', withDriver, async () => {
  const answer = await served(get('A: b\0\nB: c\r\n'));
  assert.equal(answer.status, 200);
});
test('lines: hidden: empty lines before a request are passed over', withDriver, () => served('\r\n\r\n' + get()));
test('lines: hidden: a bare LF behind a chunk size is taken for CRLF', withDriver, async () => {
  const answer = await served(post('Transfer-Encoding: chunked\r\n', '3\na=1\r\n0\r\n\r\n'));
  assert.match(answer.body, /\["a","1"\]/);
});

cases('host', [
  ['none', 'GET /echo HTTP/1.1\r\n\r\n', 400],
  ['two', get('Host: a\r\n'), 400],
  ['two that differ', get('Host: b\r\n'), 400],
  ['empty', 'GET /echo HTTP/1.1\r\nHost:\r\n\r\n', 400],
  ['with a path', 'GET /echo HTTP/1.1\r\nHost: a/b\r\n\r\n', 400],
  ['with a space', 'GET /echo HTTP/1.1\r\nHost: a b\r\n\r\n', 400],
]);
test('host: HTTP/1.0 may do without', withDriver, async () => {
  const { answers, isClosed } = await exchange(server.port, 'GET /echo HTTP/1.0\r\n\r\n');
  assert.equal(answers[0].status, 200);
  assert.ok(isClosed);
});

cases('request line', [
  ['two spaces before the target', get().replace('GET /', 'GET  /'), 400],
  ['two spaces before the version', get().replace(' HTTP', '  HTTP'), 400],
  ['a space in the target', get('', '/echo ?a=b'), 400],
  ['a control character in the target', get('', '/echo\x01'), 400],
  ['a byte over 127 in the target', get('', '/echo\xe9'), 400],
  ['a fragment in the target', get('', '/echo#x'), 400],
  ['a target without a slash', get('', 'echo'), 400],
  ['an absolute target of another host', get('', 'http://b/echo'), 400],
  ['an absolute target of another scheme', get('', 'ftp://a/echo'), 400],
  ['an asterisk for GET', get('', '*'), 400],
  ['a method that is no token', get().replace('GET', 'G@T'), 400],
]);
cases('request line: hidden, answered by the library', [
  ['HTTP/2.0', get().replace('HTTP/1.1', 'HTTP/2.0'), 505],
  ['HTTP/0.9', get().replace('HTTP/1.1', 'HTTP/0.9'), 505],
  ['no version', 'GET /echo\r\nHost: a\r\n\r\n', 400],
  ['a version in small letters', get().replace('HTTP/1.1', 'http/1.1'), 400],
]);
test('request line: an absolute target of this host is served', withDriver, async () => {
  const answer = await served(get('', 'http://a/echo?x=1'));
  assert.match(answer.body, /"path":"\/echo".*\["x","1"\]/);
});

cases('limits', [
  ['target over 8 KiB', get('', '/echo?' + 'x'.repeat(8 * 1024)), 414],
  ['headers over 16 KiB', get(`A: ${'x'.repeat(16 * 1024)}\r\n`), 431],
  ['many headers over 16 KiB', get(`A: ${'x'.repeat(1000)}\r\n`.repeat(17)), 431],
  ['101 headers', get('A: b\r\n'.repeat(100)), 431],
  ['a target that never ends', get('', '/echo?' + 'x'.repeat(200 * 1024)), 414],
  ['headers that never end', get(`A: ${'x'.repeat(200 * 1024)}\r\n`), 431],
  ['a body over the route’s limit', 'POST /small HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 101\r\n\r\n', 413],
  ['a body over the form’s limit', post(`Content-Length: ${64 * 1024 + 1}\r\n`), 413],
  ['an expectation that is none', post('Content-Length: 3\r\nExpect: the-best\r\n', 'a=1'), 417],
]);
test('limits: 413 comes before a byte of the body is sent', withDriver, async () => {
  const { answers, isClosed } = await exchange(server.port, post('Content-Length: 9999999\r\nExpect: 100-continue\r\n'));
  assert.deepEqual(answers.map((one) => one.status), [413]);
  assert.ok(isClosed);
});
test('limits: a chunked body over the limit is answered 413', withDriver, async () => {
  const chunk = '1000\r\n' + 'x'.repeat(0x1000) + '\r\n';
  const { answers } = await exchange(server.port, post('Transfer-Encoding: chunked\r\n', chunk.repeat(17) + '0\r\n\r\n'));
  assert.equal(answers[0].status, 413);
});
test('limits: a chunked body without end is cut', withDriver, async () => {
  const chunk = '10000\r\n' + 'x'.repeat(0x10000) + '\r\n';
  const { answers, isClosed } = await exchange(server.port, post('Transfer-Encoding: chunked\r\n', chunk.repeat(40)));
  assert.ok(isClosed);
  assert.equal(answers.length, 0);
});
test('limits: what is just inside them is served', withDriver, async () => {
  await served(get('', '/echo?' + 'x'.repeat(8 * 1024 - 6)));
  await served(get(`A: ${'x'.repeat(15 * 1024)}\r\n`));
  await served(get('A: b\r\n'.repeat(99)));
  await served(post(`Content-Length: ${64 * 1024}\r\n`, 'a=' + 'x'.repeat(64 * 1024 - 2)));
});

const statusOf = async (bytes) => (await exchange(server.port, bytes)).answers.map((one) => one.status);
test('methods: known ones that a route does not take are 405 with Allow', withDriver, async () => {
  for (const method of ['PUT', 'DELETE', 'PATCH', 'TRACE', 'OPTIONS']) {
    const { answers } = await exchange(server.port, get().replace('GET', method));
    assert.equal(answers[0].status, 405, method);
    assert.equal(answers[0].headers.allow, 'GET, HEAD, POST', method);
  }
  const { answers } = await exchange(server.port, post('', '').replace('/echo', '/items/1'));
  assert.equal(answers[0].status, 405);
  assert.equal(answers[0].headers.allow, 'GET, HEAD');
  assert.deepEqual(await statusOf('OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n'), [405]);
  assert.deepEqual(await statusOf('CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n'), [405]);
});
test('methods: unknown ones are 501', withDriver, async () => {
  assert.deepEqual(await statusOf(get().replace('GET', 'BREW')), [501]);
  assert.deepEqual(await statusOf(get().replace('GET', 'get')), [501]);
});
test('methods: HEAD is answered like GET, without a body', withDriver, async () => {
  const one = await exchange(server.port, get('', '/page'));
  const { text, isClosed } = await exchange(server.port, get('', '/page').replace('GET', 'HEAD'));
  const [length] = text.match(/(?<=Content-Length: )\d+/);
  assert.equal(length, one.answers[0].headers['content-length']);
  assert.ok(text.endsWith('\r\n\r\n') && !isClosed);
});

test('good requests: whole, in pieces, pipelined, with queries, cookies and long headers', withDriver, async () => {
  const good = get('Cookie: a=b; c="d"\r\nA:\r\nB:   x  \r\nC: \xc3\xa9\r\n', '/echo?a=1&b=%20&a=2');
  await served(good);
  const { answers } = await exchange(server.port, good.repeat(20));
  assert.deepEqual(answers.map((one) => one.status), Array(20).fill(200));
  const slow = open(server.port);
  for (let round = 0; round < 2; round++)
    for (const byte of good) { slow.send(byte); await pause(1); }
  const grown = get(Array.from({ length: 14 }, (_, i) => `A${i}: ${'x'.repeat(1000)}\r\n`).join(''));
  for (let at = 0; at < grown.length; at += 997) { slow.send(grown.slice(at, at + 997)); await pause(2); }
  await pause(300);
  assert.equal(slow.text().match(/HTTP\/1\.1 200/g).length, 3, slow.text().slice(0, 300));
  slow.socket.destroy();
});
test('good requests: bodies by length, by chunks with an extension and a trailer, and after 100-continue', withDriver, async () => {
  assert.match((await served(post('Content-Length: 7\r\n', 'a=1&b=2'))).body, /\[\["a","1"\],\["b","2"\]\]/);
  assert.match((await served(post('Transfer-Encoding: chunked\r\n', '3;x=y\r\na=1\r\n4\r\n&b=2\r\n0\r\nT: u\r\n\r\n'))).body,
    /\[\["a","1"\],\["b","2"\]\]/);
  const waiting = open(server.port);
  waiting.send(post('Content-Length: 3\r\nExpect: 100-continue\r\n'));
  await pause(200);
  assert.equal(waiting.text(), 'HTTP/1.1 100 Continue\r\n\r\n');
  waiting.send('a=1');
  await pause(200);
  assert.match(waiting.text(), /HTTP\/1\.1 200 OK/);
  waiting.socket.destroy();
});
test('refusals: carry the security headers and never the request', withDriver, async () => {
  const answer = await refused(get('X: marker\x01\r\n', '/echo?marker'), 400);
  assert.match(answer.headers['content-security-policy'], /default-src 'none'/);
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.ok(!answer.body.includes('marker'));
  assert.ok(!server.log().includes('marker'));
});
