// How hard a text is to read: the Flesch-Kincaid grade level of English, computed apart from the program.

// Lower case, without accents and marks; words with one space between.
export const fold = (text) =>
  text.normalize('NFKD').toLowerCase().replace(/[\p{M}'’]/gu, '').replace(/[^\p{L}\p{N}]+/gu, ' ').trim();

// `names`: a set of folded words that a reader knows or must ask for, and that have no plain word. Each counts as two syllables.
export function syllables(word, names = new Set()) {
  if (/^\d/.test(word)) return 1;
  if (names.has(word)) return 2;
  const groups = word.replace(/(?:[^laeiouy]es|ed|[^laeiouy]e)$/, '').match(/[aeiouy]{1,2}/g);
  return Math.max(1, groups?.length ?? 0);
}

export function grade(text, names) {
  const sentences = text.split(/[.!?:;]+(?:\s|$)/).filter((part) => part.trim());
  const words = sentences.flatMap((sentence) => fold(sentence).split(' '));
  const total = words.reduce((sum, word) => sum + syllables(word, names), 0);
  return 0.39 * (words.length / sentences.length) + 11.8 * (total / words.length) - 15.59;
}
