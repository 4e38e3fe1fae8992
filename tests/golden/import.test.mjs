// fairlead import on files made here: every form, what is mended, merged, refused, and what a release does to the one
// before. Expected values are written out by hand from docs/import.md.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { withDatabase } from '../support/databases.mjs';
import { fairlead, temporaryFolder } from '../support/server.mjs';
import { csv, file, imports, query } from '../support/directory.mjs';
import { readCsv } from '../support/independent.mjs';
import { workbook } from '../support/workbook.mjs';

const HEADER = ['Name1', 'Name2', 'Street1', 'Street2', 'City', 'State', 'Zip', 'Phone', 'Intake1', 'Intake2', 'Intake1a', 'Intake2a', 'Service_code_info'];
const REFERENCE_HEADER = ['category_code', 'category_name', 'service_code', 'service_name', 'service_description'];
const REFERENCE = [REFERENCE_HEADER, ['TC', 'Type of Care', 'SA', 'Substance use treatment', ''], ['TC', 'Type of Care', 'DT', 'Detoxification', ''],
  ['NEW', 'New things', 'ZZQ', 'A service of tomorrow', '']];
const directoryOf = (rows, reference = REFERENCE, options = {}) => workbook([{ name: 'Facilities List', rows: [HEADER, ...rows] },
  { name: 'Service Code Reference', rows: reference }], options);

const plain = (changes = {}) => ({ name1: 'Harbor House', name2: '', street1: '12 Elm Street', street2: '', city: 'Richmond', state: 'VA', zip: '23220',
  phone: '804-555-0142', intake1: '', intake2: '', latitude: '', longitude: '', service_code_info: 'SA DT * OP * BUM', ...changes });
// Enough good rows beside it that a bad one does not condemn the file.
const crowd = (count) => Array.from({ length: count }, (_, i) => plain({ name1: `Place ${i}`, street1: `${i} Oak Street`, phone: `804-555-01${String(i % 100).padStart(2, '0')}` }));
const rowsOf = (data) => query(data, 'SELECT l.*, f.id, f.vanished, f.first_listed, f.merged_into FROM facility f LEFT JOIN listing l ON l.facility_id = f.id ORDER BY name1, street1');

test('the workbook: sheets by their headers, cells by their references, numbers, unknown codes with their label', () => {
  const data = temporaryFolder();
  const path = file('list.xlsx', directoryOf([
    ['Harbor House', '', '12 Elm Street', '', 'Newark', 'nj', 7102, 9735550142, '', '888-304HOPE', '973-555-0143 x12', '', 'SA DT * ZZQ * BUM sa'],
    [],
    ['  Two   Rivers ', 'Day\tProgram', '1 Main St', 'Suite 4', 'Richmond', 'Virginia', '23220-1234', '(804) 555-0199', '', '', '', '', 'SA * OP'],
  ]));
  const { status, first } = imports(data, path);
  assert.equal(status, 0);
  assert.deepEqual([first.read, first.new, first.refused, first.source, first.as_of, first.format],
    [2, 2, 0, 'national-directory-su', '2023-06-29', 'directory-xlsx']);
  const unknown = first.problems.find((problem) => problem.field === 'services');
  assert.match(unknown.what, /"ZZQ" \(A service of tomorrow\) is not in the dictionary/);
  assert.equal(unknown.row, 2);
  assert.equal(first.unknown_labels, 1);
  const [harbor, rivers] = rowsOf(data);
  assert.deepEqual([harbor.zip, harbor.state, harbor.phone, harbor.intake_phone, harbor.intake_phone2, harbor.codes, harbor.unknown],
    ['07102', 'NJ', '973-555-0142', '888-304-4673', '973-555-0143 x12', 'BUM DT SA', 'ZZQ']);
  assert.equal(harbor.directories, 1);
  assert.deepEqual([rivers.name1, rivers.name2, rivers.state, rivers.zip, rivers.phone], ['Two Rivers', 'Day Program', 'VA', '23220', '804-555-0199']);
  assert.ok(harbor.latitude > 40 && harbor.quality === 1, 'the ZIP center stands in');
});

