// `fairlead score` against cases from outside: shared/data/clinical/instrument_vectors.csv (published forms and their
// bands), and the administrations that VistA recorded with the totals it stored; and the command as a person meets it.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCsv } from '../support/independent.mjs';
import { fairlead, shared, temporaryFolder } from '../support/server.mjs';

const instruments = fileURLToPath(new URL('../../knowledge/instruments', import.meta.url));
const clinical = join(shared, 'data/clinical');
const absent = !existsSync(clinical) && `no scored cases at ${clinical}`;

function end(words, input = '') {
  const { status, stdout, stderr } = spawnSync(fairlead, ['score', ...words], { encoding: 'utf8', input });
  return { status, stdout, stderr };
}
function score(id, answers, more = {}, ...words) {
  const { status, stdout, stderr } = end([id, '-', '--json', ...words], JSON.stringify({ answers, ...more }));
  assert.equal(status, 0, `${id} ${JSON.stringify(answers)}: ${stderr}`);
  assert.equal(stderr, '');
  return JSON.parse(stdout);
}

// The allowed answers of each item that is answered, in the form's order, by the questionnaire itself.
function sets(id) {
  const found = {};
  const extension = (owner, name) => owner.extension?.find(({ url }) => url.endsWith(`/${name}`));
  const walk = (owner) => (owner.item ?? []).forEach((item) => {
    if (item.type === 'boolean') found[item.linkId] = [0, 1];
    if (item.type === 'choice') found[item.linkId] = item.answerOption.map((option) => extension(option, 'ordinalValue').valueDecimal);
    if (item.type === 'integer') {
      const [low, high] = ['minValue', 'maxValue'].map((name) => extension(item, name).valueInteger);
      found[item.linkId] = Array.from({ length: high - low + 1 }, (_, index) => low + index);
    }
    walk(item);
  });
  walk(JSON.parse(readFileSync(join(instruments, `${id}.json`), 'utf8')));
  return found;
}

// Answers with every total that they can give: {total: answers}. `counts` says what an answer counts.
function reachable(id, numbers, counts = (number, answer) => answer) {
  const allowed = sets(id);
  let totals = new Map([[0, {}]]);
  for (const number of numbers) {
    const next = new Map();
    for (const [total, answers] of totals)
      for (const answer of allowed[number])
        if (!next.has(total + counts(number, answer))) next.set(total + counts(number, answer), { ...answers, [number]: answer });
    totals = next;
  }
  return totals;
}

// --- Published forms ------------------------------------------------------------------------------------------------

const rows = absent ? [] : readCsv(readFileSync(join(clinical, 'instrument_vectors.csv'), 'utf8'));
const of = (name) => rows.filter((row) => row.instrument === name);
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
const band = (words) => words.replace(/ \(.*\)/, '').replaceAll(' ', '-');

test('every scored case is of a kind that is tested here', { skip: absent }, () => {
  assert.equal(rows.length, 76);
  assert.deepEqual([...new Set(rows.map((row) => row.instrument))].sort(), ['BAM-R item transform', 'C-SSRS screener', 'CIWA-Ar band (Sullivan/VA)',
    'COWS', 'COWS band', 'DAST-10 band', 'GAD-7 band', 'PC-PTSD-5', 'PHQ-9 band']);
});

test('COWS: the worked cases', { skip: absent }, () => {
  const order = ['pulse', 'sweating', 'restlessness', 'pupil', 'bone_joint', 'runny_nose', 'gi', 'tremor', 'yawning', 'anxiety', 'gooseflesh'];
  for (const row of of('COWS')) {
    const answers = Object.fromEntries(row.inputs.split(';').map((pair) => pair.split('=')).map(([name, value]) => [order.indexOf(name) + 1, Number(value)]));
    const result = score('cows', answers);
    assert.equal(result.total, Number(row.expected_total));
    assert.equal(result.band, band(row.expected_band));
    assert.equal(result.complete, true);
  }
});

