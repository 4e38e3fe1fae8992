// The engine against the independent model of tests/support/care_model.mjs: the level over random full and partial facts,
// every answer still worth asking by brute force, and what would change the result; and the aggregation against the
// project's vectors.
//
// The driver is built by `make VARIANT=asan drivers`; FAIRLEAD_ASSESS_DRIVER names another.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { assess, contradicts, randomFacts, randomFrom, CHANGEABLE, LEVELS, VALUES } from '../support/care_model.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const driver = process.env.FAIRLEAD_ASSESS_DRIVER
  ?? ['asan', 'release'].map((v) => `${root}build/${v}/tests/golden/assess_driver`).find(existsSync);

function ask(requests) {
  assert.ok(driver, 'no assess_driver: run make VARIANT=asan drivers');
  const input = requests.map((request) => `${JSON.stringify(request)}\n`).join('');
  const run = spawnSync(driver, ['knowledge'], { cwd: root, input, encoding: 'utf8', maxBuffer: 1 << 29 });
  assert.equal(run.status, 0, run.stderr);
  const lines = run.stdout.split('\n').slice(0, -1).map((line) => JSON.parse(line));
  assert.equal(lines.length, requests.length);
  return lines;
}

// One word for all that a person would notice.
const ours = (r) => [r.setting === 'emergency' ? 'emergency' : r.is_minor ? 'minor' : r.level, ...r.overlays, r.medication_at_place ? 'medicine' : ''].join(' ');
const theirs = (r) => [r.end ?? r.level, ...r.overlays, r.at_place ? 'medicine' : ''].join(' ');

const random = randomFrom(1807);

test('level, overlays and medicine at the place agree with an independent model', () => {
  const cases = [];
  for (let i = 0; i < 24000; i++) cases.push(randomFacts(random, [1, 0.8, 0.5, 0.2][i % 4], [0.95, 0.85, 0.6][i % 3]));
  const found = ask(cases.map((facts) => ({ facts })));
  const seen = new Map();
  cases.forEach((facts, i) => {
    const expected = theirs(assess(facts));
    assert.equal(ours(found[i]), expected, JSON.stringify(facts));
    seen.set(expected, (seen.get(expected) ?? 0) + 1);
  });
  for (const level of LEVELS) assert.ok([...seen.keys()].some((word) => word.startsWith(level)), `no case at ${level}`);
  assert.ok(seen.has('emergency ') && seen.has('minor ') && seen.size > 20, [...seen.keys()].join(', '));
});

// --- Answers still worth asking -------------------------------------------------------------------------------------

// Every way to fill in the unknown facts, by the independent model.
function* completions(facts, unknown) {
  if (unknown.length === 0) { if (!contradicts(facts)) yield facts; return; }
  const [name, ...rest] = unknown;
  for (const value of VALUES[name]) yield* completions({ ...facts, [name]: value }, rest);
}

// Facts that matter: two ways to fill in all that differ in this fact alone differ in the outcome.
function bruteForce(facts, unknown) {
  const outcomes = new Map();
  for (const full of completions(facts, unknown)) outcomes.set(JSON.stringify(unknown.map((name) => full[name])), theirs(assess(full)));
  const matters = new Set();
  for (const [key, outcome] of outcomes) {
    const values = JSON.parse(key);
    unknown.forEach((name, i) => {
      if (matters.has(name)) return;
      const other = [...values];
      [other[i]] = VALUES[name];
      const beside = outcomes.get(JSON.stringify(other));
      if (beside !== undefined && beside !== outcome) matters.add(name);
    });
  }
  return { matters: [...matters].sort(), outcomes: new Set(outcomes.values()) };
}

test('the answers still worth asking are exactly those that brute force finds', () => {
  const cases = [], names = Object.keys(VALUES);
  while (cases.length < 400) {
    const facts = randomFacts(random, 1, [0.97, 0.9, 0.75, 0.5][cases.length % 4]);
    let ways = 1;
    const unknown = [];
    for (let tries = 0; tries < 12; tries++) {
      const name = names[Math.floor(random() * names.length)];
      if (unknown.includes(name) || ways * VALUES[name].length > 3000) continue;
      ways *= VALUES[name].length;
      unknown.push(name);
      delete facts[name];
    }
    cases.push({ facts, unknown });
  }
  const found = ask(cases.map(({ facts }) => ({ facts, explain: true })));
  let decided = 0, open = 0;
  cases.forEach(({ facts, unknown }, i) => {
    const { matters, outcomes } = bruteForce(facts, unknown);
    const context = JSON.stringify({ facts, unknown });
    assert.deepEqual(found[i].unknown.map((entry) => entry.fact).sort(), matters, context);
    if (matters.length) { open++; assert.ok(outcomes.size > 1, context); return; }
    decided++;
    assert.deepEqual([...outcomes], [ours(found[i])], context); // nothing unasked can change it
  });
  assert.ok(decided > 50 && open > 100, `${decided} decided, ${open} open`);
});

