// Every instrument through the real program, at its least, its most, with an item open and with an answer that is not
// allowed. Expected numbers are those of tests/support/forms.mjs, from the published forms.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BANDS, FORMS, MAY_STAY_OPEN } from '../support/forms.mjs';
import { readCsv } from '../support/independent.mjs';
import { fairlead, shared } from '../support/server.mjs';

function ask(id, document, ...options) {
  const done = spawnSync(fairlead, ['score', id, '-', '--licensed', '--json', ...options], { encoding: 'utf8', input: JSON.stringify(document) });
  return { status: done.status, said: done.stderr, result: done.status === 0 ? JSON.parse(done.stdout) : undefined };
}
function score(id, answers, more = {}) {
  const { status, said, result } = ask(id, { answers, ...more });
  assert.equal(status, 0, `${id}: ${said}`);
  return result;
}
const answersOf = (id, pick) => Object.fromEntries(Object.entries(FORMS[id][0]).map(([number, set]) => [number, pick(set, number)]));
const least = (id) => answersOf(id, (set) => Math.min(...set));
const most = (id) => answersOf(id, (set) => Math.max(...set));

// Where an answer of "more" scores less, the extremes are these.
const LEAST = { 'dast-10': { ...least('dast-10'), 3: 1 } };
const MOST = { 'dast-10': { ...most('dast-10'), 3: 0 } };

for (const id of Object.keys(FORMS)) {
  const [sets, ranges] = FORMS[id];

  test(`${id} at its least and its most`, () => {
    [LEAST[id] ?? least(id), MOST[id] ?? most(id)].forEach((answers, end) => {
      const result = score(id, answers);
      assert.equal(result.instrument, id);
      assert.equal(result.complete, true);
      assert.deepEqual(result.missing, []);
      assert.equal(result.total, ranges.total ? ranges.total[end] : null);
      for (const [scale, range] of Object.entries(ranges)) if (scale !== 'total') assert.equal(result.scales[scale], range[end], scale);
    });
  });

  test(`${id} with an item open gives no total`, () => {
    // The first, one between and the last; which items may stay open at all is held against the files by questionnaires.test.mjs.
    const open = MAY_STAY_OPEN[id] ?? [];
    const numbers = Object.keys(sets);
    for (const number of new Set([numbers[0], numbers[numbers.length >> 1], numbers.at(-1)])) {
      const answers = { ...(MOST[id] ?? most(id)) };
      delete answers[number];
      const result = score(id, answers);
      if (open.includes(number)) {
        assert.equal(result.complete, true, number);
        assert.deepEqual(result.missing, [], number);
        continue;
      }
      assert.equal(result.complete, false, number);
      assert.equal(result.total, null, number);
      assert.ok(result.missing.includes(number), number);
    }
  });

  test(`${id} refuses what is not allowed, with the item named`, () => {
    // One item; every set is held against the files by questionnaires.test.mjs.
    const [number, set] = Object.entries(sets)[0];
    const gap = set.find((value, index) => index > 0 && value > set[index - 1] + 1);
    for (const value of [Math.min(...set) - 1, Math.max(...set) + 1, gap ? gap - 1 : 0.5]) {
      const { status, said } = ask(id, { answers: { [number]: value } });
      assert.equal(status, 1, `${number}: ${value}`);
      assert.match(said, new RegExp(`\\b${number}\\b`));
    }
    assert.equal(ask(id, { answers: { 99: 0 } }).status, 1);
  });
}

// Answers that reach a total: items filled up one after the other, in steps that their sets allow.
function reach(id, total) {
  const answers = LEAST[id] ? { ...LEAST[id] } : least(id);
  const summed = Object.keys(answers).filter((number) => !(id === 'phq-9' && number === '10') && !(id === 'pc-ptsd-5' && number === '0'));
  let missing = total - (id === 'barc-10' ? 10 : 0);
  const fill = (index) => {
    if (missing === 0) return true;
    if (index === summed.length) return false;
    const number = summed[index];
    const base = Math.min(...FORMS[id][0][number]);
    for (const value of [...FORMS[id][0][number]].reverse()) {
      if (value - base > missing) continue;
      missing -= value - base;
      answers[number] = id === 'dast-10' && number === '3' ? 1 - value : value;
      if (fill(index + 1)) return true;
      missing += value - base;
    }
    return false;
  };
  assert.ok(fill(0), `${id} cannot reach ${total}`);
  if (id === 'pc-ptsd-5') answers[0] = 1;
  return answers;
}

for (const [id, expected] of Object.entries(BANDS))
  test(`${id} has its bands at both ends of each`, () => {
    const sets = Array.isArray(expected) ? { '': expected } : expected;
    for (const [set, cuts] of Object.entries(sets))
      for (const [band, ...ends] of cuts)
        for (const total of new Set(ends)) {
          const result = score(id, reach(id, total), set ? { band_set: set } : {});
          assert.equal(result.total, total);
          assert.equal(result.band, band, `${set} ${total}`);
          if (set) assert.equal(result.band_set, set);
        }
  });

test('AUDIT-C: 4 for men, 3 for women and where the sex is not given', () => {
  const band = (total, sex) => score('audit-c', reach('audit-c', total), sex ? { sex } : {}).band;
  assert.deepEqual([2, 3, 4].map((total) => band(total, 'male')), ['negative', 'negative', 'positive']);
  for (const sex of ['female', 'unspecified', undefined]) assert.deepEqual([2, 3, 4].map((total) => band(total, sex)), ['negative', 'positive', 'positive'], sex);
});

