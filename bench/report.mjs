// Runs the measuring programs one after the other and prints what they found against the bars, as a table or as JSON.
// The bars are those of the project's issues; a measured value that misses one makes the exit status 1.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync, chownSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '../tests/support/databases.mjs';
import { Interview, walk } from '../tests/support/interview.mjs';
import { desk } from './desk.mjs';

const programs = 'build/release/bench';
const fairlead = process.env.FAIRLEAD ?? 'build/fairlead';
const argument = (name) => process.argv.includes(name);
const value = (name, otherwise) => (argument(name) ? process.argv[process.argv.indexOf(name) + 1] : otherwise);
const sizes = value('--sizes', argument('--full') ? '20000,200000,2000000' : '20000,200000').split(',').map(Number);
const only = value('--only', '').split(',').filter(Boolean);
const wanted = (part) => only.length === 0 || only.includes(part);
const rows = [], notes = [], raw = {};
const say = (text) => process.stderr.write(`bench: ${text}\n`);

// One line of the table: bars are [least] or, with `most`, [most].
function record(what, size, measured, bar, { most = false, unit = '×', aim } = {}) {
  const pass = bar === undefined ? undefined : most ? measured <= bar : measured >= bar;
  rows.push({ what, size, measured, bar, unit, most, pass, aim });
}

function run(program, options, environment = {}) {
  const done = spawnSync(join(programs, program), options.map(String), {
    encoding: 'utf8', maxBuffer: 1 << 26, env: { ...process.env, ...environment } });
  if (done.stderr) process.stderr.write(done.stderr);
  if (!done.stdout) throw new Error(`${program} ended with status ${done.status}`);
  return JSON.parse(done.stdout);
}

// --- The engine against the naive scan --------------------------------------------------------------------------------

const NAIVE = { 20000: [12, 17], 200000: [12, 17], 2000000: [10, 12.6] };
const NEAR = { 20000: 15, 200000: 50, 2000000: 120 };

function search(size) {
  const rounds = size > 500000 ? 1 : size > 50000 ? 3 : 8;
  say(`search, ${size} rows`);
  const found = run('bench_search', ['--rows', size, '--rounds', rounds]);
  raw[`search-${size}`] = found;
  record('answers equal to the naive scan', size, found.equal, found.queries, { unit: 'of 2,000' });
  record('naive scan', size, found.naive.all.ratio, NAIVE[size]?.[0], { aim: NAIVE[size]?.[1] });
  record('naive scan, near a ZIP, median', size, found.naive.near.median_ratio, NEAR[size]);
  for (const kind of ['near', 'city', 'state', 'typo', 'broad']) record(`naive scan, ${kind}`, size, found.naive[kind].ratio);
  record('facets on / facets off', size, found.facets.all.ratio, 2, { most: true });
  record('mean search', size, found.naive.all.engine_us, undefined, { unit: 'µs' });
  record('snapshot built, rows a second of one processor', size, found.build_rows_a_second, 50000, { unit: '/s' });
  record('snapshot opened', size, found.open_ms, size >= 2000000 ? 100 : undefined, { most: true, unit: 'ms' });
  record('bytes a row beside the rendered text', size, found.bytes_a_row.resident_beside_rendered, 600, { most: true, unit: 'B' });
  if (size > 500000) return;
  say(`search, ${size} rows, AVX2 and plain`);
  for (const vector of ['avx2', 'plain']) {
    const lesser = run('bench_search', ['--rows', size, '--rounds', Math.ceil(rounds / 2)], { FAIRLEAD_VECTOR: vector });
    raw[`search-${size}-${vector}`] = lesser;
    record(`naive scan, ${lesser.vector} code alone`, size, lesser.naive.all.ratio, vector === 'avx2' ? 6 : undefined);
  }
}

// --- The level of care --------------------------------------------------------------------------------------------------

function assess() {
  say('level of care');
  const found = run('bench_assess', []);
  raw.assess = found;
  record('level of care, the slowest of all sets of facts', found.sets, found.find_us.worst, 50, { most: true, unit: 'µs' });
  record('level of care, mean', found.sets, found.find_us.mean, undefined, { unit: 'µs' });
  record('with changes and next questions, the slowest', found.sets, found.explain_ms.worst, 5, { most: true, unit: 'ms' });
  record('with changes and next questions, mean', found.sets, found.explain_ms.mean, undefined, { unit: 'ms' });
}

