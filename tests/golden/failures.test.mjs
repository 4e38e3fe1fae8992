// The table of docs/failures.md: all thirty are there, and each test that it names is in the file that it names.
// Expected: the numbers of the programme reference 1.3.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('each of the thirty failures has its test, or says which room is to come', () => {
  const rows = readFileSync(join(root, 'docs/failures.md'), 'utf8').split('\n').map((line) => line.split('|').map((cell) => cell.trim())).filter((cells) => /^\d+$/.test(cells[1] ?? ''));
  assert.deepEqual([...new Set(rows.map((cells) => Number(cells[1])))], Array.from({ length: 30 }, (_, index) => index + 1));
  for (const [, number, , here, named] of rows) {
    const [, file, name] = named.match(/^`([^`]+)` (.+)$/) ?? [];
    assert.ok(file || here.startsWith('*to come*'), `${number}: ${here}`);
    if (!file) continue;
    assert.ok(existsSync(join(root, file)), `${number}: ${file} is not there`);
    const text = readFileSync(join(root, file), 'utf8');
    const marked = file.endsWith('.c') ? `TEST\\(\\s*${name}\\s*\\)|cmocka_unit_test\\w*\\(\\s*${name}\\b` : `test\\([\`'][^\\n]*${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`;
    assert.match(text, new RegExp(marked), `${number}: ${file} has no test ${name}`);
  }
});