// shared/data/clinical/instrument_vectors.csv, after cssrs.columbia.edu's triage.
const C_SSRS = [['', 'none'], ['1', 'low'], ['2', 'low'], ['1 2', 'low'], ['3', 'moderate'], ['1 2 3', 'moderate'], ['4', 'high'], ['5', 'high'], ['1 2 3 4', 'high'],
  ['6', 'moderate'], ['6 6a', 'high']];
for (const [yes, band] of C_SSRS)
  test(`C-SSRS with yes to ${yes || 'nothing'} is ${band}`, () => {
    const result = score('c-ssrs', answersOf('c-ssrs', (set, number) => (yes.split(' ').includes(number) ? 1 : 0)));
    assert.equal(result.band, band);
    assert.equal(result.total, null);
    assert.deepEqual(result.triggers, band === 'none' ? [] : ['crisis']);
  });

test('C-SSRS: skipped questions are not missing, and high does not wait for the rest', () => {
  assert.equal(score('c-ssrs', { 1: 0, 2: 0, 6: 0 }).complete, true);
  assert.equal(score('c-ssrs', { 1: 0, 2: 0, 6: 0 }).band, 'none');
  const early = score('c-ssrs', { 2: 1, 4: 1 });
  assert.equal(early.complete, false);
  assert.equal(early.band, 'high');
  assert.deepEqual(early.triggers, ['crisis']);
});

test('PC-PTSD-5: a no to the gate is complete with zero', () => {
  const result = score('pc-ptsd-5', { 0: 0 });
  assert.deepEqual([result.complete, result.total, result.band], [true, 0, 'negative']);
  assert.deepEqual(score('pc-ptsd-5', { 0: 1 }).missing, ['1', '2', '3', '4', '5']);
});

test('PHQ: what a score leads to', () => {
  assert.deepEqual(score('phq-2', { 1: 1, 2: 1 }).triggers, []);
  assert.deepEqual(score('phq-2', { 1: 1, 2: 2 }).triggers, ['phq-9']);
  assert.deepEqual(score('phq-9', least('phq-9')).triggers, []);
  assert.deepEqual(score('phq-9', { ...least('phq-9'), 9: 1 }).triggers, ['c-ssrs']);
  assert.deepEqual(score('phq-9', { 9: 3 }).triggers, ['c-ssrs'], 'at once, with the rest open');
});

test('TAPS: what was never used is not asked about, and each substance has its own band', () => {
  const never = score('taps', { s1: 0, s2: 0, s3: 0, s4: 0 });
  assert.equal(never.complete, true);
  assert.equal(never.scales.heroin, 0);
  const result = score('taps', { s1: 0, s2: 0, s3: 3, s4: 0, 3: 0, 4: 0, 5: 1, '5a': 1, '5b': 0 });
  assert.equal(result.complete, true);
  assert.equal(result.scales.heroin, 2);
  assert.equal(result.scale_bands.heroin, 'higher-risk');
  assert.equal(result.scale_bands.cannabis, 'none');
});

test('BAM and BAM-R: flags, and none that the BAM-R would inherit', () => {
  const bam = score('bam', most('bam'));
  assert.deepEqual(bam.scale_bands, { use: 'flagged', risk: 'flagged', protective: 'not-flagged' });
  assert.deepEqual(score('bam', least('bam')).scale_bands, { use: 'not-flagged', risk: 'not-flagged', protective: 'flagged' });
  // VistA routine YTSBAMR: 0, 1, 2, 3, 4 count 0, 8, 15, 22, 30.
  for (const [raw, counts] of [[0, 0], [1, 8], [2, 15], [3, 22], [4, 30]]) assert.equal(score('bam-r', { ...least('bam-r'), 8: raw }).scales.risk, counts);
  const revised = score('bam-r', { ...most('bam-r'), 14: 0 });
  assert.equal(revised.scales.protective, 150);
  assert.ok(!revised.scale_bands || Object.keys(revised.scale_bands).length === 0);
  assert.equal(revised.band, null);
});

test('AHC-HRSN: safety above ten, and somewhere to call', () => {
  const base = { ...least('ahc-hrsn'), 1: 2 };
  const ten = score('ahc-hrsn', { ...base, 7: 5, 8: 3, 9: 1, 10: 1 });
  assert.deepEqual([ten.scales.safety, ten.scale_bands.safety, ten.scale_bands.housing], [10, 'no-need', 'need']);
  const eleven = score('ahc-hrsn', { ...base, 7: 5, 8: 4, 9: 1, 10: 1 });
  assert.deepEqual([eleven.scales.safety, eleven.scale_bands.safety], [11, 'need']);
  assert.deepEqual(eleven.triggers, ['domestic-violence']);
});

test('off until the operator has the rights', () => {
  for (const id of ['dast-10', 'barc-10']) {
    const done = spawnSync(fairlead, ['score', id, '-', '--json'], { encoding: 'utf8', input: JSON.stringify({ answers: most(id) }) });
    assert.equal(done.status, 1, id);
  }
});

const vectors = join(shared, 'data/clinical/instrument_vectors.csv');
test('the worked COWS of the vectors', { skip: !existsSync(vectors) && 'the scored cases are not here' }, () => {
  const order = 'pulse sweating restlessness pupil bone_joint runny_nose gi tremor yawning anxiety gooseflesh'.split(' ');
  const rows = readCsv(readFileSync(vectors, 'utf8')).filter((row) => row.instrument === 'COWS');
  assert.ok(rows.length >= 7);
  for (const row of rows) {
    const answers = Object.fromEntries(row.inputs.split(';').map((pair) => pair.split('=')).map(([name, value]) => [order.indexOf(name) + 1, Number(value)]));
    const result = score('cows', answers);
    assert.equal(result.total, Number(row.expected_total));
    assert.equal(result.band, row.expected_band.replace(/ \(.*/, '').replace(' ', '-'));
  }
});