test('the workbook may have inline strings, prefixed names, no references', () => {
  const rows = [['Harbor House', 'East', '12 Elm Street', 'Unit 1', 'Richmond', 'VA', '23220', '804-555-0142', '', '', '', '', 'SA * OP']];
  const ids = [{}, { inline: true }, { prefix: 'x' }, { inline: true, references: false }].map((options) => {
    const data = temporaryFolder();
    // Without references a cell that is left out would move the rest: fill them all.
    const filled = options.references === false ? rows.map((row) => row.map((cell) => cell || ' ')) : rows;
    assert.equal(imports(data, file('list.xlsx', directoryOf(filled, REFERENCE, options))).status, 0, JSON.stringify(options));
    const [row] = rowsOf(data);
    assert.deepEqual([row.name2, row.zip, row.codes], ['East', '23220', 'OP SA']);
    return row.id;
  });
  assert.equal(new Set(ids).size, 1, 'the id depends on the identity alone');
});

test('a mental-health directory is known by its codes; a site in both carries both', () => {
  const data = temporaryFolder();
  const dictionary = readCsv(readFileSync('knowledge/service-codes.csv', 'utf8'));
  const only = dictionary.filter((row) => row.directories === 'mh').map((row) => row.code);
  assert.ok(only.length > 20);
  const mental = directoryOf([
    ['Harbor House', '', '12 Elm Street', '', 'Richmond', 'VA', '23220', '804-555-0142', '', '', '', '', `${only.slice(0, 5).join(' ')} * SA`],
    ['Quiet Mind', '', '9 Ash Street', '', 'Richmond', 'VA', '23220', '804-555-0150', '', '', '', '', only.slice(3, 9).join(' ')],
  ], [REFERENCE_HEADER, ...only.map((code) => ['X', 'X', code, `label of ${code}`, ''])]);
  const substance = directoryOf([['Harbor House', '', '12 Elm Street', '', 'Richmond', 'VA', '23220', '804-555-0142', '', '', '', '', 'SA DT BUM']]);
  assert.equal(imports(data, file('su-2023.xlsx', substance)).first.new, 1);
  const { first } = imports(data, file('list-2023.xlsx', mental));
  assert.deepEqual([first.source, first.new, first.merged, first.vanished, first.unknown_labels], ['national-directory-mh', 1, 1, 0, 0]);
  const rows = rowsOf(data);
  assert.equal(new Set(rows.map((row) => row.id)).size, 2);
  assert.deepEqual(rows.filter((row) => row.name1 === 'Harbor House').map((row) => row.directories).sort(), [1, 2]);
  assert.deepEqual(rows.filter((row) => row.name1 === 'Quiet Mind').map((row) => row.directories), [2]);
});

test('plain CSV: columns in any order and case, aliases, other encodings', () => {
  const data = temporaryFolder();
  const path = file('places-2024.csv', Buffer.concat([Buffer.from('\uFEFF'), Buffer.from(
    'Services,LNG,Lat,Zip Code,NAME,address,City,ST,state,Telephone,Website\r\n' +
    '"SA, OP",-77.46,37.55,23220,Caf\xE9 Harbor,12 Elm Street,Richmond,,VA,804-555-0142,http://\r\n', 'latin1')]));
  const { status, first } = imports(data, path);
  assert.equal(status, 0, JSON.stringify(first));
  assert.equal(first.as_of, '2024-01-01');
  assert.ok(first.problems.some((problem) => /Windows-1252/.test(problem.what)));
  const [row] = rowsOf(data);
  assert.deepEqual([row.name1, row.codes, row.coordinates, row.quality, row.website], ['Café Harbor', 'OP SA', '37.55,-77.46', 3, '']);
});