// --- Peers ------------------------------------------------------------------------------------------------------------

function peer(name, program, size, queries, bar, extra = []) {
  if (!existsSync(join(programs, program))) { notes.push(`${name}: its library is not installed; left out`); return; }
  say(`${name}, ${size} rows, ${queries} queries`);
  const found = run(program, ['--rows', size, '--queries', queries, ...extra]);
  raw[`${program}-${size}`] = found;
  record(found.peer, size, found.times.all.ratio, bar);
  if (found.equal !== found.asked) notes.push(`${name}, ${size} rows: ${found.asked - found.equal} of ${found.asked} totals or first results differ`);
  notes.push(`${found.peer}, ${size} rows: the first ${found.asked} queries of the workload that match without loosening, in its proportions`);
  return found;
}

// It answers everything that the engine does, so that everything is compared.
function lucene(size, queries) {
  const found = peer('Lucene', 'bench_lucene', size, queries);
  if (!found) return;
  record(`${found.peer}, mean search`, size, found.times.all.peer_us, undefined, { unit: 'µs' });
  notes.push(`${found.peer}, ${size} rows: ${found.asked} answers compared in the total, every facet and the first 20 in their order; ${found.equal} equal`);
}

// PostgreSQL refuses to run as root: its own user runs it, in a folder of its own, on a socket there.
async function postgresql(size, queries) {
  const home = '/usr/lib/postgresql/15/bin';
  if (!existsSync(`${home}/initdb`)) { notes.push('PostgreSQL 15: not installed; left out'); return; }
  const folder = mkdtempSync('/tmp/fairlead-bench-pg-');
  const asPeer = (...command) => execFileSync('runuser', ['-u', 'postgres', '--', ...command], { stdio: 'ignore', cwd: '/tmp' });
  const [user, group] = execFileSync('getent', ['passwd', 'postgres'], { encoding: 'utf8' }).split(':').slice(2, 4).map(Number);
  chownSync(folder, user, group);
  try {
    say('PostgreSQL: a private server');
    asPeer(`${home}/initdb`, '-D', `${folder}/data`, '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale=C');
    asPeer(`${home}/pg_ctl`, '-D', `${folder}/data`, '-w', '-l', `${folder}/log`, '-o',
      `-c listen_addresses= -c unix_socket_directories=${folder} -c shared_buffers=512MB -c work_mem=64MB -c fsync=off`, 'start');
    peer('PostgreSQL', 'bench_postgresql', size, queries, 1000, ['--connect', `host=${folder} user=postgres dbname=postgres`]);
  } finally {
    spawnSync('runuser', ['-u', 'postgres', '--', `${home}/pg_ctl`, '-D', `${folder}/data`, '-m', 'immediate', 'stop'], { stdio: 'ignore', cwd: '/tmp' });
    rmSync(folder, { recursive: true, force: true });
  }
}

// --- Over HTTP --------------------------------------------------------------------------------------------------------

const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => { const { port } = server.address(); server.close(() => resolve(port)); });
});
const installed = (command) => spawnSync('which', [command]).status === 0;

async function answers(address, seconds) {
  for (const end = Date.now() + 1000 * seconds; Date.now() < end; await sleep(2)) {
    try { if ((await fetch(address)).ok) return true; } catch { /* not yet */ }
  }
  return false;
}

// wrk's own words, read: requests a second, median and 99th percentile in milliseconds.
function wrk(address, seconds, script) {
  const options = ['-t1', '-c64', `-d${seconds}s`, '--latency', ...(script ? ['-s', script] : []), address];
  const said = execFileSync('wrk', options, { encoding: 'utf8' });
  const time = (pattern) => {
    const [, number, unit] = said.match(pattern);
    return Number(number) * { us: 1e-3, ms: 1, s: 1e3 }[unit];
  };
  return { rate: Number(said.match(/Requests\/sec:\s+([\d.]+)/)[1]), median: time(/50%\s+([\d.]+)(us|ms|s)/),
    p99: time(/99%\s+([\d.]+)(us|ms|s)/), errors: /Non-2xx/.test(said) };
}

