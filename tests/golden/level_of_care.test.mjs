// knowledge/level-of-care.md as its readers meet it: plain, respectful, the same in both languages, and held to its proof
// by `fairlead knowledge check`. Tables are read here apart from the program; tests/unit/test_proof.c plants more faults.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCsv } from '../support/independent.mjs';
import { fold, grade } from '../support/reading.mjs';
import { fairlead } from '../support/server.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (name) => readFileSync(join(root, 'knowledge', name), 'utf8');

// heading → rows as {column: cell}
function tables(document) {
  const out = {};
  let heading, columns;
  for (const line of document.split('\n')) {
    if (line.startsWith('## ')) [heading, columns] = [line.slice(3), undefined];
    if (!line.startsWith('|')) continue;
    const cells = line.slice(1, line.lastIndexOf('|')).split('|').map((cell) => cell.trim());
    if (!columns) { columns = cells; out[heading] = []; continue; }
    if (/^-+$/.test(cells[0])) continue;
    out[heading].push(Object.fromEntries(columns.map((column, i) => [column, cells[i]])));
  }
  return out;
}
const english = tables(read('level-of-care.md'));
const spanish = tables(read('level-of-care.es.md'));
const rules = [...english['Stop rules'], ...english['Who this is for'], ...english['Need rules']];

// --- Words ----------------------------------------------------------------------------------------------------------

test('every text stands in both languages, row by row', () => {
  for (const [heading, rows] of Object.entries(spanish)) {
    if (heading === 'Sources') continue; // below
    const id = Object.keys(rows[0])[0];
    assert.deepEqual(rows.map((row) => row[id]), english[heading].map((row) => row[id]), heading);
    for (const row of rows) for (const cell of Object.values(row)) assert.ok(cell, `${heading} ${row[id]}`);
  }
  for (const heading of ['Facts', 'Levels', 'Stop rules', 'Who this is for', 'Need rules', 'Factors', 'Always', 'Contradictions'])
    assert.ok(spanish[heading], heading);
});

test('a source that has English words in it has a Spanish name', () => {
  const named = new Set([...rules, ...english.Factors, ...english.Always].flatMap((row) => row.source.split(';')).map((one) => one.trim()));
  const said = new Map(spanish.Sources.map((row) => [row.source, row.text]));
  for (const source of named) {
    if (/\b(and|others?|our|the|as|to|never|label|guideline|place|table)\b/.test(source)) assert.ok(said.get(source), source);
  }
  for (const text of said.values()) assert.doesNotMatch(text, /\b(and|others|our|the|never|label)\b/);
});

// Names that a person must ask for, and that have no plain word.
const NAMES = new Set(fold(`methadone buprenorphine naltrexone naloxone narcan benzodiazepines sedatives prenatal emergency
  medicine hospital pregnancy opioids opioid samhsa hepatitis SAMHSA`).split(' '));

test('what a person reads is at a sixth-grade level', () => {
  const texts = [...rules.map((row) => [row.id, row.reason]), ...rules.filter((row) => row.act).map((row) => [`${row.id} act`, row.act]),
    ...english.Always.map((row) => [row.id, row.text])];
  const grades = texts.map(([id, text]) => [grade(text, NAMES), id]).sort((a, b) => b[0] - a[0]);
  const mean = grades.reduce((sum, [value]) => sum + value, 0) / grades.length;
  assert.ok(mean <= 5, `the mean is ${mean.toFixed(1)}`);
  assert.deepEqual(grades.filter(([value]) => value > 8), []);
});

test('nothing blames, in either language', () => {
  const words = readCsv(read('words-to-avoid.csv'));
  for (const [language, name] of [['en', 'level-of-care.md'], ['es', 'level-of-care.es.md']]) {
    const text = ` ${fold(read(name))} `;
    for (const row of words.filter((row) => row.language === language && !row.except))
      assert.ok(!text.includes(` ${fold(row.word)} `), `${name} says "${row.word}"`);
    assert.doesNotMatch(read(name), /[!¡]/);
  }
});

test('every rule has a source, a grade and a place to sign', () => {
  for (const rule of rules) {
    assert.ok(rule.source, rule.id);
    assert.match(rule.grade, /^(?:V|V2|GK|P)$/, rule.id);
    assert.ok(rule.signed, rule.id);
  }
});

