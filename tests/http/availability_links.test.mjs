// /desk/settings/availability: links for one tap by pages alone, on both engines: made for a site of one's own or, at the
// installation, for any place; told once; renewed; taken back; never another program's. Expected: the words of the page's own
// contract (docs/beds.md), roles.csv, and what a tap does to the finder.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { engines, rowsOf } from '../support/databases.mjs';
import { openDesk, writeRows } from '../support/desk.mjs';
import { run } from '../support/server.mjs';

const path = '/desk/settings/availability';

for (const engine of engines()) {
  describe(`links for one tap on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let desk, program, west, facility, other, stranger, nurse;
    const rows = (sql) => rowsOf(desk.address, sql);
    const json = async (at) => (await fetch(desk.origin + at)).json();
    const until = async (look, isSo) => {
      for (const begun = Date.now(); ;) {
        const found = await look();
        if (isSo(found)) return found;
        assert.ok(Date.now() - begun < 20000, JSON.stringify(found));
        await new Promise((done) => setTimeout(done, 20));
      }
    };
    const said = async (level = '3.5') => (await json(`/api/facilities/${facility.id}`)).availability?.find((one) => one.level_of_care === level);
    const look = async (link) => (await fetch(link)).status;
    const tap = async (link, answer) => (await fetch(link, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ answer }) })).status;
    const linkOf = (page) => page.html.match(/<p class="secret" id="link">([^<]+)<\/p>/)?.[1];
    const make = async (who, fields) => {
      await who.get(path);
      return who.post(path, { act: 'make', level_of_care: '3.5', for_whom: 'Night desk', days: '30', ...fields });
    };
    const press = async (who, act, id) => {
      const page = await who.get(`${path}?all=1`), form = page.forms.find((one) => one.fields.act === act && one.fields.link === id);
      assert.ok(form, `${act} is offered: ${page.text}`);
      return who.post(path, form.fields);
    };
    before(async () => {
      desk = await openDesk({ database: engine.make() });
      const command = (...words) => run(...words, '--data', desk.data, '--db', desk.address);
      command('import', '--demo', '40');
      const add = (name) => JSON.parse(command('care', 'program', 'add', '--name', name, '--kind', 'residential', '--zone', 'America/Denver', '--state', 'CO', '--json')).id;
      program = add('Harbor House');
      stranger = await desk.account('administrator', { program: add('Lake House') });
      nurse = await desk.account('nurse', { program });
      command('care', 'site', 'add', '--program', program, '--name', 'West');
      west = rows('SELECT id FROM site')[0].id;
      [facility, other] = (await until(() => json('/api/facilities?limit=2&sort=name'), (found) => found.results?.length === 2)).results;
    });
    after(() => desk?.stop());

    test('a program makes links for its own joined sites alone', async () => {
      const { admin } = desk;
      await admin.get('/desk/program');
      await admin.post('/desk/program', { program });
      assert.match((await admin.get('/desk/settings')).html, /href="\/desk\/settings\/availability"/);
      assert.match((await admin.get(path)).text, /Join a site with its page in the finder first/);
      await admin.get(`/desk/settings/sites?site_id=${west}`);
      await admin.post('/desk/settings/sites', { act: 'site', site_id: west, unit_id: '', listing: `${desk.origin}/facilities/${facility.id}` });
      for (const [fields, name] of [[{ facility: other.id }, 'facility'], [{ facility: facility.id, level_of_care: '9' }, 'level_of_care'],
        [{ facility: facility.id, for_whom: '' }, 'for_whom'], [{ facility: facility.id, days: '0' }, 'days'], [{ facility: facility.id, days: '3651' }, 'days']]) {
        const page = await make(admin, fields);
        assert.equal(page.status, 400, JSON.stringify(fields));
        assert.match(page.html, new RegExp(`href="#form-${name}"`), JSON.stringify(fields));
      }
      assert.equal(rows('SELECT id FROM availability_link').length, 0);
    });

    test('a link is told once, answers with one tap, and the list says when', async () => {
      const { admin } = desk;
      const page = await make(admin, { facility: facility.id });
      assert.equal(page.status, 200, page.text);
      const link = linkOf(page);
      assert.match(link, /^http:\/\/[^/]+\/availability\/[\w-]+$/);
      assert.match(page.text, /West[^]*Live-in care with full treatment[^]*Night desk[^]*Never[^]*Nothing/);
      assert.equal(linkOf(await admin.get(path)), undefined, 'told once');
      const token = link.split('/').pop();
      assert.ok(!JSON.stringify(rows('SELECT * FROM availability_link')).includes(token), 'kept nowhere');
      assert.equal(await look(link), 200);
      assert.equal(rows('SELECT tapped_at FROM availability_link')[0].tapped_at == 0, true, 'looking is no tap');
      assert.equal(await tap(link, 'yes'), 303);
      await until(said, (one) => one?.answer === 'yes' && one.source === 'tap');
      assert.match((await admin.get(path)).text, /Has an opening now\s+Just now\. Confirmed by the program\./);
      assert.doesNotMatch(admin.page.text, /Never/);

      // pressed twice at once: one link, and the same one
      await admin.get(path);
      const own = admin.page.forms.find((one) => one.fields.act === 'make').fields;
      const twice = await Promise.all([1, 2].map(() => admin.request(path, { method: 'POST', fields: { ...own, facility: facility.id, level_of_care: '3.7', for_whom: 'Twice', days: '3' } })));
      for (const answer of twice) assert.equal(answer.status, 303, answer.text);
      assert.equal(rows("SELECT id FROM availability_link WHERE for_whom = 'Twice'").length, 1);
    });

    test('renewing takes the old one back; taking back ends one link alone', async () => {
      const { admin } = desk;
      const first = linkOf(await make(admin, { facility: facility.id, for_whom: 'Front desk' }));
      const beside = linkOf(await make(admin, { facility: facility.id, for_whom: 'Beside' }));
      const id = (name) => rows(`SELECT id FROM availability_link WHERE for_whom = '${name}' AND ended_at = 0`)[0].id;
      const old = id('Front desk');
      const renewed = await press(admin, 'renew', old);
      assert.equal(renewed.status, 200, renewed.text);
      const second = linkOf(renewed);
      assert.ok(second && second !== first);
      assert.deepEqual(await Promise.all([look(first), look(second), look(beside)]), [404, 200, 200]);
      assert.equal(await tap(first, 'no'), 404);
      const ended = await press(admin, 'end', id('Front desk'));
      assert.match(ended.text, /The link was taken back/);
      assert.deepEqual(await Promise.all([look(second), look(beside)]), [404, 200]);
      assert.equal((await said()).answer, 'yes', 'a link that is over changes nothing');
      assert.doesNotMatch((await admin.get(path)).text, /Front desk/);
      assert.match((await admin.get(`${path}?all=1`)).text, /Front desk[^]*Taken back/);
      // a link that was taken back is not renewed; nor one that nobody made
      const fields = { ...admin.page.forms.find((one) => one.fields.act === 'renew').fields, link: old };
      assert.equal((await admin.post(path, { ...fields, form_key: 'R'.repeat(22) })).status, 409);
      await admin.get(path);
      const token = admin.page.forms.find((one) => one.fields.act === 'make').fields.form_token;
      assert.equal((await admin.request(path, { method: 'POST', fields: { form_token: token, form_key: 'X'.repeat(22), act: 'end', link: 'nobody' } })).status, 404);
    });

    test('of another program nothing is seen or taken back; the installation sees all, for any place', async () => {
      const { admin } = desk;
      const command = (...words) => run(...words, '--data', desk.data, '--db', desk.address);
      const theirs = rows("SELECT id FROM availability_link WHERE for_whom = 'Beside'")[0].id;
      assert.doesNotMatch((await stranger.get(`${path}?all=1`)).text, /Beside|Night desk/);
      const token = stranger.page.forms.map((one) => one.fields.form_token).find(Boolean);
      for (const act of ['end', 'renew'])
        assert.equal((await stranger.request(path, { method: 'POST', fields: { form_token: token, form_key: act[0].repeat(22), act, link: theirs } })).status, 404);
      assert.equal(Number(rows(`SELECT ended_at FROM availability_link WHERE id = '${theirs}'`)[0].ended_at), 0);
      assert.equal((await nurse.request(path)).status, 403);

      command('availability', 'link', '--facility', other.id, '--level', '1.7', '--for', 'Typed at the server');
      await admin.get('/desk/program');
      await admin.post('/desk/program', { program: '' });
      assert.match((await admin.get(path)).text, /Typed at the server[^]*Beside/);
      let page = await make(admin, { facility: 'somewhere' });
      assert.equal(page.status, 400);
      assert.match(page.text, /This place is not in the finder/);
      page = await make(admin, { facility: `${desk.origin}/es/facilities/${other.id.toUpperCase()}?from=find`, level_of_care: '2.1', for_whom: '<b>Them</b>' });
      assert.equal(page.status, 200, page.text);
      assert.match(page.html, /&lt;b&gt;Them/);
      assert.ok(page.text.includes(other.name));
      const link = linkOf(page);
      assert.equal(await tap(link, 'likely'), 303);

      // revoking a facility's links takes them back here too; a link past its time says so
      command('availability', 'revoke', '--facility', other.id);
      assert.equal(await look(link), 404);
      assert.doesNotMatch((await admin.get(path)).text, /Typed at the server/);
      writeRows(desk.address, `UPDATE availability_link SET until_at = made_at WHERE for_whom = 'Beside'`);
      assert.match((await admin.get(`${path}?all=1`)).text, /Beside[^]*no longer works/);
      assert.match((await admin.get(`/es${path}`)).text, /Enlaces de un toque/);
      assert.ok(!desk.log().includes(link.split('/').pop()));
    });

    test('more than a page of links pages on', async () => {
      const { admin } = desk;
      const values = Array.from({ length: 130 }, (_, i) => `('0199f000-0000-7000-8000-${String(i).padStart(12, '0')}', '', '${other.id}', '3.1', 'Of many ${i}', '', 1, ${Number.MAX_SAFE_INTEGER}, 0, 0)`);
      writeRows(desk.address, `INSERT INTO availability_link (id, program_id, facility_id, level_of_care, for_whom, account_id, made_at, until_at, ended_at, tapped_at) VALUES ${values.join(', ')}`);
      const seen = new Set();
      let at = path, pages = 0;
      for (; at; pages++) {
        const page = await admin.get(at);
        for (const [, number] of page.text.matchAll(/Of many (\d+)/g)) seen.add(Number(number));
        at = page.html.match(/href="(\/desk\/settings\/availability\?before=[^"]+)"/)?.[1].replaceAll('&amp;', '&');
      }
      assert.equal(seen.size, 130);
      assert.equal(pages, 2);
    });
  });
}
