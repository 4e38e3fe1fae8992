#!/usr/bin/env node
// size: a function fits a screen, a file is one concept and opens with what it is.
import { filesOf, contentOf, tokensOf, conclude } from './support.mjs';

const FUNCTION_LINES = 80, FILE_LINES = 600;
const TOLERANCE = 80; // "about 600"

// The functions of a source: {name, line, lines}. A body is a '{' outside all braces behind a ')'.
function functionsOf(tokens) {
  const functions = [];
  let depth = 0, first = null, name = '', last = null, open = null;
  for (const token of tokens) {
    if (token.kind === 'comment' || token.kind === 'directive') continue;
    if (depth === 0) {
      first ??= token;
      if (token.text === '(' && token.kind === 'mark' && last?.kind === 'word' && !name) name = last.text;
    }
    if (token.kind === 'mark' && token.text === '{') {
      if (depth === 0 && last?.text === ')') open = { name, line: first.line };
      depth++;
    } else if (token.kind === 'mark' && token.text === '}') {
      depth--;
      if (depth === 0 && open) {
        functions.push({ ...open, lines: token.line - open.line + 1 });
        open = null; first = null; name = '';
      }
    } else if (depth === 0 && token.kind === 'mark' && token.text === ';') { first = null; name = ''; }
    last = token;
  }
  return functions;
}

const problems = [], sizes = [];
const files = filesOf(/\.[ch]$/, 'src', 'tests', 'fuzz', 'bench');
for (const path of files) {
  const source = contentOf(path), tokens = tokensOf(source), lines = source.split('\n').length - 1;
  if (tokens[0]?.kind !== 'comment') {
    problems.push({ path, line: 1, what: 'the file does not open with what it is', mend: 'Begin with a comment: what it is, what it is not, its invariants, its thread rule' });
  }
  if (lines > FILE_LINES + TOLERANCE) {
    problems.push({ path, line: lines, what: `${lines} lines, and about ${FILE_LINES} is the limit`, mend: 'Split it by concept' });
  }
  for (const found of functionsOf(tokens)) {
    if (path.startsWith('src/')) sizes.push(found.lines);
    if (found.lines > FUNCTION_LINES) {
      problems.push({ path, line: found.line, what: `${found.name}() has ${found.lines} lines, and ${FUNCTION_LINES} is the limit`, mend: 'Name its parts as functions' });
    }
  }
}
sizes.sort((a, b) => a - b);
const median = sizes[sizes.length >> 1] ?? 0;
conclude('size', problems, `${files.length} files, ${sizes.length} functions in src with a median of ${median} lines`);
