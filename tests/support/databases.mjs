// Empty databases for tests, on both engines: a SQLite file in a folder, and a schema of its own on the PostgreSQL that
// $FAIRLEAD_TEST_POSTGRESQL names (script/check/postgresql starts one).
//
// A test that names its database itself goes through engines(). A file of tests that keeps to a data folder is run on
// PostgreSQL as it is, by a file beside it that calls onPostgresql() and then imports it: whatever starts the program
// passes its words through withDatabase(), which gives each data folder a schema.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const server = process.env.FAIRLEAD_TEST_POSTGRESQL || null;
const MISSING = 'no $FAIRLEAD_TEST_POSTGRESQL';
const made = [];
process.setMaxListeners(0); // each database has one

const psql = (sql) => execFileSync('psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', server], { encoding: 'utf8', input: sql, maxBuffer: 1 << 28 });

process.on('exit', () => {
  if (made.length) psql(['SET client_min_messages = error;', ...made.map((name) => `DROP SCHEMA ${name} CASCADE;`)].join('\n'));
});

// The address of a new, empty schema.
function makeSchema() {
  const name = `test_${process.pid}_node_${made.length}`;
  psql(`CREATE SCHEMA ${name}`);
  made.push(name);
  return `${server}${server.includes('?') ? '&' : '?'}options=-csearch_path%3D${name}`;
}

function makeFile() {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-test-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'fairlead.db');
}

// Both engines: {name, skip, make() -> address}. `skip` is false or says why; hand it to test().
export function engines() {
  return [{ name: 'sqlite', skip: false, make: makeFile }, { name: 'postgresql', skip: server ? false : MISSING, make: makeSchema }];
}

// Rows of a query on the database of this address, as objects.
export function rowsOf(address, sql) {
  const said = address.includes('://')
    ? execFileSync('psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', address], { encoding: 'utf8', input: `SELECT coalesce(json_agg(t), '[]') FROM (${sql}) t`, maxBuffer: 1 << 28 })
    : execFileSync('sqlite3', ['-json', address, sql], { encoding: 'utf8', maxBuffer: 1 << 28 });
  return said.trim() ? JSON.parse(said) : [];
}

// Run one of PostgreSQL's own programs, which refuse to run as root.
function asServer(program, ...words) {
  const [first, ...rest] = [...(process.getuid() === 0 ? ['runuser', '-u', 'postgres', '--'] : []), program, ...words];
  execFileSync(first, rest, { stdio: 'ignore', cwd: '/' });
}

// A PostgreSQL of one's own, to be stopped and started: {address, data, programs, stop(mode), start(), end()}; null where none is installed.
export async function startServer() {
  const { FAIRLEAD_TEST_POSTGRESQL, ...env } = process.env;
  const child = spawn(resolve('script/check/postgresql'), ['run', 'sh', '-c',
    'echo "$FAIRLEAD_TEST_POSTGRESQL $FAIRLEAD_TEST_POSTGRESQL_DATA $FAIRLEAD_TEST_POSTGRESQL_PROGRAMS"; exec cat'],
  { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((done) => child.on('exit', done));
  process.on('exit', () => { if (child.exitCode === null) child.kill('SIGTERM'); });
  const [address, data, programs] = (await new Promise((done) => child.stdout.once('data', (bytes) => done(String(bytes))))).trim().split(' ');
  if (!address) { child.stdin.end(); return null; }
  const control = (...words) => asServer(join(programs, 'pg_ctl'), '-D', data, '-w', '-l', join(data, '../server.log'), ...words);
  return { address, data, programs, stop: (mode = 'fast') => control('-m', mode, 'stop'), start: () => control('start'), end: () => { child.stdin.end(); return ended; } };
}

// A standby that follows the server of this address, confirming what that one confirms: {address, data, programs, stop(mode), promote(), end()}.
export function startStandby({ address, programs }) {
  const home = mkdtempSync(join(tmpdir(), 'fairlead-standby-')), data = join(home, 'data');
  if (process.getuid() === 0) execFileSync('chown', ['postgres', home]);
  const control = (...words) => asServer(join(programs, 'pg_ctl'), '-D', data, '-w', '-l', join(home, 'server.log'), ...words);
  const own = address.replace(/host=[^&]*/, `host=${encodeURIComponent(home)}`), tell = (sql) => execFileSync('psql', ['-XqAt', address, '-c', sql], { encoding: 'utf8' }).trim();
  asServer(join(programs, 'pg_basebackup'), '-d', address, '-D', data, '-R', '-X', 'stream', '-c', 'fast');
  asServer('sh', '-c', `echo "unix_socket_directories = '${home}'" >> '${data}/postgresql.conf'`);
  control('start');
  tell("ALTER SYSTEM SET synchronous_standby_names = '*'");
  tell('SELECT pg_reload_conf()');
  for (let look = 0; tell("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") !== '1'; look++) {
    if (look > 200) throw new Error('the standby does not follow');
    execFileSync('sleep', ['0.05']);
  }
  const stop = (mode = 'fast') => control('-m', mode, 'stop');
  return { address: own, data, programs, stop, promote: () => control('promote'), end: () => { try { stop('immediate'); } catch { /* it has ended */ } rmSync(home, { recursive: true, force: true }); } };
}

const addresses = new Map();
let isPostgresql = false;

export const isOnPostgresql = () => isPostgresql;

// From here on data folders have their database on PostgreSQL. Answers false, and why, where there is none.
export function onPostgresql() {
  isPostgresql = server !== null;
  return isPostgresql ? { is: true } : { is: false, why: MISSING };
}

// Let a data folder have the database of another.
export const shareDatabase = (data, other) => { if (isPostgresql) addresses.set(data, databaseOf(other)); };

// The address of a data folder's database.
export function databaseOf(data) {
  if (!isPostgresql) return join(data, 'fairlead.db');
  if (!addresses.has(data)) addresses.set(data, makeSchema());
  return addresses.get(data);
}

// The program's words, with the database that belongs to the data folder among them.
export function withDatabase(words) {
  const at = words.indexOf('--data');
  if (!isPostgresql || at < 0 || words.includes('--db')) return words;
  return [...words.slice(0, at + 2), '--db', databaseOf(words[at + 1]), ...words.slice(at + 2)];
}
