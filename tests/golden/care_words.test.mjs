// What the result says is plain: the words around the level, what each kind of care is like, and the
// medicines. Expected: style.md 11 (sixth grade, by Flesch-Kincaid; Spanish by INFLESZ, 65 and more is
// fairly easy); every number about money or risk has its source beside it.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inflesz } from '../support/articles.mjs';
import { fold, grade } from '../support/reading.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

function csv(path) {
  const text = readFileSync(join(root, path), 'utf8'), rows = [];
  let row = [''], quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c === '"' && text[i + 1] === '"') { row[row.length - 1] += '"'; i++; } else if (c === '"') quoted = false;
      else row[row.length - 1] += c;
    } else if (c === '"') quoted = true;
    else if (c === ',') row.push('');
    else if (c === '\n') { rows.push(row); row = ['']; } else row[row.length - 1] += c;
  }
  const [names, ...cells] = rows;
  return cells.map((cell) => Object.fromEntries(names.map((name, index) => [name, cell[index]])));
}

// Whole sentences of the pages; not names of scales, fragments that fill a sentence, or the line for staff.
const sentences = (language) => csv(`locale/${language}/care.csv`)
  .filter(({ key, text }) => /[.?]$/.test(text) && !/crosswalk|care\.if|care\.is|care\.grade|care\.source|care\.signed|care\.unsigned|care\.said|error|care\.hours/.test(key))
  .map(({ text }) => text.replace(/\{\{\w+\}\}/g, 'it'));
const notes = (language) => ['care-settings', 'care-medicines'].flatMap((name) => csv(`knowledge/${name}.csv`).map((row) => row[`text_${language}`]));
const names = new Set(['medicine', 'buprenorphine', 'methadone', 'naltrexone', 'medicaid', 'medicare', 'opioids', 'opioid', 'naloxone', 'clinician', 'hospital', 'emergency', 'telehealth', 'samhsa',
  'recovery', 'withdrawal', 'pregnant', 'overdoses', 'overdose', 'counselor', 'prescriber', 'prescribe'].map(fold));

test('English reads at a sixth-grade level', () => {
  const pages = grade(sentences('en').join(' '), names), data = grade(notes('en').join(' '), names);
  assert.ok(pages <= 6.9, `pages: ${pages.toFixed(2)}`);
  assert.ok(data <= 6.9, `knowledge: ${data.toFixed(2)}`);
});

test('Spanish reads easily', () => {
  const pages = inflesz(sentences('es').join(' ')), data = inflesz(notes('es').join(' '));
  assert.ok(pages >= 65, `pages: ${pages.toFixed(1)}`);
  assert.ok(data >= 65, `knowledge: ${data.toFixed(1)}`);
});

test('each fact that a person may change has a sentence for each of its values', () => {
  const keys = new Set(csv('locale/en/care.csv').map(({ key }) => key));
  const rows = readFileSync(join(root, 'knowledge/level-of-care.md'), 'utf8').split('## Facts')[1].split('\n## ')[0].split('\n')
    .filter((line) => line.startsWith('|') && !/^\| (fact|---)/.test(line)).map((line) => line.split('|').map((cell) => cell.trim()));
  assert.ok(rows.length > 40);
  for (const [, name, kind, values, , , , changes] of rows) {
    if (kind === 'word') for (const word of values.split(' ')) assert.ok(keys.has(`care.is.${name}.${word}`), `care.is.${name}.${word}`);
    if (changes !== 'yes') continue;
    const wanted = kind === 'yes-no' ? ['.yes', '.no'] : kind === 'word' ? values.split(' ').map((word) => `.${word}`) : [''];
    for (const ending of wanted) assert.ok(keys.has(`care.if.${name}${ending}`), `care.if.${name}${ending}`);
  }
});

test('a number of money, people or percent stands beside its source', () => {
  for (const { text_en: text, source, grade: sure } of csv('knowledge/care-settings.csv')) {
    assert.ok(source && /^(V|V2|GK|P|S)$/.test(sure), text);
    if (/\$\d|\d%/.test(text)) assert.match(`${source} ${sure}`, /, 20\d\d .* V$/, text);
  }
});
