// The table of script/check/coverage: reads gcovr's JSON, prints each file, names what a held file lacks (of the files
// that the second argument's pattern fits).
import { readFileSync } from 'node:fs';

// What is held at 100 % of lines and branches.
const HELD = [
  /^src\/base\/(?:json|table|template)\w*\.c$/, /^src\/base\/(?:catalog|seal|text|text_buffer|time)\.c$/,
  /^src\/assessment\/(?:expression|facts|level_of_care|care|explain)\w*\.c$/,
  /^src\/directory\/(?:search|snapshot|needs|places)\w*\.c$/,
  /^src\/assessment\/proof\w*\.c$/,
  /^src\/assessment\/instrument\w*\.c$/,
  /^src\/assessment\/(?:interview|document)\w*\.c$/, /^src\/assessment\/(?:setting|say|rule_words)\.c$/,
  /^src\/privacy\/(?:roles|rows|access)\.c$/,
  /^src\/admission\/board\.c$/,
  /^src\/admission\/intake\.c$/,
];

const only = new RegExp(process.argv[3] ?? '');

const percent = (part, whole) => (whole ? `${(Math.floor((1000 * part) / whole) / 10).toFixed(1)} %` : '-');
const rows = [], lacks = [];

// A run of lines that no test reaches is one entry.
function lackLine(file, line) {
  const last = lacks.at(-1);
  if (last?.unreached && last.file === file && last.next >= line - 3) last.next = line;
  else lacks.push({ file, line, next: line, unreached: true });
}

for (const { file, lines } of JSON.parse(readFileSync(process.argv[2], 'utf8')).files.sort((a, b) => (a.file < b.file ? -1 : 1))) {
  const row = { file, lines: 0, reached: 0, branches: 0, taken: 0, held: HELD.some((pattern) => pattern.test(file)) };
  for (const line of lines.sort((a, b) => a.line_number - b.line_number)) {
    if (line['gcovr/noncode'] || line['gcovr/excluded']) continue;
    row.lines++;
    if (line.count > 0) row.reached++;
    else if (row.held) lackLine(file, line.line_number);
    const branches = line.branches.filter((branch) => !branch['gcovr/excluded']);
    const taken = branches.filter((branch) => branch.count > 0).length;
    row.branches += branches.length;
    row.taken += taken;
    if (row.held && line.count > 0 && taken < branches.length) {
      lacks.push({ file, line: line.line_number, what: `${branches.length - taken} of ${branches.length} branches not taken` });
    }
  }
  rows.push(row);
}
const sum = (name) => rows.reduce((total, row) => total + row[name], 0);
console.log(`${'file'.padEnd(44)} ${'lines'.padStart(12)} ${''.padStart(8)} ${'branches'.padStart(12)}`);
for (const row of [...rows, { file: 'all', lines: sum('lines'), reached: sum('reached'), branches: sum('branches'), taken: sum('taken') }]) {
  console.log(`${row.file.padEnd(44)} ${`${row.reached}/${row.lines}`.padStart(12)} ${percent(row.reached, row.lines).padStart(8)} ${
    `${row.taken}/${row.branches}`.padStart(12)} ${percent(row.taken, row.branches).padStart(8)}${row.held ? '  held' : ''}`);
}
for (const { file, line, next, what } of lacks) {
  if (!only.test(file)) continue;
  console.log(what ? `${file}:${line}: ${what}` : `${file}:${line}: ${next > line ? `to ${next} ` : ''}not reached by a test`);
}
if (lacks.length) console.log('Test them, or say in the line why they cannot be (GCOVR_EXCL_LINE, GCOVR_EXCL_BR_LINE).');
const held = rows.filter((row) => row.held);
console.log(lacks.length ? `coverage: ${lacks.length} places in ${held.length} held files lack a test` : `coverage: ${held.length} held files at 100 % of lines and branches`);
process.exitCode = lacks.length || held.length === 0 ? 1 : 0;