async function http() {
  for (const need of ['wrk', 'nginx']) if (!installed(need)) { notes.push(`${need}: not installed; HTTP left out`); return; }
  if (!existsSync(fairlead)) { notes.push(`${fairlead} is not built; HTTP left out`); return; }
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-bench-http-'));
  const children = [];
  try {
    const data = join(folder, 'data'), port = await freePort(), other = await freePort();
    mkdirSync(data);
    say('HTTP: 20,000 rows, one server thread, 64 connections');
    execFileSync(join(programs, 'bench_make'), ['--rows', '20000', '--seed', '1', data, join(folder, 'targets')]);
    const script = join(folder, 'targets.lua');
    writeFileSync(script, `local targets = {}\nfor line in io.lines("${folder}/targets") do targets[#targets + 1] = line end\n`
      + 'local at = 0\nrequest = function() at = at % #targets + 1; return wrk.format("GET", targets[at]) end\n');
    children.push(spawn(fairlead, ['serve', '--data', data, '--listen', `127.0.0.1:${port}`, '--threads', '1'], { stdio: 'ignore' }));
    writeFileSync(join(folder, 'body.json'), 'x'.repeat(8192));
    writeFileSync(join(folder, 'nginx.conf'), `worker_processes 1; daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;\n`
      + `events { worker_connections 256; }\nhttp { access_log off; keepalive_requests 1000000; sendfile on; tcp_nopush on;\n`
      + `server { listen 127.0.0.1:${other}; root ${folder}; } }\n`);
    execFileSync('chmod', ['755', folder]);
    children.push(spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder], { stdio: 'ignore' }));
    const ours = `http://127.0.0.1:${port}`, theirs = `http://127.0.0.1:${other}/body.json`;
    if (!(await answers(`${ours}/health`, 20))) { notes.push('fairlead serve did not answer; HTTP left out'); return; }
    if (!(await answers(theirs, 10))) { notes.push('nginx did not answer; HTTP left out'); return; }
    const best = (list) => list.reduce((a, b) => (a.rate > b.rate ? a : b));
    const engine = [], nginx = [];
    for (let round = 0; round < 6; round++) { engine.push(wrk(ours, 2, script)); nginx.push(wrk(theirs, 2)); }
    const usual = best(engine), still = best(nginx);
    raw.http = { fairlead: engine, nginx };
    record('requests a second / nginx with a static 8 KB body', 20000, usual.rate / still.rate, 0.25, { aim: 0.39 });
    record('requests a second', 20000, usual.rate, undefined, { unit: '/s' });
    record('99th percentile / median over HTTP', 20000, Math.min(...engine.map((r) => r.p99 / r.median)), 2, { most: true });
    if (engine.some((r) => r.errors)) notes.push('HTTP: some answers were no 200');
    say('HTTP: swapping the snapshot while serving');
    const swapping = [];
    for (let round = 0; round < 3; round++) {
      const maker = spawn(join(programs, 'bench_make'), ['--rows', '20000', '--seed', String(2 + round), data], { stdio: 'ignore' });
      const ended = new Promise((resolve) => { maker.on('exit', resolve); });
      await ended; // the file is there; the server takes it up within its next second
      swapping.push(wrk(ours, 3, script));
    }
    raw.http.swapping = swapping;
    record('99th percentile while swapping / usual', 20000, Math.min(...swapping.map((r) => r.p99)) / Math.min(...engine.map((r) => r.p99)), 2, { most: true });
  } finally {
    for (const child of children) { child.kill('SIGTERM'); }
    await sleep(500);
    rmSync(folder, { recursive: true, force: true });
  }
}