// Each form: its items, its greatest total, totals that no answers give (none but for COWS), options.
const FORMS = {
  cows: ['COWS band', range(1, 11), 48, []],
  'phq-9': ['PHQ-9 band', range(1, 9), 27, []],
  'gad-7': ['GAD-7 band', range(1, 7), 21, []],
  'dast-10': ['DAST-10 band', range(1, 10), 10, ['--licensed'], (number, answer) => (number === '3' ? 1 - answer : answer)],
  'ciwa-ar': ['CIWA-Ar band (Sullivan/VA)', range(1, 10), 67, []],
};
for (const [id, [name, numbers, most, options, counts]] of Object.entries(FORMS))
  test(`${id}: every total from 0 to ${most}, and its band`, { skip: absent }, () => {
    const totals = reachable(id, numbers, counts), cases = of(name), bands = [];
    assert.deepEqual([...totals.keys()].sort((a, b) => a - b), Array.from({ length: most + 1 }, (_, total) => total));
    for (const [total, answers] of totals) {
      const result = score(id, answers, {}, ...options);
      assert.equal(result.total, total);
      assert.deepEqual(result.missing, []);
      bands[total] = result.band;
    }
    assert.ok(cases.length >= 8);
    const meant = new Map(); // what a published range is called here
    for (const row of cases) {
      const total = Number(row.expected_total);
      if (id !== 'ciwa-ar') assert.equal(bands[total], band(row.expected_band), `${id} ${total}`);
      else if (row.expected_band !== 'maximum') {
        assert.equal(meant.get(row.expected_band) ?? bands[total], bands[total], `one band for ${row.expected_band}`);
        meant.set(row.expected_band, bands[total]);
      }
    }
    assert.equal(new Set(meant.values()).size, meant.size, 'each range has its own band');
    // Between the published ends of a band no other band lies.
    assert.equal(bands.filter((name, total) => total && name !== bands[total - 1]).length + 1, new Set(bands).size);
  });

test('CIWA-Ar: the other band sets have their own cuts', { skip: absent }, () => {
  const totals = reachable('ciwa-ar', range(1, 10));
  // clinical.md 2.1: VistA's help 0-9, 10-19, 20 and above; ASAM 2020 under 10, 10-18, 19 and above; Sullivan under 8, 8-15, 16-20, above 20.
  for (const [set, cuts] of [['vista', [10, 20]], ['asam-2020', [10, 19]], ['sullivan-1989', [8, 16, 21]]]) {
    const at = (total) => score('ciwa-ar', totals.get(total), { band_set: set });
    for (const cut of cuts) assert.notEqual(at(cut - 1).band, at(cut).band, `${set} ${cut}`);
    assert.equal(at(67).band_set, set);
    assert.deepEqual(Object.keys(at(0).bands).sort(), ['asam-2020', 'sullivan-1989', 'vista']);
  }
});

test('C-SSRS: the triage of each case', { skip: absent }, () => {
  const numbers = Object.keys(sets('c-ssrs'));
  const yes = { Q1: '1', Q2: '2', Q3: '3', Q4: '4', Q5: '5', 'Q6 lifetime only': '6', 'Q6 within 3 months': '6a' };
  assert.equal(of('C-SSRS screener').length, 11);
  for (const row of of('C-SSRS screener')) {
    const named = row.inputs === 'all no' ? [] : row.inputs.split(';').map((name) => yes[name]);
    const answers = Object.fromEntries(numbers.map((number) => [number, named.includes(number) || (number === '6' && named.includes('6a')) ? 1 : 0]));
    const result = score('c-ssrs', answers);
    assert.equal(result.band, row.expected_band, row.inputs);
    assert.equal(result.total, null);
    assert.equal(result.complete, true);
  }
});

