// knowledge/ as a reader meets it: its words are plain and respectful, its needs mean what people mean, and
// `fairlead knowledge` finds each fault. Expressions and readability are computed here, apart from the program.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCsv } from '../support/independent.mjs';
import { fold, grade as fleschKincaid } from '../support/reading.mjs';
import { fairlead, shared } from '../support/server.mjs';

const folder = fileURLToPath(new URL('../../knowledge', import.meta.url));
const read = (name) => readCsv(readFileSync(join(folder, name), 'utf8'));
const codes = read('service-codes.csv');
const categories = read('service-categories.csv');
const needs = read('needs.csv');
const groups = read('need-groups.csv');
const signs = read('signs.csv');
const help = read('help.csv');
const synonyms = read('synonyms.csv');

// --- Expressions, by JavaScript's own operators -----------------------------------------------------------------

const compile = (expression) => new Function('has', `return ${expression
  .replace(/directory:\w+|[A-Z][A-Z0-9]*/g, (word) => `has(${JSON.stringify(word)})`)
  .replaceAll('|', '||').replaceAll('&', '&&')}`);
const meaning = new Map(needs.map((need) => [need.need, compile(need.expression)]));
function meets(need, listed) {
  const set = new Set(listed.split(' '));
  return Boolean(meaning.get(need)((word) => set.has(word)));
}

// [need, what a listing reports, does the need hold?]. From the service-code dictionary and its traps: "used" is not
// "prescribed", a pharmacotherapy is not a program, a taper is not maintenance, government money is not coverage.
const TRAPS = [
  ['methadone', 'MU', false], ['methadone', 'METH', false], ['methadone', 'OMB', false], ['methadone', 'DM', false],
  ['methadone', 'PAIN', false], ['methadone', 'MM', true], ['methadone', 'OTP', true],
  ['buprenorphine', 'BU', false], ['buprenorphine', 'BWN BWON', false], ['buprenorphine', 'DB', false],
  ['buprenorphine', 'BUM', true], ['buprenorphine', 'UB', true],
  ['naltrexone', 'NU', false], ['naltrexone', 'NXN', false], ['naltrexone', 'RPN', true], ['naltrexone', 'UN', true],
  ['keep-medication', 'MU BU', false], ['keep-medication', 'DB DM', false], ['keep-medication', 'MOA', true],
  ['keep-medication', 'MOA NMOA', false], ['keep-medication', 'BUM NMOA', false], ['keep-medication', '', false],
  ['free', 'FSA SAMF', false], ['free', 'NP', true], ['medicaid', 'SI FSA', false],
  ['detox-then-medication', 'DT DB DM', false], ['detox-then-medication', 'DT BUM', true],
  ['detox-then-medication', 'DT BUM NMOA', false],
  ['non-opioid-detox', 'CLND', false], ['non-opioid-detox', 'DLC', true], ['non-opioid-detox', 'LFXD', false],
  ['opioid-use', 'directory:su', true], ['opioid-use', 'directory:su NOOP', false], ['opioid-use', 'directory:mh MH', false],
  ['substance-use', 'directory:mh MH', false], ['substance-use', 'directory:mh SUMH', true],
  ['teens', 'ADLT', false], ['teens', 'CHLD', true], ['teens', 'AD', true], ['teens', 'AD ADLT', false],
  ['licensed', 'SOTP DEA', false], ['accredited', 'STAG', false],
  ['alcohol-medication', 'ACMA', false], ['alcohol-medication', 'NMAUT', false], ['alcohol-medication', 'PMAT', true],
  ['crisis-care', 'CIT', false], ['crisis-care', 'WI', true], ['spanish', 'FX', false], ['other-languages', 'SP', false],
  ['recovery-housing', 'HS', false], ['naloxone', 'BWN', false], ['hepatitis-care', 'TAEC', false],
  ['hiv-test', 'HAEC', false], ['indian-health', 'NX', false], ['family', 'MCO', false],
];

test('needs mean what people mean', () => {
  for (const [need, listed, expected] of TRAPS) {
    assert.ok(meaning.has(need), `there is no need ${need}`);
    assert.equal(meets(need, listed), expected, `${need} with "${listed}"`);
  }
});

test('no need is met by the absence of codes alone', () => {
  for (const need of needs) assert.equal(meets(need.need, ''), false, need.need);
});

test('signs of quality never look at payment or ownership', () => {
  const money = new Set(codes.filter((code) => ['PAY', 'PYAS', 'FOP'].includes(code.category_code)).map((code) => code.code));
  for (const sign of signs)
    for (const word of sign.expression.match(/[A-Z][A-Z0-9]*/g)) assert.ok(!money.has(word), `${sign.name} asks for ${word}`);
});

