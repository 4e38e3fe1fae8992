// knowledge/articles as a reader meets them: what the two articles that people read first cover is covered, both languages
// say the same, words are plain and respectful, and figures stand as the sources have them. Read apart from the program; at
// the end `fairlead knowledge check` finds planted faults.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inflesz, readArticle, spanishSyllables } from '../support/articles.mjs';
import { readCsv } from '../support/independent.mjs';
import { fold, grade } from '../support/reading.mjs';
import { fairlead } from '../support/server.mjs';

const knowledge = fileURLToPath(new URL('../../knowledge', import.meta.url));
const folder = join(knowledge, 'articles');
const slugs = readdirSync(join(folder, 'en')).map((name) => name.replace(/\.md$/, ''));
const read = (language) => new Map(slugs.map((slug) => [slug, readArticle(join(folder, language, `${slug}.md`))]));
const english = read('en'), spanish = read('es');
const all = [...english].map(([slug, article]) => ['en', slug, article]).concat([...spanish].map(([slug, article]) => ['es', slug, article]));

// What the two seed articles cover, and a word of the matter that the article must hold.
const TOPICS = [
  ['what heroin does to the brain', 'what-heroin-does', /dopamine/],
  ['withdrawal and its timeline', 'withdrawal', /6 to 12 hours/],
  ['detox', 'detox', /5 to 10 days/],
  ['methadone', 'methadone', /stops withdrawal/],
  ['buprenorphine', 'buprenorphine', /ceiling does not make it harmless/],
  ['naltrexone', 'naltrexone', /blocks opioids/],
  ['inpatient and outpatient compared', 'inpatient-or-outpatient', /\| What \| Outpatient \| Inpatient \|/],
  ['choosing a good facility', 'choosing-a-place', /Joint Commission or CARF/],
  ['questions to ask', 'choosing-a-place', /Questions for the first call/],
  ['warning signs of a bad one', 'warning-signs', /rate of success near 100%/],
  ['a typical day', 'a-typical-day', /Breakfast and medicine/],
  ['therapies', 'therapies', /Skills training \(CBT\)/],
  ['dual diagnosis', 'dual-diagnosis', /dual diagnosis/],
  ['family', 'worried-about-someone', /family counseling/],
  ['paying for it', 'paying', /sliding fee/],
  ['parity', 'insurance-rights', /parity/],
  ['getting ready', 'getting-ready', /Before you go/],
  ['what to bring', 'getting-ready', /What to bring/],
  ['the first days', 'first-days', /The questions/],
  ['leaving and aftercare', 'after-treatment', /within 7 days/],
  ['return to use', 'return-to-use', /step up in care is not a penalty/],
  ['overdose', 'overdose-and-naloxone', /blue or gray/],
  ['naloxone', 'overdose-and-naloxone', /without a prescription/],
];

test('what the seeds cover is covered', () => {
  assert.ok(slugs.length >= 16, `${slugs.length} articles`);
  for (const [topic, slug, matter] of TOPICS) assert.match(english.get(slug)?.document ?? '', matter, `${topic}: ${slug}`);
  for (const slug of slugs) assert.ok(TOPICS.some(([, named]) => named === slug), `${slug} covers no topic`);
});

// What the seeds say and the evidence does not: each is put right where a reader would look.
const CORRECTIONS = [
  ['medicine matters more than the setting', 'inpatient-or-outpatient', /Medicine matters more than the place/],
  ['inpatient does not have the best results', 'inpatient-or-outpatient', /the study above did not find it/],
  ['90 days is time in treatment of any kind', 'inpatient-or-outpatient', /about time in treatment of any kind/],
  ['the ceiling of buprenorphine does not prevent risky use', 'buprenorphine', /Some people do use it in risky ways/],
  ['methadone with no high at all says too much', 'methadone', /That says too much/],
  ['detox by itself is no treatment', 'detox', /not a treatment by itself/],
  ['rates of success need a definition', 'choosing-a-place', /Success at what\?/],
  ['accreditation is a weak sign', 'choosing-a-place', /hard selling was common at places with a seal/],
  ['a mental illness alone does not mean inpatient', 'dual-diagnosis', /does not mean that you must live at a place/],
];

