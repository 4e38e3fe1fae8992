// Every route of the desk as every role, and signed out, on both engines: what comes back is what knowledge/roles.csv
// says. The routes are the program's own list; a route that guards nothing fails. Accounts and sessions are written into
// the database, so that nothing of signing in stands between. Expected: roles.csv read here by other means, and the door
// of docs/records.md.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fairlead, serve, temporaryFolder } from '../support/server.mjs';
import { engines, rowsOf } from '../support/databases.mjs';
import { formsOf, Visitor } from '../support/desk.mjs';
import { readCsv } from '../support/independent.mjs';

const table = readCsv(readFileSync(fileURLToPath(new URL('../../knowledge/roles.csv', import.meta.url)), 'utf8'));
const roles = [...new Set(table.map(({ role }) => role))];
const scopeOf = (role, object, act) => table.find((row) => row.role === role && row.object === object && row.act === act)?.scope ?? null;
const ofPerson = (role) => role === 'person' || role === 'family';
const { routes } = JSON.parse(execFileSync(fairlead, ['knowledge', 'routes', '--json'], { encoding: 'utf8' }));
const guarded = routes.filter(({ pattern }) => /^\/(desk|me)(\/|$)/.test(pattern));

const PROGRAM = '0198a000-0000-7000-8000-00000000000a', PERSON = '0198a000-0000-7000-8000-0000000000f1';
const pathOf = (pattern) => pattern.replace(/\{[^}]*\}/, PERSON);

// Run SQL that changes rows. Values are our own words.
function execute(address, sql) {
  if (address.includes('://')) execFileSync('psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', address], { input: sql });
  else execFileSync('sqlite3', ['-cmd', '.timeout 10000', address], { input: sql });
}

// An account with one role in the program and an open session of it; answers the cookie's token.
function signIn(address, role, index) {
  const token = randomBytes(32).toString('base64url'), id = `0198a000-0000-7000-8000-0000000001${String(index).padStart(2, '0')}`;
  const bytes = (hex) => (address.includes('://') ? `'\\x${hex}'` : `x'${hex}'`), now = Date.now() * 1000, none = bytes('');
  const digest = bytes(createHash('sha256').update(token).digest('hex'));
  execute(address, `
    INSERT INTO account (id, sign_in_name, shown_name, email, staff_id, person_id, person_program_id, password, must_change, totp, totp_begun, totp_step, pin,
      pin_failures, badge, disabled_at, made_at, last_sign_in_at, version)
      VALUES ('${id}', '${role}', '${role}', '', '', '${ofPerson(role) ? PERSON : ''}', '', '', 0, ${bytes('00')}, ${none}, 0, '', 0, ${none}, 0, ${now}, 0, 1);
    INSERT INTO account_role (account_id, program_id, role, site_id) VALUES ('${id}', '${PROGRAM}', '${role}', '');
    INSERT INTO session (id, token, account_id, station_id, step, program_id, made_at, seen_at, ends_at, proved_at, tries, device)
      VALUES ('${id}', ${digest}, '${id}', '', 4, '${PROGRAM}', ${now}, ${now}, ${now + 3600e6}, ${now}, ${none}, ${none});`);
  return token;
}

test('every route of the desk says what it guards, in words of roles.csv', () => {
  assert.ok(guarded.length >= 10, `${guarded.length} routes`);
  for (const route of guarded) {
    if (route.open || route.step) continue;
    for (const [method, act] of [['GET', route.get_act], ['POST', route.post_act]]) {
      if (!route.methods.includes(method)) continue;
      assert.ok(table.some((row) => row.object === route.guard && row.act === act), `${method} ${route.pattern}: ${route.guard} ${act}`);
    }
  }
  // What is not the desk's guards nothing: it holds no records.
  for (const { pattern, guard } of routes.filter((route) => !guarded.includes(route))) assert.equal(guard, '', pattern);
});

