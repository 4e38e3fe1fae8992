// The public side of the way in under attack, on the real server and both engines: links and seals of another installation, of
// another use, changed in each place; huge, odd and repeated values; many at once from one form; and what is said to whom.
// Expected: docs/requests.md ("From outside"), docs/beds.md (a tap), limits.h; one answer for whatever is wrong with a link.
// Failures seen elsewhere: 13 (a double click acts twice), 29 (an answer that tells who or what is known).
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { engines, rowsOf } from '../support/databases.mjs';
import { openDesk } from '../support/desk.mjs';
import { makeHouse } from '../support/intakes.mjs';
import { run, temporaryFolder } from '../support/server.mjs';

const referral = { asker: 'Nurse Quince', asker_from: 'County Jail', asker_phone: '804-555-0122', urgency: 'routine', level: '3.5', given: 'Otto', family: '', birth_date: '', phone: '', language: 'en', pregnant: 'no', injecting: 'no', words: '', agreed: 'yes' };
const keyOf = (page) => page.html.match(/name="key" value="([^"]*)"/)?.[1];
const linkOf = (page) => page.html.match(/href="(?:\/es)?(\/requests\/[\w-]{43})"/)?.[1];

// A server with a site that takes requests, and what a stranger may hold of it.
async function openHouse(database) {
  const data = temporaryFolder(), common = ['--data', data, ...(database ? ['--db', database] : [])];
  run('import', ...common, '--demo', '40');
  const desk = await openDesk({ data, database }), { admin } = desk, program = desk.program('Harbor House'), { site } = makeHouse(desk.address, program);
  // A proxy that tells no address: the brake is another test's.
  const stranger = Object.assign(desk.visitor(), { headers: { 'x-forwarded-for': 'unknown' } });
  await admin.get('/desk/settings/talk');
  await admin.get('/desk/program');
  await admin.post('/desk/program', { program });
  await admin.get('/desk/staff/new');
  await admin.post('/desk/staff/new', { name: 'Ada Admit', profession: 'case-manager' });
  const [{ id: staff }] = rowsOf(desk.address, 'SELECT id FROM staff');
  await admin.get('/desk/settings/front');
  await admin.post('/desk/settings/front', { site, people: '1', programs: '1', staff });
  await admin.get('/desk/program');
  await admin.post('/desk/program', { program: '' });
  await admin.get('/desk/settings/talk');
  await admin.post('/desk/settings/talk', { name: 'Help line', phone: '804-555-0177', text_phone: '', days: ['1'], begins: '00:00', ends: '00:00', zone: 'America/New_York', urgency: 'urgent', site });
  const [facility] = (await (await fetch(`${desk.origin}/api/facilities?limit=1&sort=name`)).json()).results;
  const tap = new URL(JSON.parse(run('availability', 'link', ...common, '--json', '--facility', facility.id, '--level', '3.5')).link, desk.origin).pathname;
  const carry = (await stranger.request('/choose/result', { method: 'POST', fields: { age: '30', opioid_use_disorder: 'severe', support: 'none', go: 'carry' } })).html.match(/href="(\/carry\/[\w-]+)"/)[1];
  const send = (path, fields) => stranger.request(path, { method: 'POST', fields });
  const keys = { '/refer': keyOf(await stranger.get('/refer')), '/talk': keyOf(await stranger.get('/talk')), [`${carry}/ask`]: keyOf(await stranger.get(`${carry}/ask`)) };
  for (const [path, key] of Object.entries(keys)) assert.ok(key, path);
  return { desk, site, stranger, facility, tap, carry, keys, send, count: () => Number(rowsOf(desk.address, 'SELECT count(*) AS n FROM request')[0].n) };
}