test('PC-PTSD-5: both cuts', { skip: absent }, () => {
  const cases = of('PC-PTSD-5').map(({ inputs, expected_total }) => [inputs, Number(expected_total)]);
  assert.deepEqual(cases, [['trauma=no', 0], ['trauma=yes;3 yes', 3], ['trauma=yes;4 yes', 4]]);
  const yes = (count) => ({ 0: 1, ...Object.fromEntries(range(1, 5).map((number, index) => [number, index < count ? 1 : 0])) });
  const none = score('pc-ptsd-5', { 0: 0 }), three = score('pc-ptsd-5', yes(3)), four = score('pc-ptsd-5', yes(4));
  assert.deepEqual([none.complete, none.total, three.total, four.total], [true, 0, 3, 4]);
  const bands = [none, three, four].map((result) => Object.values(result.bands).sort());
  assert.deepEqual(bands, [['negative', 'negative'], ['negative', 'positive'], ['positive', 'positive']]);
});

test('BAM-R: five levels count 0, 8, 15, 22, 30', { skip: absent }, () => {
  const base = Object.fromEntries(Object.entries(sets('bam-r')).map(([number]) => [number, 0]));
  assert.equal(of('BAM-R item transform').length, 5);
  for (const row of of('BAM-R item transform')) {
    const raw = Number(row.inputs.split('=')[1]), counted = Number(row.expected_total);
    for (const number of ['1', '8', '15']) assert.equal(score('bam-r', { ...base, [number]: raw }).scales.risk, counted);
    for (const number of ['9', '12']) assert.equal(score('bam-r', { ...base, [number]: raw }).scales.protective, counted);
  }
});

// --- What VistA recorded -------------------------------------------------------------------------------------------------

const recorded = absent ? [] : JSON.parse(readFileSync(join(clinical, 'vista_mh/vista_test_vectors.json'), 'utf8'));
const stored = absent ? {} : JSON.parse(readFileSync(join(clinical, 'vista_mh/vista_instruments.json'), 'utf8'));

// Stored choices of the PHQ and GAD count from 1, those of the AUDIT-C are scores, the PC-PTSD's are letters.
const VISTA = {
  'PHQ-2': ['phq-2', (choice) => Number(choice) - 1], PHQ9: ['phq-9', (choice) => Number(choice) - 1], 'GAD-7': ['gad-7', (choice) => Number(choice) - 1],
  AUDC: ['audit-c', Number], 'PC PTSD': ['pc-ptsd', (choice) => (choice === 'Y' ? 1 : 0)],
};
test('recorded administrations give the totals that were stored', { skip: absent }, () => {
  assert.ok(recorded.length >= 10);
  const differing = [];
  for (const { admin, instrument, answers, results, recomputed } of recorded) {
    const [id, read] = VISTA[instrument];
    const total = Number(results.find(({ scale }) => ['Total', 'Depression', 'Anxiety'].includes(scale)).raw);
    const result = score(id, Object.fromEntries(answers.map(({ legacy }, index) => [index + 1, read(legacy)])));
    assert.equal(result.total, total, `${instrument} ${admin}`);
    assert.equal(result.complete, true);
    if (Object.values(recomputed)[0] !== total) differing.push(admin);
  }
  // Of AUDIT-C 100009 somebody's recomputation by the key's texts gave 7: "3 or 4" is called "Three or four drinks" there.
  // Stored, and right by the form, is 4 + 1 + 3 = 8.
  for (const admin of differing) assert.equal(recorded.find((one) => one.admin === admin).instrument, 'AUDC');
});

