// The desk's door on the real server, on both engines: who comes in, what a form must bring, what an answer carries.
// Expected values: docs/desk.md, docs/records.md ("The door"), RFC 6265 and RFC 6265bis (cookies), style.md (one h1).
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { request as rawRequest } from 'node:http';
import { engines, rowsOf } from '../support/databases.mjs';
import { freshCode, openDesk, totp, Visitor, writeRows } from '../support/desk.mjs';

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
      assert.equal((await visitor.request('/me')).location, '/me/sign-in?to=%2Fme');
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

    describe('accounts and stations', { concurrency: 1 }, () => {
      let program, nurse, officer;
      before(async () => {
        program = desk.program('Harbor House');
        nurse = await desk.account('nurse', { program });
        officer = await desk.account(['privacy-officer', 'auditor'], { program });
      });

      test('roles open what the table says, and nothing else', async () => {
        assert.match(nurse.page.html, /<p class="place">Harbor House<\/p>/);
        for (const path of ['/desk/users', '/desk/users/new', `/desk/users/${nurse.id}`, '/desk/station']) {
          const refused = await nurse.get(path);
          assert.equal(refused.status, 403, path);
          assert.match(refused.html, /<body class="desk /);
        }
        assert.equal((await officer.get('/desk/users')).status, 200);
        assert.equal((await officer.get('/desk/users/new')).status, 403);
        const written = () => rowsOf(address, 'SELECT (SELECT count(*) FROM audit_waiting) + (SELECT count(*) FROM audit_entry) AS n')[0].n;
        const before = written();
        await nurse.get('/desk/users');
        assert.ok(written() > before, 'the denial is written');
      });

      test('a page that is closed speaks of the desk, with ways on, and not of treatment', async () => {
        for (const [path, text, find] of [['/desk/audit', /Your role does not open this page/, /Find a person/], ['/es/desk/audit', /Su papel no abre esta página/, /Buscar a una persona/]]) {
          const page = await nurse.get(path);
          assert.equal(page.status, 403);
          assert.match(page.text, text);
          assert.match(page.text, find);
          assert.match(page.html, /href="(\/es)?\/desk"/);
          assert.doesNotMatch(page.html, /search for treatment|buscar tratamiento|\/find"/i);
        }
        const missing = await nurse.get('/desk/users-of-old');
        assert.equal(missing.status, 404);
        assert.doesNotMatch(missing.text, /You can search here/);
      });

      test('an account of another program is not there', async () => {
        const other = desk.program('Other Place');
        const stranger = await desk.account('nurse', { program: other });
        assert.equal((await officer.get(`/desk/users/${stranger.id}`)).status, 404);
        assert.doesNotMatch((await officer.get('/desk/users')).html, new RegExp(stranger.shown_name));
      });

      test('a double click makes one account, and both answers show its first password', async () => {
        await admin.get('/desk/users/new');
        const fields = { name: 'twice.made', shown_name: 'Made Once', email: '', program, role: 'nurse', site: '', staff: '' };
        const answers = await Promise.all(Array.from({ length: 16 }, () => admin.send('/desk/users/new', fields)));
        const ids = new Set(answers.map((answer) => answer.location));
        assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [303]);
        assert.equal(ids.size, 1);
        assert.equal(rowsOf(address, "SELECT count(*) AS n FROM account WHERE sign_in_name = 'twice.made'")[0].n, 1);
        const [location] = ids;
        const shown = await admin.request(location);
        assert.match(shown.html, /class="secret">[^<]{12,}</);
        assert.doesNotMatch((await admin.request(location.split('?')[0])).html, /class="secret"/);
        // Nobody else reads it, whatever they know.
        assert.doesNotMatch((await officer.request(location)).html, /class="secret"/);
        const password = shown.html.match(/class="secret">([^<]+)</)[1];
        for (const row of rowsOf(address, 'SELECT answer FROM desk_key')) assert.ok(!row.answer.includes(password));
      });

      test('the same page sent with other words is another act', async () => {
        await admin.get('/desk/users/new');
        const fields = { shown_name: 'Two', email: '', program, role: 'nurse', site: '', staff: '' };
        const one = await admin.send('/desk/users/new', { ...fields, name: 'two.one' });
        const two = await admin.send('/desk/users/new', { ...fields, name: 'two.two' });
        assert.notEqual(one.location, two.location);
      });

      test('a refused form comes back as it was typed, each problem at its field', async () => {
        await admin.get('/desk/users/new');
        const page = await admin.post('/desk/users/new', { name: 'x', shown_name: 'Ana <b>Ñ</b>', email: 'nowhere', program, role: 'astronaut' });
        assert.equal(page.status, 400);
        assert.match(page.html, /id="form-email-problem"/);
        assert.match(page.html, /id="form-role-problem"/);
        assert.match(page.html, /href="#form-role"/);
        assert.match(page.html, /value="Ana &lt;b&gt;Ñ&lt;&#x2F;b&gt;"|value="Ana &lt;b&gt;Ñ&lt;\/b&gt;"/);
        const taken = await admin.post('/desk/users/new', { name: nurse.name, shown_name: 'Again', email: '', program, role: ['nurse', 'counselor'] });
        assert.equal(taken.status, 400);
        assert.match(taken.html, /id="form-name-problem"/);
        assert.equal([...taken.html.matchAll(/type="checkbox" name="role" value="(\w+)" checked/g)].map((match) => match[1]).sort().join(), 'counselor,nurse');
        const without = await admin.post('/desk/users/new', { name: 'no.role', shown_name: 'No Role', email: '', program, role: [] });
        assert.match(without.html, /id="form-role-problem"/);
      });

      test('a stale form answers 409 with both versions, and can be sent again', async () => {
        const path = `/desk/users/${nurse.id}`;
        await admin.get(path);
        const form = admin.page.forms.find((one) => 'program' in one.fields || one.fields.version && !('session' in one.fields));
        const tokens = { form_token: form.fields.form_token, form_key: form.fields.form_key, version: form.fields.version, program, site: '' };
        const first = await admin.request(path, { method: 'POST', fields: { ...tokens, act: 'roles', role: ['nurse', 'technician'] } });
        assert.equal(first.status, 303);
        const stale = await admin.request(path, { method: 'POST', fields: { ...tokens, act: 'roles', role: ['nurse', 'counselor'] } });
        assert.equal(stale.status, 409);
        const row = stale.html.match(/<th scope="row">Roles<\/th>(.*?)<\/tr>/s)[1].replace(/<[^>]*>/g, ' ');
        assert.match(row, /Nurse, Technician or house staff\s+Nurse, Counselor/);
        const version = stale.html.match(/name="version" value="(\d+)"/g).map((found) => Number(found.match(/\d+/)[0]));
        assert.ok(Math.max(...version) > Number(form.fields.version));
        const again = await admin.request(path, { method: 'POST', fields: { ...tokens, version: String(Math.max(...version)), act: 'roles', role: ['nurse'] } });
        assert.equal(again.status, 303);
      });

      test('switching off ends every session at once, switching on lets them sign in again', async () => {
        const leaver = await desk.account('technician', { program });
        await admin.get(`/desk/users/${leaver.id}`);
        await desk.press(`/desk/users/${leaver.id}`, { act: 'disable' });
        assert.equal((await leaver.request('/desk')).status, 303);
        await leaver.get('/desk/sign-in');
        assert.equal((await leaver.post('/desk/sign-in', { name: leaver.name, password: leaver.password })).status, 400);
        await admin.get(`/desk/users/${leaver.id}`);
        await desk.press(`/desk/users/${leaver.id}`, { act: 'enable' });
        assert.equal((await leaver.signIn(leaver.name, leaver.password)).path, '/desk');
      });

      test('a reset gives a first password that must be changed', async () => {
        const lost = await desk.account('counselor', { program });
        await admin.get(`/desk/users/${lost.id}`);
        const page = await desk.press(`/desk/users/${lost.id}`, { act: 'reset' });
        const first = page.html.match(/class="secret">([^<]+)</)[1];
        assert.equal((await lost.request('/desk')).status, 303);
        const changed = await lost.signIn(lost.name, first);
        assert.match(changed.path, /^\/desk\/password/);
        assert.equal((await lost.request('/desk/me')).location, '/desk/password?to=%2Fdesk%2Fme');
        assert.equal((await lost.post('/desk/password', { new_password: 'password', again: 'password' })).status, 400);
        assert.equal((await lost.post('/desk/password', { new_password: 'harbor lamp wicker 5', again: 'harbor lamp wicker 6' })).status, 400);
        assert.equal((await lost.post('/desk/password', { new_password: 'harbor lamp wicker 5', again: 'harbor lamp wicker 5' })).path, '/desk');
      });

      test('a stranger who knows the name keeps its owner out of no browser that was known', async () => {
        const owner = await desk.account('nurse', { program });
        const known = owner.cookies.get('fairlead-device');
        assert.match(known, /^[\w-]{43}$/);
        const stranger = desk.visitor();
        await stranger.get('/desk/sign-in');
        for (let i = 0; i < 6; i += 1) assert.equal((await stranger.post('/desk/sign-in', { name: owner.name, password: 'wrong wrong wrong' })).status, 400);
        assert.equal((await stranger.post('/desk/sign-in', { name: owner.name, password: owner.password })).status, 400);
        await owner.post('/desk/sign-out');
        assert.equal(owner.cookies.get('fairlead-device'), known);
        await owner.get('/desk/sign-in');
        const answer = await owner.send('/desk/sign-in', { name: owner.name, password: owner.password });
        assert.equal(answer.location, '/desk');
        assert.ok(answer.set.some((line) => new RegExp(`^fairlead-device=${known}; Path=/; Max-Age=15552000; HttpOnly; SameSite=Strict$`).test(line)), answer.set);
        // Another new browser waits like the stranger's.
        const fresh = desk.visitor();
        assert.equal((await fresh.signIn(owner.name, owner.password)).status, 400);
      });

      test('signing in again in a browser ends the session that it had', async () => {
        const twice = await desk.account('nurse', { program });
        const before = twice.cookies.get('fairlead');
        await twice.signIn(twice.name, twice.password);
        assert.notEqual(twice.cookies.get('fairlead'), before);
        assert.equal((await twice.request('/desk')).status, 200);
        const orphan = await new Visitor(desk.origin).request('/desk', { headers: { cookie: `fairlead=${before}` } });
        assert.equal(orphan.location, '/desk/sign-in?to=%2Fdesk');
        const own = await twice.get('/desk/me');
        assert.equal(own.status, 200);
      });

      test('one ends one\'s other sessions', async () => {
        await nurse.signIn(nurse.name, nurse.password); // changed roles ended its session
        const elsewhere = desk.visitor();
        await elsewhere.signIn(nurse.name, nurse.password);
        await nurse.get('/desk/me');
        assert.equal([...nurse.page.html.matchAll(/name="session" value="[\w-]+"/g)].length, 1);
        await nurse.post('/desk/me', { session: '' });
        assert.equal((await elsewhere.request('/desk')).status, 303);
        assert.equal((await nurse.request('/desk')).status, 200);
      });

      test('at a station the nurse switches by PIN, typed or pressed, and wrong ones stay out', async () => {
        const keeper = desk.visitor();
        await keeper.signIn(admin.name, admin.password, admin.secret);
        await keeper.get('/desk/program?to=/desk/station');
        await keeper.post('/desk/program', { program, to: '/desk/station' });
        let enrolled = await keeper.post('/desk/station', { act: 'enroll', name: 'Second floor' });
        if (enrolled.forms.some((form) => 'prove_secret' in form.fields)) {
          assert.ok(enrolled.forms.some((form) => form.fields.name === 'Second floor'), 'what was typed is kept');
          enrolled = await keeper.prove({ prove_secret: admin.password, prove_code: await freshCode(admin.secret) });
        }
        assert.match(enrolled.html, /Second floor/);
        const station = desk.visitor();
        station.cookies.set('fairlead-station', keeper.cookies.get('fairlead-station'));

        await nurse.get('/desk/pin');
        if (nurse.page.forms.some((form) => 'prove_secret' in form.fields)) await nurse.prove({ prove_secret: nurse.password, prove_code: '' });
        assert.equal((await nurse.post('/desk/pin', { pin: '123456', again: '123456' })).status, 400);
        assert.match((await nurse.post('/desk/pin', { pin: '482913', again: '482913' })).path, /pin_done/);

        assert.match((await station.get('/desk/me')).path, /^\/desk\/switch\?to=%2Fdesk%2Fme$/);
        assert.doesNotMatch(station.page.html, /The nurse/);
        assert.equal((await station.signIn(nurse.name, nurse.password)).path, '/desk');
        assert.equal((await station.send('/desk/sign-out')).location, '/desk/switch');
        await station.get('/desk/switch');
        const token = { form_token: station.page.forms.find((form) => form.action === '/desk/switch').fields.form_token };
        const press = (fields) => station.request('/desk/switch', { method: 'POST', fields: { ...token, to: '/desk/me', ...fields } });
        for (const fields of [{ account: nurse.id, pin: '482914' }, { account: officer.id, pin: '482913' }, { account: nurse.id }, { pin: '482913' }, { badge: '482913' }])
          assert.equal((await press(fields)).status, 400, JSON.stringify(fields));
        let sealed = '';
        for (const digit of ['4', '8', '9', 'back', '2', '9', '1', '3']) {
          const pad = await press({ account: nurse.id, digit, pressed: sealed });
          assert.equal(pad.status, 200);
          sealed = pad.html.match(/name="pressed" value="([\w-]+)"/)[1];
          assert.doesNotMatch(pad.html, /name="pin"[^>]*value="\d/);
          assert.match(pad.html, new RegExp(`value="${nurse.id}" data-member checked`));
        }
        const done = await press({ account: nurse.id, pressed: sealed });
        assert.equal(done.location, '/desk/me');
        assert.match((await station.get('/desk/me')).html, new RegExp(nurse.shown_name));
        assert.equal((await station.request('/desk/switch', { method: 'POST', fields: { account: nurse.id, pin: '482913' } })).status, 403, 'without its token');

        await keeper.get('/desk/station');
        const id = rowsOf(address, "SELECT id FROM station WHERE name = 'Second floor'")[0].id;
        await keeper.post('/desk/station', { act: 'revoke', station: id });
        assert.match((await station.get('/desk/me')).path, /^\/desk\/sign-in/);
      });

      test('a dangerous act asks again and keeps what was typed, but no secret', async () => {
        await admin.get('/desk/users/new');
        const tokens = admin.page.forms.find((form) => 'form_key' in form.fields).fields;
        const ago = (Date.now() - 3600e3) * 1000;
        writeRows(address, `UPDATE session SET proved_at = ${ago}`);
        const fields = { form_token: tokens.form_token, form_key: tokens.form_key, name: 'kept.words', shown_name: 'Kept & "Words"', email: '', program, role: ['nurse', 'counselor'], password: 'never shown again' };
        const asked = await admin.post('/desk/users/new', fields);
        assert.equal(asked.status, 403);
        assert.doesNotMatch(asked.html, /never shown again/);
        assert.equal([...asked.html.matchAll(/name="role" value="/g)].length, 2);
        const wrong = await admin.prove({ prove_secret: 'not the password', prove_code: '000000' });
        assert.equal(wrong.status, 403);
        const form = wrong.forms.find((one) => 'prove_secret' in one.fields);
        assert.equal(form.fields.shown_name, 'Kept & "Words"');
        assert.equal(form.fields.prove_secret, '');
        const done = await admin.post(form.action, { ...form.fields, role: ['nurse', 'counselor'], prove_secret: admin.password, prove_code: await freshCode(admin.secret) });
        assert.match(done.html, /class="secret"/);
        assert.match(done.html, /Kept &amp; &quot;Words&quot;/);
      });

      test('an idle session is over, and its page says so before', async () => {
        const idle = desk.visitor();
        await idle.signIn(nurse.name, nurse.password);
        assert.match(idle.page.html, /<noscript><meta http-equiv="refresh" content="90[01]; url=\/desk\/sign-in\?to=%2Fdesk"><\/noscript>/);
        writeRows(address, `UPDATE session SET seen_at = seen_at - 901 * 1000000 WHERE account_id = '${nurse.id}'`);
        assert.equal((await idle.request('/desk')).location, '/desk/sign-in?to=%2Fdesk');
        const locked = await idle.get('/desk/sign-in?to=%2Fdesk');
        assert.match(locked.html, /<a href="\/desk">Go on where you were<\/a>/);
      });
    });
  });
}