test('groups in which any need suffices are those of the design', () => {
  assert.deepEqual(groups.filter((group) => group.match === 'any').map((group) => group.group).sort(),
    ['language', 'medication', 'paying', 'setting', 'withdrawal']);
});

// --- Words --------------------------------------------------------------------------------------------------------

// Names that a reader knows or must ask for, and that have no plain word: each counts as a word of two syllables.
const NAMES = new Set(fold(`methadone buprenorphine naltrexone naloxone lofexidine clonidine acamprosate disulfiram ketamine
  suboxone vivitrol sublocade brixadi lucemyra campral antabuse symbyax medicaid medicare tricare samhsa joint commission
  hepatitis tuberculosis alzheimer federally qualified health center department veterans affairs indian service
  outpatient residential psychiatric antipsychotic vietnamese portuguese american alaska native contingency management
  cognitive behavioral therapy motivational interviewing opioid opioids detox accredited accreditation`).split(' '));

const grade = (text) => fleschKincaid(text, NAMES);

test('the formula knows easy from hard', () => {
  assert.ok(grade('The cat sat on the mat. It was warm.') < 2);
  assert.ok(grade('Comprehensive pharmacotherapeutic interventions necessitate interdisciplinary coordination.') > 16);
});

test('explanations read at a sixth-grade level', () => {
  const grades = needs.map((need) => [grade(need.explanation_en), need.need]).sort((a, b) => b[0] - a[0]);
  const mean = grades.reduce((sum, [value]) => sum + value, 0) / grades.length;
  assert.ok(mean <= 5, `the mean is ${mean.toFixed(1)}`);
  assert.deepEqual(grades.filter(([value]) => value > 8), []);
});

test('labels are short and plain', () => {
  const labels = [...codes, ...needs, ...signs, ...categories, ...groups].map((row) => row.label_en);
  for (const label of labels) assert.ok(fold(label).split(' ').length <= 15, label);
  const plain = labels.filter((label) => !/^(?:Antipsychotic|Accredited by)/.test(label));
  const whole = grade(plain.map((label) => `${label.replaceAll(/[.:;]/g, '')}.`).join(' '));
  assert.ok(whole <= 6.5, `all labels together: ${whole.toFixed(1)}`);
});

test('every text stands in both languages, and differs unless it is a name', () => {
  const same = new Set(['Medicare', 'Medicaid', 'Hindi', 'Hmong', 'Ojibwa', 'Yupik']);
  for (const row of [...codes, ...needs, ...signs, ...categories, ...groups, ...help]) {
    assert.ok(row.label_en && row.label_es, JSON.stringify(row));
    if (row.label_en === row.label_es) assert.ok(same.has(row.label_en), row.label_en);
  }
});

test('an explanation says what the listing states, in one or two sentences', () => {
  for (const need of needs)
    for (const language of ['en', 'es']) {
      const text = need[`explanation_${language}`];
      assert.match(text, /^[^\s].*\.$/, need.need);
      assert.ok(text.split(/[.!?](?:\s|$)/).filter(Boolean).length <= 3, `${need.need}: ${text}`);
      assert.ok(!text.includes('!'), need.need);
    }
});

test('no text blames or labels a person', () => {
  const avoided = read('words-to-avoid.csv');
  for (const language of ['en', 'es']) {
    const texts = [...codes, ...needs, ...signs, ...categories, ...groups, ...help]
      .flatMap((row) => [row[`label_${language}`], row[`explanation_${language}`] ?? '']);
    const messages = readFileSync(join(folder, `../locale/${language}/knowledge.csv`), 'utf8');
    for (const { word } of avoided.filter((row) => row.language === language))
      for (const text of [...texts, messages])
        assert.ok(!` ${fold(text)} `.includes(` ${fold(word)} `), `"${word}" in "${text}"`);
  }
  for (const word of ['addict', 'abuse', 'clean', 'dirty', 'adicto', 'abuso', 'limpio', 'sucio'])
    assert.ok(avoided.some((row) => row.word === word), word);
});

test('people find each need by their own words', () => {
  assert.ok(synonyms.length >= 250);
  const means = (phrase) => synonyms.filter((row) => row.phrase === phrase).map((row) => row.need).sort();
  for (const need of needs) assert.ok(synonyms.some((row) => row.need === need.need), need.need);
  const expected = {
    suboxone: ['buprenorphine'], bupe: ['buprenorphine'], subs: ['buprenorphine'], metadona: ['methadone'],
    narcan: ['naloxone'], mat: ['buprenorphine', 'methadone', 'naltrexone'], iop: ['intensive-outpatient'],
    php: ['day-treatment'], desintoxicacion: ['detox'], embarazada: ['pregnant'], gratis: ['free'],
    tricare: ['military-insurance'], asl: ['sign-language'], trans: ['lgbtq'], 'halfway house': ['recovery-housing'],
    'dual diagnosis': ['dual-diagnosis'], vivitrol: ['naltrexone-injection'], va: [], me: [], la: [], or: [], in: [],
  };
  for (const [phrase, found] of Object.entries(expected)) assert.deepEqual(means(phrase), found, phrase);
  // Two letters are a state's name.
  for (const { phrase } of synonyms) assert.ok(phrase.length > 2, phrase);
});