test('what the seeds claim against the evidence is put right', () => {
  for (const [claim, slug, words] of CORRECTIONS) assert.match(english.get(slug).text, words, claim);
});

test('English reads at a sixth-grade level', () => {
  const grades = slugs.map((slug) => [grade(english.get(slug).text), slug]);
  const mean = grades.reduce((sum, [value]) => sum + value, 0) / grades.length;
  assert.ok(mean <= 6, `the mean is ${mean.toFixed(1)}`);
  assert.deepEqual(grades.filter(([value]) => value > 6.9), []);
});

test('the Spanish formula knows easy from hard', () => {
  // Syllables as the Real Academia divides these words.
  for (const [word, count] of [['casa', 2], ['aéreo', 4], ['día', 2], ['abstinencia', 4], ['ciudad', 2], ['país', 2], ['y', 1], ['hoy', 1], ['muy', 1], ['buprenorfina', 5]])
    assert.equal(spanishSyllables(word), count, word);
  assert.ok(inflesz('El gato está en la casa. Hace sol.') > 80);
  assert.ok(inflesz('Las intervenciones farmacoterapéuticas requieren coordinación interdisciplinaria especializada.') < 0);
});

test('Spanish reads fairly easily', () => {
  assert.deepEqual(slugs.map((slug) => [inflesz(spanish.get(slug).text), slug]).filter(([value]) => value < 65), []);
});

test('both languages have the same headings, links and figures', () => {
  for (const slug of slugs) {
    const one = english.get(slug), other = spanish.get(slug);
    assert.equal(one.headings.length, other.headings.length, `${slug}: headings`);
    assert.deepEqual(one.links, other.links, `${slug}: links`);
    assert.deepEqual(one.numbers, other.numbers, `${slug}: figures`);
    assert.notEqual(one.fields.lead, other.fields.lead, slug);
  }
});

test('an article has the length and parts of a page', () => {
  for (const [language, slug, article] of all) {
    const where = `${language}/${slug}`;
    assert.ok(article.words >= 350 && article.words <= 700, `${where}: ${article.words} words`);
    assert.ok(article.sources.length >= 2, where);
    assert.ok(article.headings.length >= 4, where);
    assert.match(article.body, /^(?:-|1\.) /m, `${where} has no list`);
    const sentences = article.fields.lead.match(/[.?](?:\s|$)/g).length;
    assert.ok(sentences >= 2 && sentences <= 3, `${where}: the lead has ${sentences} sentences`);
    const related = article.fields.related.split(' ');
    assert.ok(related.length >= 2 && related.length <= 4, where);
  }
});

test('nothing shouts, doses, or sells', () => {
  for (const [language, slug, article] of all) {
    const where = `${language}/${slug}`;
    assert.ok(!/[!¡]/.test(article.document), `${where}: an exclamation mark`);
    assert.ok(!/\d\s*(?:mg|ml|mcg|milligram|miligramo)/i.test(article.document), `${where}: a dose`);
    assert.ok(!/success rate of|tasa de éxito de/i.test(article.text), `${where}: a rate of success`);
  }
});

// A sentence that speaks of ending a medicine must be a warning, a question, or about others who did.
test('no article tells anyone to end a medicine', () => {
  const ends = /\b(?:stop|drop|quit|come off|taper|end)\w*\b[^.?]*\b(?:methadone|buprenorphine|naltrexone|medicines?)\b/i;
  const careful = /\bnot\b|n't|\bno place\b|should|raises|risk|tells you|pushing|people who|stops withdrawal|why|without/i;
  let found = 0;
  for (const [slug, article] of english)
    for (const sentence of article.text.split(/(?<=[.?])\s|\n/).filter((part) => ends.test(part))) {
      found++;
      assert.match(sentence, careful, `${slug}: ${sentence}`);
    }
  assert.ok(found > 3, 'the pattern finds what it looks for');
});

