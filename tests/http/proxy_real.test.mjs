// The real server behind packaging/nginx.conf and packaging/Caddyfile: staff sign in, an open board is heard, what is uploaded
// arrives; requests from outside are counted by the address that the proxy saw, whatever the browser writes, and no address is
// written down. Without a proxy, from another machine, nobody names an address of their own.
// Expected: docs/operations.md, "The proxy in front"; limits.h (LIMIT_DOOR_ADDRESS: 20 an hour).
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { request as ask } from 'node:http';
import { networkInterfaces } from 'node:os';
import { openDesk } from '../support/desk.mjs';
import { rowsOf } from '../support/databases.mjs';
import { VisitorThrough, fetchThrough, missing, openProxy } from '../support/proxies.mjs';

const LIMIT_DOOR_ADDRESS = 20;
const referral = { asker: 'Nurse Quince', asker_from: 'County Jail', asker_phone: '804-555-0122', urgency: 'routine', level: '3.5', given: 'Otto', language: 'en', pregnant: 'no', injecting: 'no', agreed: 'yes' };
const form = (fields) => new URLSearchParams(fields).toString();
const urlencoded = { 'content-type': 'application/x-www-form-urlencoded' };

// A desk whose one site takes referrals.
async function openHouse(options = []) {
  const desk = await openDesk({ options }), { admin } = desk, program = desk.program('Harbor House');
  const nurse = await desk.account('nurse', { program });
  await admin.get('/desk/program');
  await admin.post('/desk/program', { program });
  await admin.get('/desk/settings/sites');
  await admin.post('/desk/settings/sites', { act: 'site', name: 'West House', city: 'Richmond', state: 'VA' });
  await admin.get('/desk/staff/new');
  await admin.post('/desk/staff/new', { name: 'Ada Admit', profession: 'case-manager' });
  const [{ id: site }] = rowsOf(desk.address, 'SELECT id FROM site'), [{ id: staff }] = rowsOf(desk.address, 'SELECT id FROM staff');
  await admin.get('/desk/settings/front');
  const opened = await admin.post('/desk/settings/front', { site, people: '', programs: '1', staff });
  assert.equal(opened.status, 200, opened.text);
  return { desk, nurse, site };
}
const keyOf = async (desk) => (await (await fetch(`${desk.origin}/refer`)).text()).match(/name="key" value="([^"]*)"/)[1];

for (const name of ['nginx', 'caddy']) {
  describe(`behind ${name}`, { skip: missing(name), concurrency: 1 }, () => {
    let desk, nurse, site, proxy;
    before(async () => {
      ({ desk, nurse, site } = await openHouse());
      proxy = await openProxy(name, new URL(desk.origin).port);
    });
    after(async () => { await proxy?.stop(); await desk?.stop(); });
    const send = async (from, path = '/refer', headers = {}) =>
      (await fetchThrough(proxy, path, { method: 'POST', from, headers: { ...urlencoded, ...headers }, body: form({ key: await keyOf(desk), site, ...referral }) })).status;

    test('staff sign in, and hear of the board', async () => {
      const visitor = new VisitorThrough(proxy, '127.0.0.1');
      await visitor.signIn(nurse.name, nurse.password, nurse.secret);
      assert.match(visitor.page.path, /^\/desk/);
      assert.equal(visitor.page.status, 200, visitor.page.text);
      assert.deepEqual([...visitor.cookies.keys()].filter((one) => !one.startsWith('__Host-')), []);
      assert.ok(visitor.cookies.has('__Host-fairlead'));
      const begun = Date.now();
      const stream = await fetchThrough(proxy, '/desk/beds/events', { headers: { cookie: visitor.cookie(), accept: 'text/event-stream' }, until: /event: board/ });
      assert.equal(stream.status, 200, stream.html);
      assert.ok(Date.now() - begun < 5000, 'it is not held back until it ends');
    });

    test('each address has its share, whatever is written into the request', async () => {
      const forged = (i) => ({ 'x-real-ip': `198.51.100.${i}`, 'x-forwarded-for': `198.51.100.${i}`, forwarded: `for=198.51.100.${i}`, 'true-client-ip': `198.51.100.${i}` });
      const paths = ['/refer', '/es/refer', '/%72efer', '/refer?a=b'], statuses = [];
      for (let i = 0; i < LIMIT_DOOR_ADDRESS; i += 1) statuses.push(await send('127.0.0.2', paths[i % paths.length], forged(i)));
      assert.deepEqual([...new Set(statuses)], [200]);
      for (const path of paths) assert.equal(await send('127.0.0.2', path, forged(77)), 429, path);
      for (const path of ['/refer/', '//refer', '/./refer', '/refer%2f', '/REFER', '/refer;a', '/x/../refer', '/refer%00']) {
        const status = await send('127.0.0.2', path);
        assert.ok([400, 404, 429].includes(status), `${path}: ${status}`);
      }
      assert.equal(await send('127.0.0.3', '/refer', { 'x-real-ip': '127.0.0.2' }), 200, 'another has a share of its own');
    });

    test('what is uploaded at the desk arrives; a stranger’s body is small', async () => {
      const big = (path) => fetchThrough(proxy, path, { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=b' }, body: `--b\r\nContent-Disposition: form-data; name="q"\r\n\r\n${'x'.repeat(10 << 20)}\r\n--b--\r\n` }); // LIMIT_FILE
      // Without a session: Fairlead's own answer, when it has come through whole.
      const { status, html } = await big('/desk/people/nobody/photo');
      assert.ok([303, 403, 413].includes(status), `${status}`);
      assert.match(html + status, /Fairlead|303/);
      // Caddy ends what it hands on, and says that this failed.
      assert.equal((await fetchThrough(proxy, '/find', { method: 'POST', headers: urlencoded, body: `q=${'x'.repeat(300000)}` })).status, name === 'nginx' ? 413 : 502);
    });

    test('nobody’s address is written down', () => {
      for (const text of [proxy.log(), desk.log()]) assert.doesNotMatch(text, /127\.0\.0\.[23]|198\.51\.100/);
    });
  });
}

const outside = Object.values(networkInterfaces()).flat().find((one) => !one.internal && one.family === 'IPv4')?.address;
test('without a proxy nobody names an address of their own', { skip: outside ? false : 'this machine has no address but its own' }, async () => {
  const { desk, site } = await openHouse(['--listen', '0.0.0.0:0']);
  try {
    const port = new URL(desk.origin).port;
    const send = async (number) => {
      const body = form({ key: await keyOf(desk), site, ...referral });
      return new Promise((done, failed) => {
        const sent = ask({ host: outside, port, method: 'POST', path: '/refer', headers: { ...urlencoded, 'content-length': Buffer.byteLength(body), 'x-real-ip': `198.51.100.${number}`, 'x-forwarded-for': 'unknown' } }, (answer) => { answer.resume(); answer.on('end', () => done(answer.statusCode)); });
        sent.on('error', failed);
        sent.end(body);
      });
    };
    for (let i = 0; i < LIMIT_DOOR_ADDRESS; i += 1) assert.equal(await send(i), 200);
    assert.equal(await send(99), 429);
  } finally { await desk.stop(); }
});