const places = [dirname(fairlead), dirname(dirname(fairlead))].map((above) => join(above, 'share/places.tsv')).find(existsSync);

// A phrase that is a synonym is never a place by itself: Mentor, Ohio, must stay one.
test('no synonym hides a city but these small ones', { skip: !places && 'the list of places is not built' }, () => {
  const phrases = new Set(synonyms.map((row) => row.phrase));
  const hidden = readFileSync(places, 'utf8').split('\n').map((line) => line.split('\t'))
    .filter(([kind]) => kind === 'zip').map((fields) => fold(fields[6]));
  assert.ok(hidden.includes('richmond'));
  assert.deepEqual([...new Set(hidden.filter((city) => phrases.has(city)))].sort(),
    ['creole', 'gay', 'gays', 'gratis', 'ojibwa', 'ruso', 'soldier', 'veteran']);
});

// --- The official dictionary -------------------------------------------------------------------------------------

const official = join(shared, 'data/directory/service_codes_full.csv');
const sample = join(shared, 'data/directory/findtreatment_api_sample_2019.json');
const missing = !existsSync(official) && 'the official dictionary is not here';

test('every code of both directories is there with its own label', { skip: missing }, () => {
  const ours = new Map(codes.map((code) => [code.code, code]));
  const rows = readCsv(readFileSync(official, 'utf8'));
  for (const row of rows) {
    const code = ours.get(row.code);
    assert.ok(code, row.code);
    assert.equal(code.official_label, row.label);
    assert.equal(code.category_code, row.category_code);
    assert.ok(code.directories.split(' ').includes(row.facility_type.toLowerCase()), row.code);
    assert.equal(categories.find((category) => category.category_code === row.category_code).official_label, row.category_label);
  }
  assert.equal(ours.size, new Set(rows.map((row) => row.code)).size);
});

test('every label of the 2019 response has a code or is known as retired', { skip: missing }, () => {
  const known = new Map(codes.map((code) => [`${code.category_code}|${fold(code.official_label)}`, code.code]));
  const old = new Map();
  for (const row of read('service-code-aliases.csv')) {
    if (row.label === '*') old.set(row.category, row.code);
    else known.set(`${row.category}|${fold(row.label)}`, row.code);
  }
  const document = JSON.parse(readFileSync(sample, 'utf8'));
  let labels = 0;
  for (const facility of [document].flat().flatMap((page) => page.rows))
    for (const { f2, f3 } of facility.services ?? [])
      for (const label of f3.split(';').map(fold)) {
        const code = known.get(`${f2}|${label}`) ?? known.get(`${old.get(f2)}|${label}`);
        assert.ok(code, `${f2}: ${label}`);
        labels++;
      }
  assert.ok(labels > 1000);
});

// --- fairlead knowledge ---------------------------------------------------------------------------------------------

const run = (...words) => spawnSync(fairlead, ['knowledge', ...words], { encoding: 'utf8' });

// A share folder of its own, with rows added to one file; answers the check's run.
function checkWith(name, rows) {
  const share = mkdtempSync(join(tmpdir(), 'fairlead-knowledge-'));
  try {
    for (const part of ['knowledge', 'locale', 'pages'])
      cpSync(join(folder, '..', part), join(share, part), { recursive: true });
    appendFileSync(join(share, name), rows);
    return run('check', '--folder', share);
  } finally {
    rmSync(share, { recursive: true });
  }
}

test('check counts what it looked at and finds nothing wrong', () => {
  const answer = run('check');
  assert.equal(answer.stderr, '');
  assert.equal(answer.status, 0);
  assert.match(answer.stdout, new RegExp(`^needs +${needs.length}$`, 'm'));
  assert.match(answer.stdout, /^service codes +317$/m);
  assert.match(answer.stdout, /^instruments +19$/m);
  assert.match(answer.stdout, /^problems +0$/m);
  const document = JSON.parse(run('check', '--json').stdout);
  assert.deepEqual(document.problems, []);
  assert.ok(document.checked.some((row) => row.what === 'needs' && row.count === needs.length));
});

