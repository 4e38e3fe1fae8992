// A board of more beds than one page shows (limits.h, LIMIT_BOARD_ROWS 300), on the real server and both engines: pages that together
// show each bed once, in the order in which people read names: "2" before "10", on both engines alike.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { engines } from '../support/databases.mjs';
import { writeRows } from '../support/desk.mjs';
import { openBeds } from '../support/beds.mjs';

const ROWS = 300;

for (const engine of engines()) {
  describe(`pages of beds on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let world, nurse, stay;
    const rows = (page) => [...page.html.matchAll(/<th scope="row" class="bed"><a href="[^"]*">([^<]*)<\/a>/g)].map(([, name]) => name);
    const units = (page) => [...page.html.matchAll(/<h3 id="unit-[^"]*">(?:Main House, )?(\S+(?: \d+)?)/g)].map(([, name]) => name);
    const more = (page) => page.html.match(/href="(\/desk\/beds[^"]*)" rel="next">More beds/)?.[1].replaceAll('&amp;', '&');
    before(async () => {
      world = await openBeds(engine.make());
      ({ nurse } = world);
      stay = await world.stay(await world.person('Ada'));
      const now = Date.now() * 1000, sql = [];
      for (const [name, count] of [['Wing 10', 2], ['Wing 9', 312]]) {
        const unit = randomUUID();
        sql.push(`INSERT INTO unit (program_id, id, site_id, name, kind, level_of_care, licensed, staffed, closed_at, made_at, changed_at, version)
          VALUES ('${world.program}', '${unit}', '${world.site}', '${name}', 'residential', '3.5', ${count}, ${count}, 0, ${now}, ${now}, 1)`);
        const bed = (_, i) => `('${world.program}', '${randomUUID()}', '${unit}', '', '${i + 1}', '3.5', 'any', 1, 1, 0, 0, 0, '', '', 0, ${now}, ${now}, 1)`;
        sql.push(`INSERT INTO bed (program_id, id, unit_id, room_id, name, level_of_care, policy, licensed, staffed, accessible, accepts_child, isolation, funding,
          medicines, closed_at, made_at, changed_at, version) VALUES ${Array.from({ length: count }, bed).join(', ')}`);
      }
      writeRows(world.address, sql.join(';\n'));
    });
    after(() => world?.desk.stop());

    test('each bed stands on one page, names in the order in which people read them', async () => {
      const first = await nurse.get('/desk/beds');
      assert.equal(rows(first).length, ROWS);
      assert.deepEqual(units(first), ['East', 'West', 'Wing 9']);
      assert.match(first.text, /Beds 1 to 300 of 319/);
      assert.doesNotMatch(first.text, /Beds before these/);
      const second = await nurse.get(more(first));
      assert.deepEqual(units(second), ['Wing 9', 'Wing 10']);
      assert.match(second.text, /Beds 301 to 319 of 319/);
      assert.equal(more(second), undefined);
      const numbered = (from, until) => Array.from({ length: until - from + 1 }, (_, i) => String(from + i));
      assert.deepEqual([...rows(first), ...rows(second)].map((name) => name.replace(/^[AB] · /, '')), ['1', '2', '3', '4', 'W', ...numbered(1, 312), '1', '2']);
    });

    test('a page past the end is the last one, and what is none is the first', async () => {
      for (const [asked, said] of [['9999999999999999999', 1], ['77', 301], ['-2', 1], ['x', 1]])
        assert.match((await nurse.get(`/desk/beds?page=${asked}`)).text, new RegExp(`Beds ${said} to`), asked);
    });

    test('a filter that leaves fewer has one page; the board that is shown anew has the same beds', async () => {
      const west = await nurse.get('/desk/beds?level=3.7&page=2');
      assert.deepEqual(rows(west), ['W']);
      assert.doesNotMatch(west.text, /More beds/);
      const live = await nurse.request('/desk/beds/live?page=2');
      assert.deepEqual(rows(live), rows(await nurse.get('/desk/beds?page=2')));
      assert.match((await nurse.get('/desk/beds?page=2')).html, /data-board-live="\/desk\/beds\/live\?page=2"/);
    });

    test('beds for somebody page on, too, with what they need', async () => {
      const ranked = (page) => [...page.html.matchAll(/<tr><th scope="row"><a href="\/desk\/beds\/([0-9a-f-]{36})/g)].map(([, id]) => id);
      const first = await nurse.get(`/desk/beds?stay=${stay}&asked=1&access=1`), second = await nurse.get(more(first));
      assert.equal(ranked(first).length, ROWS);
      assert.match(second.html, /name="access" value="1" checked/);
      assert.equal(new Set([...ranked(first), ...ranked(second)]).size, 319);
    });

    test('the settings list them in the same order, in Spanish too', async () => {
      const settings = await world.admin.get('/desk/settings/beds');
      assert.ok(settings.text.indexOf('Wing 9') < settings.text.indexOf('Wing 10'));
      assert.match((await nurse.get('/es/desk/beds')).text, /Camas 1 a 300 de 319[^]*Más camas/);
    });
  });
}