for (const engine of engines()) {
  describe(`routes as roles on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let server, address, denied = 0;
    const visitors = new Map();
    before(async () => {
      address = engine.make();
      server = await serve(temporaryFolder(), '--db', address);
      const now = Date.now() * 1000;
      execute(address, `INSERT INTO program (program_id, name, kind, zone, state, phone, languages, closed_at, made_at, changed_at, version)
        VALUES ('${PROGRAM}', 'Lantern House', 'residential', 'America/New_York', 'MA', '', 'en', 0, ${now}, ${now}, 1);`);
      roles.forEach((role, index) => {
        const visitor = new Visitor(server.origin);
        visitor.cookies.set('fairlead', signIn(address, role, index));
        visitors.set(role, visitor);
      });
    });
    after(() => server?.stop());

    test('signed out, only what is for signing in opens', async () => {
      for (const route of guarded) {
        const visitor = new Visitor(server.origin);
        for (const method of route.methods) {
          const answer = await visitor.request(pathOf(route.pattern), { method, fields: method === 'POST' ? {} : undefined });
          const what = `${method} ${route.pattern}`;
          if (route.open) {
            // A page, or the way to one; a form without its token is refused.
            assert.ok(method === 'GET' ? [200, 303].includes(answer.status) : answer.status === 403, `${what}: ${answer.status}`);
            if (answer.status === 303) assert.match(answer.location, /^\/desk\/sign-in(\?|$)/, what);
          } else {
            assert.equal(answer.status, 303, what);
            assert.match(answer.location, /^\/(desk|me)\/sign-in(\?|$)/, what);
          }
        }
      }
    });

    for (const role of roles) {
      test(`as ${role}`, async () => {
        const visitor = visitors.get(role);
        const home = await visitor.request(ofPerson(role) ? '/me' : '/desk');
        const token = formsOf(home.html).map(({ fields }) => fields.form_token).find(Boolean) ??
          formsOf((await visitor.request('/desk/program')).html).map(({ fields }) => fields.form_token).find(Boolean);
        assert.ok(token, `no form token: ${home.status}`);
        for (const route of guarded) {
          if (route.open || route.step) continue;
          for (const method of route.methods) {
            const act = method === 'POST' ? route.post_act : route.get_act, what = `${role}: ${method} ${route.pattern} (${act} ${route.guard})`;
            const answer = await visitor.request(pathOf(route.pattern), { method, fields: method === 'POST' ? { form_token: token } : undefined });
            if (ofPerson(role) !== /^\/me(\/|$)/.test(route.pattern)) {
              assert.equal(answer.status, 303, what);
              assert.match(answer.location, ofPerson(role) ? /^\/me$/ : /^\/desk$/, what);
              continue;
            }
            // Family reaches their own session and what a consent shares with them; this one has no consent, so nothing is shared.
            const scope = role === 'family' && !['session', 'shared-record'].includes(route.guard) ? null : scopeOf(role, route.guard, act);
            assert.ok(answer.status < 500, `${what}: ${answer.status}`);
            if (!scope) {
              assert.equal(answer.status, 403, what);
              assert.doesNotMatch(answer.html, /prove_secret/, what);
              denied += 1;
            } else if (answer.status === 403) {
              // The role may, but not with this record: somebody whom no narrower scope than the program's reaches.
              assert.ok((route.pattern.includes('{') && scope !== 'program') || route.guard === 'shared-record', `${what}: 403 although its scope is ${scope}`);
              denied += 1;
            }
          }
        }
      });
    }

    test('every denial stands in the history', async () => {
      let count = 0;
      for (let tries = 0; tries < 40 && count < denied; tries += 1) {
        await new Promise((done) => setTimeout(done, 250));
        count = Number(rowsOf(address, `SELECT count(*) AS n FROM audit_entry WHERE outcome = 'denied' AND program_id = '${PROGRAM}'`)[0].n);
      }
      assert.equal(count, denied);
    });
  });
}
