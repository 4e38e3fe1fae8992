// The interview as a reader meets it: every question and answer has its words in both languages and for who answers, in
// plain words. Reads knowledge/interview.md and the catalog alone, without the program.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readCsv } from '../support/independent.mjs';
import { fold, grade } from '../support/reading.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path) => readFileSync(root + path, 'utf8');
const document = read('knowledge/interview.md');
const table = (heading) => {
  const [head, , ...rows] = document.split(`\n## ${heading}\n`)[1].split('\n## ')[0].split('\n').filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
  return rows.map((cells) => Object.fromEntries(head.map((name, index) => [name, cells[index]])));
};
const questions = table('Questions'), answers = table('Answers');
const words = Object.fromEntries(['en', 'es'].map((language) => [language, new Map(readCsv(read(`locale/${language}/interview.csv`)).map(({ key, text }) => [key, text]))]));

// The words for a voice: its own, else those for someone else, else the person's.
const ENDINGS = { self: [''], other: ['.other', ''], staff: ['.staff', '.other', ''] };
const find = (language, voice, key) => ENDINGS[voice].map((ending) => words[language].get(key + ending)).find((text) => text !== undefined);
const voices = ({ who }) => (who === 'all' ? ['self', 'other', 'staff'] : who.split(' '));
// Everything that the program looks up for a question and a voice.
const needed = (question) => [`interview.${question.id}.title`, `interview.${question.id}.why`,
  ...answers.filter((row) => row.question === question.id).map((row) => `interview.${question.id}.answer.${row.answer}`),
  ...(question.kind === 'checklist' ? [`interview.${question.id}.answer.none`] : []),
  ...(question.kind === 'numbers' ? question.uses.split(' ').map((fact) => `interview.${question.id}.number.${fact}`) : [])];

test('each question and answer has its words, in both languages and for who answers', () => {
  assert.ok(questions.length > 35);
  const used = new Set();
  for (const language of ['en', 'es'])
    for (const question of questions)
      for (const voice of voices(question))
        for (const key of needed(question)) {
          assert.ok(find(language, voice, key), `${language} ${voice} ${key}`);
          used.add(key);
        }
  const known = new Set([...used, ...questions.map(({ id }) => `interview.${id}.help`)]);
  const orphans = [...words.en.keys()].filter((key) => /^interview\.(?!clash|word)/.test(key)).map((key) => key.replace(/\.(?:other|staff)$/, ''))
    .filter((key) => !known.has(key) && !/^interview\.criteria\.item\.\d+$/.test(key));
  assert.deepEqual(orphans, []);
});

test('no question speaks of "you" when someone else is asked about', () => {
  for (const question of questions.filter((one) => voices(one).includes('other')))
    for (const key of needed(question).filter((one) => /\.(?:title|answer\.\S+)$/.test(one)))
      assert.ok(!/\b(?:you|your|I|my|me)\b/.test(find('en', 'other', key)), `${key}: ${find('en', 'other', key)}`);
});

test('each clash has its words', () => {
  for (const { id } of table('Asked again')) for (const language of ['en', 'es']) assert.ok(words[language].get(`interview.clash.${id}`), id);
});

// Names a person knows from the street, the pharmacy or a card. The finder's names are the same.
const NAMES = new Set(fold(`opioid opioids heroin fentanyl methadone buprenorphine naltrexone naloxone suboxone subutex sublocade brixadi vivitrol xanax valium
  medicaid medicare tricare hepatitis diabetes insurance pregnancy withdrawal alcohol overdose medicine emergency diagnosis outpatient`).split(' '));
const sentence = (text) => (/[.?!:]$/.test(text) ? text : `${text}.`);

test('what a person reads is at a sixth-grade level', () => {
  const grades = [];
  for (const question of questions.filter(({ who }) => who !== 'staff'))
    for (const voice of voices(question).filter((one) => one !== 'staff')) {
      const help = find('en', voice, `interview.${question.id}.help`);
      const page = [...needed(question).map((key) => find('en', voice, key)), help].filter(Boolean).map(sentence).join(' ');
      grades.push([grade(page, NAMES), `${question.id} ${voice}`]);
    }
  grades.sort((a, b) => b[0] - a[0]);
  const mean = grades.reduce((sum, [value]) => sum + value, 0) / grades.length;
  assert.ok(mean <= 4, `the mean is ${mean.toFixed(1)}`);
  assert.deepEqual(grades.filter(([value]) => value > 6), []);
  const frame = [...words.en].filter(([key]) => /^(?:choose|error\.choose)\./.test(key) && !/page_title|who_staff/.test(key));
  const whole = grade(frame.map(([, text]) => sentence(text.replaceAll(/\{\{\w+\}\}/g, '3'))).join(' '), NAMES);
  assert.ok(whole <= 5, `the pages around: ${whole.toFixed(1)}`);
});

test('no word that judges', () => {
  const avoided = readCsv(read('knowledge/words-to-avoid.csv'));
  for (const { language, word } of avoided)
    for (const [key, text] of words[language])
      assert.ok(!` ${fold(text)} `.includes(` ${fold(word)} `), `${language} ${key}: ${word}`);
});

test('each row of what answers say names a source', () => {
  for (const row of [...table('What answers say'), ...table('Safe again'), ...table('Asked again')]) {
    assert.ok(row.source.length > 1, JSON.stringify(row));
    assert.match(row.grade, /^(?:V|V2|GK|P|I|S)$/);
  }
});
