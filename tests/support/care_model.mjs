// A second, naive model of the level of care, for tests alone. It shares nothing with the engine and reads nothing of
// knowledge/: the rules are spelled out here from the project's issue ("Inpatient or outpatient?") and from the clinical
// reference it names (the decision table HR-LOC 1 and the publicly described aggregation of minimum levels).
//
// A fact that is absent is unknown, and a condition over it may be: 0 false, 0.5 unknown, 1 true.

const and = (...all) => Math.min(...all);
const or = (...all) => Math.max(...all);
const not = (a) => 1 - a;

export const LEVELS = ['1.5', '1.7', '2.1', '2.5', '2.7', '3.1', '3.5', '3.7', '4'];

// Every fact with values on both sides of whatever the rules look at, the calmest first.
export const VALUES = {
  age: [18, 17, 64], unresponsive: [false, true], breathing_rate: [14, 8, 8.5, 24.9, 25], oxygen_saturation: [98, 91.5, 91],
  news2: [0, 4, 5, 6, 7], seizure_48h: [false, true], delirium: [false, true], violence_imminent: [false, true],
  suicide_risk: ['none', 'low', 'moderate', 'high'], pregnant: [false, true], pregnancy_warning: [false, true],
  prenatal_care: [true, false], cows: [0, 4, 5, 12, 13, 24, 25, 48], ciwa_ar: [0, 9, 10, 18, 19], fluids_kept: [true, false],
  alcohol_daily: [false, true], sedatives_daily: [false, true], past_severe_withdrawal: [false, true],
  failed_outpatient_start: [false, true], opioid_use_disorder: ['none', 'mild', 'moderate', 'severe'],
  medication: ['methadone', 'buprenorphine', 'naltrexone', 'none'], acute_illness: ['none', 'medical', 'hospital'],
  chronic_illness: [false, true], phq_9: [0, 19, 20, 27], pc_ptsd_5: [0, 3, 4, 5], psychosis_or_mania: [false, true],
  daily_function_impaired: [false, true], lasting_impairment: [false, true], overdose_days: [400, 30.5, 30, 0],
  risky_use: ['none', 'some', 'imminent'], years_of_use: [0, 4.9, 5, 30], lower_level_returns: [0, 1, 2, 5],
  housing: ['safe', 'unstable', 'unsafe'], manages_recovery_residence: [true, false],
  recovery_residence: ['confirmed', 'none'], support: ['good', 'some', 'none'],
  transport_blocked: [false, true], caregiving_blocked: [false, true], work_blocked: [false, true],
  medication_wanted: [true, false], motivation: [0, 7, 10], preference: ['none', 'inpatient', 'outpatient'],
};
// What a person's situation may turn into; the rest is history or diagnosis.
export const CHANGEABLE = ['prenatal_care', 'cows', 'ciwa_ar', 'fluids_kept', 'alcohol_daily', 'sedatives_daily', 'medication',
  'phq_9', 'pc_ptsd_5', 'psychosis_or_mania', 'daily_function_impaired', 'risky_use', 'housing', 'manages_recovery_residence',
  'recovery_residence', 'support'];

export const contradicts = (f) => f.pregnancy_warning === true && f.pregnant === false;

// What the publicly described aggregation makes of the minimum levels of all dimensions.
function aggregate(minimums, { coe, bio }) {
  const some = (...levels) => minimums.some((level) => levels.includes(level));
  const residential = some('3.1', '3.5', '3.7');
  if (some('4') || (bio && coe)) return ['4', ''];
  if (bio) return ['3.7', 'BIO'];
  const tail = coe ? 'COE' : '';
  if (some('1.7', '2.7', '3.7')) return [residential ? '3.7' : some('2.1', '2.5', '2.7') ? '2.7' : '1.7', tail];
  if (residential) return [some('2.5', '3.5') || coe ? '3.5' : '3.1', tail];
  if (some('2.5')) return ['2.5', tail];
  if (some('2.1')) return [coe ? '2.5' : '2.1', tail];
  return ['1.5', tail];
}

function withMedicine(minimums, asked) {
  const outpatient = (level) => level < '3';
  let found = aggregate(minimums, asked);
  if (asked.medicine && outpatient(found[0])) found = aggregate([...minimums, '1.7'], asked);
  const [level, overlay] = found;
  const overlays = [overlay, asked.rr && outpatient(level) ? 'RR' : ''].filter(Boolean);
  return { level, overlays, at_place: Boolean(asked.medicine) && !outpatient(level) };
}