// The two articles' factors, after the reference's list (inpatient: long history, severe, mental illness, unsafe home,
// little support; outpatient: safe home, support, good health, a way there, motivation).
test('every factor of the articles is there', () => {
  const named = Object.fromEntries(english.Factors.map((row) => [row.factor, row.toward]));
  for (const factor of ['long-history', 'severe', 'mental-illness', 'unsafe-home', 'little-support']) assert.equal(named[factor], 'inpatient', factor);
  for (const factor of ['safe-home', 'good-support', 'good-health', 'transport', 'motivation']) assert.equal(named[factor], 'outpatient', factor);
});

// --- The proof, by the command line ------------------------------------------------------------------------------------

const run = (...words) => spawnSync(fairlead, ['knowledge', ...words], { encoding: 'utf8' });

// Check a share folder of its own, in which each [file, from, to] was replaced.
function checkWith(edits, ...words) {
  const share = mkdtempSync(join(tmpdir(), 'fairlead-care-'));
  try {
    for (const part of ['knowledge', 'locale', 'pages']) cpSync(join(root, part), join(share, part), { recursive: true });
    for (const [name, from, to] of edits) {
      const path = join(share, 'knowledge', name), text = readFileSync(path, 'utf8');
      assert.ok(text.includes(from), `${name} lacks "${from}"`);
      writeFileSync(path, text.replace(from, () => to));
    }
    return run('check', '--folder', share, ...words);
  } finally {
    rmSync(share, { recursive: true });
  }
}
const edit = (from, to) => [['level-of-care.md', from, to]];
const addRule = (id, dimension, when, effect) => [
  ['level-of-care.md', '\n| B17 |', `\n| ${id} | ${dimension} | ${when} | ${effect} | Reason. | source | P | unsigned |\n| B17 |`],
  ['level-of-care.es.md', '\n| B17 |', `\n| ${id} | Motivo. |\n| B17 |`],
];
const lineOf = (start) => read('level-of-care.md').split('\n').findIndex((line) => line.startsWith(start)) + 1;

test('the table is proved in well under 30 seconds', () => {
  const answer = run('check');
  assert.equal(answer.stderr, '');
  assert.equal(answer.status, 0);
  const count = (what) => Number(new RegExp(`^${what} +([0-9.]+)$`, 'm').exec(answer.stdout)?.[1]);
  assert.equal(count('facts'), english.Facts.length);
  assert.equal(count('levels of care'), 9);
  assert.equal(count('stop rules'), 6);
  assert.equal(count('need rules'), english['Need rules'].length);
  assert.ok(count('cells proved') > 100000);
  assert.ok(count('joins proved') > 1000);
  assert.ok(count('steps proved') > 100000);
  assert.ok(count('seconds of the proof') < 30);
  const document = JSON.parse(run('check', '--json').stdout);
  assert.deepEqual([document.problems, document.notes], [[], []]);
  assert.ok(document.proof_seconds < 30);
});