test('the wide CSV: one column a code, and the type says which directory', () => {
  const data = temporaryFolder();
  const path = file('wide.csv', 'NAME1,STREET1,CITY,STATE,ZIP,PHONE,TYPE_FACILITY,SA,bum,ODT,ZZQ\n' +
    'A,1 Elm,Richmond,VA,23220,804-555-0101,SA,1,1,,1\nB,2 Elm,Richmond,VA,23220,804-555-0102,MH,0,,1,0\nC,3 Elm,Richmond,VA,23220,804-555-0103,OTP,1,,,\n');
  const { first } = imports(data, '--as-of', '2024-05-06', path);
  assert.deepEqual([first.format, first.source, first.as_of, first.new], ['wide-csv', 'locator-csv', '2024-05-06', 3]);
  assert.deepEqual(rowsOf(data).map((row) => [row.codes, row.unknown, row.directories]), [['BUM SA', 'ZZQ', 1], ['ODT', '', 2], ['SA', '', 4]]);
});

const response = (rows, more = {}) => JSON.stringify({ page: 1, totalPages: 1, recordCount: rows.length, rows, ...more });
const apiRow = (changes = {}) => ({ _irow: 1, name1: 'Harbor House', name2: null, street1: '12 Elm Street', street2: '', city: 'Richmond', state: 'VA', zip: '23220',
  phone: '804-555-0142', typeFacility: 'SA', intake1: '804-555-0143 x1', website: 'http://', latitude: '37.5500', longitude: '-77.4600', miles: 0.2,
  services: [{ f1: 'Type of Care', f2: 'TC', f3: 'Substance use treatment; Detoxification' }, { f1: 'x', f2: 'TAP', f3: 'Singing to whales' }], ...changes });

test('FindTreatment JSON: labels to codes, unknown ones raw, a page out of several is a part', () => {
  const data = temporaryFolder();
  const both = [apiRow(), apiRow({ typeFacility: 'MH', services: null, phone: '804-555-0177' }), apiRow({ name1: 'Far', street1: '1 Far Road', services: [] })];
  const { first } = imports(data, file('all-2024.json', response(both)));
  assert.deepEqual([first.format, first.new, first.merged, first.partial, first.unknown_labels], ['findtreatment-json', 2, 1, false, 1]);
  const [far, harbor] = rowsOf(data);
  assert.deepEqual([harbor.codes, harbor.unknown, harbor.directories, harbor.website, harbor.quality], ['DT SA', 'TAP: Singing to whales', 3, '', 3]);
  assert.deepEqual([harbor.intake_phone, harbor.intake_phone2], ['804-555-0143 x1', '804-555-0177'], 'the other row\'s number is kept');
  assert.equal(far.codes, '');
  const part = imports(data, '--as-of', '2025-01-01', file('page.json', response([apiRow({ phone: '804-555-0190' })], { totalPages: 9, recordCount: 900 })));
  assert.deepEqual([part.first.partial, part.first.changed, part.first.vanished], [true, 1, 0]);
  const whole = imports(data, '--as-of', '2025-02-01', file('whole.json', response([apiRow({ phone: '804-555-0190' })])));
  assert.deepEqual([whole.first.partial, whole.first.vanished], [false, 1]);
});

test('a row is refused for want of a name or a place; others of its file are taken', () => {
  const data = temporaryFolder();
  const rows = [...crowd(20), plain({ name1: '', name2: '' }), plain({ zip: '', city: '' }), plain({ zip: 'ABCDE', state: '' })];
  const path = file('rows.csv', csv(rows) + 'cut,off\n');
  const { status, first, said } = imports(data, path);
  assert.equal(status, 0);
  assert.deepEqual([first.read, first.new, first.refused], [24, 20, 4]);
  assert.deepEqual(first.problems.filter((problem) => problem.refused).map((problem) => [problem.row, problem.field]),
    [[22, 'name1'], [23, 'city'], [24, 'zip'], [25, 'row']]);
  assert.ok(said.includes(`${path}:22: name1: there is no name. Give the facility's name in column name1.`), said);
});

