// A program with a site, a unit and beds, and people who come in, for tests of intakes: rows of places are written past the
// program, all else goes through its pages.
import { randomUUID } from 'node:crypto';
import { writeRows } from './desk.mjs';

export const micros = () => Date.now() * 1000;

// {site, unit, beds}: `count` beds of one unit, level 3.5, for everybody. `program` is a program's id.
export function makeHouse(address, program, { count = 3, level = '3.5', name = 'West House' } = {}) {
  const site = randomUUID(), unit = randomUUID(), now = micros(), beds = [];
  let sql = `INSERT INTO site (program_id, id, name, street, city, state, zip, zone, phone, facility_id, closed_at, made_at, changed_at, version)
      VALUES ('${program}', '${site}', '${name}', '', '', '', '', 'America/New_York', '', '', 0, ${now}, ${now}, 1);
    INSERT INTO unit (program_id, id, site_id, name, kind, level_of_care, licensed, staffed, closed_at, made_at, changed_at, version)
      VALUES ('${program}', '${unit}', '${site}', 'North', 'residential', '${level}', ${count}, ${count}, 0, ${now}, ${now}, 1);`;
  for (let i = 0; i < count; i += 1) {
    beds.push(randomUUID());
    sql += `INSERT INTO bed (program_id, id, unit_id, room_id, name, level_of_care, policy, licensed, staffed, accessible, accepts_child, isolation, funding,
        medicines, closed_at, made_at, changed_at, version)
      VALUES ('${program}', '${beds[i]}', '${unit}', '', 'Bed ${i + 1}', '${level}', 'everyone', 1, 1, 1, 1, 1, '', '', 0, ${now}, ${now}, 1);`;
  }
  writeRows(address, sql);
  return { site, unit, beds };
}

// A request of somebody with a record: {id}. `state` waiting or offered has its entry on the list.
export function makeRequest(address, program, person, { site, state = 'offered', level = '3.5', place = '', received = micros() } = {}) {
  const id = randomUUID(), none = address.includes('://') ? "''" : "x''", now = micros();
  let sql = `INSERT INTO request (program_id, id, subject_id, person_id, site_id, source, urgency, state, level_of_care, pregnant, injecting, language, consents,
      assigned, identity, words, reason, outcome, received_at, answer_by, answered_at, escalations, ended_at, made_at, changed_at, version)
    VALUES ('${program}', '${id}', '${person ? '' : randomUUID()}', '${person}', '${site}', 'desk', 'routine', '${state}', '${level}', 0, 0, 'en', '', 'somebody', ${none}, ${none},
      '', '', ${received}, ${now + 3600e6}, ${state === 'received' ? 0 : now}, 0, 0, ${now}, ${now}, 1);`;
  if (state === 'waiting' || state === 'offered')
    sql += `INSERT INTO waitlist_entry (program_id, request_id, site_id, level_of_care, since_at, entered_at, identifier, interim_at, interim_late_at, admit_late_at,
        contact_at, attempts, place_kind, place_id, offered_at, left_at, version)
      VALUES ('${program}', '${id}', '${site}', '${level}', ${received}, ${now}, '', 0, 0, 0, ${now}, 0, '${place ? 'bed' : ''}', '${place}', ${place ? now : 0}, 0, 1);`;
  writeRows(address, sql);
  return id;
}

// A hold of a bed for a stay or a request, for the next hours; answers its id.
export function makeHold(address, program, bed, { stay = '', request = '', person = '', hours = 3 } = {}) {
  const id = randomUUID(), none = address.includes('://') ? "''" : "x''", from = micros() - 60e6, until = from + hours * 3600e6;
  writeRows(address, `INSERT INTO bed_use (program_id, id, bed_id, kind, start_at, end_at, until_at, expires_at, expected_at, hold_kind, extended_at, extend_reason,
      episode_id, request_id, person_id, placed_as, after_id, reason, words, end_reason, release_reason, account_id, made_at, ended_account_id, changed_at,
      corrects_id, error_at, error_account_id, error_reason, version)
    VALUES ('${program}', '${id}', '${bed}', 'hold', ${from}, 0, ${until}, ${until}, 0, 'hospital', 0, '', '${stay}', '${request}', '${person}', '', '', '', ${none}, '',
      '', '', ${from}, '', ${from}, '', 0, '', '', 1);`);
  return id;
}

// Somebody with a planned stay, made by pages: {id, at, stay}.
export async function comeIn(visitor, { given, family = 'Vale', site, level = '3.5', status = 'planned', sex = 'female', language = 'en' }) {
  await visitor.get('/desk/people/new');
  const page = await visitor.post('/desk/people/new', { given, family, sex, language, birth_date: '1980-02-29' });
  const id = page.path.match(/^\/desk\/people\/([0-9a-f-]{36})$/)?.[1];
  if (!id) throw new Error(`no record: ${page.status} ${page.text}`);
  const at = `/desk/people/${id}`;
  await visitor.get(`${at}/episodes`);
  const stays = await visitor.post(`${at}/episodes`, { stay_id: '', status, site, level, referral: '' });
  const stay = stays.forms.map((form) => form.fields.stay_id).find(Boolean);
  if (!stay) throw new Error(`no stay: ${stays.status} ${stays.text}`);
  return { id, at, stay };
}

// Begin the intake of the only stay there is; answers its id.
export async function beginIntake(visitor, at, fields = {}) {
  await visitor.get(`${at}/intake`);
  const page = await visitor.post(`${at}/intake`, { act: 'begin', ...fields });
  const id = page.path.match(/intake=([0-9a-f-]{36})/)?.[1];
  if (!id) throw new Error(`no intake: ${page.status} ${page.text}`);
  return id;
}

// Say something of an item on its own page.
export async function sayItem(visitor, at, intake, item, fields) {
  await visitor.get(`${at}/intake/item?intake=${intake}&item=${item}`);
  return visitor.post(`${at}/intake/item`, { intake, item, answer: 'done', words: '', date: '', clock: '', ...fields });
}