test('levels of an answer are those that it leads to by itself', () => {
  const cases = [];
  for (let i = 0; i < 300; i++) cases.push(randomFacts(random, 0.7, 0.9));
  const found = ask(cases.map((facts) => ({ facts, explain: true })));
  const word = (r) => (r.end === 'minor' ? 'gate' : r.end ?? r.level);
  cases.forEach((facts, i) => {
    for (const { fact, levels } of found[i].unknown) {
      const alone = new Set(VALUES[fact].map((value) => ({ ...facts, [fact]: value })).filter((f) => !contradicts(f)).map((f) => word(assess(f))));
      for (const level of alone) assert.ok(levels.includes(level), `${fact}: ${level} in ${levels} of ${JSON.stringify(facts)}`);
      if (alone.size > 1) assert.equal(levels.length, alone.size, `${fact}: ${JSON.stringify(facts)}`);
    }
  });
});

// --- What would change the result -----------------------------------------------------------------------------------

const subsets = (entries) => (entries.length === 0 ? [[]] : subsets(entries.slice(1)).flatMap((set) => [set, [entries[0], ...set]]));

test('what would change the level does, and no part of it suffices', () => {
  const cases = [];
  for (let i = 0; i < 1200; i++) cases.push(randomFacts(random, [1, 0.8, 0.5][i % 3], [0.95, 0.85, 0.7][i % 3]));
  const found = ask(cases.map((facts) => ({ facts, explain: true })));
  let entries = 0;
  const sizes = [0, 0, 0, 0];
  cases.forEach((facts, i) => {
    const now = assess(facts), context = JSON.stringify(facts), keys = new Set();
    if (now.end) return assert.deepEqual(found[i].changes, []);
    let before = -1;
    for (const { set, level, overlays } of found[i].changes) {
      const changed = Object.entries(set), then = assess({ ...facts, ...set });
      entries++;
      sizes[changed.length]++;
      assert.ok(changed.length >= 1 && changed.length <= 3, context);
      assert.ok(changed.every(([name]) => CHANGEABLE.includes(name)), context);
      assert.equal(then.end, null, context);
      assert.deepEqual([then.level, ...then.overlays], [level, ...overlays], `${JSON.stringify(set)} on ${context}`);
      assert.notEqual(level, now.level, context);
      for (const part of subsets(changed).filter((p) => p.length && p.length < changed.length))
        assert.equal(assess({ ...facts, ...Object.fromEntries(part) }).level, now.level, `${JSON.stringify(part)} of ${JSON.stringify(set)} suffices on ${context}`);
      const key = changed.map(([name]) => name).sort().join();
      assert.ok(!keys.has(key), `${key} twice on ${context}`);
      keys.add(key);
      const order = (level > now.level ? 10 : 0) + changed.length; // lower first, then the shorter
      assert.ok(order >= before, `order on ${context}`);
      before = order;
    }
    // Complete: every single fact that lowers the level is there, unless the list is full.
    if (found[i].changes.length >= 12) return;
    for (const name of CHANGEABLE)
      for (const value of VALUES[name]) {
        const changed = { ...facts, [name]: value }, then = assess(changed);
        if (!then.end && then.level !== now.level && !contradicts(changed)) assert.ok(keys.has(name), `${name} is missing on ${context}`);
      }
  });
  assert.ok(sizes[1] > 500 && sizes[2] > 100 && sizes[3] > 5, `${entries} entries: ${sizes}`);
});

