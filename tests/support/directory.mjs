// Runs the import and reads what it left in the database, for the import's tests.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseOf, rowsOf, withDatabase } from './databases.mjs';
import { fairlead, temporaryFolder } from './server.mjs';

process.setMaxListeners(0); // each temporary folder has one

// Run `fairlead import --json`; answers {status, files, said}. `files[0]` is the report of the first.
export function imports(data, ...words) {
  const { status, stdout, stderr } = spawnSync(fairlead, withDatabase(['import', '--data', data, '--json', ...words]),
    { encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env } });
  let files = [];
  try { ({ files } = JSON.parse(stdout)); } catch { /* a usage error prints none */ }
  return { status, files, first: files?.[0], said: stderr };
}

// Run `fairlead find --json`; answers its document.
export function find(data, ...words) {
  const { status, stdout, stderr } = spawnSync(fairlead, withDatabase(['find', '--data', data, '--json', ...words]), { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

// Rows of a query on the data folder's database.
export const query = (data, sql) => rowsOf(databaseOf(data), sql);

// A file with this content in a new folder; answers its path.
export function file(name, content) {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

// CSV of objects; the first one's keys are the header.
export function csv(rows) {
  const quote = (value) => /[",\r\n]/.test(String(value)) ? `"${String(value).replace(/"/g, '""')}"` : String(value);
  const names = Object.keys(rows[0]);
  return [names, ...rows.map((row) => names.map((name) => row[name] ?? ''))].map((row) => row.map(quote).join(',')).join('\n') + '\n';
}
