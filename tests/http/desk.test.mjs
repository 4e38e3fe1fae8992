// The desk's door on the real server, on both engines: who comes in, what a form must bring, what an answer carries.
// Expected values: docs/desk.md, docs/records.md ("The door"), RFC 6265 and RFC 6265bis (cookies), style.md (one h1).
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { request as rawRequest } from 'node:http';
import { engines, rowsOf } from '../support/databases.mjs';
import { freshCode, openDesk, totp, Visitor } from '../support/desk.mjs';

// RFC 6238 appendix B, SHA-1, the last six of its eight digits.
test('the codes of the tests are those of RFC 6238', () => {
  const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'; // "12345678901234567890"
  assert.deepEqual([59, 1111111109, 1234567890, 20000000000].map((seconds) => totp(secret, seconds * 1000)),
    ['287082', '081804', '005924', '353130']);
});

for (const engine of engines()) {
  describe(`the desk on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let desk, admin, address;
    before(async () => {
      address = engine.make();
      desk = await openDesk({ database: address });
      admin = desk.admin;
    });
    after(() => desk?.stop());

    test('who is not signed in is sent to sign in, and comes back', async () => {
      const visitor = desk.visitor();
      const sent = await visitor.request('/desk?x=a%20b');
      assert.equal(sent.status, 303);
      assert.equal(sent.location, '/desk/sign-in?to=%2Fdesk%3Fx%3Da%2520b');
      assert.deepEqual(sent.set, []);
      const es = await visitor.request('/es/desk');
      assert.equal(es.location, '/es/desk/sign-in?to=%2Fdesk');
      assert.equal((await visitor.request('/me')).location ?? '/me/sign-in', '/me/sign-in');
    });

    test('cookies have the form that browsers hold to', async () => {
      const visitor = desk.visitor();
      const page = await visitor.request('/desk/sign-in');
      assert.equal(page.set.length, 1);
      assert.match(page.set[0], /^fairlead-form=[\w-]{22}; Path=\/; HttpOnly; SameSite=Strict$/);
      const safe = desk.visitor();
      safe.headers = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' };
      const secure = await safe.request('/desk/sign-in');
      assert.match(secure.set[0], /^__Host-fairlead-form=[\w-]{22}; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
      assert.equal(secure.headers.get('strict-transport-security'), 'max-age=31536000');
    });

    test('public pages set no cookie, whatever is sent', async () => {
      for (const path of ['/', '/find', '/now', '/health']) {
        const answer = await admin.request(path);
        assert.deepEqual(answer.set, [], path);
      }
    });

    test('every answer of the desk is kept by nobody and shown in its frame', async () => {
      const visitor = desk.visitor();
      for (const [path, status] of [['/desk/sign-in', 200], ['/desk/first', 200], ['/desk/nothing', 404], ['/desk', 303], ['/me/nothing', 404]]) {
        const answer = await visitor.request(path);
        assert.equal(answer.status, status, path);
        assert.equal(answer.headers.get('cache-control'), 'no-store', path);
        assert.match(answer.headers.get('content-security-policy'), /require-trusted-types-for 'script'/, path);
        assert.equal(answer.headers.get('x-frame-options'), 'DENY', path);
        if (status !== 303) {
          assert.match(answer.html, /<body class="desk /, path);
          assert.equal(answer.html.match(/<h1>/g).length, 1, path);
        }
      }
    });

    test('the desk opens over TLS or on this machine alone', async () => {
      const ask = (headers) => new Visitor(desk.origin, headers).request('/desk/sign-in');
      assert.equal((await ask({ 'x-forwarded-for': '203.0.113.9' })).status, 403);
      assert.equal((await ask({ 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'http' })).status, 403);
      assert.equal((await ask({ 'x-forwarded-proto': 'https' })).status, 200);
      // A stranger's name that points here (fetch does not let a Host through).
      const port = new URL(desk.origin).port;
      const status = (host) => new Promise((done, failed) => {
        rawRequest({ port, host: '127.0.0.1', path: '/desk/sign-in', headers: { host } }, (answer) => { answer.resume(); done(answer.statusCode); })
          .on('error', failed).end();
      });
      assert.equal(await status(`rebound.example:${port}`), 403);
      assert.equal(await status(`127.0.0.1.example:${port}`), 403);
      assert.equal(await status(`localhost:${port}`), 200);
    });

    test('a form without its token, with another one or from another place changes nothing', async () => {
      const stranger = desk.visitor();
      await stranger.get('/desk/sign-in');
      const foreign = stranger.page.forms.find((form) => form.fields.form_token).fields.form_token;
      await admin.get('/desk');
      const own = admin.page.forms.find((form) => form.fields.form_token).fields.form_token;
      for (const fields of [{}, { form_token: '' }, { form_token: foreign }, { form_token: `${own}x` }, { form_token: own.slice(1) }])
        assert.equal((await admin.request('/desk/sign-out', { method: 'POST', fields })).status, 403, JSON.stringify(fields));
      for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'https://evil.example' }])
        assert.equal((await admin.request('/desk/sign-out', { method: 'POST', fields: { form_token: own }, headers })).status, 403, JSON.stringify(headers));
      assert.equal((await admin.request('/desk')).status, 200);
    });

    test('cookies that are none are nobody', async () => {
      const value = admin.cookies.get('fairlead');
      for (const cookie of [`fairlead=${value}x`, `fairlead=${value.slice(1)}`, `fairlead=${value}; fairlead=${value}`, 'fairlead=', 'fairlead', `Fairlead=${value}`,
        `fairlead="${value} "`, `fairlead=${'a'.repeat(9000)}`, `__Host-fairlead=${value}`, `x=${'y;'.repeat(80)}; fairlead=${value}`]) {
        const answer = await new Visitor(desk.origin).request('/desk', { headers: { cookie } });
        assert.equal(answer.status, 303, cookie.slice(0, 40));
      }
      const odd = await new Visitor(desk.origin).request('/desk', { headers: { cookie: `odd; a=b c; fairlead=${value}; {"x":1}` } });
      assert.equal(odd.status, 200);
    });

    test('a token moves with each step, and none that was fixed before signing in lives on', async () => {
      const visitor = desk.visitor();
      visitor.cookies.set('fairlead', 'fixed_by_somebody_else');
      await visitor.get('/desk/sign-in');
      const half = await visitor.post('/desk/sign-in', { name: admin.name, password: admin.password });
      assert.match(half.path, /^\/desk\/code/);
      const before = visitor.cookies.get('fairlead');
      assert.notEqual(before, 'fixed_by_somebody_else');
      assert.equal((await visitor.request('/desk')).location, '/desk/code?to=%2Fdesk');
      await visitor.post('/desk/code', { code: await freshCode(admin.secret) });
      assert.equal(visitor.page.path, '/desk');
      assert.notEqual(visitor.cookies.get('fairlead'), before);
      const old = await new Visitor(desk.origin).request('/desk', { headers: { cookie: `fairlead=${before}` } });
      assert.equal(old.status, 303);
    });

    test('wrong names and passwords are told apart by nobody, and what was typed stays', async () => {
      const visitor = desk.visitor();
      await visitor.get('/desk/sign-in?to=%2Fdesk%2Fme');
      const answers = [];
      for (const [name, password] of [[admin.name, 'wrong wrong wrong'], ['nobody.there', 'wrong wrong wrong']])
        answers.push(await visitor.post('/desk/sign-in', { name, password }));
      for (const [index, page] of answers.entries()) {
        assert.equal(page.status, 400);
        const { fields } = page.forms.find((form) => 'password' in form.fields);
        assert.equal(fields.name, [admin.name, 'nobody.there'][index]);
        assert.equal(fields.password, '');
        assert.equal(fields.to, '/desk/me');
        assert.match(page.html, /class="problems" role="alert" tabindex="-1" autofocus/);
      }
      const said = (page) => page.html.match(/<div class="problems".*?<\/div>/s)[0];
      assert.equal(said(answers[0]), said(answers[1]));
      const empty = await visitor.post('/desk/sign-in', { name: '', password: '' });
      assert.match(empty.html, /href="#form-name"/);
      assert.match(empty.html, /id="form-password-problem"/);
    });

    test('going back leads nowhere else', async () => {
      for (const to of ['https://evil.example/', '//evil.example', '/desk//evil.example', '/\\evil.example', '/find', 'javascript:alert(1)', '/desk/%0d%0aX: y', '/desk/../x']) {
        const visitor = desk.visitor();
        await visitor.get(`/desk/sign-in?to=${encodeURIComponent(to)}`);
        assert.equal(visitor.page.forms.find((form) => 'password' in form.fields).fields.to, '/desk', to);
        await visitor.post('/desk/sign-in', { name: admin.name, password: admin.password, to });
        assert.equal(visitor.page.path, '/desk/code?to=%2Fdesk', to);
      }
    });

    test('signing out ends it, for Back too', async () => {
      const visitor = desk.visitor();
      await visitor.signIn(admin.name, admin.password, admin.secret);
      const cookie = visitor.cookie();
      assert.equal((await visitor.request('/desk/sign-out')).status, 405);
      const out = await visitor.send('/desk/sign-out');
      assert.equal(out.location, '/desk/sign-in');
      assert.ok(out.set.some((line) => /^fairlead=; Path=\/; Max-Age=0;/.test(line)), out.set);
      assert.equal((await new Visitor(desk.origin).request('/desk', { headers: { cookie } })).status, 303);
    });

    test('GET and HEAD change nothing', async () => {
      const count = () => ['account', 'session', 'desk_key', 'station'].map((table) => rowsOf(address, `SELECT count(*) AS n FROM ${table}`)[0].n);
      const before = count();
      for (const method of ['GET', 'HEAD'])
        for (const path of ['/desk', '/desk/sign-in', '/desk/first', '/desk/enroll', '/desk/enroll?act=begin', '/desk/password', '/desk/prove', '/desk/program?program=x',
          '/desk/sign-out', '/desk/stay', '/desk/code'])
          await admin.request(path, { method });
      assert.deepEqual(count(), before);
    });

    test('the first administrator is made once', async () => {
      const visitor = desk.visitor();
      await visitor.get('/desk/first');
      const again = await visitor.post('/desk/first', { code: 'aaaa-bbbb-cccc-dddd', name: 'second', shown_name: 'Second', new_password: 'river stone lantern 72', again: 'river stone lantern 72' });
      assert.equal(again.status, 400);
      assert.match(again.html, /id="form-code-problem"/);
      assert.equal(again.forms.find((form) => 'shown_name' in form.fields).fields.shown_name, 'Second');
      assert.equal(again.forms.find((form) => 'shown_name' in form.fields).fields.again, '');
    });
  });
}
