// The desk's pages over HTTP on the real server, both engines, with 200 people in care and with 20,000: from what is sent to the
// last byte read, one page after the other, and beside each the same of GET /health in turn, which is what the connection, the
// server's loop and this client cost without a page. Bars: design.md §8.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { rowsOf, startServer } from '../tests/support/databases.mjs';
import { openKeeper } from '../tests/support/people.mjs';
import { run, serve } from '../tests/support/server.mjs';

const SIZES = [{ people: 200, beds: 200, waiting: 40, most: 20 }, { people: 20000, beds: 2000, waiting: 5000, most: 50 }];
const PAGES = [
  ['home', '/desk', 'the first page'],
  ['beds', '/desk/beds', 'the bed board'],
  ['unit', ({ unit }) => `/desk/beds?unit=${unit}`, 'the bed board of a unit'],
  ['live', '/desk/beds/live', 'the bed board, shown anew'],
  ['requests', '/desk/requests', 'requests'],
  ['waitlist', '/desk/waitlist', 'the waitlist'],
  ['coverage', '/desk/coverage', 'what is due of coverage'],
  ['intakes', '/desk/intakes', 'what is overdue of intakes'],
  ['intake', ({ person }) => `/desk/people/${person}/intake`, "a person's intake"],
  ['person', ({ person }) => `/desk/people/${person}`, "a person's page"],
];

const part = (list, share) => [...list].sort((a, b) => a - b)[Math.floor(list.length * share)];

async function timed(address, headers) {
  const began = process.hrtime.bigint();
  const answer = await fetch(address, { headers, redirect: 'manual' });
  const bytes = (await answer.arrayBuffer()).byteLength;
  if (answer.status !== 200) throw new Error(`${address} answered ${answer.status}`);
  return { milliseconds: Number(process.hrtime.bigint() - began) / 1e6, bytes };
}

// Milliseconds that a process has computed, by the kernel's hundredths of a second; other programs of a busy machine are not in it.
const computed = (pid) => { const parts = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' '); return 10 * (Number(parts[11]) + Number(parts[12])); };

// Clocks of what lies in the past run out before anything is measured.
async function settled(address) {
  for (let tries = 0; tries < 600; tries += 1) {
    if (Number(rowsOf(address, `SELECT count(*) AS n FROM due WHERE try_at <= ${Date.now() * 1000}`)[0].n) === 0) return;
    await sleep(500);
  }
  throw new Error('the clocks do not come to rest');
}

async function measure(bench, engine, size, address, data) {
  const { say, record, raw, each, wanted } = bench;
  const common = ['--data', data, '--db', address];
  const program = JSON.parse(run('care', 'program', 'add', ...common, '--name', 'Harbor House', '--kind', 'residential', '--zone', 'UTC', '--state', 'CO', '--json'));
  say(`the desk on ${engine}, ${size.people} people in care`);
  const filled = spawnSync(join(bench.programs, 'bench_desk'), ['--db', address, '--data', data, '--program', program.id, '--people', size.people, '--beds', size.beds,
    '--waiting', size.waiting].map(String), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (filled.status !== 0) throw new Error(`bench_desk ended with status ${filled.status}`);
  const world = JSON.parse(filled.stdout);
  world.unit = rowsOf(address, "SELECT id FROM unit WHERE name = 'Unit 1'")[0].id;
  record(`${engine}: filling the desk's program`, size.people, world.fill_seconds, undefined, { unit: 's' });
  const server = await serve(data, '--db', address);
  try {
    const keeper = await openKeeper(server.origin, program.id, (...words) => run(...words, ...common));
    await settled(address);
    const headers = { cookie: keeper.cookie() }, found = raw[`desk-${engine}-${size.people}`] = {};
    const health = [];
    for (const [name, where, what] of PAGES.filter(([page]) => wanted(page))) {
      const path = server.origin + (typeof where === 'string' ? where : where(world)), pages = [];
      for (let i = 0; i < 5; i += 1) await timed(path, headers);
      let bytes = 0;
      const began = computed(server.pid);
      for (let i = 0; i < each; i += 1) {
        const one = await timed(path, headers);
        pages.push(one.milliseconds);
        ({ bytes } = one);
        health.push((await timed(`${server.origin}/health`, {})).milliseconds);
      }
      found[name] = { bytes, computed: (computed(server.pid) - began) / each, median: part(pages, 0.5), p99: part(pages, 0.99), worst: Math.max(...pages) };
      record(`${engine}: ${what}, p99`, size.people, found[name].p99, size.most, { most: true, unit: 'ms' });
      record(`${engine}: ${what}, median`, size.people, found[name].median, undefined, { unit: 'ms' });
      record(`${engine}: ${what}, computed by the server`, size.people, found[name].computed, undefined, { unit: 'ms' });
    }
    record(`${engine}: GET /health beside them, median`, size.people, part(health, 0.5), undefined, { unit: 'ms' });
    record(`${engine}: GET /health beside them, p99`, size.people, part(health, 0.99), undefined, { unit: 'ms' });
  } finally {
    await server.stop();
  }
}

// `bench`: {say, record, raw, notes, programs, each, people, wanted}.
export async function desk(bench) {
  const sizes = SIZES.filter(({ people }) => bench.people.includes(people));
  for (const size of sizes) {
    const data = mkdtempSync(join(tmpdir(), 'fairlead-bench-desk-'));
    try {
      await measure(bench, 'SQLite', size, join(data, 'fairlead.db'), data);
    } finally {
      rmSync(data, { recursive: true });
    }
  }
  const server = await startServer();
  if (!server) { bench.notes.push('the desk: PostgreSQL is not installed; left out'); return; }
  try {
    for (const size of sizes) {
      const data = mkdtempSync(join(tmpdir(), 'fairlead-bench-desk-')), schema = `desk_${size.people}`;
      spawnSync('psql', ['-Xq', server.address, '-c', `CREATE SCHEMA ${schema}`], { stdio: 'inherit' });
      try {
        await measure(bench, 'PostgreSQL', size, `${server.address}${server.address.includes('?') ? '&' : '?'}options=-csearch_path%3D${schema}`, data);
      } finally {
        rmSync(data, { recursive: true });
      }
    }
  } finally {
    await server.end();
  }
}
