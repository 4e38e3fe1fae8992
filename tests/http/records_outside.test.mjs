// Records from the outside: one long story over two programs and every kind of work, told by what people see, on both engines;
// then what an attacker would try. Nothing here knows the code: pages, the command line, and rows only to stand in for what no
// page makes yet (staff, caseloads). Expected values: docs/operations.md, docs/desk.md, docs/accounts.md, knowledge/roles.csv,
// 42 CFR 2.31, 2.32 and 2.51, RFC 6238, RFC 9110.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { engines, rowsOf } from '../support/databases.mjs';
import { enroll, freshCode, openDesk, Visitor, writeRows } from '../support/desk.mjs';
import { draft } from '../support/people.mjs';
import { fairlead, serve, temporaryFolder } from '../support/server.mjs';

const driver = join(dirname(fairlead), 'tests/http/people_driver'), share = process.env.FAIRLEAD_SHARE ?? 'build/share';
const ROBIN = 'lantern rope harbor 52', PICTURE = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const NORTH = '0198a000-0000-7000-8000-0000000000a1', SOUTH = '0198a000-0000-7000-8000-0000000000a2', STAFF = '0198a000-0000-7000-8000-0000000000b1';
const key = () => randomBytes(16).toString('base64url');
const main = (page) => page.html.match(/<main[^]*<\/main>/)?.[0] ?? page.html;
const tokenOf = (visitor) => visitor.page.forms.find((form) => form.fields.form_token).fields.form_token;