test('a file with too many unusable rows is refused whole, and what stood before stands', () => {
  const data = temporaryFolder();
  assert.equal(imports(data, file('good.csv', csv(crowd(10)))).first.new, 10);
  const bad = file('bad.csv', csv([...crowd(3), plain({ name1: '' }), plain({ name1: '', phone: '1' })]));
  const { status, first, said } = imports(data, bad);
  assert.equal(status, 1);
  assert.equal(first.done, false);
  assert.match(said, /2 of 5 rows cannot be used, more than 20 percent/);
  assert.equal(query(data, 'SELECT count(*) AS n FROM facility WHERE vanished IS NULL')[0].n, 10);
});

test('numbers, states and addresses are mended or kept as they are, with a warning', () => {
  const data = temporaryFolder();
  const { first } = imports(data, file('mend.csv', csv([...crowd(5),
    plain({ name1: 'Zed One', phone: '555-0142', state: 'Cascadia', intake1: 'call us' }), plain({ name1: 'Zed Two', street1: '', zip: '601', state: 'PR', city: 'Adjuntas' })])));
  const [one, two] = rowsOf(data).filter((row) => row.name1.startsWith('Zed'));
  assert.deepEqual([one.phone, one.intake_phone, one.state], ['555-0142', 'call us', 'VA']);
  assert.deepEqual([two.zip, two.state, two.street1, two.quality], ['00601', 'PR', '', 1]);
  assert.deepEqual([one.county_from_zip, /Richmond/.test(one.county)], [1, true]);
  assert.deepEqual(first.problems.map((problem) => problem.field).sort(), ['intake1', 'phone', 'state']);
});

test('a point far from its ZIP is rejected for the center; no point gives the center; an unknown ZIP gives none', () => {
  const data = temporaryFolder();
  const { first } = imports(data, file('points.csv', csv([
    plain({ name1: 'A near', latitude: '37.55', longitude: '-77.46' }), plain({ name1: 'B far', latitude: '40.7', longitude: '-74.0' }),
    plain({ name1: 'C none' }), plain({ name1: 'D unknown', zip: '99998' }), plain({ name1: 'E swapped', latitude: '-77.46', longitude: '37.55' })])));
  assert.equal(first.coordinates_rejected, 2);
  const rows = rowsOf(data);
  assert.deepEqual(rows.map((row) => row.quality), [3, 2, 1, 0, 2]);
  assert.deepEqual(rows.map((row) => row.coordinates !== ''), [true, false, false, false, false]);
  const [, far, none, unknown] = rows;
  assert.deepEqual([far.latitude, far.longitude], [none.latitude, none.longitude]);
  assert.deepEqual([unknown.latitude, unknown.longitude], [0, 0]);
});

test('rows that repeat another in names, streets and ZIP are one; a different one of them is another', () => {
  const data = temporaryFolder();
  const { first } = imports(data, file('twins.csv', csv([plain(), plain({ name1: 'HARBOR  HOUSE.', phone: '804-555-0143', service_code_info: 'SA OIT' }),
    plain({ name2: 'Annex' }), plain({ street2: 'Suite 2' }), plain({ zip: '23221' }), plain({ city: 'Elsewhere' })])));
  assert.deepEqual([first.read, first.merged, first.new], [6, 2, 4]);
  const [row] = rowsOf(data).filter((each) => each.name2 === '' && each.street2 === '' && each.zip === '23220');
  assert.deepEqual([row.name1, row.codes, row.phone, row.intake_phone, row.city], ['Harbor House', 'BUM DT OIT OP SA', '804-555-0142', '804-555-0143', 'Richmond']);
});

