// `fairlead find` as a person and a script meet it: places, words, needs, what is loosened, what is printed, how it ends.
// Four invented listings stand in a file of our own; what must be found in them is plain from the list below.
import { test, before } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { groups, meets, miles, needs, readListings, readZips } from '../support/independent.mjs';
import { isOnPostgresql, shareDatabase, withDatabase } from '../support/databases.mjs';
import { fairlead, run, shared, temporaryFolder } from '../support/server.mjs';

const LISTINGS = [
  ['Hope House', '12 Grace Street', 'Richmond', 'VA', '23220', '804-555-0101', 37.5498, -77.4588, 'SA OP BUM MD'],
  ['Lakeside Center', '9 Oak Road', 'Henrico', 'VA', '23228', '', 37.6246, -77.4932, 'SA DT RES MM'],
  ['Gateway', '1 Arch Street', 'Saint Louis', 'MO', '63101', '', 38.6346, -90.1913, 'SA DT OP BUM FCO'],
  ['Hope of Arkansas', '2 Far Road', 'Hope', 'AR', '71801', '', 33.6670, -93.5910, 'SA OP SP'],
];

function importListings(rows) {
  const data = temporaryFolder();
  const file = join(data, 'listings-2026.csv');
  const header = 'name1,street1,city,state,zip,phone,intake1,latitude,longitude,service_code_info';
  const lines = rows.map(([name, street, city, state, zip, intake, latitude, longitude, codes]) =>
    [name, street, city, state, zip, '804-555-0100', intake, latitude, longitude, codes].join(','));
  writeFileSync(file, [header, ...lines, ''].join('\n'));
  run('import', '--data', data, file);
  return data;
}

let data;
before(() => { data = importListings(LISTINGS); });

// Run find to its end, whatever that is.
function end(folder, ...words) {
  const { status, stdout, stderr } = spawnSync(fairlead, withDatabase(['find', '--data', folder, ...words]), { encoding: 'utf8' });
  return { status, stdout, stderr };
}
function print(...words) {
  const { status, stdout, stderr } = end(data, ...words);
  assert.equal(status, 0, stderr);
  assert.equal(stderr, '');
  return stdout;
}
const json = (...words) => JSON.parse(print('--json', ...words));
const names = (answer) => answer.results.map((result) => result.name);

// --- The document ---------------------------------------------------------------------------------------------