// From the start of the program to its first answer: on the command line, and of the server.
async function start() {
  if (!existsSync(fairlead)) { notes.push(`${fairlead} is not built; start left out`); return; }
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-bench-start-'));
  try {
    execFileSync(join(programs, 'bench_make'), ['--rows', '20000', '--seed', '1', folder]);
    const times = [];
    for (let i = 0; i < 7; i++) {
      const from = process.hrtime.bigint();
      const done = spawnSync(fairlead, ['find', '--data', folder, 'Richmond, VA', '--need', 'buprenorphine', '--json'], { encoding: 'utf8' });
      times.push(Number(process.hrtime.bigint() - from) / 1e9);
      if (done.status !== 0) { notes.push(`fairlead find ended with status ${done.status}; start left out`); return; }
    }
    record('start to first answer, fairlead find', 20000, Math.min(...times), 0.3, { most: true, unit: 's' });
    const port = await freePort(), from = process.hrtime.bigint();
    const server = spawn(fairlead, ['serve', '--data', folder, '--listen', `127.0.0.1:${port}`], { stdio: 'ignore' });
    const good = await answers(`http://127.0.0.1:${port}/api/facilities?near=23220&within=25`, 10);
    const seconds = Number(process.hrtime.bigint() - from) / 1e9;
    server.kill('SIGTERM');
    if (good) record('start to first answer, fairlead serve', 20000, seconds, 0.3, { most: true, unit: 's' });
    await sleep(300);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// --- The interview ----------------------------------------------------------------------------------------------------

// Who asks, and what they answer; to every other question a no, 0 or the first answer.
const PEOPLE = [
  ['self', { age: { age: 28 }, withdrawal: 'moderate', criteria: ['1', '2', '3', '4', '5', '11'], risk: ['alone'], overdose: 'before', years: '1-to-4' }],
  ['other', { age: { age: 25 }, withdrawal: 'none', medicine: 'methadone', housing: 'unsafe', 'sober-home': 'no', support: 'none', overdose: 'year', years: '1-to-4' }],
  ['staff', { vitals: { breathing_rate: 14, oxygen_saturation: 97, news2: 0 }, age: { age: 50 }, cows: { cows: 26 }, fluids: 'yes', criteria: ['1', '2', '3', '4', '5', '6'] }],
];

// Every page of whole interviews, one after the other, from what is sent to the last byte read; beside each the same of
// GET /health, which is what the connection, the server's loop and this client cost without a page.
async function interview() {
  if (!existsSync(fairlead)) { notes.push(`${fairlead} is not built; the interview left out`); return; }
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-bench-interview-'));
  let server;
  try {
    say('the interview over HTTP');
    execFileSync(fairlead, ['import', '--data', folder, '--demo', '500'], { stdio: 'ignore' });
    const port = await freePort(), origin = `http://127.0.0.1:${port}`;
    server = spawn(fairlead, ['serve', '--data', folder, '--listen', `127.0.0.1:${port}`], { stdio: 'ignore' });
    if (!(await answers(`${origin}/health`, 20))) { notes.push('fairlead serve did not answer; the interview left out'); return; }
    const pages = [], floor = [];
    for (let round = 0; round < 31; round++) {
      for (const [who, plan] of PEOPLE) {
        const walked = new Interview(origin);
        const last = await walk(walked, who, plan);
        if (last.kind !== 'review') throw new Error(`the interview of ${who} ended at ${last.kind}: ${last.text}`);
        if (!round) continue; // to warm up
        for (const { milliseconds } of walked.pages) {
          pages.push(milliseconds);
          const began = process.hrtime.bigint();
          await (await fetch(`${origin}/health`)).text();
          floor.push(Number(process.hrtime.bigint() - began) / 1e6);
        }
      }
    }
    const part = (list, share) => [...list].sort((a, b) => a - b)[Math.floor(list.length * share)];
    raw.interview = { pages: pages.length, page_ms: { median: part(pages, 0.5), p99: part(pages, 0.99), worst: part(pages, 1 - 1 / pages.length) },
      health_ms: { median: part(floor, 0.5), p99: part(floor, 0.99) } };
    record('a page of the interview, median', pages.length, part(pages, 0.5), 10, { most: true, unit: 'ms' });
    record('a page of the interview, 99 %', pages.length, part(pages, 0.99), 10, { most: true, unit: 'ms' });
    record('GET /health beside it, median', floor.length, part(floor, 0.5), undefined, { unit: 'ms' });
    record('GET /health beside it, 99 %', floor.length, part(floor, 0.99), undefined, { unit: 'ms' });
  } finally {
    if (server) await new Promise((ended) => { server.on('exit', ended); server.kill('SIGTERM'); });
    rmSync(folder, { recursive: true, force: true });
  }
}

// --- The audit --------------------------------------------------------------------------------------------------------

// On PostgreSQL a schema of its own on $FAIRLEAD_TEST_POSTGRESQL or on a private server, which goes afterwards.
const ON_POSTGRESQL = `[ -n "$FAIRLEAD_TEST_POSTGRESQL" ] || exit 0
name=bench_audit_$$; address=$FAIRLEAD_TEST_POSTGRESQL
tell() { psql -Xq -c 'SET client_min_messages = error' -c "$1" "$address" >&2; }
tell "CREATE SCHEMA $name"; trap 'tell "DROP SCHEMA $name CASCADE"' EXIT
case $address in *\\?*) sign='&' ;; *) sign='?' ;; esac
"$@" --db "$address\${sign}options=-csearch_path%3D$name"`;

function audit(engine, size, words) {
  say(`the audit on ${engine}, ${size} entries`);
  const done = spawnSync(words[0], [...words.slice(1), '--rows', String(size)], { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (done.stderr) process.stderr.write(done.stderr);
  if (done.status !== 0) throw new Error(`bench_audit ended with status ${done.status}`);
  if (!done.stdout) { notes.push(`the audit on ${engine}: no server is installed; left out`); return; }
  const found = JSON.parse(done.stdout);
  raw[`audit-${engine}-${size}`] = found;
  record(`${engine}: an audited write / a plain one, alone`, size, found.alone.ratio, 1.25, { most: true });
  record(`${engine}: an audited write / a plain one, in a batch`, size, found.batch.ratio, 2, { most: true });
  record(`${engine}: a plain write alone`, size, found.alone.plain_us, undefined, { unit: 'µs' });
  record(`${engine}: entries sealed a second`, size, found.sealed_a_second, undefined, { unit: '/s' });
  record(`${engine}: entries verified a second`, size, found.verify.rate, undefined, { unit: '/s' });
  record(`${engine}: memory while verifying`, size, found.verify.memory_mb, 64, { most: true, unit: 'MB' });
  record(`${engine}: a person's page of the audit, median`, size, found.person_ms.median, undefined, { unit: 'ms' });
  record(`${engine}: the newest page of the audit, median`, size, found.newest_ms.median, undefined, { unit: 'ms' });
  record(`${engine}: problems that verifying a sound audit finds`, size, found.verify.problems, 0, { most: true, unit: '' });
}

function audits(size) {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-bench-audit-')), program = join(programs, 'bench_audit');
  try {
    audit('SQLite', size, [program, '--db', join(folder, 'audit.db')]);
    audit('PostgreSQL', size, ['script/check/postgresql', 'run', 'bash', '-c', ON_POSTGRESQL, 'bench', program]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// --- The store --------------------------------------------------------------------------------------------------------

// Acknowledged inserts: one writer against the bare library, and 64 against one; as the disk is, and with a millisecond
// more for each flush.
async function store() {
  say('the store, SQLite');
  const asIs = run('bench_store', []), slow = run('bench_store', ['--sync-microseconds', 1000]);
  raw.store = { sqlite: asIs, sqlite_slow: slow };
  record('store: one writer / bare SQLite', asIs.single, asIs.single_to_bare);
  record(`store: 64 writers / one, a flush of ${Math.round(asIs.sync_us)} µs`, asIs.many, asIs.many_to_single, asIs.sync_us < 200 ? 3 : undefined);
  record(`store: 64 writers / one, a flush of ${Math.round(slow.sync_us)} µs`, slow.many, slow.many_to_single, 5);
  notes.push('store: the second column is acknowledged writes a second');
  const server = await startServer();
  if (!server) { notes.push('store: PostgreSQL 15 is not installed; left out'); return; }
  try {
    say('the store, PostgreSQL');
    const found = run('bench_store', ['--postgresql', server.address]);
    raw.store.postgresql = found;
    record('store: one writer / bare libpq', found.single, found.single_to_bare);
    record('store: 64 writers / one, PostgreSQL', found.many, found.many_to_single);
  } finally {
    await server.end();
  }
}

// --- All --------------------------------------------------------------------------------------------------------------

if (wanted('search')) for (const size of sizes) search(size);
for (const size of sizes.filter((s) => s <= 200000)) {
  const few = size > 50000;
  if (wanted('sqlite')) peer('SQLite', 'bench_sqlite', size, few ? 40 : 200, 1000);
  if (wanted('xapian')) peer('Xapian', 'bench_xapian', size, few ? 400 : 2000, 70);
  if (wanted('postgresql')) await postgresql(size, few ? 40 : 200);
  if (wanted('lucene')) lucene(size, few ? 400 : 2000);
}
if (wanted('store')) await store();
if (wanted('assess')) assess();
if (wanted('interview')) await interview();
// --- The vault --------------------------------------------------------------------------------------------------------

function vault(people) {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-bench-vault-'));
  say(`the vault, ${people} people`);
  try {
    const found = run('bench_vault', ['--data', folder, '--people', people]);
    raw[`vault-${people}`] = found;
    record('vault: a field sealed / by libsodium alone', people, found.seal_ratio);
    record('vault: a field opened / by libsodium alone', people, found.open_ratio);
    record('vault: a field sealed, its key read first', people, found.seal_uncached_us, undefined, { unit: 'µs' });
    record('vault: a person indexed', people, found.index_us, undefined, { unit: 'µs' });
    record('vault: what is typed, read', people, found.query_us, undefined, { unit: 'µs' });
    record('vault: keys made one by one', people, found.keys_a_second, undefined, { unit: '/s' });
    record('vault: one erasure', people, found.erase_ms, undefined, { unit: 'ms' });
    record('vault: rotation', people, found.rotate_seconds, undefined, { unit: 's' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// --- People -----------------------------------------------------------------------------------------------------------

// The desk's commonest pages with 20,000 people and 2,000,000 entries in the audit (--entries); each under 50 ms at p99.
function peopleOn(engine, entries, words) {
  const count = 20000;
  say(`people on ${engine}, ${count} people, ${entries} entries of the audit`);
  const done = spawnSync(words[0], [...words.slice(1), '--people', String(count), '--rows', String(entries)], { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (done.stderr) process.stderr.write(done.stderr);
  if (done.status !== 0) throw new Error(`bench_people ended with status ${done.status}`);
  if (!done.stdout) { notes.push(`people on ${engine}: no server is installed; left out`); return; }
  const found = JSON.parse(done.stdout);
  raw[`people-${engine}`] = found;
  const pages = [['sign_in', 'signing in, a cheap hash in it'], ['session', 'whose session it is'], ['search', 'a search of people'], ['page', "a person's page"],
    ['audit_newest', 'the audit, newest'], ['audit_day', 'the audit of a day'], ['audit_until', 'the audit until a day'], ['audit_person', 'the audit of a person'],
    ['audit_account', 'the audit of an account'], ['audit_rare', 'the audit of a rare object'], ['audit_rare_act', 'the audit of a rare act'], ['audit_none', 'the audit of what never was']];
  for (const [name, what] of pages) {
    record(`${engine}: ${what}, p99`, entries, found[`${name}_ms`].p99, 50, { most: true, unit: 'ms' });
    record(`${engine}: ${what}, median`, entries, found[`${name}_ms`].median, undefined, { unit: 'ms' });
    const bare = found[`bare_${name}_ms`];
    if (bare) record(`${engine}: ${what} / the bare engine, median`, entries, found[`${name}_ms`].median / bare.median);
  }
  record(`${engine}: filling`, entries, found.fill_seconds, undefined, { unit: 's' });
}

// A state's beds: 500 programs, 20,000 beds, 200,000 stays behind them. A board under 50 ms, a hold under 20 ms,
// the order of 5,000 people who wait under 50 ms at p99; the latter beside a plain sort by time.
function bedsOn(engine, words) {
  const programsThere = 500, each = 40;
  say(`beds on ${engine}, ${programsThere} programs, ${programsThere * each} beds`);
  const done = spawnSync(words[0], [...words.slice(1), '--programs', String(programsThere), '--beds', String(each)], { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (done.stderr) process.stderr.write(done.stderr);
  if (done.status !== 0) throw new Error(`bench_beds ended with status ${done.status}`);
  if (!done.stdout) { notes.push(`beds on ${engine}: no server is installed; left out`); return; }
  const found = JSON.parse(done.stdout);
  raw[`beds-${engine}`] = found;
  for (const [name, what, most] of [['board', "a program's board, 14 days ahead", 50], ['state', "a state's board", 50], ['hold', 'a hold', 20], ['order', 'the order of 5,000 who wait, and their places', 50], ['list', 'the list of 5,000 who wait, read from the store', 50]]) {
    record(`${engine}: ${what}, p99`, found.beds, found[`${name}_ms`].p99, most, { most: true, unit: 'ms' });
    record(`${engine}: ${what}, median`, found.beds, found[`${name}_ms`].median, undefined, { unit: 'ms' });
    const bare = found[`bare_${name}_ms`];
    if (bare) record(`${engine}: ${what} / the bare engine, median`, found.beds, found[`${name}_ms`].median / bare.median);
  }
}

function bedsOfAState() {
  const program = join(programs, 'bench_beds');
  for (const [engine, before] of [['SQLite', []], ['PostgreSQL', ['script/check/postgresql', 'run', 'bash', '-c', ON_POSTGRESQL, 'bench']]]) {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-bench-beds-'));
    try {
      bedsOn(engine, [...before, program, '--data', folder]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}

function everybody(entries) {
  const program = join(programs, 'bench_people');
  for (const [engine, before] of [['SQLite', []], ['PostgreSQL', ['script/check/postgresql', 'run', 'bash', '-c', ON_POSTGRESQL, 'bench']]]) {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-bench-people-'));
    try {
      peopleOn(engine, entries, [...before, program, '--data', folder]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}

if (wanted('beds')) bedsOfAState();
if (wanted('desk')) {
  const pages = value('--pages', '').split(',').filter(Boolean);
  await desk({ say, record, raw, notes, programs, each: Number(value('--each', '200')), people: value('--people', '200,20000').split(',').map(Number),
    wanted: (page) => pages.length === 0 || pages.includes(page) });
}
if (wanted('people')) everybody(Number(value('--entries', '2000000')));
if (wanted('audit')) for (const size of sizes.filter((s) => s !== 200000)) audits(size);
if (wanted('vault')) for (const size of sizes.filter((s) => s < 100000)) vault(size);
if (wanted('start')) await start();
if (wanted('http')) await http();

const figure = (number) => (Number.isInteger(number) ? number.toLocaleString('en-US') : number >= 100 ? Math.round(number).toLocaleString('en-US') : number.toPrecision(3));
if (argument('--json')) {
  console.log(JSON.stringify({ rows, notes, raw }, null, 1));
} else {
  const line = (...cells) => console.log(`${cells[0].padEnd(52)} ${cells[1].padStart(9)} ${cells[2].padStart(14)} ${cells[3].padStart(12)}  ${cells[4]}`);
  line('what', 'rows', 'measured', 'bar', 'pass');
  for (const { what, size, measured, bar, unit, most, pass, aim } of rows)
    line(what, size.toLocaleString('en-US'), `${figure(measured)} ${unit}`, bar === undefined ? '' : `${most ? '≤' : '≥'} ${figure(bar)}`,
      pass === undefined ? '' : pass ? (aim === undefined || measured >= aim ? 'yes' : `yes (prototype ${aim})`) : 'NO');
  for (const note of notes) console.log(`- ${note}`);
}
const missed = rows.filter((row) => row.pass === false);
say(`${rows.filter((row) => row.pass).length} bars passed, ${missed.length} missed${missed.length ? `: ${missed.map((row) => `${row.what} (${row.size})`).join(', ')}` : ''}`);
process.exitCode = missed.length ? 1 : 0;