test('a release after a release: unchanged, changed, renamed, new, vanished, and back again with the same id', () => {
  const data = temporaryFolder();
  const list = (name, rows) => file(name, csv(rows));
  const a = plain({ name1: 'Alpha', street1: '1 First Street', phone: '804-555-0101' });
  const b = plain({ name1: 'Beta', street1: '2 Second Street', phone: '804-555-0102' });
  const c = plain({ name1: 'Gamma', street1: '3 Third Street', phone: '804-555-0103' });
  const d = plain({ name1: 'Delta', street1: '4 Fourth Street', phone: '804-555-0104' });
  const e = plain({ name1: 'Epsilon', street1: '5 Fifth Street', phone: '804-555-0105' });
  assert.equal(imports(data, list('y2022.csv', [a, b, c, d])).first.new, 4);
  const before = Object.fromEntries(rowsOf(data).map((row) => [row.name1, row.id]));

  const again = imports(data, list('y2022.csv', [d, c, b, a]));
  assert.deepEqual([again.first.nothing_changed, again.first.unchanged], [true, 4]);

  const { first } = imports(data, list('y2023.csv', [a, { ...b, phone: '804-555-0199', name2: 'North' }, { ...c, name1: 'Gamma Health' }, e]));
  assert.deepEqual([first.unchanged, first.changed, first.renamed, first.new, first.vanished], [1, 1, 1, 1, 1]);
  const now = Object.fromEntries(rowsOf(data).map((row) => [row.name1, row]));
  assert.equal(now.Alpha.id, before.Alpha);
  assert.equal(now.Beta.id, before.Beta);
  assert.equal(now['Gamma Health'].id, before.Gamma);
  assert.equal(now.Delta.vanished, '2023-01-01');
  assert.deepEqual([now.Alpha.as_of, now.Alpha.since, now.Alpha.field_dates], ['2023-01-01', '2022-01-01', '']);
  assert.equal(now.Beta.field_dates, 'name2=2023-01-01 phone=2023-01-01');
  assert.equal(now.Epsilon.first_listed, '2023-01-01');

  const back = imports(data, list('y2024.csv', [a, b, { ...c, name1: 'Gamma Health' }, d, e]));
  assert.deepEqual([back.first.vanished, back.first.new], [0, 0]);
  const last = Object.fromEntries(rowsOf(data).map((row) => [row.name1, row]));
  assert.deepEqual([last.Delta.id, last.Delta.vanished, last.Delta.first_listed], [before.Delta, null, '2022-01-01']);
  assert.equal(last.Beta.field_dates, 'name2=2024-01-01 phone=2024-01-01');

  const old = imports(data, list('y2021.csv', [a]));
  assert.equal(old.status, 1);
  assert.match(old.said, /older than the 2024-01-01 that stands for plain-csv.*--as-of/);
});

test('identity: names at one street are told apart by their second name, then their second line', () => {
  const data = temporaryFolder();
  const of = (changes) => plain({ phone: '804-555-0142', ...changes });
  imports(data, file('y2022.csv', csv([of({ name2: 'Adult' }), of({ name2: 'Youth' }), of({ name2: 'Women', street2: 'Floor 2' })])));
  const before = Object.fromEntries(rowsOf(data).map((row) => [row.name2, row.id]));
  // Youth moves a floor, Women is now called Families on the same floor, Adult stays.
  const { first } = imports(data, file('y2023.csv', csv([of({ name2: 'Families', street2: 'Floor 2' }), of({ name2: 'Youth', street2: 'Floor 3' }), of({ name2: 'Adult' })])));
  assert.deepEqual([first.unchanged, first.changed, first.new, first.vanished], [1, 2, 0, 0]);
  const now = Object.fromEntries(rowsOf(data).map((row) => [row.name2, row.id]));
  assert.deepEqual([now.Adult, now.Youth, now.Families], [before.Adult, before.Youth, before.Women]);
});