test('allowed answers are those of VistA’s scoring keys', { skip: absent }, () => {
  const keyed = (name, scale) => {
    const { questions, scales } = stored[name], { keys } = scales.find((one) => one.scale === scale);
    return questions.map(({ q }) => keys.filter((key) => key.q === q).map(({ value }) => Number(value)))
      .filter((values) => values.length).map((values) => [...new Set([0, ...values])].sort((a, b) => a - b));
  };
  const ours = (id, numbers) => numbers.map((number) => [...sets(id)[number]].sort((a, b) => a - b));
  for (const [name, scale, id, numbers] of [['COWS', 'COWS Scale', 'cows', range(1, 11)], ['PHQ-2', 'Depression', 'phq-2', range(1, 2)], ['GAD-7', 'Anxiety', 'gad-7', range(1, 7)],
    ['AUDC', 'Total', 'audit-c', range(1, 3)], ['PC-PTSD-5', 'PTSD5', 'pc-ptsd-5', range(1, 5)], ['CIWA-AR-', 'Total Score', 'ciwa-ar', range(1, 10)],
    ['BAM', 'Use', 'bam', ['4', '5', '6']], ['BAM', 'Risk Factors', 'bam', ['1', '2', '3', '8', '11', '15']]])
    assert.deepEqual(keyed(name, scale), ours(id, numbers), name);
  // PHQ-9: its key holds the nine and the difficulty, which is stored and not summed.
  const nine = stored.PHQ9.scales[0].keys, first = stored.PHQ9.questions.slice(0, 9).map(({ q }) => [...new Set([0, ...nine.filter((key) => key.q === q).map(({ value }) => Number(value))])]);
  assert.deepEqual(first.map((values) => values.sort((a, b) => a - b)), ours('phq-9', range(1, 9)));
  // BAM question 14: yes counts 4 there, is 1 on our form and counts 4 in the sum.
  assert.deepEqual(keyed('BAM', 'Protective Factors').slice(0, 4), ours('bam', ['9', '10', '12', '13']));
  const base = Object.fromEntries(Object.entries(sets('bam')).map(([number]) => [number, 0]));
  assert.equal(score('bam', { ...base, 14: 1 }).scales.protective, 4);
});

// --- The command -----------------------------------------------------------------------------------------------------------

test('the document has the members of the issue, in their order', () => {
  const result = score('phq-2', { 1: 3, 2: 3 });
  assert.deepEqual(result, { instrument: 'phq-2', complete: true, total: 6, scales: {}, band: 'positive', band_set: result.band_set, triggers: ['phq-9'], missing: [] });
  assert.deepEqual(Object.keys(result), ['instrument', 'complete', 'total', 'scales', 'band', 'band_set', 'triggers', 'missing']);
  const open = score('phq-9', { 1: 3 });
  assert.deepEqual([open.complete, open.total, open.band], [false, null, null]);
  assert.deepEqual(open.missing, range(2, 9));
});

test('every required id is there, and what is off says so', () => {
  const { instruments: listed } = JSON.parse(end(['--list', '--json']).stdout);
  const expected = ('cows sows-gossop sows-handelsman ciwa-ar dsm-5-oud phq-2 phq-9 gad-7 pc-ptsd pc-ptsd-5 c-ssrs audit-c dast-10 taps bam bam-r barc-10 '
    + 'ahc-hrsn readiness').split(' ');
  for (const id of expected) assert.ok(listed.some(({ instrument }) => instrument === id), id);
  assert.deepEqual(listed.filter(({ on }) => !on).map(({ instrument }) => instrument).sort(), ['barc-10', 'dast-10']);
  const plain = end(['--list', '--language', 'es']).stdout;
  assert.match(plain, /^dast-10 +.*apagado: pide una licencia/m);
  for (const id of ['barc-10', 'dast-10']) {
    const refused = end([id], '{"answers":{}}');
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, new RegExp(`${id} is off: .*\n.*--licensed`));
    assert.equal(end([id, '--licensed'], '{"answers":{}}').status, 0);
  }
});

