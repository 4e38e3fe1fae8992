// fairlead import on files that are damaged, mistyped or meant to harm: each is refused by name, with what to do about it,
// exit status 1, and the directory that stood before still stands.
import { test, before } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { csv, file, find, imports, query } from '../support/directory.mjs';
import { fairlead, temporaryFolder } from '../support/server.mjs';
import { columnName, sheetXml, workbook, workbookMembers, zip } from '../support/workbook.mjs';

const HEADER = ['name1', 'name2', 'street1', 'street2', 'city', 'state', 'zip', 'phone', 'service_code_info'];
const ROW = ['Harbor House', '', '12 Elm Street', '', 'Richmond', 'VA', '23220', '804-555-0142', 'SA DT'];
const SHEETS = [{ name: 'Facilities List', rows: [HEADER, ROW] }];
const good = csv([Object.fromEntries(HEADER.map((name, i) => [name, ROW[i]]))]);
let data;

before(() => {
  data = temporaryFolder();
  assert.equal(imports(data, '--source', 'standing', file('y2020.csv', good)).first.new, 1);
});

// Import this content under this name: it must be refused with these words, quickly, and change nothing.
function refused(name, content, why, { seconds = 20 } = {}) {
  const path = file(name, content), began = Date.now();
  const { status, first, said } = imports(data, path);
  assert.equal(status, 1, said);
  assert.equal(first.done, false);
  assert.match(said, why);
  const problem = first.problems.find((each) => each.row === 0);
  assert.ok(problem.what && problem.mend, `what and how to mend: ${JSON.stringify(problem)}`);
  assert.ok(said.includes(`${path}:0: `), said);
  assert.ok(Date.now() - began < seconds * 1000, `took ${Date.now() - began} ms`);
  assert.deepEqual(query(data, 'SELECT f.vanished, l.source, l.name1 FROM facility f JOIN listing l ON l.facility_id = f.id'),
    [{ vanished: null, source: 'standing', name1: 'Harbor House' }]);
}

const members = (changes, options) => ({ ...workbookMembers(SHEETS, options), ...changes });
const SHEET = 'xl/worksheets/sheet1.xml', STRINGS = 'xl/sharedStrings.xml';
const MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';

test('not a directory at all', () => {
  refused('empty.xlsx', '', /the file is empty/);
  refused('page.xlsx', '\n <!DOCTYPE html><html><body>404 Not Found</body></html>', /a web page or XML/);
  refused('old.xls', Buffer.from('d0cf11e0a1b11ae10000000000000000', 'hex'), /an old .xls workbook, or one with a password/);
  refused('locked.xlsx', Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600, 1)]), /with a password.*take the password off/);
  refused('scan.pdf', '%PDF-1.7\n...', /a PDF document/);
  refused('list.csv.gz', Buffer.from('1f8b0800', 'hex'), /gzip/);
  refused('wide.csv', Buffer.from('\uFEFFname1,zip', 'utf16le'), /UTF-16/);
  refused('noise.csv', Buffer.from([1, 2, 0, 3, 4]), /unknown binary form/);
  refused('words.csv', 'just some words', /missing name1 zip/);
  refused('tabs.csv', 'name1\tzip\tservice_code_info\nA\t23220\tSA\n', /not parted by commas/);
  refused('header.csv', 'name1,zip,service_code_info\n', /no facility/);
  refused('twice.csv', 'name1,zip,Zip Code,services\nA,23220,23220,SA\n', /"Zip Code" stands twice/);
  refused('uncoded.csv', 'name1,zip\nA,23220\n', /missing service_code_info/);
});

test('what a file is, is told by its content: a CSV named .xlsx is read', () => {
  const other = temporaryFolder();
  assert.deepEqual(imports(other, file('list-2023.xlsx', good)).first.format, 'plain-csv');
  assert.deepEqual(imports(temporaryFolder(), file('list.csv', workbook(SHEETS))).first.format, 'directory-xlsx');
});

