// A small model of the level of care, written from the reference's prose (clinical.md 1.4 and 1.7) and the text by someone
// who had not seen the program, its table or the other model (care_model.mjs). Two programs that agree were written twice.
export const ORDER = ['1.5', '1.7', '2.1', '2.5', '2.7', '3.1', '3.5', '3.7', '4', 'emergency'];
export const WORDS = {
  opioid_use_disorder: ['none', 'mild', 'moderate', 'severe'], medication: ['none', 'methadone', 'buprenorphine', 'naltrexone'],
  suicide_risk: ['none', 'low', 'moderate', 'high'], acute_illness: ['none', 'medical', 'hospital'],
  risky_use: ['none', 'some', 'imminent'], housing: ['safe', 'unstable', 'unsafe'], recovery_residence: ['none', 'confirmed'],
  support: ['good', 'some', 'none'], preference: ['none', 'inpatient', 'outpatient'] };
export const FLAGS = `unresponsive seizure_48h delirium violence_imminent pregnant pregnancy_warning prenatal_care fluids_kept
alcohol_daily sedatives_daily past_severe_withdrawal failed_outpatient_start chronic_illness psychosis_or_mania daily_function_impaired
lasting_impairment manages_recovery_residence transport_blocked caregiving_blocked work_blocked medication_wanted`.split(/\s+/);
// numbers: values at and beside each cut
export const NUMBERS = { age: [17, 18, 40, 80], cows: [0, 4, 5, 12, 13, 24, 25, 36, 37, 48], ciwa_ar: [0, 9, 10, 18, 19, 67], phq_9: [0, 19, 20, 27],
  pc_ptsd_5: [0, 3, 4, 5], news2: [0, 4, 5, 6, 7, 20], breathing_rate: [8, 9, 14, 24, 25], oxygen_saturation: [91, 92, 99],
  overdose_days: [0, 30, 31, 400], years_of_use: [0, 4, 5, 40], lower_level_returns: [0, 1, 2, 5], motivation: [0, 5, 10] };
const is = (v, ...w) => v != null && w.includes(v);
const ge = (v, n) => v != null && v >= n, le = (v, n) => v != null && v <= n, btw = (v, a, b) => ge(v, a) && le(v, b);

export function aggregate(mins, coe, rr, bio, l4, psych = false) {
  // mins: array of strings of levels below 4
  const has = (re) => mins.some((m) => re.test(m));
  const O = (...w) => [...new Set(w)].sort();
  if (l4) return { level: '4', overlays: [] };
  if (bio && (coe || psych)) return { level: '4', overlays: [] };
  if (psych) return { level: '4', overlays: ['PSY'] };
  let level;
  if (has(/\.7/) || bio) level = has(/^3/) || bio ? '3.7' : has(/^2/) ? '2.7' : '1.7';
  else if (has(/^3/)) level = has(/^[23]\.5/) ? '3.5' : '3.1';
  else level = has(/2\.5/) ? '2.5' : has(/2\.1/) ? '2.1' : '1.5';
  if (coe && level === '3.1') level = '3.5';
  if (coe && level === '2.1') level = '2.5';
  const over = [];
  if (bio) over.push('BIO');
  if (coe) over.push('COE');
  if (rr && /^[12]/.test(level)) over.push('RR');
  return { level, overlays: over };
}
export function model(f) {
  if (f.unresponsive === true || le(f.breathing_rate, 8) || le(f.oxygen_saturation, 91) || ge(f.news2, 7) || ge(f.breathing_rate, 25)
    || f.suicide_risk === 'high' || f.delirium === true || f.seizure_48h === true || ge(f.ciwa_ar, 19) || f.violence_imminent === true
    || f.pregnancy_warning === true || (f.pregnant === true && ge(f.cows, 5))) return { level: null, setting: 'emergency', overlays: [] };
  if (f.age != null && f.age < 18) return { level: null, setting: null, overlays: [] };
  const other = [], fourA = []; let coe = false, rr = false, bio = false, l4 = false;
  const start = is(f.opioid_use_disorder, 'moderate', 'severe') && f.medication === 'none';
  if (btw(f.cows, 5, 24)) other.push('1.7');
  if (btw(f.cows, 13, 24) && f.failed_outpatient_start === true) other.push('2.7');
  if (ge(f.cows, 25)) other.push('3.7');
  if (f.fluids_kept === false) bio = true;
  if ((f.alcohol_daily === true && btw(f.ciwa_ar, 10, 18)) || f.past_severe_withdrawal === true || f.sedatives_daily === true) other.push('3.7');
  if (f.past_severe_withdrawal === true && (f.alcohol_daily === true || f.sedatives_daily === true)) l4 = true;
  if (le(f.overdose_days, 30)) fourA.push('2.1');
  if (f.acute_illness === 'hospital') l4 = true;
  if (f.acute_illness === 'medical') bio = true;
  if (f.chronic_illness === true) other.push('1.7');
  if (f.pregnant === true && f.prenatal_care === false) other.push('1.7');
  if (ge(f.phq_9, 20) || f.psychosis_or_mania === true || ge(f.pc_ptsd_5, 4)) { coe = true; if (f.daily_function_impaired === true) other.push('2.5'); }
  if (f.suicide_risk === 'moderate') coe = true;
  if (f.lasting_impairment === true) other.push('3.1');
  if (f.risky_use === 'imminent') {
    const started = is(f.medication, 'methadone', 'buprenorphine', 'naltrexone');
    const safe = f.housing === 'safe' || f.recovery_residence === 'confirmed';
    const weak = f.daily_function_impaired === true;
    fourA.push(started && safe ? (weak ? '2.5' : '2.1') : (weak ? '3.5' : '3.1'));
  }
  if (is(f.housing, 'unstable', 'unsafe')) { if (f.manages_recovery_residence === false) other.push('3.1'); else rr = true; }
  if (f.support === 'none') { if (f.recovery_residence === 'confirmed') rr = true; if (f.recovery_residence !== 'confirmed' || f.manages_recovery_residence === false) other.push('3.1'); }
  const join = (four, extra = []) => aggregate([...other, ...four, ...extra], coe, rr, bio, l4);
  let four = fourA;
  if ((ge(f.years_of_use, 5) || ge(f.lower_level_returns, 2)) && /^[12]/.test(join(fourA).level)) {
    const top = fourA.slice().sort().pop() ?? '1.5';
    four = [...fourA.filter((x) => x !== top), { '1.5': '2.1', '2.1': '2.5', '2.5': '3.1', '3.1': '3.1', '3.5': '3.5' }[top]];
  }
  let r = join(four);
  if (start && /^[12]/.test(r.level)) r = join(four, ['1.7']);
  return { level: r.level, atPlace: start && !/^[12]/.test(r.level), setting: r.level === '4' ? 'inpatient' : r.level[0] === '3' ? 'residential' : 'outpatient', overlays: r.overlays };
}
