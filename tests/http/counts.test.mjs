// Totals, orders and counts of the API equal an independent computation from the raw file, query by query.
import test from 'node:test';
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fairlead, run, serve, shared, temporaryFolder } from '../support/server.mjs';
import { groups, meets, miles, needs, readListings, readZips } from '../support/independent.mjs';

const file = join(shared, 'data/directory/facilities_su_2023_geocoded.csv');
const missing = existsSync(file) ? false : `no real data at ${file}`;

// A small generator with a fixed seed: the same queries each time.
function generator(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 4294967296 * below);
  };
}

// At least 200 queries: every need, codes, states, ZIPs with radii, points, and combinations.
function makeQueries(listings, zips) {
  const next = generator(20230101);
  const pick = (list) => list[next(list.length)];
  const names = Object.keys(needs);
  const allCodes = [...new Set(listings.flatMap((row) => [...row.codes]))].sort();
  const states = [...new Set(listings.map((row) => row.state))].sort();
  const listedZips = [...new Set(listings.map((row) => row.zip))].filter((zip) => zips.has(zip)).sort();
  const queries = [{}];
  for (const need of names) queries.push({ need: [need] });
  for (const group of groups) queries.push({ need: group.slice(0, 2) }, { need: group, state: pick(states) });
  for (const state of states) queries.push({ state });
  for (let i = 0; i < 20; i++) queries.push({ code: [pick(allCodes)] });
  for (let i = 0; i < 10; i++) queries.push({ code: [pick(['OP', 'RES', 'SA', 'DT']), pick(allCodes)], state: pick(states) });
  for (let i = 0; i < 60; i++)
    queries.push({ near: pick(listedZips), within: pick([5, 10, 25, 50, 100]), need: [pick(names), pick(names)].slice(0, next(3)) });
  for (let i = 0; i < 20; i++) queries.push({ near: pick(listedZips), need: [pick(names), pick(names), pick(names)] });
  for (let i = 0; i < 20; i++) {
    const row = pick(listings);
    queries.push({ near: `${row.latitude.toFixed(4)},${row.longitude.toFixed(4)}`, within: 1 + next(80), need: [pick(names)],
      code: next(2) ? [pick([...row.codes])] : [] });
  }
  for (let i = 0; i < 20; i++) queries.push({ state: pick(states), need: [pick(names), pick(names)] });
  return queries;
}

function centerOf(near, zips) {
  if (!near) return null;
  if (zips.has(near)) return zips.get(near);
  const [latitude, longitude] = near.split(',').map(Number);
  return { latitude, longitude };
}

// The rows in the right place with the right codes, nearest first. `slack` widens the radius, to tell rounding at its
// edge from a wrong count.
function inPlace(listings, zips, query, slack) {
  const center = centerOf(query.near, zips);
  return listings
    .filter((row) => (!query.state || row.state === query.state) && (query.code ?? []).every((code) => row.codes.has(code)))
    .map((row) => ({ row, distance: center ? miles(center, row) : null }))
    .filter(({ distance }) => !query.within || distance <= query.within + slack)
    .sort((a, b) => (a.distance ?? 0) - (b.distance ?? 0));
}

const target = (query) => {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) for (const one of [value].flat()) parameters.append(name, one);
  return `/api/facilities?${parameters}`;
};

test('the API agrees with an independent count', { skip: missing, timeout: 600000 }, async (t) => {
  const data = temporaryFolder();
  run('import', '--data', data, file);
  const server = await serve(data);
  t.after(() => server.stop());
  const zips = readZips(process.cwd());
  const listings = readListings(file, zips);
  assert.equal(listings.length, 12742);

  const queries = makeQueries(listings, zips);
  let asked = 0, empty = 0;
  for (const query of queries) {
    const answer = await (await fetch(server.origin + target(query))).json();
    const edge = query.within ? 1e-6 : 0;
    const around = inPlace(listings, zips, query, edge);
    const most = around.filter(({ row }) => meets(row, query.need ?? []));
    const least = most.filter(({ distance }) => !query.within || distance <= query.within - edge);
    const label = JSON.stringify(query);
    asked++;
    if (most.length === 0) { // never empty: something was loosened, and said
      assert.ok(answer.relaxed.length > 0 && answer.total > 0, `${label}: nothing loosened`);
      empty++;
      continue;
    }
    assert.deepEqual(answer.relaxed, [], label);
    assert.ok(answer.total >= least.length && answer.total <= most.length, `${label}: ${answer.total}, expected ${least.length}`);
    assert.equal(answer.results.length, Math.min(20, answer.total), label);
    if (query.near) answer.results.forEach((result, i) =>
      assert.ok(Math.abs(result.distance_miles - most[i].distance) < 0.006, `${label}: result ${i}`));
    if (asked % 8 === 0) for (const need of Object.keys(needs)) {
      const count = around.filter(({ row }) => meets(row, [...(query.need ?? []), need])).length;
      const wanted = query.need?.includes(need) ? answer.total : count;
      assert.ok(Math.abs(answer.facets[need] - wanted) <= most.length - least.length, `${label}: facet ${need}: ${answer.facets[need]}, expected ${wanted}`);
    }
  }
  assert.ok(asked >= 200, `${asked} queries`);
  t.diagnostic(`${asked} queries, ${empty} of them empty until loosened`);

  await t.test('the command line prints the same document', async () => {
    for (const query of [{ q: 'Richmond, VA', need: ['buprenorphine'] }, { near: '23220', within: 25 }, { state: 'RI', need: ['inpatient'] }]) {
      const words = Object.entries(query).flatMap(([name, value]) => name === 'q' ? [value] : [value].flat().flatMap((one) => [`--${name}`, one]));
      const printed = JSON.parse(run('find', '--data', data, '--json', ...words.map(String)));
      const answered = await (await fetch(server.origin + target(query))).json();
      assert.deepEqual(printed, answered, `${fairlead} find ${words.join(' ')}`);
    }
  });
});