test('archives that are cut off, damaged, locked, of another kind', () => {
  const whole = workbook(SHEETS);
  for (const share of [0.2, 0.6, 0.95]) refused('cut.xlsx', whole.subarray(0, Math.floor(whole.length * share)), /damaged or cut off/);
  const flipped = Buffer.from(whole);
  for (let i = 100; i < 160; i++) flipped[i] ^= 0x55; // inside the first sheet's packed bytes
  refused('flipped.xlsx', flipped, /damaged|cannot be unpacked|XML/);
  refused('locked.xlsx', zip(members({ [SHEET]: { data: 'x'.repeat(100), flags: 1 } })), /encrypted.*without one/);
  refused('letter.docx', zip({ '_rels/.rels': workbookMembers(SHEETS)['_rels/.rels'].replace('xl/workbook.xml', 'word/document.xml'), 'word/document.xml': '<w:document/>' }),
    /no sheet|lacks a part/);
  refused('photos.zip', zip({ 'a.jpg': 'x' }), /not an Excel workbook/);
  refused('list.ods', zip({ mimetype: 'application/vnd.oasis.opendocument.spreadsheet' }), /not an Excel workbook/);
  refused('list.xlsb', zip({ '_rels/.rels': workbookMembers(SHEETS)['_rels/.rels'].replace('workbook.xml', 'workbook.bin') }), /open format.*xlsb/);
  refused('none.xlsx', Buffer.concat([Buffer.from('PK\x05\x06'), Buffer.alloc(18)]), /an empty archive/);
  const lacking = members({});
  delete lacking[SHEET];
  refused('lacking.xlsx', zip(lacking), /lacks a part: xl\/worksheets\/sheet1.xml/);
});

test('bombs: a member that unpacks to far more than it weighs, whatever the archive claims', () => {
  const spaces = `<worksheet ${MAIN}><sheetData>${' '.repeat(6 << 20)}</sheetData></worksheet>`;
  refused('bomb.xlsx', zip(members({ [SHEET]: spaces })), /a zip bomb/);
  refused('liar.xlsx', zip(members({ [SHEET]: { data: spaces, size: 4000 } })), /a zip bomb|cannot be unpacked/);
  refused('strings.xlsx', zip(members({ [STRINGS]: `<sst ${MAIN}>${'<si><t>a</t></si>'.repeat(1 << 18)}</sst>` })), /a zip bomb/);
  refused('rels.xlsx', zip(members({ '_rels/.rels': `<Relationships>${'<a/>'.repeat(1 << 20)}</Relationships>` })), /zip bomb|over \d+ bytes/);
});

test('XML that declares entities, nests without end, or is none', () => {
  const laughs = '<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>';
  refused('laughs.xlsx', zip(members({ [SHEET]: `<?xml version="1.0"?>${laughs}<worksheet><sheetData><row><c t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>` })),
    /declares a document type/);
  refused('outside.xlsx', zip(members({ [STRINGS]: '<!DOCTYPE sst SYSTEM "file:///etc/passwd"><sst/>' })), /declares a document type/);
  refused('book.xlsx', zip(members({ 'xl/workbook.xml': `${laughs}<workbook/>` })), /declares a document type/);
  refused('deep.xlsx', zip(members({ [SHEET]: '<a>'.repeat(5000) + '</a>'.repeat(5000) })), /nested deeper/);
  refused('torn.xlsx', zip(members({ [SHEET]: `<worksheet ${MAIN}><sheetData><row>` })), /XML at line/);
  refused('latin.xlsx', zip(members({ [STRINGS]: Buffer.from('<sst><si><t>\xFF\xFE</t></si></sst>', 'latin1') })), /XML at line/);
});