test('two sources that come to name one site are one facility, and both ids answer', () => {
  const data = temporaryFolder();
  const old = plain({ name1: 'Harbor House Inc' }), renamed = plain({ name1: 'Harbor House', phone: '804-555-0150', street2: 'B' });
  imports(data, '--source', 'first', file('y2022.csv', csv([old])));
  imports(data, '--source', 'second', file('y2023.csv', csv([renamed])));
  assert.equal(query(data, 'SELECT count(*) AS n FROM facility')[0].n, 2);
  imports(data, '--source', 'first', file('y2024.csv', csv([{ ...renamed, phone: '804-555-0142', street2: 'B', name1: 'Harbor House Inc' }])));
  const { first } = imports(data, '--source', 'first', file('y2025.csv', csv([{ ...renamed, phone: '804-555-0142' }])));
  assert.equal(first.new, 0);
  const facilities = query(data, 'SELECT id, merged_into, first_listed FROM facility ORDER BY first_listed');
  assert.deepEqual(facilities.map((each) => each.merged_into), [null, facilities[0].id]);
  assert.equal(query(data, 'SELECT count(DISTINCT facility_id) AS n FROM listing')[0].n, 1);
});

test('when the newer of two facilities comes to equal the older, the older id stands and the newer answers with it', () => {
  const data = temporaryFolder();
  const old = plain({ name1: 'Harbor House', phone: '804-555-0150' }), other = plain({ name1: 'Harbour Haus' });
  imports(data, '--source', 'first', file('y2022.csv', csv([old])));
  imports(data, '--source', 'second', file('y2023.csv', csv([other])));
  const [{ id: kept }] = query(data, "SELECT id FROM facility WHERE first_listed = '2022-01-01'");
  // The second source corrects the name; its own row is known again by street, ZIP and phone.
  const { first } = imports(data, '--source', 'second', file('y2024.csv', csv([{ ...other, name1: 'Harbor House' }])));
  assert.deepEqual([first.renamed, first.new, first.vanished], [1, 0, 0]);
  assert.deepEqual(query(data, 'SELECT DISTINCT facility_id FROM listing'), [{ facility_id: kept }]);
  assert.deepEqual(query(data, 'SELECT merged_into FROM facility WHERE id <> (SELECT facility_id FROM listing LIMIT 1)'), [{ merged_into: kept }]);
  const again = imports(data, '--source', 'second', file('y2024.csv', csv([{ ...other, name1: 'Harbor House' }])));
  assert.equal(again.first.nothing_changed, true);
  const gone = imports(data, '--source', 'second', '--as-of', '2025-01-01', file('next.csv', csv([plain({ name1: 'Elsewhere', street1: '99 Far Road', phone: '' })])));
  assert.deepEqual([gone.first.vanished, gone.first.new], [0, 1], 'the first source still names it');
});

test('what a repeated row adds is kept: coordinates, county, website, directories', () => {
  const data = temporaryFolder();
  const columns = { county: '', website: '', type_facility: 'SA' };
  imports(data, file('twins.csv', csv([{ ...plain({ phone: '' }), ...columns },
    { ...plain({ latitude: '37.55', longitude: '-77.46' }), county: 'Old Henrico', website: 'https://harbor.example', type_facility: 'MH' },
    { ...plain({ phone: '804-555-0177' }), ...columns, type_facility: 'both' }])));
  const rows = rowsOf(data);
  assert.equal(rows.length, 1);
  const [row] = rows;
  assert.deepEqual([row.quality, row.coordinates, row.county, row.county_from_zip, row.website, row.directories, row.phone, row.intake_phone],
    [3, '37.55,-77.46', 'Old Henrico', 0, 'https://harbor.example', 3, '804-555-0142', '804-555-0177']);
});

