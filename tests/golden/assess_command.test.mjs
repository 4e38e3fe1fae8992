// fairlead assess: the real program. Expected: the contract (members, statuses, levels of the
// table's rules), docs/assessment.md; exit status 1 with field, what and how to mend when refused.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fairlead, temporaryFolder } from '../support/server.mjs';

const folder = temporaryFolder();
const assess = (input, ...words) => spawnSync(fairlead, ['assess', ...words], { input, encoding: 'utf8' });
const document = (facts, ...words) => {
  const { status, stdout, stderr } = assess(JSON.stringify({ facts }), '-', '--json', ...words);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
};

test('a file, standard input and a QuestionnaireResponse say the same', () => {
  const facts = { age: 30, cows: 14, housing: 'safe', pregnant: false };
  const file = join(folder, 'facts.json');
  writeFileSync(file, JSON.stringify({ facts }));
  const byFile = assess('', file, '--json'), byInput = assess(JSON.stringify({ facts }), '--json');
  assert.equal(byFile.status, 0, byFile.stderr);
  assert.equal(byFile.stdout, byInput.stdout);
  const response = { resourceType: 'QuestionnaireResponse', status: 'completed', item: [
    { linkId: 'age', answer: [{ valueInteger: 30 }] }, { linkId: 'cows', answer: [{ valueInteger: 14 }] },
    { linkId: 'housing', answer: [{ valueCoding: { code: 'safe' } }] }, { linkId: 'pregnant', answer: [{ valueBoolean: false }] }] };
  assert.equal(assess(JSON.stringify(response), '-', '--json').stdout, byFile.stdout);
});

test('the document has the members of the contract', () => {
  const result = document({ cows: 14, opioid_use_disorder: 'severe', medication: 'none' });
  assert.deepEqual(Object.keys(result), ['level', 'level_name', 'setting', 'crosswalk', 'overlays', 'stop', 'reasons', 'toward_inpatient',
    'toward_outpatient', 'would_change', 'unknown', 'always', 'needs', 'decisive', 'waiting']);
  assert.equal(result.level, '1.7'); // B1 and B2 ask for 1.7
  assert.equal(result.setting, 'outpatient');
  assert.deepEqual(Object.keys(result.reasons[0]), ['rule', 'fact', 'text', 'source', 'grade', 'signed_by']);
  assert.ok(result.reasons.every(({ signed_by: signed }) => signed === 'unsigned'));
  assert.equal(result.reasons[0].rule, result.decisive);
  assert.ok(result.needs.includes('substance-use') && result.needs.includes('buprenorphine'));
  for (const { set, level } of result.would_change) assert.ok(Object.keys(set).length > 0 && level !== undefined);
  for (const { fact, levels } of result.unknown) assert.ok(fact && levels.length > 0);
});

test('what would change the level does so when it is set', () => {
  const facts = { age: 40, opioid_use_disorder: 'severe', medication: 'none', support: 'none', housing: 'safe' };
  const result = document(facts);
  assert.equal(result.level, '3.1'); // B15a: nobody can help, and no confirmed place
  assert.ok(result.would_change.some(({ set }) => set.recovery_residence === 'confirmed'), 'a confirmed recovery home');
  for (const { set, level, overlays } of result.would_change) {
    const changed = document({ ...facts, ...set });
    assert.deepEqual([changed.level, changed.overlays], [level, overlays], JSON.stringify(set));
  }
});

test('an emergency, a minor', () => {
  const stop = document({ unresponsive: true, pregnant: true, cows: 20 });
  assert.deepEqual([stop.level, stop.setting, stop.reasons.length], [null, 'emergency', 0]);
  assert.deepEqual(stop.stop.map(({ rule }) => rule), ['A1', 'A6']);
  assert.match(stop.stop[0].act, /911/);
  assert.deepEqual(stop.needs, ['substance-use', 'pregnant']);
  const minor = document({ age: 17 });
  assert.deepEqual([minor.level, minor.setting, minor.reasons[0].rule], [null, null, 'U18']);
  assert.match(minor.always[0].text, /1-800-662-4357/);
});

test('unsigned rules wait where signatures are required, stop rules act', () => {
  const waiting = document({ cows: 30 }, '--require-signatures');
  assert.deepEqual([waiting.level, waiting.reasons.length, waiting.waiting.map(({ rule }) => rule).join()], ['1.5', 0, 'B3']);
  assert.equal(document({ suicide_risk: 'high' }, '--require-signatures').setting, 'emergency');
});

test('the terminal page says level, reasons, changes, questions, always and how to find places', () => {
  const { status, stdout } = assess('{"facts": {"cows": 14, "housing": "unsafe"}}');
  assert.equal(status, 0);
  for (const part of [/^Outpatient visits with medicine, with a recovery home$/m, /Points toward inpatient\n.*not safe/, /Points toward outpatient/,
    /What would change this/, /B2: /, /Source: Oklahoma ODASL/, /Not yet signed/, /Worth asking still/, /naloxone/,
    /^ {2}fairlead find --near ZIP --need substance-use( --need [a-z-]+)+$/m, /not endorsed/])
    assert.match(stdout, part);
  assert.ok(stdout.split('\n').every((line) => line.length <= 100 || line.includes('fairlead find')), 'lines fit');
  const spanish = assess('{"facts": {"cows": 14}}', '--language', 'es');
  assert.match(spanish.stdout, /^Visitas ambulatorias con medicina$/m);
  assert.doesNotMatch(spanish.stdout, /\[\[|\{\{|care\./);
  const stop = assess('{"facts": {"violence_imminent": true}}').stdout;
  assert.match(stop, /Get help now\n.*\n.*911/);
  assert.doesNotMatch(stop, /Points toward/);
});

test('a scored questionnaire becomes its fact', () => {
  const item = Array.from({ length: 9 }, (_, index) => ({ linkId: String(index + 1), answer: [{ valueInteger: 3 }] }));
  const { status, stdout, stderr } = assess(JSON.stringify({ resourceType: 'QuestionnaireResponse', questionnaire: 'urn:fairlead:instrument:phq-9', item }), '-', '--json');
  assert.equal(status, 0, stderr);
  assert.equal(JSON.parse(stdout).reasons[0].rule, 'B9'); // PHQ-9 from 20
});

test('what is refused says what, and how to mend it, with status 1', () => {
  const deep = '['.repeat(100) + ']'.repeat(100);
  for (const [input, said] of [['', /standard input/], ['{', /line 1/], ['{"facts":{"cows":1,"cows":2}}', /key already/], ['{"facts":{"cows":NaN}}', /line 1/],
    [deep, /deep|nest/], ['{"facts":{"cows":"x"}}', /cows/], ['{"facts":{"pulse":80}}', /pulse/], ['{"facts":{"cows":1e999}}', /cows/],
    ['{"facts":{"pregnancy_warning":true,"pregnant":false}}', /contradict/], [`{"facts":{"cows":${'9'.repeat(400)}}}`, /cows/], ['null', /neither/]]) {
    const { status, stdout, stderr } = assess(input, '-', '--json');
    assert.equal(status, 1, input.slice(0, 60));
    assert.equal(stdout, '');
    assert.match(stderr, said, input.slice(0, 60));
    assert.match(stderr, /^fairlead assess: .*\n {2}\S/, 'what, and how to mend it');
  }
  assert.equal(assess('x'.repeat(2_000_000), '-').status, 1);
  assert.equal(assess('', join(folder, 'nothing.json')).status, 1);
  assert.equal(assess('{"facts":{}}', '--language', 'xx').status, 2);
  assert.equal(assess('', 'a', 'b').status, 2);
});