test('the document has the members of the API, in their order', () => {
  const answer = json('--near', '23220', '--need', 'detox');
  assert.deepEqual(Object.keys(answer), ['total', 'place', 'places', 'relaxed', 'facets', 'results', 'next']);
  for (const member of ['id', 'name', 'street', 'city', 'state', 'zip', 'phone', 'intake_phone', 'latitude', 'longitude',
    'distance_miles', 'needs', 'why']) assert.ok(member in answer.results[0], member);
  assert.deepEqual(answer.results[0].needs, ['detox']);
  assert.match(answer.results[0].id, /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(answer.facets.detox, 2);
  assert.equal(answer.facets.methadone, 1);
  assert.deepEqual(json('detox', '--no-facets').facets, {});
});

test('distances are haversine miles with the radius of the design', () => {
  const radians = Math.PI / 180, [a, b] = [LISTINGS[0], LISTINGS[1]];
  const h = Math.sin((b[6] - a[6]) * radians / 2) ** 2 +
    Math.cos(a[6] * radians) * Math.cos(b[6] * radians) * Math.sin((b[7] - a[7]) * radians / 2) ** 2;
  const expected = 2 * 3958.7613 * Math.asin(Math.sqrt(h));
  const answer = json('--near', `${a[6]},${a[7]}`);
  assert.deepEqual(names(answer), ['Hope House', 'Lakeside Center', 'Gateway', 'Hope of Arkansas']);
  assert.equal(answer.results[1].distance_miles, Math.round(expected * 100) / 100);
});

test('several words without quotes are one query', () => {
  assert.deepEqual(names(json('suboxone', 'near', 'richmond', 'va', '--within', '10')), ['Hope House']);
  assert.deepEqual(names(json('suboxone near richmond va', '--within', '10')), ['Hope House']);
  assert.deepEqual(names(json('--within=10', '--', 'suboxone', 'near', '23220')), ['Hope House']);
});

test('a state in the box filters, in --near it is a point', () => {
  assert.deepEqual(names(json('Virginia')).sort(), ['Hope House', 'Lakeside Center']);
  assert.equal(json('--near', 'Virginia').total, 4);
  assert.deepEqual(names(json('--state', 'mo')), ['Gateway']);
});

test('codes must all be present, needs of one group need not', () => {
  assert.deepEqual(names(json('--code', 'dt', '--code', 'FCO')), ['Gateway']);
  assert.equal(json('--need', 'methadone', '--need', 'buprenorphine').total, 3);
  assert.equal(json('--need', 'methadone', '--need', 'detox').total, 1);
});

test('pages follow one another by cursor and repeat nothing', () => {
  const seen = [];
  let cursor = '';
  do {
    const page = json('--near', '23220', '--limit', '1', ...(cursor ? ['--cursor', cursor] : []));
    assert.equal(page.total, 4);
    seen.push(...names(page));
    cursor = page.next;
  } while (cursor);
  assert.deepEqual(seen, ['Hope House', 'Lakeside Center', 'Gateway', 'Hope of Arkansas']);
});

test('the order is by name when asked', () => {
  assert.deepEqual(names(json('--sort', 'name')), ['Gateway', 'Hope House', 'Hope of Arkansas', 'Lakeside Center']);
});

// --- Never empty ----------------------------------------------------------------------------------------------

const LOOSENED = [
  ['the radius doubled', ['--near', '23220', '--within', '3', '--need', 'detox'],
    [{ what: 'within', was: '3 miles', now: '6 miles' }], ['Lakeside Center']],
  ['the state for the radius', ['--near', '23220', '--within', '2', '--need', 'detox'],
    [{ what: 'within', was: '2 miles', now: 'in Virginia' }], ['Lakeside Center']],
  ['the nation for the radius', ['--near', '23220', '--within', '5', '--need', 'family'],
    [{ what: 'within', was: '5 miles', now: 'nationwide' }], ['Gateway']],
  ['the state lifted', ['--state', 'VA', '--need', 'spanish'],
    [{ what: 'state', was: 'VA', now: 'nationwide' }], ['Hope of Arkansas']],
  ['the words', ['zzzzzz', '--state', 'MO'], [{ what: 'words', was: 'zzzzzz', now: '' }], ['Gateway']],
  ['the words, then the radius', ['zzzzzz', '--near', '37.6246,-77.4932', '--within', '3', '--need', 'buprenorphine'],
    [{ what: 'words', was: 'zzzzzz', now: '' }, { what: 'within', was: '3 miles', now: '6 miles' }], ['Hope House']],
  ['the need whose loss brings the nearest', ['--near', '23220', '--need', 'spanish', '--need', 'residential'],
    [{ what: 'need', was: 'spanish', now: '' }], ['Lakeside Center']],
  ['a code', ['--near', '23220', '--need', 'residential', '--code', 'SP'],
    [{ what: 'code', was: 'SP', now: '' }], ['Lakeside Center']],
];
for (const [what, words, relaxed, found] of LOOSENED)
  test(`nothing matches: loosened is ${what}`, () => {
    const answer = json(...words);
    assert.deepEqual(answer.relaxed, relaxed);
    assert.deepEqual(names(answer), found);
    assert.equal(answer.total, found.length);
  });

// --- Places that must be asked about --------------------------------------------------------------------------

test('an ambiguous place answers candidates, likeliest first', () => {
  const answer = json('Springfield', '--need', 'detox');
  assert.equal(answer.place, null);
  assert.equal(answer.total, 0);
  assert.deepEqual(answer.results, []);
  assert.equal(answer.facets.detox, 0);
  assert.deepEqual(answer.places.slice(0, 3).map((place) => place.near), ['Springfield, IL', 'Springfield, MA', 'Springfield, MO']);
  assert.equal(json('--near', answer.places[2].near).place.label, 'Springfield, MO');
});

test('the terminal shows what to type for each candidate', () => {
  const text = print('detox', 'in', 'Springfield', '--need', 'detox');
  assert.match(text, /fairlead find --data \S+ (?:--db '\S+' )?--need detox detox --near 'Springfield, IL'/);
});

test('a misspelled place suggests, an unknown one says so', () => {
  assert.deepEqual(json('--near', 'Richmnd, VA').places[0], { label: 'Richmond, VA', near: 'Richmond, VA' });
  assert.match(print('--near', 'Richmnd, VA'), /Did you mean/);
  assert.match(print('--near', 'xqxqxq'), /no place of that name/);
});

// --- The terminal's view --------------------------------------------------------------------------------------

test('a person reads name, address, miles, phones and reasons', () => {
  const text = print('--near', '23220', '--within', '1', '--need', 'buprenorphine');
  assert.equal(text, `Places found: 1, within 1 mile of 23220 (Richmond, VA).

 1. Hope House (0.0 miles)
    12 Grace Street, Richmond, VA 23220
    Call 804-555-0101 (for new patients)
    Call 804-555-0100
    Buprenorphine (Suboxone)

Call before you go: lists change. In an emergency call 911. In a crisis call or text 988.
Source: plain-csv, 2026-01-01
`);
});

test('what was loosened stands above the places, and so does what to type for more', () => {
  const text = print('--near', '23220', '--within', '2', '--need', 'substance-use', '--code', 'DT', '--limit', '1');
  assert.match(text, /searched wider:\n {2}Distance: 2 miles, now in Virginia\./);
  const more = print('--limit', '1');
  const typed = more.match(/fairlead find --data \S+ (?:--db '\S+' )?--limit 1 --cursor (\S+)/);
  assert.ok(typed);
  assert.notEqual(print('--limit', '1', '--cursor', typed[1]), more);
});

test('Spanish', () => {
  const text = print('--near', '23220', '--within', '1', '--need', 'detox', '--language', 'es');
  assert.match(text, /Lugares encontrados: 1/);
  assert.match(text, /Distancia: 1 milla, ahora en Virginia\./);
});

test('a listing cannot steer the terminal, and a pipe gets no color', () => {
  const folder = importListings([['Bell\u001b[2J House', '1 A Street', 'Richmond', 'VA', '23220', '', 37.5, -77.4, 'SA']]);
  const { status, stdout } = end(folder);
  assert.equal(status, 0);
  assert.match(stdout, /Bell/);
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f]/);
});