test('columns that are not read, odd marks, a fifth line and unknown types are told once and lose nothing else', () => {
  const data = temporaryFolder();
  const wide = imports(data, file('wide.csv', 'name1,zip,type_facility,SA,DT,remark,intake1,intake2,intake1a,intake2a,hotline1\n' +
    'A,23220,PX,1,2,call first,804-555-0101,804-555-0102,804-555-0103,804-555-0104,804-555-0105\nB,23220,SA,1,maybe,ask,,,,,\n'));
  assert.deepEqual(wide.first.problems.map((problem) => [problem.row, problem.field, /not read|other than 0 or 1|no known type|fifth intake/.test(problem.what)]),
    [[2, 'DT', true], [2, 'REMARK', true], [2, 'type_facility', true], [2, 'hotline1', true]]);
  assert.deepEqual(rowsOf(data).map((row) => [row.name1, row.codes, row.directories, row.intake_phone4]), [['A', 'SA', 1, '804-555-0104'], ['B', 'SA', 1, '']]);
  const other = temporaryFolder();
  const listed = imports(other, file('plain.csv', csv([{ ...plain(), remark: 'ask' }, { ...plain({ name1: 'B', zip: '99998', state: 'Oz' }), remark: 'x' }])));
  assert.deepEqual(listed.first.problems.map((problem) => problem.field).sort(), ['REMARK', 'state', 'zip']);
  const json = imports(temporaryFolder(), file('a.json', response([apiRow({ latitude: 37.55, longitude: -77.46, opening: 'always', services: [] }), apiRow({ name1: 'B', opening: 'never' })])));
  assert.deepEqual(json.first.problems.filter((problem) => problem.field === 'row').map((problem) => problem.what), ['"opening" is not read']);
});

test('most of a large source missing is refused unless it is said to be true', () => {
  const data = temporaryFolder();
  assert.equal(imports(data, file('y2022.csv', csv(crowd(1200)))).first.new, 1200);
  const few = file('y2023.csv', csv(crowd(500)));
  const { status, said } = imports(data, few);
  assert.equal(status, 1);
  assert.match(said, /700 of the 1200 facilities of plain-csv are not in this file.*--allow-vanishing/);
  assert.equal(imports(data, '--allow-vanishing', few).first.vanished, 700);
});

test('the demo: as many as asked for, marked, the same each time, and never beside real ones', () => {
  const data = temporaryFolder();
  assert.equal(imports(data, '--demo', '300').first.new, 300);
  const rows = query(data, 'SELECT l.*, f.invented FROM listing l JOIN facility f ON f.id = l.facility_id');
  assert.ok(rows.every((row) => row.invented === 1 && row.source === 'demo' && /^\d{3}-555-01\d\d$/.test(row.phone)));
  assert.ok(new Set(rows.map((row) => row.state)).size > 30);
  assert.equal(imports(data, '--demo', '300').first.nothing_changed, true);
  const other = temporaryFolder();
  imports(other, '--demo', '300');
  assert.deepEqual(query(other, 'SELECT id FROM facility ORDER BY id'), query(data, 'SELECT id FROM facility ORDER BY id'));
  const real = imports(data, file('real.csv', csv([plain()])));
  assert.deepEqual([real.first.invented_removed, real.first.new], [300, 1]);
  assert.equal(query(data, 'SELECT count(*) AS n FROM facility')[0].n, 1);
  const refused = imports(data, '--demo', '10');
  assert.equal(refused.status, 1);
  assert.match(refused.said, /real facilities stand in this directory/);
});

test('what is searched follows the import', () => {
  const data = temporaryFolder();
  imports(data, file('y2022.csv', csv([plain()])));
  const current = readFileSync(join(data, 'directory.current'), 'utf8');
  imports(data, file('y2022.csv', csv([plain()])));
  assert.equal(readFileSync(join(data, 'directory.current'), 'utf8'), current, 'the same directory is the same file');
  imports(data, file('y2023.csv', csv([plain({ phone: '804-555-0199' })])));
  assert.notEqual(readFileSync(join(data, 'directory.current'), 'utf8'), current);
});

test('usage errors answer 2 and touch nothing', () => {
  const data = join(temporaryFolder(), 'none');
  for (const words of [[], ['--as-of', '2023', 'x.csv'], ['--demo', '0'], ['--demo', 'x'], ['--demo', '5', 'x.csv'], ['--nonsense']])
    assert.equal(spawnSync(fairlead, ['import', '--data', data, ...words]).status, 2, words.join(' '));
  const good = file('a.csv', csv([plain()]));
  assert.equal(imports(temporaryFolder(), '--source', 'no spaces', good).status, 2);
  assert.equal(imports(temporaryFolder(), '--source', 'demo', good).status, 2);
  const help = spawnSync(fairlead, ['import', '--help'], { encoding: 'utf8' });
  assert.equal(help.status, 0);
  assert.match(help.stdout, /--list-sources/);
});

