// Who arrived today, on the desk's first page, on the real server and both engines: stays that began since the local midnight
// of the program's zone, for each reader those that they reach. Expected values: local midnight by ICU (Intl);
// knowledge/roles.csv.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { engines, rowsOf } from '../support/databases.mjs';
import { eventually, openDesk, writeRows } from '../support/desk.mjs';

// The moment, in microseconds, at which the present day began in a zone.
function midnight(zone, now = Date.now()) {
  const parts = Object.fromEntries(new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', hour: '2-digit', minute: '2-digit', second: '2-digit' }).formatToParts(now).map(({ type, value }) => [type, Number(value)]));
  const clock = ((parts.hour * 60 + parts.minute) * 60 + parts.second) * 1000 + (now % 1000);
  return (now - clock) * 1000;
}

for (const engine of engines()) {
  describe(`the desk's first page on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let desk, manager, north, counselor, program;
    const sites = {}, people = {};
    const begin = async (given, site) => {
      await manager.get('/desk/people/new');
      const page = await manager.post('/desk/people/new', { given, family: 'Vale', sex: 'female', language: 'en' });
      people[given] = page.path.split('/').at(-1);
      await manager.get(`${page.path}/episodes`);
      const stay = await manager.post(`${page.path}/episodes`, { status: 'active', site: sites[site], level: '3.5' });
      assert.equal(stay.status, 200, stay.text);
    };
    const arrived = (page) => [...page.html.matchAll(/<a href="\/desk\/people\/[0-9a-f-]{36}">(\w+) Vale<\/a>/g)].map((match) => match[1]).sort();
    before(async () => {
      desk = await openDesk({ database: engine.make() });
      program = desk.program('Harbor House'); // America/New_York
      const now = Date.now() * 1000;
      for (const name of ['North', 'South']) {
        sites[name] = randomUUID();
        writeRows(desk.address, `INSERT INTO site (program_id, id, name, street, city, state, zip, zone, phone, facility_id, closed_at, made_at, changed_at, version) VALUES ('${program}', '${sites[name]}', '${name}', '', '', '', '', '', '', '', 0, ${now}, ${now}, 1)`);
      }
      manager = await desk.account('case-manager', { program });
      counselor = await desk.account('counselor', { program });
      await desk.admin.get('/desk/program');
      await desk.admin.post('/desk/program', { program });
      north = await desk.account('nurse', { site: sites.North });
    });
    after(() => desk?.stop());

    test('nobody yet', async () => {
      assert.match((await manager.get('/desk')).text, /Arrived today\s+Nobody has arrived today/);
      assert.doesNotMatch((await desk.admin.get('/desk')).text, /Arrived today/);
    });

    test('those who came since local midnight, the others not', async () => {
      for (const [given, site] of [['Ada', 'North'], ['Bo', 'South'], ['Cy', 'North'], ['Di', 'South']]) await begin(given, site);
      assert.deepEqual(arrived(await manager.get('/desk')), ['Ada', 'Bo', 'Cy', 'Di']);
      const begun = midnight('America/New_York');
      writeRows(desk.address, `UPDATE episode SET begun_at = ${begun} WHERE person_id = '${people.Cy}'`);
      writeRows(desk.address, `UPDATE episode SET begun_at = ${begun - 1} WHERE person_id = '${people.Di}'`);
      const page = await manager.get('/desk');
      assert.deepEqual(arrived(page), ['Ada', 'Bo', 'Cy']);
      assert.match(page.text, /Bo Vale[^]*?South, /);
    });

    test('each sees whom they reach, and it is written down whom', async () => {
      assert.deepEqual(arrived(await north.get('/desk')), ['Ada', 'Cy']);
      assert.deepEqual(arrived(await counselor.get('/desk')), []);
      const look = () => rowsOf(desk.address, `SELECT detail FROM audit_entry WHERE account_id = '${north.id}' AND object = 'person' AND act = 'search'`).flatMap(({ detail }) => JSON.parse(detail || '{}').person_ids ?? []);
      const seen = new Set(await eventually(look, (ids) => ids.length > 0));
      assert.deepEqual([...seen].sort(), [people.Ada, people.Cy].sort());
    });
  });
}