test('made-up facilities are marked', () => {
  const folder = temporaryFolder();
  run('import', '--data', folder, '--demo', '50');
  assert.match(end(folder, '--limit', '1').stdout, /^These places are made up/);
});

// --- How it ends ----------------------------------------------------------------------------------------------

const ENDS = [
  ['an unknown option', ['--nonsense'], 2, /no option --nonsense/],
  ['an unknown order', ['--sort', 'price'], 2, /best, distance or name/],
  ['a limit out of range', ['--limit', '101'], 2, /1 to 100/],
  ['a radius that is none', ['--within', 'far'], 2, /miles/],
  ['a language that is none', ['--language', 'xx'], 2, /en or es/],
  ['an unknown need', ['--need', 'buprenorfine'], 1, /need[^]*Nearest: buprenorphine/],
  ['an unknown code', ['--code', 'QQQ'], 1, /code/],
  ['an unknown state', ['--state', 'ZZ'], 1, /state/],
  ['a radius without a place', ['--within', '5'], 1, /needs a place/],
  ['a cursor of another search', ['--cursor', 'AAAA'], 1, /./],
  ['too much text', ['a'.repeat(300)], 1, /256/],
];
for (const [what, words, status, says] of ENDS)
  test(`${what} ends with ${status} and says how to mend it`, () => {
    const result = end(data, ...words);
    assert.equal(result.status, status);
    assert.match(result.stderr, says);
    assert.equal(result.stdout, '');
  });

