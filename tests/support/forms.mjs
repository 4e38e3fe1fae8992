// The published forms in numbers, written apart from knowledge/: what each item allows, what a scale can reach, where bands
// begin and end.

export const upTo = (last, first = 0) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
const YES_NO = [0, 1];
const numbered = (count, set) => Object.fromEntries(upTo(count, 1).map((number) => [number, set]));
const each = (numbers, set) => numbers.split(' ').map((number) => [number, set]);
const BAM_NUMBERS = '1 2 3 4 5 6 7a 7b 7c 7d 7e 7f 7g 8 9 10 11 12 13 14 15 16 17';
const LEVELS = '1 8 9 12 15 17'; // of the BAM-R: five levels; the rest are days
const COWS = [[0, 1, 2, 4], [0, 1, 2, 3, 4], [0, 1, 3, 5], [0, 1, 2, 5], [0, 1, 2, 4], [0, 1, 2, 4], [0, 1, 2, 3, 5], [0, 1, 2, 4], [0, 1, 2, 4], [0, 1, 2, 4], [0, 3, 5]];

// The allowed answers of each item by its number, and the range of each scale, from the published forms.
export const FORMS = {
  cows: [Object.fromEntries(COWS.map((set, index) => [index + 1, set])), { total: [0, 48] }], // Wesson and Ling 2003
  'sows-gossop': [numbered(10, upTo(3)), { total: [0, 30] }], // Gossop 1990
  'sows-handelsman': [numbered(16, upTo(4)), { total: [0, 64] }], // Handelsman 1987
  'ciwa-ar': [{ ...numbered(9, upTo(7)), 10: upTo(4) }, { total: [0, 67] }], // Sullivan 1989
  'dsm-5-oud': [numbered(11, YES_NO), { total: [0, 11] }],
  'phq-2': [numbered(2, upTo(3)), { total: [0, 6] }],
  'phq-9': [numbered(10, upTo(3)), { total: [0, 27] }], // the tenth, difficulty, is not summed
  'gad-7': [numbered(7, upTo(3)), { total: [0, 21] }],
  'pc-ptsd': [numbered(4, YES_NO), { total: [0, 4] }], // Prins 2003
  'pc-ptsd-5': [numbered(5, YES_NO), { total: [0, 5] }], // Prins 2016; 0, the trauma gate, below
  'c-ssrs': [Object.fromEntries(each('1 2 3 4 5 6 6a', YES_NO)), {}], // Columbia Lighthouse Project, screener
  'audit-c': [numbered(3, upTo(4)), { total: [0, 12] }],
  'dast-10': [numbered(10, YES_NO), { total: [0, 10] }],
  // nida.nih.gov/taps2: part 1 (s1 to s4) by frequency; part 2 by its own numbers, yes or no.
  taps: [Object.fromEntries([...each('s1 s2 s3 s4', upTo(4)), ...each('1 1a 1b 2 2a 2b 2c 3 3a 3b 4 4a 4b 5 5a 5b 6 6a 6b 7 7a 7b 8 8a 8b 9', YES_NO)]),
    { tobacco: [0, 3], alcohol: [0, 4], cannabis: [0, 3], stimulants: [0, 3], heroin: [0, 3], 'prescription-opioids': [0, 3], sedatives: [0, 3],
      'prescription-stimulants': [0, 3] }],
  bam: [{ ...Object.fromEntries(each(BAM_NUMBERS, upTo(4))), 14: YES_NO }, { use: [0, 12], risk: [0, 24], protective: [0, 24] }],
  'bam-r': [{ ...Object.fromEntries(each(BAM_NUMBERS, upTo(30))), ...Object.fromEntries(each(LEVELS, upTo(4))), 14: YES_NO },
    { use: [0, 90], risk: [0, 180], protective: [0, 180] }],
  'barc-10': [numbered(10, upTo(6, 1)), { total: [10, 60] }], // Vilsaint 2017
  'ahc-hrsn': [{ 1: upTo(2), 2: YES_NO, 3: upTo(2), 4: upTo(2), 5: YES_NO, 6: upTo(2), ...Object.fromEntries(each('7 8 9 10', upTo(5, 1))) },
    { housing: [0, 3], food: [0, 4], transport: [0, 1], utilities: [0, 2], safety: [4, 20] }], // CMS
  readiness: [numbered(3, upTo(10)), { importance: [0, 10], confidence: [0, 10], readiness: [0, 10] }],
};
FORMS['pc-ptsd-5'][0][0] = YES_NO;

// Items that no scale needs, so that a form is complete without them.
const KINDS_OF_DRUGS = ['7a', '7b', '7c', '7d', '7e', '7f', '7g', '17'];
export const MAY_STAY_OPEN = { 'phq-9': ['10'], bam: KINDS_OF_DRUGS, 'bam-r': KINDS_OF_DRUGS, taps: ['9'] };

// Band by total, at both ends of each band.
export const BANDS = {
  cows: [['none', 0, 4], ['mild', 5, 12], ['moderate', 13, 24], ['moderately-severe', 25, 36], ['severe', 37, 48]],
  'phq-9': [['minimal', 0, 4], ['mild', 5, 9], ['moderate', 10, 14], ['moderately-severe', 15, 19], ['severe', 20, 27]],
  'phq-2': [['negative', 0, 2], ['positive', 3, 6]],
  'gad-7': [['minimal', 0, 4], ['mild', 5, 9], ['moderate', 10, 14], ['severe', 15, 21]],
  'dsm-5-oud': [['none', 0, 1], ['mild', 2, 3], ['moderate', 4, 5], ['severe', 6, 11]],
  'dast-10': [['none', 0, 0], ['low', 1, 2], ['moderate', 3, 5], ['substantial', 6, 8], ['severe', 9, 10]],
  'sows-gossop': [['mild', 0, 10], ['moderate', 11, 20], ['severe', 21, 30]],
  'sows-handelsman': [['none', 0, 0], ['mild', 1, 10], ['moderate', 11, 20], ['severe', 21, 64]],
  'pc-ptsd': [['negative', 0, 2], ['positive', 3, 4]],
  'barc-10': [['lower', 10, 46], ['higher', 47, 60]],
  'ciwa-ar': {
    'sullivan-1989': [['minimal', 0, 7], ['mild', 8, 15], ['moderate', 16, 20], ['severe', 21, 67]],
    vista: [['minimal', 0, 9], ['mild-moderate', 10, 19], ['severe', 20, 67]],
    'asam-2020': [['mild', 0, 9], ['moderate', 10, 18], ['severe', 19, 67]],
  },
  'pc-ptsd-5': { 'efficient-4': [['negative', 0, 3], ['positive', 4, 5]], 'sensitive-3': [['negative', 0, 2], ['positive', 3, 5]] },
};