test('sheets that break their own rules or the limits', () => {
  const sheet = (body) => zip(members({ [SHEET]: `<worksheet ${MAIN}><sheetData>${body}</sheetData></worksheet>` }));
  const header = sheetXml([HEADER]).match(/<row.*<\/row>/)[0];
  const cell = (reference, type, value) => `<c r="${reference}" t="${type}"><v>${value}</v></c>`;
  refused('string.xlsx', sheet(`${header}<row r="2">${cell('A2', 's', 999999)}</row>`), /shared string that is not there/);
  refused('minus.xlsx', sheet(`${header}<row r="2">${cell('A2', 's', -1)}</row>`), /shared string that is not there/);
  refused('order.xlsx', sheet(`${header}<row r="1">${cell('A1', 'str', 'x')}</row>`), /out of order/);
  refused('rows.xlsx', sheet(`${header}<row r="99999999">${cell('A99999999', 'str', 'x')}</row>`), /too many rows/);
  refused('columns.xlsx', sheet(`${header}<row r="2">${cell('ZZZ2', 'str', 'x')}</row>`), /too many columns/);
  refused('reference.xlsx', sheet(`${header}<row r="2">${cell('12', 'str', 'x')}</row>`), /reference is none/);
  refused('cell.xlsx', sheet(`${header}<row r="2">${cell('A2', 'str', Array.from({ length: 40000 }, (_, i) => columnName(i)).join(''))}</row>`), /cell is too long/);
  refused('other.xlsx', workbook([{ name: 'Facilities List', rows: [['date', 'beds'], ['a', 'b']] }]), /missing name1 zip \(or city and state\) service_code_info/);
  refused('blank.xlsx', workbook([{ name: 'Facilities List', rows: [HEADER] }]), /no facility/);
});

test('CSV that is cut off, unquoted, or past the limits', () => {
  const quote = `${good}"never closed,1\n2\n`;
  refused('quote.csv', quote, /quote/i);
  refused('long.csv', `${good}${'x'.repeat(70000)},,,,,,,,\n`, /\d+/);
  refused('columns.csv', `${Array.from({ length: 3000 }, (_, i) => `c${i}`).join(',')}\n`, /too many columns/);
});

test('a tag without end, sheets and JSON rows past the limits', () => {
  const noise = () => Array.from({ length: 1 << 19 }, (_, i) => ((i * 2654435761) >>> 7).toString(36)).join('');
  refused('tag.xlsx', zip(members({ [SHEET]: `<worksheet ${MAIN}><sheetData><row r="${noise()}"/></sheetData></worksheet>` })), /a tag of over/);
  refused('comment.xlsx', zip(members({ [SHEET]: `<worksheet ${MAIN}><!-- ${noise()} --></worksheet>` })), /a tag of over/);
  const sheets = '<sheet name="a" sheetId="1" r:id="rId1"/>'.repeat(65);
  refused('sheets.xlsx', zip(members({ 'xl/workbook.xml': workbookMembers(SHEETS)['xl/workbook.xml'].replace(/<sheet .*<\/sheets>/, `${sheets}</sheets>`) })), /over 64 sheets/);
  refused('row.json', `{"rows":[[${'[],'.repeat(1 << 20)}[]]]}`, /over \d+ bytes/);
  refused('beside.json', `{"more":[${'[],'.repeat(1 << 20)}[]],"rows":[]}`, /over \d+ bytes/);
});

test('JSON that is cut off, repeated, too deep, or of another service', () => {
  const row = JSON.stringify({ name1: 'A', zip: '23220', services: [{ f2: 'TC', f3: 'Detoxification' }] });
  refused('cut.json', `{"rows":[${row},{"name1":"B`, /a text has no end/);
  refused('torn.json', `{"rows":[${row}`, /missing between rows/);
  refused('twice.json', `{"rows":[${row}],"rows":[]}`, /"rows" stands twice/);
  refused('same.json', '{"rows":[{"name1":"A","name1":"B"}]}', /row 1/);
  refused('deep.json', `{"rows":[{"services":${'['.repeat(5000)}${']'.repeat(5000)}}]}`, /row 1/);
  refused('other.json', '{"error":"rate limited"}', /not a response of FindTreatment.gov/);
  refused('behind.json', `[${row}] [${row}]`, /behind the end/);
  refused('nan.json', '{"rows":[{"name1":NaN}]}', /row 1/);
  refused('none.json', '{"rows":[]}', /no facility/);
  refused('odd.json', '[1,2,"x",null]', /4 of 4 rows cannot be used/);
});