test('official sources are listed with their addresses', () => {
  const { stdout, status } = spawnSync(fairlead, ['import', '--list-sources', '--json'], { encoding: 'utf8' });
  assert.equal(status, 0);
  const { sources } = JSON.parse(stdout);
  assert.ok(sources.length >= 3 && sources.every(({ name, title, address, note }) => name && title && note && address.startsWith('https://')));
});

/* --- Downloads ------------------------------------------------------------------------------ */

function certificate() {
  const folder = temporaryFolder();
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder, name));
  const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert,
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']);
  return made.status === 0 ? { key: readFileSync(key), cert: readFileSync(cert), path: cert } : null;
}

// The import as a child, so that the server of this process can answer it.
async function download(data, address, environment = {}) {
  const child = spawn(fairlead, withDatabase(['import', '--data', data, '--json', address]), { env: { ...process.env, ...environment } });
  let out = '', said = '';
  child.stdout.on('data', (text) => { out += text; });
  child.stderr.on('data', (text) => { said += text; });
  const [status] = await once(child, 'close');
  return { status, said, first: JSON.parse(out).files[0] };
}

test('addresses: https alone, trusted alone, whole alone', { skip: !certificate() && 'openssl is not installed' }, async () => {
  const trust = certificate();
  const list = csv([plain()]);
  const server = createServer(trust, (request, answer) => {
    if (request.url === '/y2024.csv') return answer.end(list);
    if (request.url === '/cut.csv') { answer.writeHead(200, { 'content-length': 100000 }); answer.write(list); return setTimeout(() => answer.destroy(), 50); }
    if (request.url === '/moved') return answer.writeHead(302, { location: '/y2024.csv' }).end();
    if (request.url === '/down') return answer.writeHead(302, { location: 'http://127.0.0.1:9/y.csv' }).end();
    if (request.url === '/file') return answer.writeHead(302, { location: 'file:///etc/hostname' }).end();
    if (request.url === '/huge') return answer.writeHead(200, { 'content-length': 1024 ** 4 }).end();
    return answer.writeHead(404).end('<html>not here</html>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `https://127.0.0.1:${server.address().port}`;
  const known = { CURL_CA_BUNDLE: trust.path };
  try {
    const data = temporaryFolder();
    const good = await download(data, `${origin}/y2024.csv`, known);
    assert.deepEqual([good.status, good.first.new, good.first.as_of], [0, 1, '2024-01-01'], good.said);
    const moved = await download(data, `${origin}/moved`, { CURL_CA_BUNDLE: '', SSL_CERT_FILE: trust.path });
    assert.equal(moved.status, 0, moved.said);
    for (const [path, environment, why] of [['/y2024.csv', {}, /certificate/i], ['/cut.csv', known, /download:/], ['/down', known, /https/], ['/file', known, /https/],
      ['/huge', known, /over \d+ bytes/], ['/missing', known, /404/]]) {
      const { status, said } = await download(data, origin + path, environment);
      assert.equal(status, 1, path);
      assert.match(said, why, path);
    }
    const plainly = await download(data, `http://127.0.0.1:${server.address().port}/y2024.csv`);
    assert.equal(plainly.status, 1);
    assert.match(plainly.said, /only https addresses are fetched/);
    assert.deepEqual(query(data, 'SELECT count(*) AS n FROM facility'), [{ n: 1 }]);
    assert.equal(spawnSync('ls', [data], { encoding: 'utf8' }).stdout.includes('download-'), false, 'nothing half fetched is left behind');
  } finally {
    server.close();
  }
});