/** {level, overlays, at_place, end}: `end` is 'emergency' or 'minor', and level null then. */
export function assess(given) {
  const f = { recovery_residence: 'none', ...given };
  const known = (name, holds) => (f[name] === undefined || f[name] === null ? 0.5 : holds(f[name]) ? 1 : 0);
  const yes = (name) => known(name, (v) => v === true);
  const is = (name, word) => known(name, (v) => v === word);
  const least = (name, n) => known(name, (v) => v >= n);
  const most = (name, n) => known(name, (v) => v <= n);

  const stops = [
    or(yes('unresponsive'), most('breathing_rate', 8), most('oxygen_saturation', 91)),
    or(least('news2', 7), least('breathing_rate', 25)),
    is('suicide_risk', 'high'),
    or(yes('delirium'), yes('seizure_48h'), least('ciwa_ar', 19)),
    yes('violence_imminent'),
    or(yes('pregnancy_warning'), and(yes('pregnant'), least('cows', 5))),
  ];
  const nothing = { level: null, overlays: [], at_place: false };
  if (stops.includes(1)) return { ...nothing, end: 'emergency' };
  if (known('age', (v) => v < 18) === 1) return { ...nothing, end: 'minor' };

  const minimums = [], risk = [], asked = {}; // `risk`: what dimension 4A asks for
  const when = (truth, act) => { if (truth === 1) act(); };
  const ask = (...levels) => () => minimums.push(...levels);
  const withdrawal = and(least('cows', 5), most('cows', 24));
  const mental = or(least('phq_9', 20), yes('psychosis_or_mania'), least('pc_ptsd_5', 4));
  const started = not(is('medication', 'none'));
  const home = or(is('housing', 'safe'), is('recovery_residence', 'confirmed'));
  const near = is('risky_use', 'imminent');
  const held = and(near, started, home);

  when(and(or(is('opioid_use_disorder', 'moderate'), is('opioid_use_disorder', 'severe')), is('medication', 'none')), () => { asked.medicine = true; });
  when(withdrawal, ask('1.7'));
  when(and(withdrawal, least('cows', 13), yes('failed_outpatient_start')), ask('2.7'));
  when(least('cows', 25), ask('3.7'));
  when(not(yes('fluids_kept')), () => { minimums.push('3.7'); asked.bio = true; });
  when(and(yes('alcohol_daily'), least('ciwa_ar', 10)), ask('3.7'));
  when(yes('past_severe_withdrawal'), ask('3.7'));
  when(yes('sedatives_daily'), ask('3.7'));
  when(and(yes('past_severe_withdrawal'), or(yes('alcohol_daily'), yes('sedatives_daily'))), ask('4'));
  when(most('overdose_days', 30), () => risk.push('2.1'));
  when(is('acute_illness', 'hospital'), ask('4'));
  when(is('acute_illness', 'medical'), () => { minimums.push('3.7'); asked.bio = true; });
  when(yes('chronic_illness'), ask('1.7'));
  when(and(yes('pregnant'), not(yes('prenatal_care'))), ask('1.7'));
  when(mental, () => { asked.coe = true; });
  when(and(mental, yes('daily_function_impaired')), ask('2.5'));
  when(is('suicide_risk', 'moderate'), () => { asked.coe = true; });
  when(yes('lasting_impairment'), ask('3.1'));
  if (held === 1) {
    risk.push('2.1');
    when(yes('daily_function_impaired'), () => risk.push('2.5'));
  } else {
    when(near, () => risk.push('3.1'));
    when(and(near, yes('daily_function_impaired')), () => risk.push('3.5'));
  }
  when(not(is('housing', 'safe')), () => { asked.rr = true; });
  when(and(not(is('housing', 'safe')), not(yes('manages_recovery_residence'))), ask('3.1'));
  when(and(is('support', 'none'), is('recovery_residence', 'confirmed')), () => { asked.rr = true; });
  when(and(is('support', 'none'), or(is('recovery_residence', 'none'), not(yes('manages_recovery_residence')))), ask('3.1'));

  const highest = risk.sort().at(-1);
  const plain = withMedicine(highest ? [...minimums, highest] : minimums, asked);
  // A long history raises outpatient care alone: live-in care that other needs ask for stays as it is.
  if (or(least('years_of_use', 5), least('lower_level_returns', 2)) !== 1 || plain.level > '3') return { ...plain, end: null };
  const ladder = ['1.5', '2.1', '2.5', '3.1'];
  const at = ladder.indexOf(highest ?? '1.5');
  const above = at < 0 ? highest : ladder[Math.min(at + 1, ladder.length - 1)];
  return { ...withMedicine([...minimums, above], asked), end: null };
}

/** mulberry32: the same numbers from the same seed, 0 to below 1. */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6D2B79F5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Facts: each is known with the given chance, and calm with the other. */
export function randomFacts(random, chanceKnown, chanceCalm) {
  for (;;) {
    const facts = {};
    for (const [name, values] of Object.entries(VALUES)) {
      if (random() >= chanceKnown) continue;
      facts[name] = random() < chanceCalm ? values[0] : values[Math.floor(random() * values.length)];
    }
    if (!contradicts(facts)) return facts;
  }
}