for (const engine of engines()) {
  describe(`records from the outside on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let desk, address, program, other, place, id, at, robin;
    const who = {};
    const command = (...words) => spawnSync(fairlead, [...words, '--data', desk.data, ...place], { encoding: 'utf8' });
    const done = (...words) => {
      const run = command(...words);
      assert.equal(run.status, 0, run.stderr);
      return run.stdout;
    };
    const proved = async (visitor, page) => (page.forms.some((form) => 'prove_secret' in form.fields)
      ? visitor.prove({ prove_secret: visitor.password, ...(visitor.secret ? { prove_code: await freshCode(visitor.secret) } : {}) }) : page);
    // The program's own administrator gives an account a site, or a staff record.
    const member = async (role, { site = '', staff = '' }) => {
      const admin = who.administrator, name = `${role}.${site.slice(-2)}${staff.slice(-2)}`;
      await admin.get('/desk/users/new');
      const page = await proved(admin, await admin.post('/desk/users/new', { name, shown_name: `The ${name}`, email: '', role, site, staff }));
      const first = page.html.match(/class="secret">([^<]+)</)?.[1];
      assert.ok(first, page.text);
      const visitor = Object.assign(desk.visitor(), { name, id: page.path.match(/users\/([\w-]+)/)[1], password: `meadow copper window ${name}` });
      await visitor.signIn(name, first);
      await visitor.post('/desk/password', { new_password: visitor.password, again: visitor.password });
      if (/\/desk\/enroll/.test(visitor.page.path)) await enroll(visitor);
      await visitor.get('/desk');
      return visitor;
    };
    const find = async (visitor, q) => {
      await visitor.get('/desk/people');
      return (await visitor.post('/desk/people', { q })).html.includes(at);
    };
    const upload = async (visitor, bytes, { type = 'image/png', name = 'x.png' } = {}) => {
      await visitor.get(at);
      const { form_token, form_key } = visitor.page.forms.find((form) => form.action.endsWith('/photo')).fields;
      const parts = Object.entries({ form_token, form_key }).map(([field, value]) => `--b\r\nContent-Disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`).join('');
      const body = Buffer.concat([Buffer.from(`${parts}--b\r\nContent-Disposition: form-data; name="photo"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n`), bytes, Buffer.from('\r\n--b--\r\n')]);
      return visitor.request(`${at}/photo`, { method: 'POST', body, headers: { 'content-type': 'multipart/form-data; boundary=b' } });
    };

    before(async () => {
      address = engine.make();
      place = ['--db', address];
      desk = await openDesk({ database: address });
      const make = (name) => JSON.parse(done('care', 'program', 'add', '--name', name, '--kind', 'residential', '--zone', 'America/Denver', '--state', 'CO', '--json')).id;
      program = make('Harbor House');
      other = make('Other Place');
      const now = Date.now() * 1000;
      for (const [site, name] of [[NORTH, 'North'], [SOUTH, 'South']])
        writeRows(address, `INSERT INTO site (program_id, id, name, street, city, state, zip, zone, phone, facility_id, closed_at, made_at, changed_at, version)
          VALUES ('${program}', '${site}', '${name}', '', '', 'CO', '', '', '', '', 0, ${now}, ${now}, 1)`);
      writeRows(address, `INSERT INTO staff (program_id, id, external_id, name, folded, profession, credential, license_number, license_state, license_expires_on, expired_at, weekly_minutes, left_at, made_at, changed_at, version)
        VALUES ('${program}', '${STAFF}', '', 'Carla Counselor', 'carla counselor', '', '', '', '', '', 0, 0, 0, ${now}, ${now}, 1)`);
      for (const [name, role, where] of [['front', 'front-desk'], ['manager', 'case-manager'], ['officer', 'privacy-officer'], ['administrator', 'administrator'], ['counselor', 'counselor'],
        ['stranger', 'case-manager', other], ['foreign', 'privacy-officer', other]]) who[name] = await desk.account(role, { program: where ?? program });
      who.north = await member('nurse', { site: NORTH });
      who.south = await member('nurse', { site: SOUTH });
      who.carla = await member('counselor', { staff: STAFF });
      id = execFileSync(driver, [desk.data, address, share, program, 'John', 'Smith', '1980-02-29', 'robin', ROBIN], { encoding: 'utf8' }).trim();
      at = `/desk/people/${id}`;
      robin = Object.assign(desk.visitor(), { password: ROBIN });
      await robin.signIn('robin', ROBIN);
    });
    after(() => desk?.stop());

    test('the front desk finds whom it heard, by sound, three letters, phone and birth date', async () => {
      await who.front.get(`${at}/edit`);
      const page = await who.front.post(`${at}/edit`, { phone: '(303) 555-0142' });
      assert.equal(page.path, at, page.text);
      for (const typed of ['Jon Smyth', 'smi', 'joh', 'Smiht', 'SMITH, john', '2/29/1980', '1980-02-29', '303-555-0142', '5550142']) assert.ok(await find(who.front, typed), typed);
      for (const typed of ['Maria', '1980-03-01', '3035550143', '%', '_', "' OR 1=1 --", '*', '[[desk.title]]']) assert.ok(!await find(who.front, typed), typed);
      assert.ok(!await find(who.stranger, 'Smith'), 'another program');
    });

    test('a stay opens the record to its site alone, a caseload to its counselor alone', async () => {
      for (const name of ['north', 'south', 'carla', 'counselor']) assert.equal((await who[name].request(at)).status, 403, `${name} before`);
      await who.manager.get(`${at}/episodes`);
      const begun = await who.manager.post(`${at}/episodes`, { act: '', status: 'active', site: NORTH, level: '3.5', referral: '' });
      assert.match(begun.text, /North/);
      const now = Date.now() * 1000;
      writeRows(address, `INSERT INTO care_team (program_id, id, person_id, staff_id, role, from_at, until_at, made_at, version)
        VALUES ('${program}', '0198a000-0000-7000-8000-0000000000c1', '${id}', '${STAFF}', 'counselor', ${now}, 0, ${now}, 1)`);
      for (const [name, status] of [['north', 200], ['south', 403], ['carla', 200], ['counselor', 403], ['administrator', 403]]) {
        assert.equal((await who[name].request(at)).status, status, name);
        if (name !== 'administrator') assert.equal(await find(who[name], 'smith'), status === 200, name);
      }
    });

    test('what was written stands in the banner as words, whatever it holds', async () => {
      for (const [kind, value, words] of [['allergy', 'allergy.severe', 'penicillin <b>hives</b>'], ['alert', '', '{{page.id}} =cmd'], ['precaution', 'precaution.fall', '<script>alert(1)</script>']]) {
        await who.north.get(`${at}/facts`);
        const page = await who.north.post(`${at}/facts`, { act: '', kind, value, words });
        assert.match(page.path, /facts$/, page.text);
        assert.equal(page.status, 200, page.text);
      }
      const bannerOf = (page) => page.html.match(/<section class="person"[^]*?<\/section>/)[0];
      assert.match(bannerOf(await who.front.get(at)), /penicillin/, 'roles.csv: safety facts reach the front desk');
      assert.equal((await who.front.request(`${at}/facts`)).status, 403, 'and no other fact does');
      const banner = bannerOf(await who.north.get(at));
      assert.match(banner, /February 29, 1980[^]*English[^]*penicillin &lt;b&gt;hives/);
      assert.match(banner, /\{\{page\.id\}\} =cmd/);
      assert.doesNotMatch(banner, /<script>|<b>hives/);
    });

    test('a consent without any one of its elements is none', async () => {
      const { officer } = who;
      for (const missing of ['language', 'disclosers', 'description', 'recipients', 'purpose_codes', 'purpose', 'expiration', 'signed_by']) {
        await officer.get(`${at}/consent?kind=specific`);
        const page = await officer.post(`${at}/consent`, { ...draft, [missing]: '' });
        assert.equal(page.status, 400, missing);
        assert.match(page.html, /role="alert"/, missing);
      }
      const shown = await officer.post(`${at}/consent`, draft), words = shown.html.match(/name="words" value="([0-9a-f]{64})"/)[1];
      assert.equal((await officer.post(`${at}/consent`, { ...draft, words, signer: '' })).status, 400);
      assert.equal((await officer.post(`${at}/consent`, { ...draft, expiration: '2020-01-01', words, signer: 'John Smith' })).status === 303, false);
      assert.equal(rowsOf(address, 'SELECT id FROM consent').length, 0);
    });

    test('what leaves has its notice and its row; taken back, nothing leaves', async () => {
      const { officer } = who, wanted = { recipient: 'Harbor Clinic', class: '', purpose: 'TREAT', parts: ['person'], language: 'en', act: 'leave' };
      const ask = async (more = {}) => { await officer.get(`${at}/share`); return officer.send(`${at}/share`, { ...wanted, ...more }); };
      assert.equal((await ask()).status, 403);
      await officer.get(`${at}/consent?kind=specific`);
      const words = (await officer.post(`${at}/consent`, draft)).html.match(/name="words" value="([0-9a-f]{64})"/)[1];
      assert.match((await officer.post(`${at}/consent`, { ...draft, words, signer: 'John Smith' })).text, /In force/);
      const left = await ask();
      assert.equal(left.status, 303, left.text);
      const file = await officer.request(`${left.location}&as=json`);
      assert.equal(file.status, 200, file.text);
      assert.match(JSON.parse(file.html).notice, /42 CFR part 2/);
      assert.equal((await ask({ recipient: 'Harbor Clinic North' })).status, 403);
      assert.equal((await ask({ purpose: 'HLEGAL' })).status, 403);
      assert.match((await officer.get(`${at}/disclosures`)).text, /Harbor Clinic/);
      const page = await officer.get(`${at}/consents`);
      assert.match((await officer.post(`${at}/consents`, page.forms.find((form) => 'consent' in form.fields).fields)).text, /Taken back/);
      assert.equal((await ask()).status, 403);
      assert.equal(rowsOf(address, 'SELECT id FROM disclosure').length, 1);
    });

    test('an emergency opens one record to one who has no other way, for somebody else to review', async () => {
      const { counselor, officer } = who, facts = { recipient: 'Dr. Lee', affiliation: 'Salem Hospital', discloser: 'C', nature: 'Found <b>blue</b>' };
      for (const missing of Object.keys(facts)) {
        await counselor.get(`${at}/emergency`);
        const page = await counselor.post(`${at}/emergency`, { ...facts, [missing]: '' });
        assert.equal(page.status, 400, missing);
        assert.match(page.html, new RegExp(`id="form-${missing}-problem"`));
      }
      const opened = await proved(counselor, await counselor.post(`${at}/emergency`, facts));
      assert.equal(opened.path, at, opened.text);
      for (const [part, status] of [['', 200], ['/facts', 200], ['/record', 403], ['/edit', 403], ['/views', 403]]) assert.equal((await counselor.request(at + part)).status, status, part);
      assert.match((await officer.get('/desk')).text, /emergency access must be looked at/);
      const list = await officer.get('/desk/emergencies');
      assert.match(list.html, /Found &lt;b&gt;blue/);
      const form = list.forms.find((one) => 'emergency' in one.fields);
      assert.equal((await officer.post('/desk/emergencies', { ...form.fields, finding: 'justified', words: 'Right' })).status, 200);
      writeRows(address, `UPDATE emergency_access SET at = at - 7300000000, ends_at = ends_at - 7300000000`);
      assert.equal((await counselor.request(at)).status, 403, 'two hours later');
    });

    test('an emergency for nobody, or for somebody of another program, is not there', async () => {
      const facts = { recipient: 'Dr. Lee', affiliation: 'Salem Hospital', discloser: 'C', nature: 'blue' };
      for (const [visitor, path] of [[who.stranger, at], [who.manager, '/desk/people/01900000-0000-7000-8000-000000000000']]) {
        await visitor.get('/desk');
        const page = await proved(visitor, await visitor.post(`${path}/emergency`, { form_token: tokenOf(visitor), form_key: key(), ...facts }));
        assert.equal(page.status, 404, page.text);
      }
      assert.equal(rowsOf(address, 'SELECT id FROM emergency_access').length, 1);
    });

    test('the person sees who looked, takes the record along, and reaches nothing of the desk', async () => {
      assert.match((await robin.get('/me/views')).text, /The privacy-officer/);
      await robin.get('/me/record');
      const page = await proved(robin, await robin.post('/me/record', {}));
      const copy = await robin.request(`${page.path}&as=json`);
      assert.equal(JSON.parse(copy.html).record.person.name.family, 'Smith');
      for (const path of ['/desk', '/desk/people', at, `${at}/record`, '/desk/users', '/desk/audit', '/desk/me']) assert.equal((await robin.request(path)).location, '/me', path);
    });

    test("another program's staff reach nothing by its ids", async () => {
      for (const name of ['stranger', 'foreign']) {
        const visitor = who[name];
        await visitor.get('/desk');
        const token = tokenOf(visitor);
        for (const [part, fields] of [['', null], ['/edit', { given: 'X', sex: 'male', language: 'en', version: '1' }], ['/facts', { kind: 'alert', words: 'x' }],
          ['/episodes', { status: 'active', level: '3.5', site: NORTH }], ['/consents', {}], ['/consent', draft], ['/share', { recipient: 'x', purpose: 'TREAT', parts: 'person', language: 'en', act: 'leave' }],
          ['/disclosures', null], ['/views', null], ['/record', {}], ['/photo', {}]]) {
          const shown = await visitor.request(at + part);
          assert.doesNotMatch(shown.html, /Smith|penicillin|Harbor Clinic/, `${name} GET ${part}`);
          if (!fields) { assert.ok([403, 404].includes(shown.status), `${name} GET ${part}: ${shown.status}`); continue; }
          const sent = await visitor.request(at + part, { method: 'POST', fields: { form_token: token, form_key: key(), ...fields } });
          assert.ok([403, 404].includes(sent.status), `${name} POST ${part}: ${sent.status}`);
          assert.doesNotMatch(sent.html, /Smith|penicillin|Harbor Clinic/, `${name} POST ${part}`);
        }
      }
    });

    test('hostile fields change nothing or stay words', async () => {
      const { front } = who, good = { given: 'Ann', family: 'Lake', sex: 'female', language: 'en', birth_date: '' };
      await front.get('/desk/people/new');
      const token = tokenOf(front), count = () => Number(rowsOf(address, 'SELECT count(*) AS n FROM person')[0].n);
      const send = (fields) => front.request('/desk/people/new', { method: 'POST', fields: { form_token: token, form_key: key(), ...good, ...fields } });
      const before = count();
      for (const fields of [{ given: 'x'.repeat(5000) }, { given: 'a\0b' }, { given: 'a\nb' }, { given: '\u00a0\u3000', family: '\u200b \u202e' }, { birth_date: '2999-01-01' }, { birth_date: '2001-02-30' },
        { birth_date: "1980-01-01' OR 1" }, { sex: 'zzz' }, { phone: '<b>1' }, { email: 'a@b\r\nBcc: x@y' }, { zip: '=1+1' }, { form_key: '' }, { form_key: "'; --" }])
        assert.equal((await send(fields)).status, 400, JSON.stringify(fields).slice(0, 60));
      const type = { 'content-type': 'application/x-www-form-urlencoded' }, raw = (body, headers = type, method = 'POST') => front.request('/desk/people/new', { method, body, headers });
      const start = Buffer.from(`form_token=${token}&form_key=${key()}&sex=male&language=en&given=`);
      for (const bytes of ['%ff%fe', '%ed%a0%80', '%zz', Buffer.from([0xff, 0xc0, 0x80])]) assert.equal((await raw(Buffer.concat([start, Buffer.from(bytes)]))).status, 400, String(bytes));
      assert.equal((await raw(`a=${'b'.repeat(70000)}`)).status, 413);
      assert.equal((await raw(Array(600).fill('a=b').join('&'))).status, 400);
      for (const one of ['application/json', 'text/plain']) assert.equal((await raw('{}', { 'content-type': one })).status, 415);
      for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) assert.equal((await raw(undefined, {}, method)).status, 405, method);
      assert.equal(count(), before);
      const evil = { given: '<script>alert(1)</script>', middle: '{{page.id}}{{{x}}}', family: "=cmd|'/C calc'!A0", chosen: '"><img src=x onerror=1>', former: "'; DROP TABLE person; --",
        city: '[[desk.title]]', street: '%s%n ../../etc/passwd', contact_name: '</main></body>' };
      await front.get('/desk/people/new');
      const page = await front.post('/desk/people/new', { ...good, ...evil });
      assert.equal(page.status, 200);
      for (const words of ['{{page.id}}{{{x}}}', "=cmd|'/C calc'!A0", '[[desk.title]]', '%s%n ../../etc/passwd', '</main></body>']) assert.ok(page.text.includes(words), words);
      assert.doesNotMatch(page.html, /<script>alert|<img src=x/);
      await front.get('/desk/people');
      assert.ok((await front.post('/desk/people', { q: '<script>' })).html.includes(page.path));
      const turned = await send({ given: 'Ann\u202eEvil\u2066' });
      assert.doesNotMatch((await front.get(turned.location)).html, /[\u202a-\u202e\u2066-\u2069]/);
    });

    test('sixteen clicks make one person, sixteen changes of one version one change', async () => {
      const { front, manager } = who, fields = { given: 'Once', family: 'Only', sex: 'female', language: 'en' };
      await front.get('/desk/people/new');
      const token = tokenOf(front), form_key = key();
      const made = await Promise.all(Array.from({ length: 16 }, () => front.request('/desk/people/new', { method: 'POST', fields: { form_token: token, form_key, ...fields } })));
      assert.deepEqual([...new Set(made.map((answer) => answer.status))], [303]);
      assert.equal(new Set(made.map((answer) => answer.location)).size, 1);
      const mine = made[0].location;
      await manager.get('/desk/people/new');
      const theirs = await manager.post('/desk/people/new', { form_key, ...fields });
      assert.notEqual(theirs.path, mine, "somebody else's key");
      await front.get(`${mine}/edit`);
      const own = front.page.forms.find((form) => form.action.endsWith('/edit')).fields;
      for (const version of ['', '0', '999', 'x', '9'.repeat(40)]) assert.equal((await front.request(`${mine}/edit`, { method: 'POST', fields: { ...own, form_key: key(), version, family: 'Two' } })).status, 409, version);
      const race = await Promise.all(Array.from({ length: 16 }, (_, i) => front.request(`${mine}/edit`, { method: 'POST', fields: { ...own, form_key: key(), family: `Race${i}` } })));
      assert.deepEqual(race.map((answer) => answer.status).sort(), [303, ...Array(15).fill(409)]);
    });

    test('a stolen form, a stolen cookie and floods open nothing', async () => {
      const { front, north } = who;
      await north.get(`${at}/edit`);
      const stolen = north.page.forms.find((form) => form.action.endsWith('/edit')).fields;
      assert.equal((await front.request(`${at}/edit`, { method: 'POST', fields: { ...stolen, family: 'Stolen' } })).status, 403);
      assert.equal((await robin.request(`${at}/edit`, { method: 'POST', fields: { ...stolen, family: 'Stolen' } })).location, '/me');
      const ask = (headers) => desk.visitor().request('/desk', { headers });
      assert.equal((await ask({ cookie: `x=${'y'.repeat(14000)}` })).status, 303);
      assert.equal((await ask({ cookie: `fairlead=${'y'.repeat(20000)}` })).status, 431);
      assert.equal((await ask(Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`x-${i}`, 'y'])))).status, 431);
      for (const odd of ['%00', '..%2f..%2fetc', 'x'.repeat(3000), "'%20OR%201=1", '%ff', '{id}', '*', 'new%00']) assert.ok([403, 404].includes((await who.manager.request(`/desk/people/${odd}`)).status), odd);
    });

    test('a picture is what its first bytes say, under no name of its own, and no choice takes none away', async () => {
      const { front } = who;
      for (const bytes of ['<html><script>alert(1)</script>', '<svg onload=alert(1)>', '%PDF-1.7', PICTURE.subarray(0, 40)]) assert.equal((await upload(front, Buffer.from(bytes))).status, 400, bytes);
      assert.equal((await upload(front, Buffer.concat([PICTURE, Buffer.alloc(1.052e7)]))).status, 413);
      assert.equal((await upload(front, Buffer.concat([PICTURE, Buffer.from('<script>alert(1)</script>')]), { type: 'text/html', name: '../../../etc/passwd\\..\\x' })).status, 303);
      const shown = await front.request(`${at}/photo`);
      assert.deepEqual([shown.headers.get('content-type'), shown.headers.get('x-content-type-options'), shown.headers.get('cache-control')], ['image/png', 'nosniff', 'no-store']);
      assert.match(shown.headers.get('content-security-policy'), /^default-src 'none'; frame-ancestors 'none'; sandbox$/);
      assert.deepEqual(shown.bytes, PICTURE); // what stood behind the picture's end is gone
      assert.equal((await upload(front, Buffer.alloc(0), { name: '' })).status, 400);
      assert.equal((await front.request(`${at}/photo`)).status, 200);
    });

    test('a code is good once, and a PIN opens nothing without a shift and after five wrong ones', async () => {
      const { officer, administrator, north } = who;
      const begin = async () => { const visitor = desk.visitor(); await visitor.get('/desk/sign-in'); await visitor.post('/desk/sign-in', { name: officer.name, password: officer.password }); return visitor; };
      const code = await freshCode(officer.secret), [one, two] = [await begin(), await begin()];
      assert.equal((await one.post('/desk/code', { code })).path, '/desk');
      assert.equal((await two.post('/desk/code', { code })).status, 400);
      await administrator.get('/desk/station');
      await proved(administrator, await administrator.post('/desk/station', { act: 'enroll', name: 'First floor', site: NORTH }));
      const station = desk.visitor();
      station.cookies.set('fairlead-station', administrator.cookies.get('fairlead-station'));
      administrator.cookies.delete('fairlead-station');
      await north.get('/desk/pin');
      await proved(north, await north.post('/desk/pin', { pin: '482913', again: '482913' }));
      const press = async (pin) => { await station.get('/desk/switch'); return station.post('/desk/switch', { account: north.id, pin }); };
      assert.equal((await press('482913')).status, 400, 'no shift');
      await station.signIn(north.name, north.password);
      assert.equal(station.page.path, '/desk');
      for (let i = 0; i < 5; i += 1) assert.equal((await press(`00000${i}`)).status, 400);
      const right = await press('482913');
      assert.equal(right.status, 400, 'too many wrong ones');
      assert.match(right.text, /wrong too often/);
    });

    test('sessions end with the password, the account and a reset', async () => {
      const { south } = who, second = desk.visitor();
      await second.signIn(south.name, south.password);
      await second.get('/desk/password');
      await second.post('/desk/password', { old_password: south.password, new_password: 'copper kettle 99 river', again: 'copper kettle 99 river' });
      assert.deepEqual([(await south.request('/desk')).status, (await second.request('/desk')).status], [303, 200]);
      done('user', 'disable', south.name);
      assert.equal((await second.request('/desk')).status, 303);
      assert.equal((await desk.visitor().signIn(south.name, 'copper kettle 99 river')).status, 400);
      done('user', 'enable', south.name);
      assert.equal((await second.request('/desk')).status, 303, 'an old cookie stays dead');
      await second.signIn(south.name, 'copper kettle 99 river');
      assert.equal((await second.request('/desk')).status, 200);
      done('user', 'reset', south.name);
      assert.equal((await second.request('/desk')).status, 303);
    });

    test('the log says no name', () => assert.doesNotMatch(desk.log(), /Smith|John|Lake|penicillin|script|Salem/));

    test('a backup opens in a new folder; what was meddled with in the history is found', async () => {
      for (let tries = 0; tries < 40 && Number(rowsOf(address, 'SELECT count(*) AS n FROM audit_waiting')[0].n); tries += 1) await new Promise((go) => setTimeout(go, 100));
      done('audit', 'anchor');
      done('audit', 'verify');
      const secret = join(temporaryFolder(), 'backup.key'), folder = temporaryFolder(), next = temporaryFolder(), key_file = ['--backup-key-file', secret];
      done('backup', '--new-key', secret);
      done('backup', ...key_file, join(folder, 'records.backup'));
      done('backup', ...key_file, '--keys-only', join(folder, 'keys.backup'));
      const target = ['--data', next, '--db', engine.make(), ...key_file];
      for (const file of ['keys.backup', 'records.backup']) {
        const run = spawnSync(fairlead, ['restore', ...target, join(folder, file)], { encoding: 'utf8' });
        assert.equal(run.status, 0, run.stderr);
      }
      const restored = await serve(next, '--db', target[3]);
      try {
        assert.equal((await new Visitor(restored.origin).request('/desk', { headers: { cookie: who.officer.cookie() } })).status, 303, 'signed out');
        const visitor = new Visitor(restored.origin);
        await visitor.signIn(who.front.name, who.front.password);
        assert.ok(await find(visitor, 'Jon Smyth'));
      } finally { await restored.stop(); }
      if (address.includes('://')) writeRows(address, "SET session_replication_role = replica; UPDATE audit_entry SET outcome = 'done' WHERE outcome = 'denied'");
      else writeRows(address, "DROP TRIGGER audit_entry_update; UPDATE audit_entry SET outcome = 'done' WHERE outcome = 'denied'");
      const run = command('audit', 'verify');
      assert.equal(run.status, 1, run.stdout);
    });
  });
}