test('a file, standard input and a response of FHIR are read alike', () => {
  const folder = temporaryFolder(), file = join(folder, 'answers.json');
  writeFileSync(file, '{"instrument":"phq-2","answers":{"1":2,"2":0}}');
  const byFile = end(['phq-2', file, '--json']);
  assert.equal(byFile.status, 0);
  assert.equal(byFile.stdout, end(['phq-2', '--json'], readFileSync(file, 'utf8')).stdout);
  const byPipe = spawnSync('bash', ['-c', '"$0" score phq-2 <(cat "$1") --json', fairlead, file], { encoding: 'utf8' });
  assert.equal(byPipe.stdout, byFile.stdout, byPipe.stderr);
  const item = (linkId, valueCoding) => ({ linkId, answer: [{ valueCoding }] });
  const response = { resourceType: 'QuestionnaireResponse', questionnaire: 'urn:fairlead:instrument:phq-2|1', status: 'completed',
    item: [item('1', { system: 'http://loinc.org', code: 'LA6570-1' }), item('2', { code: 'LA6568-5' })] };
  assert.equal(byFile.stdout, end(['phq-2', '--json'], JSON.stringify(response)).stdout);
});

test('what is refused ends with 1 and names the place, a wrong command line with 2', () => {
  for (const [words, input, expected] of [
    [['phq-9'], '{"answers":{"4":4}}', /item 4: an answer that is not allowed\n +Item 4 takes 0, 1, 2, 3\./],
    [['cows'], '{"answers":{"1":3}}', /item 1: .*\n +Item 1 takes 0, 1, 2, 4\./],
    [['readiness'], '{"answers":{"1":-0.5}}', /item 1: .*\n +Item 1 takes a whole number from 0 to 10\./],
    [['phq-9'], '{"answers":{"12":1}}', /there is no item '12'/],
    [['phq-9'], 'not json', /line 1 column 1/], [['phq-9'], '', /line 1 column 1/],
    [['phq-9'], `{"answers":{}${' '.repeat(1 << 20)}}`, /longer than 1048576 bytes/],
    [['phq-9', '/no/such/file'], '', /no\/such\/file/],
    [['phq-99'], '{}', /there is no instrument "phq-99"\n +What there is: fairlead score --list/],
    [['ciwa-ar'], '{"answers":{},"band_set":"mine"}', /unknown band set 'mine'/],
    [['phq-2'], JSON.stringify({ resourceType: 'QuestionnaireResponse', questionnaire: 'urn:fairlead:instrument:phq-9' }), /another questionnaire 'urn:fairlead:instrument:phq-9'/],
  ]) {
    const { status, stdout, stderr } = end(words, input);
    assert.equal(status, 1, words.join(' '));
    assert.equal(stdout, '');
    assert.match(stderr, expected);
  }
  for (const words of [[], ['phq-9', 'a', 'b'], ['--list', 'phq-9'], ['phq-9', '--nothing'], ['phq-9', '--language', 'xx']])
    assert.equal(end(words, '{"answers":{}}').status, 2, words.join(' '));
});

test('a person reads the total, the band, what it means and whom to call', () => {
  const said = end(['phq-9'], '{"answers":{"1":2,"2":2,"3":2,"4":1,"5":0,"6":0,"7":1,"8":1,"9":1}}').stdout;
  assert.match(said, /^PHQ-9: low mood\n/);
  assert.match(said, /988 Suicide and Crisis Lifeline: 988/);
  assert.match(said, /Total: 10 \(of 27\)/);
  assert.match(said, /Result: Moderate \(kroenke-2001\)/);
  assert.match(said, /c-ssrs: /);
  const open = end(['pc-ptsd-5', '--language', 'es'], '{"answers":{"0":0,"1":1}}').stdout;
  assert.match(open, /No cuenta, porque una respuesta anterior la salta: 1/);
  assert.match(end(['ahc-hrsn'], '{"answers":{"7":5,"8":5,"9":1,"10":1}}').stdout, /Safety: 12 \(of 20\)[\s\S]*Still open: 1, 2, 3, 4, 5, 6[\s\S]*Safety: /);
});