// Every share in the articles, as its source has it (clinical and finder references, by their names).
const SHARES = new Map([
  ['29%', 'offered buprenorphine: Beetham, JAMA 2020;324:804'], ['21%', 'discouraged it: the same'],
  ['28%', 'did not start the shot (79 of 283): Lee, Lancet 2018;391:309'], ['6%', 'did not start buprenorphine (17 of 287): the same'],
  ['90%', 'a boast to be careful with'], ['100%', 'a boast to be careful with'],
]);

test('every share is one that a source has', () => {
  assert.equal(Math.round(100 * (283 - 204) / 283), 28);
  assert.equal(Math.round(100 * (287 - 270) / 287), 6);
  const seen = new Set();
  for (const [language, slug, article] of all)
    for (const [share] of article.body.matchAll(/\d+(?:\.\d+)?\s?%/g)) {
      assert.ok(SHARES.has(share), `${language}/${slug}: ${share}`);
      seen.add(share);
    }
  assert.deepEqual([...seen].sort(), [...SHARES.keys()].sort());
});

test('no text blames or labels a person', () => {
  const avoided = readCsv(readFileSync(join(knowledge, 'words-to-avoid.csv'), 'utf8'));
  const topics = readFileSync(join(folder, 'topics.csv'), 'utf8');
  for (const [language, slug, article] of all.concat([['en', 'topics', { document: topics }], ['es', 'topics', { document: topics }]]))
    for (const { word, except } of avoided.filter((row) => row.language === language)) {
      let text = ` ${fold(article.document.replace(/^related: .*$/m, '').replace(/\]\([^)]*\)/g, ']'))} `;
      if (except) text = text.replaceAll(` ${fold(except)} `, ' ');
      assert.ok(!text.includes(` ${fold(word)} `), `"${word}" in ${language}/${slug}`);
    }
});

// --- fairlead knowledge check -----------------------------------------------------------------------------------------

// A share folder of its own, spoiled; answers the check's run.
function checkWith(spoil) {
  const share = mkdtempSync(join(tmpdir(), 'fairlead-articles-'));
  try {
    for (const part of ['knowledge', 'locale', 'pages']) cpSync(join(knowledge, '..', part), join(share, part), { recursive: true });
    spoil(join(share, 'knowledge/articles'));
    return spawnSync(fairlead, ['knowledge', 'check', '--folder', share], { encoding: 'utf8' });
  } finally {
    rmSync(share, { recursive: true });
  }
}

test('check counts the articles', () => {
  const { stdout } = spawnSync(fairlead, ['knowledge', 'check'], { encoding: 'utf8' });
  assert.match(stdout, new RegExp(`^articles +${slugs.length}$`, 'm'));
});

test('check names each fault with file, line, what and how to mend it', () => {
  const lines = readFileSync(join(folder, 'en/detox.md'), 'utf8').split('\n').length;
  const append = (text) => (articles) => appendFileSync(join(articles, 'en/detox.md'), text);
  const faults = [
    [append('\nSee [here](/nowhere).\n'), `articles/en/detox.md:${lines + 1}: a link to the unknown page '/nowhere'. name a page of ours.`],
    [append('\nSee [here](/find?need=rest).\n'), `articles/en/detox.md:${lines + 1}: a link with the unknown need 'rest'. use a need of needs.csv.`],
    [append('\nSee [here](/learn/nothing).\n'), "a link to the unknown article 'nothing'. name an article that exists."],
    [append('\n<div>\n'), `articles/en/detox.md:${lines + 1}: an article may not hold 'html_block'.`],
    [(articles) => rmSync(join(articles, 'es/detox.md')), "articles/es/detox.md:0: the article is missing in 'es'. translate the English file."],
    [(articles) => writeFileSync(join(articles, 'en/detox.md'), readFileSync(join(folder, 'en/detox.md'), 'utf8').replace(/^source: .*\n/gm, '')),
      'articles/en/detox.md:0: source is missing. add it to the front block.'],
  ];
  for (const [spoil, expected] of faults) {
    const { status, stderr } = checkWith(spoil);
    assert.equal(status, 1, expected);
    assert.ok(stderr.includes(expected), `${expected}\n${stderr}`);
  }
});