for (const engine of engines()) {
  describe(`the public side under attack on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let here, there;
    before(async () => {
      here = await openHouse(engine.make());
      there = await openHouse(); // another installation, with a key of its own
    });
    after(async () => {
      for (const one of [here, there]) if (one) assert.equal((await one.desk.stop()).code, 0);
    });
    const form = (key) => ({ ...referral, key, site: here.site });
    const fieldsOf = { talk: (key) => ({ key, given: 'Otto', phone: '804-555-0133', when: 'evening', language: 'en' }), ask: (key) => ({ key, site: here.site, language: 'en', consents: 'send' }) };

    test('a link of another installation or another use opens nothing, and all say the same', async () => {
      const tokens = [...[there.tap, there.carry].map((path) => path.split('/')[2]), ...Object.values(there.keys), ...Object.values(here.keys), randomBytes(32).toString('base64url'), randomBytes(100).toString('base64url')];
      for (const [path, own, status] of [['/availability/', here.tap, 404], ['/carry/', here.carry, 410], ['/requests/', '/requests/x', 404]]) {
        const wrong = await here.stranger.request(`${path}${randomBytes(90).toString('base64url').slice(0, 100)}`);
        assert.equal(wrong.status, status, path);
        for (const token of [...tokens, ...[here.tap, here.carry].filter((one) => one !== own).map((one) => one.split('/')[2])]) {
          const page = await here.stranger.request(path + token);
          assert.equal(page.status, status, `${path} with a token of another kind`);
          assert.equal(page.text.replace(/\s+/g, ' '), wrong.text.replace(/\s+/g, ' '));
        }
      }
    });

    test('a seal that is changed in any place is none', async () => {
      for (const path of [here.tap, here.carry]) {
        const [, kind, token] = path.split('/');
        for (let at = 0; at < token.length; at += 7) {
          const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
          assert.ok((await here.stranger.request(`/${kind}/${changed}`)).status >= 404, `${kind} at ${at}`);
        }
        for (const odd of [`${token}A`, `${token}=`, token.slice(1), `${token}%00`, `${token}%0a`, `%2e%2e%2f${token}`, token.repeat(20)]) {
          const { status } = await here.stranger.request(`/${kind}/${odd}`);
          assert.ok(status >= 400 && status < 500, `${kind}: ${status}`);
        }
      }
    });

    test('a form takes the seal of its own way and installation alone', async () => {
      const before = here.count();
      const sends = [['/refer', form], ['/talk', fieldsOf.talk], [`${here.carry}/ask`, fieldsOf.ask]];
      for (const [path, fields] of sends)
        for (const key of [...Object.entries(here.keys).filter(([own]) => own !== path).map(([, one]) => one), ...Object.values(there.keys), here.tap.split('/')[2], here.carry.split('/')[2], '', 'x'.repeat(5000)]) {
          const page = await here.send(path, fields(key));
          assert.equal(page.status, 400, `${path}: ${page.text.slice(0, 200)}`);
        }
      assert.equal(here.count(), before);
      const foreign = await here.send('/refer', { ...form(keyOf(await here.stranger.get('/refer'))), site: there.site });
      assert.ok(foreign.status < 500 && !linkOf(foreign));
      assert.equal(here.count(), before);
    });

    test('thirty-two of one form at once make one request and tell one link', async () => {
      for (const [path, fields] of [['/refer', form], ['/talk', fieldsOf.talk], [`${here.carry}/ask`, fieldsOf.ask]]) {
        const before = here.count(), sent = fields(keyOf(await here.stranger.get(path)));
        const answers = await Promise.all(Array.from({ length: 32 }, () => here.send(path, sent)));
        assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200], path);
        assert.equal(new Set(answers.map(linkOf)).size, 1);
        assert.equal(here.count(), before + 1, path);
        // Later, with other words: it is the same form, and what it said first stands.
        assert.equal(linkOf(await here.send(path, { ...sent, given: 'Mallory' })), linkOf(answers[0]));
        assert.equal(here.count(), before + 1);
      }
    });

    test('huge, odd and repeated values end in an answer, never in a failure', async () => {
      const before = here.count(), odd = ['', ' ', 'x'.repeat(3000), '\u0000', '\n\n', '\u202e', '\ufeff', 'é'.repeat(500), '<script>', "' OR 1=1 --", '${7*7}', '%s%n', '-1', '1e999', 'NaN', '99999999999999999999', '2/30/1980', '0000-00-00', '..', '🏥'.repeat(200)];
      const names = Object.keys(form('')).filter((name) => name !== 'key');
      const key = keyOf(await here.stranger.get('/refer'));
      for (const name of names)
        for (const value of [...odd, odd.slice(4, 9)]) {
          const page = await here.send('/refer', { ...form(key), asker: '', [name]: value }); // and one that lacks its asker, so that none is made
          assert.ok([200, 400].includes(page.status), `${name} ${JSON.stringify(value).slice(0, 30)}: ${page.status}`);
          assert.doesNotMatch(page.html, /<script>/);
        }
      for (const name of ['income', 'period', 'household', 'state', 'situation'])
        for (const value of [...odd, '9'.repeat(400), '$9,223,372,036,854,775,807', '9223372036854775807', '-9223372036854775808', '0.001', '1,2,3']) {
          const { status } = await here.send('/learn/paying/calculator', { income: '12000', period: 'year', household: '1', state: 'VA', [name]: value });
          assert.ok([200, 400].includes(status), `${name} ${JSON.stringify(value).slice(0, 30)}: ${status}`);
        }
      for (const value of odd) {
        assert.ok([400, 404].includes((await here.send(here.tap, { answer: value })).status), JSON.stringify(value).slice(0, 30));
        for (const path of ['/learn/packing', '/refer', '/talk', `${here.carry}/ask`])
          for (const name of ['site', 'look', 'level', 'program', 'kind', 'lang']) assert.ok((await here.stranger.request(`${path}?${name}=${encodeURIComponent(value)}`)).status < 500, `${path} ${name}`);
      }
      assert.equal((await here.send('/refer', { ...form(key), words: 'x'.repeat(20000) })).status, 413);
      assert.ok(here.count() - before <= 1, 'an asker that is odd but an asker makes one request, once');
    });

    test('a tap says yes, likely or no of its own facility, and nothing by looking', async () => {
      const rows = () => rowsOf(here.desk.address, "SELECT facility_id, level_of_care, answer, source FROM availability WHERE source = 'tap'");
      for (const path of [here.tap, `${here.tap}?answer=yes`, `${here.tap}?told=1`]) await here.stranger.request(path);
      assert.equal(rows().length, 0);
      const answers = await Promise.all(Array.from({ length: 24 }, (_, i) => here.send(here.tap, { answer: ['yes', 'no', 'likely'][i % 3], facility_id: 'other', level: '4', level_of_care: '4', source: 'census', as_of: '2099-01-01' })));
      assert.deepEqual([...new Set(answers.map(({ status }) => status))], [303]);
      assert.deepEqual(rows().map(({ facility_id, level_of_care }) => [facility_id, level_of_care]), [[here.facility.id, '3.5']]);
    });

    test('what somebody wrote about themselves as a host or a proxy is not believed', async () => {
      const key = keyOf(await here.stranger.get('/refer'));
      const page = await here.stranger.request('/refer', { method: 'POST', fields: form(key), headers: { 'x-forwarded-host': 'evil.example', 'x-original-url': '/desk', 'x-rewrite-url': '/desk', 'x-http-method-override': 'DELETE', forwarded: 'host=evil.example;proto=https' } });
      assert.equal(page.status, 200);
      assert.doesNotMatch(page.html, /evil\.example/);
      assert.equal(page.headers.get('set-cookie'), null);
    });

    test('nothing of it stands in the log, and nothing failed', () => {
      for (const { desk, carry, tap } of [here, there]) {
        assert.doesNotMatch(desk.log(), /web\.failed|store\.\S*failed|Sanitizer|Assertion/);
        for (const word of ['Quince', 'County Jail', 'Mallory', carry.split('/')[2], tap.split('/')[2]]) assert.ok(!desk.log().includes(word), word.slice(0, 20));
      }
    });
  });
}
