// Articles of knowledge/articles as a reader meets them, read apart from the program; and how easy Spanish reads.
import { readFileSync } from 'node:fs';

const sentencesOf = (text) => text.split(/[.!?:;]+(?:\s|$)/).filter((part) => part.trim());

// Syllables of a Spanish word: a vowel a, e, o or an accented one is a syllable's; i and u beside one go with it.
export function spanishSyllables(word) {
  if (/^\d/.test(word)) return 1;
  const vowels = word.toLowerCase().normalize('NFC').replace(/y$/, 'i').match(/[aeiouáéíóúü]+/g) ?? ['a'];
  return vowels.reduce((sum, group) => sum + Math.max(1, group.match(/[aeoáéóíú]/g)?.length ?? 0), 0);
}

// Szigriszt-Pazos, read on the INFLESZ scale (Barrio-Cantalejo and others, 2008): 65 to 80 is "fairly easy".
export function inflesz(text) {
  const sentences = sentencesOf(text);
  const words = sentences.flatMap((sentence) => sentence.match(/[\p{L}\p{N}]+/gu) ?? []);
  const total = words.reduce((sum, word) => sum + spanishSyllables(word), 0);
  return 206.835 - 62.3 * total / words.length - words.length / sentences.length;
}

// An article of knowledge/articles, read apart from the program: {fields, sources, body, headings, links, numbers, text}.
// `text` is what is read as sentences: title, lead, paragraphs, items, cells; no heading, no source.
export function readArticle(path) {
  const document = readFileSync(path, 'utf8');
  const [, front, body] = document.match(/^---\n([^]*?)\n---\n([^]*)$/);
  const lines = front.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]);
  const fields = Object.fromEntries(lines.filter(([key]) => key !== 'source'));
  const sources = lines.filter(([key]) => key === 'source').map(([, value]) => value);
  const headings = [...body.matchAll(/^#+ (.*)$/gm)].map((match) => match[1]);
  const links = [...body.matchAll(/\]\(([^)]*)\)/g)].map((match) => match[1]);
  const plain = body.replace(/^\|[-| ]+\|$/gm, '').replace(/^#+ .*$/gm, '').replace(/\]\([^)]*\)/g, '').replace(/[*[\]>]/g, '');
  const blocks = plain.replace(/^\|(.*)\|$/gm, (_, row) => row.split('|').map((cell) => `\n\n${cell.trim()}\n\n`).join(''))
    .split(/\n\s*\n|\n(?=(?:-|\d+\.) )/).map((block) => block.replace(/^(?:-|\d+\.) /, '').replace(/\s+/g, ' ').trim()).filter(Boolean);
  const text = [fields.title, fields.lead, ...blocks].map((block) => (/[.!?:;”)]$/.test(block) ? block : `${block}.`)).join('\n');
  const numbers = (body.match(/\d[\d,.]*/g) ?? []).map((number) => number.replace(/[.,]+$/, '')).sort();
  return { document, fields, sources, body, headings, links, numbers, text, words: text.split(/\s+/).length };
}
