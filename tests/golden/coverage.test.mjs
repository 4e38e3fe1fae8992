// Letters to a plan, as text and as HTML, against files that were read and compared with the law they rest on: the comparative
// analysis (42 USC 300gg-26(a)(8)), the rules of 2013, and the notice of May 15, 2025 (the rules of 2024 are not relied on).
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fairlead } from '../support/server.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url)), golden = join(root, 'tests/golden/coverage');
const driver = process.env.FAIRLEAD_COVERAGE_DRIVER ?? join(root, 'build/asan/tests/golden/coverage_driver');
const drive = (words, input) => spawnSync(driver, words, { cwd: root, encoding: 'utf8', input: typeof input === 'string' ? input : JSON.stringify(input) });
const file = (name) => readFileSync(join(golden, name), 'utf8');

const common = {
  date: 'November 22, 2026', program: 'Harbor House <Made Up>', program_address: '1 Wharf Street, Boston, MA 02110',
  plan: 'Example Health Plan', plan_address: '9 Plan Way, Hartford, CT 06103', member: 'Ada "A." Example & Co', member_number: 'X000111222', level: '3.5',
};
const assessment = JSON.parse(spawnSync(fairlead, ['assess', '-', '--json'], { encoding: 'utf8', input: '{"facts":{"housing":"unsafe","support":"none","risky_use":"imminent"}}' }).stdout);
// What the table says of one payer, in English.
const rightsOf = (payer) => readFileSync(join(root, 'knowledge/appeal-rights.csv'), 'utf8').split('\n').slice(1)
  .map((line) => line.match(/("[^"]*"|[^",]*)(,|$)/g)?.map((cell) => cell.replace(/,$/, '').replace(/^"|"$/g, ''))).filter((row) => row?.[1]?.split(' ').includes(payer)).map((row) => row[2]);
const letters = {
  'parity-analysis': { ...common, requested: '14 days of residential treatment', denied_on: 'November 18, 2026', denial_number: 'D-77',
    items: ['approval in advance: for which care, and how often it is asked and refused', 'rules that other care must fail first, and their medical counterpart'] },
  'step-therapy': { ...common, first_care: 'intensive outpatient care', level_name: 'residential care',
    reasons: [{ text: 'Risk of serious harm without care around the clock.', source: 'assessment of 2026-11-20' }, { text: 'No safe place to live.' }],
    tried: 'outpatient care in 2025', clinician: 'R. Example, MD' },
  // An employer's plan, its first no of November 18, 2026: 180 days to appeal (29 CFR 2560.503-1(h)(3)(i)), 30 days to answer ((i)(2)(ii)).
  appeal: { ...common, requested: '14 days of residential treatment', denied_on: 'November 18, 2026', denial_number: 'D-77', reason: 'outpatient care must be tried first',
    in_time: { last_day: 'May 17, 2027', source: '29 CFR 2560.503-1(h)(3)(i); 45 CFR 147.136(b)' }, answer: { amount: '30', source: '29 CFR 2560.503-1(i)(2)(ii)(A); 45 CFR 147.136(b)' },
    reasons: [{ text: 'Risk of serious harm without care around the clock.', source: 'assessment of 2026-11-20' }, { text: 'No safe place to live.' }],
    tried: 'outpatient care in 2025', clinician: 'R. Example, MD', has_rights: true, rights: rightsOf('employer') },
  // The same after the plan's second no, urgent and past the four months for a review from outside; no law of ours says when it is answered.
  'appeal-external': { ...common, requested: '14 days of residential treatment', denied_on: 'July 1, 2026', denied_again_on: 'July 15, 2026', reason: 'outpatient care must be tried first', is_external: true, is_urgent: true,
    late: { last_day: 'November 15, 2026', source: '29 CFR 2590.715-2719; 45 CFR 147.136(c), (d)', why: 'The member was in the hospital until November 20.' },
    reasons: [{ text: 'No safe place to live.' }], clinician: 'R. Example, MD' },
};

const letterOf = { 'appeal-external': 'appeal' };
for (const [name, facts] of Object.entries(letters))
  for (const language of ['en', 'es'])
    for (const [form, ending] of [['text', 'txt'], ['html', 'html']])
      test(`${name} in ${language} as ${form}`, () => {
        const { status, stdout, stderr } = drive(['letter', letterOf[name] ?? name, language, '2026-11-22', form], facts);
        assert.equal(status, 0, stderr);
        assert.equal(stdout, file(`${name}.${language}.${ending}`));
        if (form === 'html') assert.doesNotMatch(stdout, /<Made|"A\."|& Co/, 'what was filled in is text');
      });

test('severity is the assessment’s own reasons', () => {
  assert.ok(assessment.reasons.length > 0);
  const reasons = assessment.reasons.map(({ text, source }) => ({ text, source }));
  const { status, stdout } = drive(['letter', 'step-therapy', 'en', '2026-11-22', 'text'], { ...letters['step-therapy'], reasons });
  assert.equal(status, 0);
  for (const { text } of reasons) assert.ok(stdout.includes(`- ${text}`), text);
});

test('past the law’s last day, or without a field, there is no letter', () => {
  for (const [name, date, facts, said] of [['parity-analysis', '2028-01-01', letters['parity-analysis'], /letter_ended/], ['step-therapy', '2025-05-14', letters['step-therapy'], /letter_ended/],
    ['step-therapy', '2026-11-22', { ...letters['step-therapy'], reasons: [] }, /letter_field.*reasons/], ['parity-analysis', '2026-11-22', common, /letter_field.*requested/], ['appeal', '2026-11-22', { ...letters.appeal, reasons: [] }, /letter_field.*reasons/], ['appeal', '2028-01-01', letters.appeal, /letter_ended/]]) {
    const { status, stdout, stderr } = drive(['letter', name, 'en', date, 'text'], facts);
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.match(stderr, said);
  }
});