test('no such file, a folder, and a file that may not be read', () => {
  const { status, said } = imports(data, '/nonexistent/list.xlsx');
  assert.equal(status, 1);
  assert.match(said, /No such file/);
  assert.match(imports(data, temporaryFolder()).said, /not a regular file/);
  const pipe = join(temporaryFolder(), 'pipe');
  assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
  assert.match(spawnSync(fairlead, ['import', '--data', data, pipe], { encoding: 'utf8', timeout: 20000 }).stderr, /not a regular file/);
});

// A place that the snapshot could not hold must not come to stand in the store: nothing could be searched any more.
test('a field without end, or more unknown labels than a place can hold: its row is refused, the rest is searched', () => {
  const rows = Array.from({ length: 12 }, (_, i) => ({ name1: `Place ${i}`, street1: `${i} Elm Street`, zip: '23220', services: [{ f2: 'XX', f3: `label ${i}` }] }));
  const labels = (letter) => Array.from({ length: 600 }, (_, i) => `${letter} label of this kind ${i}`).join('; ');
  rows.push({ ...rows[0], name1: 'x '.repeat(40000) }, { ...rows[0], name1: 'Many', services: [{ f2: 'XX', f3: labels('a') }] });
  const other = temporaryFolder();
  const { status, first, said } = imports(other, file('long.json', JSON.stringify({ rows })));
  assert.equal(status, 0, said);
  assert.deepEqual([first.new, first.refused], [12, 2]);
  assert.deepEqual(first.problems.filter((problem) => problem.refused).map((problem) => [problem.row, problem.field]), [[13, 'name1'], [14, 'services']]);
  assert.equal(find(other, '--state', 'VA').total, 12);
});

test('rows that repeat a site, with ever more unknown labels: what does not fit is left out with a warning', () => {
  const row = (letter) => ({ name1: 'Harbor House', street1: '12 Elm Street', zip: '23220',
    services: [{ f2: 'XX', f3: Array.from({ length: 20 }, (_, i) => `${letter} label ${i} ${'long '.repeat(60)}`).join('; ') }] });
  const other = temporaryFolder();
  const { status, first, said } = imports(other, file('more.json', JSON.stringify({ rows: [...'abcdefghij'].map(row) })));
  assert.equal(status, 0, said);
  assert.deepEqual([first.new, first.merged], [1, 9]);
  assert.ok(first.problems.some((problem) => problem.field === 'services' && /left out/.test(problem.what)), said.slice(0, 500));
  assert.equal(find(other, '--state', 'VA').total, 1);
});

// A release of the far future would make every true one "older", and so refused.
test('a number in a file\'s name that looks like a far year is none', () => {
  const other = temporaryFolder(), today = new Date().toISOString().slice(0, 10);
  for (const name of ['list-2099.csv', 'list-2099-12-31.csv', 'room-2048.csv']) assert.equal(imports(other, file(name, good)).first.as_of, today, name);
  assert.equal(imports(other, '--source', 'dated', file('room-2048-of-2022.csv', good)).first.as_of, '2022-01-01');
});

test('what a file says reaches the terminal without its controls', () => {
  const row = { name1: 'Harbor House', zip: '23220', services: [], ['\u001b]0;title\u0007\u009bkey']: 1 };
  const { first, said } = imports(temporaryFolder(), file('escape.json', JSON.stringify({ rows: [row] })));
  assert.equal(first.new, 1);
  assert.match(said, /"\]0;titlekey" is not read/);
  assert.doesNotMatch(said, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});

test('text that tries to get out: controls, direction marks, scripts and formulas are only text', () => {
  const other = temporaryFolder();
  const row = { ...Object.fromEntries(HEADER.map((name, i) => [name, ROW[i]])), name1: 'Har\u0000bor\u202E<script>alert(1)</script>', street1: '=cmd|calc',
    website: 'javascript:alert(1)' };
  const { first } = imports(other, file('odd.json', JSON.stringify({ rows: [{ ...row, services: [] }] })));
  assert.equal(first.new, 1);
  const [stored] = query(other, 'SELECT * FROM listing');
  assert.deepEqual([stored.name1, stored.street1, stored.website], ['Harbor<script>alert(1)</script>', '=cmd|calc', '']);
  assert.ok(first.problems.some((problem) => problem.field === 'website'));
});
