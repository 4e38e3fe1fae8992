// Facts and lengths at the desk, on the real server and both engines: a day is the day of the person's site, a mark without its
// reason is asked for beside its row, and people count characters, not bytes. Expected values: midnights of January 2026 in
// New York (UTC-5) and Los Angeles (UTC-8), IANA tz database; src/base/limits.h for the numbers said.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { engines, rowsOf } from '../support/databases.mjs';
import { openDesk, writeRows } from '../support/desk.mjs';

for (const engine of engines()) {
  describe(`facts on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let desk, nurse, west, id;
    const begin = async (visitor, fields = {}) => {
      await visitor.get('/desk/people/new');
      return visitor.post('/desk/people/new', { given: 'Ada', family: 'Vale', sex: 'female', language: 'en', ...fields });
    };
    before(async () => {
      desk = await openDesk({ database: engine.make() });
      const program = desk.program('Harbor House'), site = randomUUID(), now = Date.now() * 1000; // America/New_York
      writeRows(desk.address, `INSERT INTO site (program_id, id, name, street, city, state, zip, zone, phone, facility_id, closed_at, made_at, changed_at, version) VALUES ('${program}', '${site}', 'West', '', '', '', '', 'America/Los_Angeles', '', '', 0, ${now}, ${now}, 1)`);
      nurse = await desk.account('nurse', { program });
      await desk.admin.get('/desk/program');
      await desk.admin.post('/desk/program', { program });
      west = await desk.account('nurse', { site });
      id = (await begin(nurse)).path.split('/').at(-1);
    });
    after(() => desk?.stop());

    test('a day begins where the record was begun', async () => {
      const at = `/desk/people/${id}/facts`;
      await nurse.get(at);
      const page = await nurse.post(at, { act: '', kind: 'alert', words: 'one', since: '2026-01-15' });
      assert.equal(page.status, 200, page.text);
      const other = (await begin(west, { given: 'Bo' })).path.split('/').at(-1);
      await west.get(`/desk/people/${other}/facts`);
      await west.post(`/desk/people/${other}/facts`, { act: '', kind: 'alert', words: 'two', since: '2026-01-15' });
      const since = Object.fromEntries(rowsOf(desk.address, 'SELECT person_id, since_at FROM fact').map((row) => [row.person_id, Number(row.since_at) / 1000]));
      assert.equal(new Date(since[id]).toISOString(), '2026-01-15T05:00:00.000Z');
      assert.equal(new Date(since[other]).toISOString(), '2026-01-15T08:00:00.000Z');
    });

    test('a mark without its reason, and a stale one, are said beside the row', async () => {
      const at = `/desk/people/${id}/facts`;
      let page = await nurse.get(at);
      const mark = page.forms.find((form) => form.fields.act === 'wrong').fields;
      page = await nurse.post(at, { ...mark, reason: '' });
      assert.equal(page.status, 400);
      assert.match(page.html, /<details open><summary>[^]*?role="alert"[^>]*>Choose why it was a mistake/);
      assert.match(page.html, /mark-alert[^]*one/, 'it still stands');
      page = await nurse.post(at, { ...mark, reason: 'typing', fact_version: '77' });
      assert.equal(page.status, 409);
      assert.match(page.html, /<details open>[^]*option value="typing" selected/);
      page = await nurse.get(at);
      page = await nurse.post(at, { ...mark, reason: 'typing' });
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /Entered by mistake/);
    });

    test('people count characters: é and 名 are one each, an accent on its own none', async () => {
      for (const [letter, most] of [['é', 120], ['名', 120], ['e\u0301', 120]]) {
        const page = await begin(nurse, { given: letter.repeat(most) });
        assert.match(page.path, /^\/desk\/people\/[0-9a-f-]{36}$/, `${most} × ${letter}: ${page.status}`);
        assert.ok(page.html.includes(letter.repeat(most)), 'kept whole');
        const long = await begin(nurse, { given: letter.repeat(most + 1) });
        assert.equal(long.status, 400);
        assert.match(long.text, /Write at most 120 characters/);
        assert.ok(long.html.includes(letter.repeat(most + 1)), 'what was typed is kept');
      }
      const at = `/desk/people/${id}/facts`, words = 'ñ'.repeat(4000);
      await nurse.get(at);
      let page = await nurse.post(at, { act: '', kind: 'contact-limit', words });
      assert.equal(page.status, 200, page.text.slice(0, 200));
      assert.ok((await nurse.get(at)).html.includes(words));
      page = await nurse.post(at, { act: '', kind: 'contact-limit', words: `${words}ñ` });
      assert.equal(page.status, 400);
      assert.match(page.text, /Write at most 4000 characters/);
      // Marks without end on one letter are bounded, too.
      assert.equal((await begin(nurse, { given: `e${'\u0301'.repeat(500)}` })).status, 400);
    });
  });
}
