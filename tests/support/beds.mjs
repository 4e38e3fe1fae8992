// A program with a site, two units and beds, for tests of beds: made on the real pages, by the roles that may.
//
//   const world = await openBeds(engine.make());   // {desk, admin, nurse, manager, program, site, units, beds, person(), stay()}
import assert from 'node:assert/strict';
import { rowsOf } from './databases.mjs';
import { openDesk } from './desk.mjs';

const UUID = '[0-9a-f-]{36}';

// Rooms A and B of the East unit with beds 1 to 4, and a bed for women alone in the West unit. `others`: {name: role} of further accounts.
export async function openBeds(address, { licensed = '4', staffed = '4', others = {} } = {}) {
  const desk = await openDesk({ database: address });
  return fill(desk, address, licensed, staffed, others).catch(async (error) => { await desk.stop(); throw error; });
}

async function fill(desk, address, licensed, staffed, others) {
  const { admin } = desk;
  const program = desk.program('Harbor House');
  const manager = await desk.account('case-manager', { program });
  const nurse = await desk.account('nurse', { program });
  const front = await desk.account('front-desk', { program });
  const more = {};
  for (const [name, role] of Object.entries(others)) more[name] = await desk.account(role, { program });
  await admin.get('/desk/program');
  await admin.post('/desk/program', { program });
  const form = async (path, fields) => {
    await admin.get(path);
    const page = await admin.post(path, fields);
    assert.equal(page.status, 200, `${path}: ${page.text}`);
    return page;
  };
  await form('/desk/settings/sites', { act: 'site', site_id: '', name: 'Main House', street: '', city: '', state: '', zip: '', zone: '', phone: '' });
  const site = rowsOf(address, 'SELECT id FROM site')[0].id;
  const unit = async (name, level, places) => {
    await form('/desk/settings/sites', { act: 'unit', unit_id: '', site_id: '', site, unit_name: name, kind: 'residential', level_of_care: level, ...places });
    return rowsOf(address, `SELECT id FROM unit WHERE name = '${name}'`)[0].id;
  };
  const units = { East: await unit('East', '3.5', { licensed, staffed }), West: await unit('West', '3.7', { licensed: '1', staffed: '1' }) };
  const rooms = {};
  for (const name of ['A', 'B']) {
    await form('/desk/settings/beds', { act: 'room', room_id: '', unit: units.East, room_name: name });
    rooms[name] = rowsOf(address, `SELECT id FROM room WHERE name = '${name}'`)[0].id;
  }
  const bed = (where, name, more = {}) => form('/desk/settings/beds', { act: 'bed', bed_id: '', where, name, level_of_care: '3.5', policy: 'any', has: ['licensed', 'staffed'], ...more });
  await bed(`${units.East}/${rooms.A}`, '1, 2');
  await bed(`${units.East}/${rooms.B}`, '3, 4');
  await bed(`${units.West}/`, 'W', { level_of_care: '3.7', policy: 'women', has: ['licensed', 'staffed', 'accessible'], medicines: ['methadone'] });
  const beds = Object.fromEntries(rowsOf(address, 'SELECT id, name FROM bed').map(({ id, name }) => [name, id]));
  // Somebody with a record; a stay of theirs: planned, or one that goes on.
  const person = async (given, sex = 'female') => {
    await manager.get('/desk/people/new');
    const page = await manager.post('/desk/people/new', { given, family: 'Vale', sex, language: 'en' });
    return page.path.split('/').at(-1);
  };
  const stay = async (person_id, level_of_care = '3.5', status = 'planned') => {
    const at = `/desk/people/${person_id}/episodes`;
    await manager.get(at);
    const done = await manager.post(at, { stay_id: '', status, site, level: level_of_care, referral: 'self' });
    assert.ok(done.status < 400, done.text);
    const rows = rowsOf(address, `SELECT id FROM episode WHERE person_id = '${person_id}' ORDER BY id DESC`);
    assert.ok(rows.length, done.text);
    return rows[0].id;
  };
  return { desk, address, admin, manager, nurse, front, ...more, program, site, units, rooms, beds, person, stay };
}

// The form of one act on a bed's page.
export const actOf = (page, act) => page.forms.find((form) => form.fields.act === act)?.fields;
export { UUID };