test('every pair of facts that lowers the level is found', () => {
  const cases = [];
  for (let i = 0; i < 150; i++) cases.push(randomFacts(random, 0.9, 0.75));
  const found = ask(cases.map((facts) => ({ facts, explain: true })));
  cases.forEach((facts, i) => {
    const now = assess(facts);
    if (now.end || found[i].changes.length >= 12) return;
    const keys = new Set(found[i].changes.map(({ set }) => Object.keys(set).sort().join()));
    const lowers = (set) => { const then = assess({ ...facts, ...set }); return !then.end && then.level < now.level && !contradicts({ ...facts, ...set }); };
    const moves = (set) => assess({ ...facts, ...set }).level !== now.level;
    CHANGEABLE.forEach((a, at) => CHANGEABLE.slice(at + 1).forEach((b) => {
      for (const x of VALUES[a]) for (const y of VALUES[b]) {
        if (moves({ [a]: x }) || moves({ [b]: y }) || !lowers({ [a]: x, [b]: y })) continue;
        assert.ok(keys.has([a, b].sort().join()), `${a}=${x}, ${b}=${y} is missing on ${JSON.stringify(facts)}`);
      }
    }));
  });
});

test("the issue's example: a confirmed recovery residence gives intensive outpatient", () => {
  const [found] = ask([{ explain: true, facts: { opioid_use_disorder: 'severe', medication: 'buprenorphine', overdose_days: 12, support: 'none', manages_recovery_residence: true } }]);
  assert.equal(found.level, '3.1');
  assert.deepEqual(found.changes[0], { set: { recovery_residence: 'confirmed' }, level: '2.1', overlays: ['RR'] });
});

// --- Signatures, and hostile input ------------------------------------------------------------------------------------

test('where signatures are required, an unsigned need waits and a stop rule acts', () => {
  const [waiting, stopped, minor] = ask([{ signatures: true, facts: { cows: 30, news2: 5 } },
    { signatures: true, facts: { unresponsive: true } }, { signatures: true, facts: { age: 12 } }]);
  assert.equal(ours(waiting), '1.5 ');
  assert.equal(waiting.rules.B3, 'waiting');
  assert.equal(ours(stopped), 'emergency ');
  assert.equal(ours(minor), 'minor ');
});

test('facts that cannot be are refused with the fact named', () => {
  const wrong = [
    [{ age: 'old' }, 'age'], [{ cows: 49 }, 'cows'], [{ cows: -1 }, 'cows'], [{ cows: 4.5 }, 'cows'], [{ cows: '5' }, 'cows'], [{ cows: true }, 'cows'],
    [{ breathing_rate: 81 }, 'breathing_rate'], [{ pregnant: 1 }, 'pregnant'], [{ pregnant: 'yes' }, 'pregnant'], [{ housing: 'Safe' }, 'housing'],
    [{ housing: true }, 'housing'], [{ housing: ['safe'] }, 'housing'], [{ medication: {} }, 'medication'], [{ heroin: true }, "'heroin'"],
    [{ pregnant: false, pregnancy_warning: true }, 'X1'],
  ];
  ask(wrong.map(([facts]) => ({ facts }))).forEach((found, i) => assert.ok(found.error?.includes(wrong[i][1]), JSON.stringify([wrong[i], found])));
  for (const found of ask([{ facts: [] }, { facts: null }, {}, { facts: 'x' }])) assert.equal(found.error, 'facts is no object');
  assert.equal(ours(ask([{ facts: { cows: null, pregnant: null, housing: null } }])[0]), '1.5 ');
});

// --- Vectors ----------------------------------------------------------------------------------------------------------

const vectors = join(process.env.FAIRLEAD_SHARED ?? '', 'data/clinical/loc_vectors.csv');
test('all vectors of the aggregation agree', { skip: existsSync(vectors) ? false : 'no clinical vectors: set FAIRLEAD_SHARED' }, () => {
  const [header, ...rows] = readFileSync(vectors, 'utf8').trim().split(/\r?\n/).map((line) => line.split(','));
  assert.deepEqual(header, ['min_levels', 'any_coe', 'recovery_residence', 'bio_need', 'level4_need', 'level4_psych_need', 'expected']);
  assert.equal(rows.length, 420);
  const requests = rows.map(([levels, coe, rr, bio, four, psych]) => ({
    aggregate: {
      levels: [...levels.split(/[^\d.]+/).filter(Boolean), ...(four === '1' ? ['4'] : []), ...(bio === '1' ? ['3.7'] : [])],
      overlays: [coe === '1' && 'COE', rr === '1' && 'RR', bio === '1' && 'BIO', psych === '1' && 'PSY'].filter(Boolean), raised: [], flags: [],
    },
  }));
  ask(requests).forEach((found, i) => {
    const tail = found.overlays.map((overlay) => (overlay === 'RR' ? '+RR' : `-${overlay}`)).join('');
    assert.equal(`${found.level}${tail}`, rows[i][6], `row ${i + 2}: ${rows[i]}`);
  });
});