// One of each kind; what is expected is the smallest set of answers that shows the fault, worked out by hand.
const FAULTS = [
  ['incomplete', edit('| G11 | not residential | 1.5 | COE RR |\n', ''), 'level-of-care.md:0: no row of Aggregation holds: with nothing known: no level by no rule.'],
  ['a rule twice', addRule('B12', '4A', 'risky_use is some', 'at least 2.1'), "id 'B12' stands twice"],
  ['two rules for the same', addRule('Z1', '4A', 'risky_use is imminent', 'at least 2.1'), 'Z1 holds exactly when B12 does, in the same dimension'],
  ['not monotone: a suspension', addRule('Z1', '5A', 'housing is unsafe', 'suspend B11'),
    `level-of-care.md:${lineOf('| B17 |')}: a worse housing lowers the care: with housing unstable: 3.1 by B11, B14; with housing unsafe: 1.5 RR by B14, Z1; beside it: lasting_impairment yes.`],
  ['not monotone: an order turned round', edit('| need | yes < no | - | yes | prenatal care', '| need | no < yes | - | yes | prenatal care'),
    'a worse prenatal_care lowers the care: with prenatal_care no: 1.7 by B8a; with prenatal_care yes: 1.5 by no rule; beside it: pregnant yes.'],
  ['not monotone: steps changed about', edit('| G9 | 2.5 or 2.1 and COE | 2.5 | COE RR |\n| G10 | 2.1 | 2.1 | RR |\n', '| G10 | 2.1 | 2.1 | RR |\n| G9 | 2.5 or 2.1 and COE | 2.5 | COE RR |\n'),
    'a worse overdose_days lowers the care: with overdose_days 31: 2.5 COE by B9, B9a; with overdose_days 30: 2.1 by B5, B9, B9a; beside it: psychosis_or_mania yes, daily_function_impaired yes.'],
  ['a preference', edit('| overdose_days <= 30 |', '| overdose_days <= 30 and not preference is outpatient |'),
    'preference moves the level, and may not: with preference inpatient: 2.1 by B5; with preference outpatient: 1.5 by no rule; beside it: overdose_days 0.'],
  ['a payer', edit('| chronic_illness | at least 1.7 |', '| chronic_illness and coverage is private | at least 1.7 |'),
    'coverage moves the level, and may not: with coverage medicare: 1.5 by no rule; with coverage private: 1.7 by B7; beside it: chronic_illness yes.'],
  ['a veteran', addRule('Z1', '3A', 'veteran', 'add COE'), 'veteran moves the level, and may not: with veteran no: 1.5 by no rule; with veteran yes: 1.5 COE by Z1; beside it: nothing known.'],
  ['a language', addRule('Z1', '3A', 'language is sign', 'at least 2.1'), 'language moves the level, and may not: with language spanish: 1.5 by no rule; with language sign: 2.1 by Z1; beside it: nothing known.'],
  ['age', addRule('Z1', '2A', 'age >= 65', 'at least 1.7'), 'age moves the level, and may not: with age 64: 1.5 by no rule; with age 65: 1.7 by Z1; beside it: nothing known.'],
  ['pregnancy lowers', addRule('Z1', '2B', 'pregnant', 'suspend B7'), 'a worse pregnant lowers the care: with pregnant no: 1.7 by B7; with pregnant yes: 1.5 by Z1; beside it: chronic_illness yes.'],
  ['a rule that nothing reaches', edit('| cows >= 25 | at least 3.7 |', '| cows >= 25 and cows <= 24 | at least 3.7 |'), 'B3 can never hold: no answers make its condition true'],
  ['a promise that a rule breaks', edit('| cows >= 25 | at least 3.7 |', '| cows >= 25 | at least 2.7 |'), 'promise P10 (at least 3.7) does not hold: with cows 25: 2.7 by B3.'],
  ['no source', edit('| Oklahoma ODASL, 2018 | P | unsigned |', '| | P | unsigned |'), 'source is empty. fill it in.'],
  ['an unknown fact', edit('| not fluids_kept |', '| not fluids_held |'), `level-of-care.md:${lineOf('| B3a |')}: when, column 5: unknown fact 'fluids_held'.`],
  ['no Spanish', [['level-of-care.es.md', '\n| B11 |', '\n| B11x |']], "'Need rules' lacks id 'B11'"],
];
for (const [name, edits, expected] of FAULTS) {
  test(`a planted fault is caught: ${name}`, () => {
    const answer = checkWith(edits);
    assert.equal(answer.status, 1);
    assert.ok(answer.stderr.includes(expected), answer.stderr);
  });
}

test('a stop rule that became a need is caught', () => {
  const stop = read('level-of-care.md').split('\n').find((line) => line.startsWith('| A4 |'));
  const said = read('level-of-care.es.md').split('\n').find((line) => line.startsWith('| A4 |'));
  const answer = checkWith([['level-of-care.md', `${stop}\n`, ''], ['level-of-care.es.md', `${said}\n`, ''],
    ...addRule('A4', '1B', 'delirium or seizure_48h or ciwa_ar >= 19', 'at least 4')]);
  assert.equal(answer.status, 1);
  assert.match(answer.stderr, /promise P4 \(at least an emergency\) does not hold: with (?:seizure_48h yes|delirium yes|ciwa_ar 20): 4 by A4\./);
});

test('what changes nothing is a note, and no problem', () => {
  const edits = addRule('Z1', '5A', 'lasting_impairment and chronic_illness', 'at least 3.1');
  assert.match(checkWith(edits).stderr, /^level-of-care\.md:\d+: Z1 never changes a result: .* \(note\)$/m);
  // The copy lacks what the build makes (places.tsv), which is no fault of its knowledge.
  assert.equal(checkWith([]).status, 0);
  const [before, after] = [[], edits].map((edited) => JSON.parse(checkWith(edited, '--json').stdout));
  assert.deepEqual(after.problems.map((problem) => problem.file), before.problems.map((problem) => problem.file));
  assert.deepEqual([before.notes.length, after.notes.length], [0, 1]);
});

test('a scale may not give a fact that the table does not know', () => {
  const given = read('instrument-facts.csv').split('\n');
  const columns = given[0].split(','), row = given[1];
  assert.ok(columns.includes('fact'), given[0]);
  const fact = readCsv(read('instrument-facts.csv'))[0].fact;
  const answer = checkWith([['instrument-facts.csv', row, row.replace(`,${fact}`, ',shoe_size')]]);
  assert.equal(answer.status, 1);
  assert.match(answer.stderr, /gives the fact 'shoe_size', which the table does not know/);
});