test('check names each fault with file, line, what and how to mend it', () => {
  const line = readFileSync(join(folder, 'needs.csv'), 'utf8').split('\n').length;
  const faults = [
    ['knowledge/needs.csv', 'x,people,a,b,c,d,MM & QQ\n', `needs.csv:${line}: expression, column 6: unknown code 'QQ'. use a code of service-codes.csv.`],
    ['knowledge/needs.csv', 'x,people,a,b,c,d,MM & !MM\n', `needs.csv:${line}: unreachable: no facility can meet the expression. say what a facility must report.`],
    ['knowledge/needs.csv', 'x,people,a,b,c,d,BMW | MMW\n', "needs.csv:0: unreachable: 'x' asks only for codes of the past. ask for a code of today."],
    ['knowledge/needs.csv', 'x,people,a,b,c,d,MM\n', "synonyms.csv:0: need 'x' has no synonym. add what people call it."],
    ['knowledge/needs.csv', 'x,people,Help for addicts,b,c,d,MM\n', "needs.csv:0: x says 'addicts' in en. write \"people with a substance use disorder\"."],
    ['knowledge/need-groups.csv', 'x,a,b,all,999\n', "need-groups.csv:0: group 'x' has no need. take it out."],
    ['knowledge/synonyms.csv', 'Bupe!,buprenorphine\n', "'Bupe!' is not folded; folded it is 'bupe'. write it in its folded form."],
    ['knowledge/signs.csv', 'x,a,b,MM,,I\n', 'source is empty. fill it in.'],
    ['knowledge/cautions.csv', 'x,a,b,QQ,d\n', "unknown code 'QQ'"],
    ['knowledge/instruments.csv', 'x,yes,person,,ignore,a,V,unsigned\n', 'instruments/x.json:0:'],
    ['knowledge/instrument-bands.csv', 'phq-2,total,x,no,total = 0..5,any,a,b,c,d,e,V,unsigned\n', "band set 'x' has no band for total 6. add a row, or widen one."],
    ['locale/en/knowledge.csv', 'knowledge.only.english,a\n', 'knowledge.only.english'],
    ['pages/home.mustache', '{{#open}}\n', 'home'],
    ['knowledge/place-words.csv', '"open\n', 'place-words.csv'],
  ];
  for (const [name, rows, expected] of faults) {
    const answer = checkWith(name, rows);
    assert.equal(answer.status, 1, name);
    assert.ok(answer.stderr.includes(expected), `${rows} gave ${answer.stderr}`);
    assert.doesNotMatch(answer.stdout, /^problems +0$/m);
  }
});

test('list prints every file with its rows and SHA-256', () => {
  const { files } = JSON.parse(run('list', '--json').stdout);
  const listed = files.find((file) => file.file === 'needs.csv');
  assert.equal(listed.rows, needs.length);
  assert.equal(listed.sha256, createHash('sha256').update(readFileSync(join(folder, 'needs.csv'))).digest('hex'));
  assert.match(run('list').stdout, /^service-codes\.csv +317 +[0-9a-f]{64}$/m);
});

test('show explains a need, a code, a category and a sign', () => {
  const { found: [need] } = JSON.parse(run('show', 'keep-medication', '--json').stdout);
  assert.equal(need.expression, '(MOA | MM | BUM | UB) & !NMOA');
  assert.ok(need.in_words.en.startsWith('(“Lets you stay on opioid use medicine prescribed elsewhere” or “'));
  assert.ok(need.in_words.es.endsWith('y no “No usa medicamentos para el trastorno por uso de opioides”'));
  assert.ok(need.synonyms.includes('stay suboxone'));
  const { found: [code] } = JSON.parse(run('show', 'bum', '--json').stdout);
  assert.equal(code.official_label, 'Buprenorphine maintenance');
  assert.ok(code.needs.includes('buprenorphine') && code.signs.includes('medication'));
  const { found: [category] } = JSON.parse(run('show', 'om', '--json').stdout);
  assert.deepEqual(category.codes, ['MU', 'BU', 'NU']);
  const { found: [sign] } = JSON.parse(run('show', 'families', '--json').stdout);
  assert.equal(sign.grade, 'I');
  assert.ok(sign.source.includes('SAMHSA'));
  const { found: [instrument] } = JSON.parse(run('show', 'cows', '--json').stdout);
  assert.equal(instrument.items[0], '1 (0 1 2 4)');
  assert.ok(instrument.bands.some((band) => band.startsWith('wesson-ling-2003: mild (total = 5..12;')));
  assert.match(run('show', 'bam-r').stdout, /2 \(0 to 30\)/);
  assert.match(run('show', 'substance-use').stdout, /listed in a drug and alcohol treatment directory or/);
});

test('a wrong call is explained', () => {
  assert.equal(run().status, 2);
  assert.equal(run('frob').status, 2);
  assert.equal(run('show').status, 2);
  assert.equal(run('check', 'more').status, 2);
  const unknown = run('show', 'nothing-like-it');
  assert.equal(unknown.status, 1);
  assert.match(unknown.stderr, /no need, sign, service code, category, instrument, rule or fact is called "nothing-like-it"/);
  assert.equal(run('list', '--folder', '/nowhere/at/all').status, 1);
});
