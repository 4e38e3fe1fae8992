// docs/roles.md is what the program writes from knowledge/roles.csv and labels.csv; and what it writes is what the files
// say, read here by other means.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readCsv } from '../support/independent.mjs';
import { fairlead } from '../support/server.mjs';

const root = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const written = execFileSync(fairlead, ['knowledge', 'roles'], { encoding: 'utf8' });
const sections = new Map(written.split('\n## ').slice(1).map((section) => [section.slice(0, section.indexOf('\n')), section]));
const rows = readCsv(readFileSync(root('knowledge/roles.csv'), 'utf8'));

test('docs/roles.md is up to date', () => {
  assert.equal(readFileSync(root('docs/roles.md'), 'utf8'), written, 'run: fairlead knowledge roles > docs/roles.md');
});

test('each permission of roles.csv is a cell, and no other cell says more', () => {
  let cells = 0;
  for (const [object, section] of sections) {
    const [header, , ...lines] = section.split('\n').filter((line) => line.startsWith('|')).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
    for (const [role, ...scopes] of lines) {
      scopes.forEach((scope, index) => {
        const act = header[index + 1].replace(' (proof)', '');
        const row = rows.find((one) => one.role === role && one.object === object && one.act === act);
        assert.equal(scope, row?.scope ?? '-', `${role} ${act} ${object}`);
        if (row) assert.equal(header[index + 1].endsWith('(proof)'), row.proof === '1', `${act} ${object}`);
        if (row) cells += 1;
      });
    }
  }
  assert.equal(cells, rows.length);
});

test('each labeled field stands under its object', () => {
  const labels = readCsv(readFileSync(root('knowledge/labels.csv'), 'utf8'));
  assert.ok(labels.length > 50);
  for (const { object, field, document } of labels) {
    const section = sections.get(object);
    assert.ok(section, `no section for ${object}`);
    assert.ok(section.includes(`Fields of ${document}`) && section.includes(`\`${field}\``), `${document}.${field}`);
  }
});

test('each source stands under its object, and what nobody signed says so', () => {
  for (const { object, source } of rows) assert.ok(sections.get(object).includes(source), source);
  for (const { source } of rows) assert.ok(/\[P\] unsigned/.test(source) || /CFR/.test(source), source);
});