// --- show and list ----------------------------------------------------------------------------------------------------

test('show says a rule in words of both languages', () => {
  const { found: [rule] } = JSON.parse(run('show', 'B13', '--json').stdout);
  assert.deepEqual([rule.rule, rule.kind, rule.dimension, rule.signed], ['B13', 'need rule', '4A', 'unsigned']);
  assert.equal(rule.if.en, '“risk of dangerous use: likely within a day” and not “medicine taken now for opioid use disorder: none” '
    + 'and (“the place to live: safe and steady” or “a confirmed place in a recovery home: confirmed”)');
  assert.match(rule.if.es, /^“riesgo de un consumo peligroso: .*” y no “medicina que toma ahora .*” y \(“el lugar donde vive: .*” o “.*”\)$/);
  assert.equal(rule.then.en, 'at least 2.1: Intensive outpatient; rule B12 does not count; rule B12a does not count');
  assert.ok(rule.then.es.startsWith('al menos 2.1: Tratamiento ambulatorio intensivo; la regla B12 no cuenta'));
  assert.equal(rule.reason.es, spanish['Need rules'].find((row) => row.id === 'B13').reason);
  assert.equal(rule.act, undefined);
  const then = (id) => JSON.parse(run('show', id, '--json').stdout).found[0].then.en;
  assert.equal(then('B9a'), 'at least 2.5: Day treatment, with mental health care by the same team');
  assert.equal(then('B14'), 'a recovery home is added');
  assert.equal(then('B16'), 'one step more in this dimension');
  assert.equal(then('B1'), 'medicine starts: there, or with at least the medical outpatient level');
  assert.equal(then('B17'), 'it is written down and moves no level');
  assert.equal(then('U18'), 'this table is not for them');
  const { found: [stop] } = JSON.parse(run('show', 'A6', '--json').stdout);
  assert.equal(stop.if.en, '“bleeding, contractions, or the baby moves less” or (“pregnant” and “COWS withdrawal score” at least 5)');
  assert.equal(stop.then.en, 'an emergency: nothing else counts');
  assert.ok(stop.act.en && stop.act.es);
  const words = (id) => JSON.parse(run('show', id, '--json').stdout).found[0].if.en;
  assert.equal(words('B9a'), '(“PHQ-9 depression score” at least 20 or “psychosis or mania, with no danger now” or “PC-PTSD-5 trauma score” at least 4) '
    + 'and “everyday things cannot be done because of mental health or use”');
  assert.equal(words('U18'), '“age in years” less than 18');
  assert.match(run('show', 'B13').stdout, /^ {2}if \(en\) +“risk of dangerous use/m);
});

test('show knows the table, its facts and its levels', () => {
  const { found: [table] } = JSON.parse(run('show', 'level-of-care', '--json').stdout);
  assert.equal(table.levels.length, 9);
  assert.deepEqual(table['stop rules'], ['A1', 'A2', 'A3', 'A4', 'A5', 'A6']);
  assert.deepEqual(table['need rules'], english['Need rules'].map((row) => row.id));
  assert.equal(table.facts, english.Facts.length);
  assert.equal(table.unsigned, rules.filter((rule) => rule.signed === 'unsigned').length);
  assert.match(run('show', 'level-of-care').stdout, /^ {2}unsigned +\d+$/m);
  const fact = (name) => JSON.parse(run('show', name, '--json').stdout).found.find((one) => one.fact === name);
  assert.deepEqual(fact('cows').rules, ['A6', 'B2', 'B2a', 'B3']);
  assert.deepEqual(fact('cows').values, ['0 to 48']);
  assert.deepEqual(fact('housing').values, ['safe', 'unstable', 'unsafe']);
  assert.deepEqual(fact('housing').rules, ['B13', 'B13a', 'B14', 'B14a']);
  assert.deepEqual(fact('preference').rules, []);
  assert.equal(fact('preference').role, 'wish');
  const { found: [level] } = JSON.parse(run('show', '2.7', '--json').stdout);
  assert.deepEqual([level.asam3, level.asam4], ['2-WM, 2.5', '2.7']);
  assert.match(level.note, /not endorsed/);
});

test('list counts the rows of documents', () => {
  const { files } = JSON.parse(run('list', '--json').stdout);
  const count = (name) => Object.values(tables(read(name))).reduce((sum, rows) => sum + rows.length, 0);
  for (const name of ['level-of-care.md', 'level-of-care.es.md'])
    assert.equal(files.find((file) => file.file === name).rows, count(name), name);
});