test('--help names every option', () => {
  const text = print('--help');
  for (const option of ['near', 'within', 'state', 'need', 'code', 'sort', 'limit', 'cursor', 'no-facets', 'language', 'json', 'data'])
    assert.match(text, new RegExp(`--${option}\\b`));
});

test('without a directory it says how to get one, and makes no files', { skip: isOnPostgresql() && 'the server may have one' }, () => {
  const folder = join(temporaryFolder(), 'none');
  const result = end(folder, 'detox');
  assert.equal(result.status, 1);
  assert.match(result.stderr, /fairlead import/);
  assert.equal(existsSync(folder), false);
});

test('a damaged or missing snapshot is named and built again from the database', () => {
  const folder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  shareDatabase(folder, data);
  for (const name of readdirSync(data)) copyFileSync(join(data, name), join(folder, name));
  const snapshot = join(folder, readFileSync(join(folder, 'directory.current'), 'utf8').trim());
  const bytes = readFileSync(snapshot);
  bytes[bytes.length >> 1] ^= 0xff;
  writeFileSync(snapshot, bytes);
  const mended = end(folder, '--json');
  assert.equal(mended.status, 0, mended.stderr);
  assert.match(mended.stderr, /directory-[0-9a-f]+\.snapshot/);
  assert.equal(JSON.parse(mended.stdout).total, LISTINGS.length);
  rmSync(join(folder, 'directory.current'));
  const rebuilt = end(folder, '--json');
  assert.equal(rebuilt.status, 0, rebuilt.stderr);
  assert.equal(JSON.parse(rebuilt.stdout).total, LISTINGS.length);
  assert.equal(end(folder, '--json').stderr, '');
});

// --- The real directory ---------------------------------------------------------------------------------------

const real = join(shared, 'data/directory/facilities_su_2023_geocoded.csv');
const missing = existsSync(real) ? false : `no real data at ${real}`;

test('totals over the real directory equal an independent count', { skip: missing, timeout: 600000 }, () => {
  const folder = temporaryFolder();
  run('import', '--data', folder, real);
  const zips = readZips(process.cwd());
  const listings = readListings(real, zips);
  const richmond = zips.get('23220');
  const near = (within, asked) => listings.filter((row) => miles(richmond, row) <= within && meets(row, asked)).length;
  const total = (...words) => JSON.parse(end(folder, ...words, '--json').stdout).total;
  assert.equal(total(), listings.length);
  for (const need of Object.keys(needs))
    assert.equal(total('--near', '23220', '--need', need), listings.filter((row) => meets(row, [need])).length, need);
  for (const within of [5, 25, 100])
    assert.equal(total('--near', '23220', '--within', `${within}`, '--need', 'buprenorphine', '--need', 'medicaid'),
      near(within, ['buprenorphine', 'medicaid']));
  assert.ok(groups.length > 0);
});

test('the answer comes within 0.3 seconds of the start', { skip: missing || (/(asan|tsan|coverage)/.test(fairlead) && 'a sanitized build is slower') }, () => {
  const folder = temporaryFolder();
  run('import', '--data', folder, real);
  const times = Array.from({ length: 5 }, () => {
    const start = process.hrtime.bigint();
    assert.equal(end(folder, '23220', '--within', '25', '--need', 'buprenorphine', '--json').status, 0);
    return Number(process.hrtime.bigint() - start) / 1e6;
  });
  assert.ok(Math.min(...times) < 300, `${times.map(Math.round)} ms`);
});
