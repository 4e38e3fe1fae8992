#!/usr/bin/env node
// text: SQL is a literal, HTML comes from templates, messages exist in every language, and nothing dangerous,
// unfinished or of one machine alone is written down.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { filesOf, contentOf, tokensOf, argumentsOf, conclude, root } from './support.mjs';

const problems = [];
const complain = (path, line, what, mend) => problems.push({ path, line, what, mend });

// --- C ----------------------------------------------------------------------------------------------------------

const BANNED = new Map([
  ...['strcpy', 'strcat', 'stpcpy', 'strncpy', 'strncat', 'sprintf', 'vsprintf', 'gets'].map((name) =>
    [name, 'Use struct text, text_format() or a text_buffer']),
  ...['strtok', 'strtok_r', 'strsep'].map((name) => [name, 'Use text_split_next() or text_word_next()']),
  ...['atoi', 'atol', 'atoll', 'atof', 'sscanf', 'scanf', 'fscanf', 'vsscanf'].map((name) =>
    [name, 'Use text_read_integer() or text_read_decimal()']),
  ['alloca', 'Use the arena'],
  ...['setlocale', 'newlocale', 'uselocale'].map((name) => [name, 'No locale is ever set']),
  ...['tmpnam', 'mktemp', 'tempnam'].map((name) => [name, 'Use mkdtemp() or mkstemp()']),
  ...['gmtime', 'localtime', 'ctime', 'asctime'].map((name) => [name, 'Use time_format()']),
]);
// In src/ besides: what runs a shell or gives weak random numbers.
const BANNED_IN_PROGRAM = new Map([
  ...['system', 'popen'].map((name) => [name, 'Call the library, or posix_spawn() with a list of words']),
  ...['rand', 'srand', 'random', 'drand48'].map((name) => [name, 'Use randombytes_buf()']),
]);

// Which argument of a call is SQL, from 0.
const SQL_ARGUMENT = new Map([['store_execute', 1], ['store_query', 2], ['sqlite3_exec', 1], ['sqlite3_get_table', 1],
  ...['', '_v2', '_v3'].map((ending) => [`sqlite3_prepare${ending}`, 1])]);
// The engine is where SQL passes through; everything else hands in literals.
const ENGINE = /^src\/store\//;
const FORMATS = /^(?:[fdv]*(?:sn|as|n)?printf|text_format|text_buffer_add_format)$/;
const SQL_BEGINS = /^\s*(?:SELECT\s|INSERT\s+(?:OR\s+\w+\s+)?INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|(?:CREATE|DROP|ALTER)\s+(?:TABLE|INDEX|TRIGGER|VIEW)\s|REPLACE\s+INTO\s|WITH\s+\w+\s+AS\s)/;
const NOT_PORTABLE = /\b(?:LIKE|GLOB|REGEXP|AUTOINCREMENT|ROWID|INSERT\s+OR|REPLACE\s+INTO|STRFTIME|DATETIME|JULIANDAY|IFNULL|PRINTF)\b/i;
const HTML_NAMES = 'a|abbr|article|aside|b|blockquote|body|br|button|caption|circle|code|dd|details|div|dl|dt|em|fieldset|figure|footer|form|g|h[1-6]|head|header|hr|html|i|img|input|label|legend|li|line|link|main|meta|nav|ol|option|p|path|pre|rect|script|section|select|small|span|strong|style|sub|summary|sup|svg|table|tbody|td|template|text|textarea|tfoot|th|thead|title|tr|u|ul|use';
const HTML = new RegExp(`</?(?:${HTML_NAMES})(?:[\\s/>]|$)|<!doctype|&(?:nbsp|amp|lt|gt|quot|#\\d+);`, 'i');
const WRITES_HTML = /^src\/base\/template/; // it escapes, so it holds the entities

// A literal, one of two literals, or the name of an array of characters with a literal in the same file.
function isLiteral(argument, named) {
  const text = argument.filter((token) => token.kind !== 'comment');
  const question = text.findIndex((token) => token.text === '?' && token.kind === 'mark');
  if (question >= 0) {
    const colon = text.findIndex((token) => token.text === ':' && token.kind === 'mark');
    return colon > question && isLiteral(text.slice(question + 1, colon), named) && isLiteral(text.slice(colon + 1), named);
  }
  if (text.length === 1 && text[0].kind === 'word') return named.has(text[0].text);
  return text.length > 0 && text.every((token) => token.kind === 'string');
}

// Names defined as `static const char NAME[] = "…"` (or `const char NAME[] = "…"`).
function namedLiterals(source) {
  return new Set([...source.matchAll(/\bconst char (\w+)\[\]\s*=\s*"/g)].map((match) => match[1]));
}

function checkSql(path, tokens, named) {
  tokens.forEach((token, index) => {
    const next = tokens[index + 1];
    if (token.kind !== 'word' || next?.text !== '(' || next.kind !== 'mark') return;
    if (FORMATS.test(token.text)) {
      const { list } = argumentsOf(tokens, index + 1);
      const sql = list.flat().find((part) => part.kind === 'string' && SQL_BEGINS.test(part.text));
      if (sql) complain(path, sql.line, 'SQL is built by a format', 'Write a literal with $1 and bind the value');
      return;
    }
    const place = SQL_ARGUMENT.get(token.text);
    if (place === undefined) return;
    const argument = argumentsOf(tokens, index + 1).list[place] ?? [];
    if (argument[0]?.text === 'const') return; // a declaration
    if (!isLiteral(argument, named)) {
      complain(path, argument[0]?.line ?? token.line, `the SQL of ${token.text}() is no literal`,
        'Write it as a string literal with $1, or name a static const char array of one');
    }
    if (!token.text.startsWith('store_')) return;
    const sql = argument.filter((part) => part.kind === 'string').map((part) => part.text).join('');
    const foreign = sql.replace(/'[^']*'/g, "''").match(NOT_PORTABLE);
    if (foreign) complain(path, argument[0].line, `SQL with ${foreign[0]} does not run on every engine`, 'See docs/store.md, "SQL for both engines"');
  });
}

const UNFINISHED = new RegExp(`\\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`);
const UNFINISHED_WORDS = new RegExp(`\\b(?:${['for ' + 'now', 'st' + 'ubs?', 'stubbed', 'place' + 'holders?', 'temporary ' + 'hack', 'not ' + 'yet implemented'].join('|')})\\b`, 'i');

function checkC(path) {
  const source = contentOf(path), tokens = tokensOf(source), inProgram = path.startsWith('src/');
  const code = tokens.filter((token) => token.kind !== 'comment' && token.kind !== 'directive');
  code.forEach((token, index) => {
    if (token.kind === 'word' && code[index + 1]?.text === '(' && code[index + 1].kind === 'mark') {
      const mend = BANNED.get(token.text) ?? (inProgram ? BANNED_IN_PROGRAM.get(token.text) : undefined);
      if (mend) complain(path, token.line, `${token.text}() is banned`, mend);
    }
    if (token.text === 'typedef' && token.kind === 'word' && ['struct', 'union', 'enum'].includes(code[index + 1]?.text)) {
      complain(path, token.line, `typedef of a ${code[index + 1].text}`, `Write ${code[index + 1].text} wherever it is meant`);
    }
    if (inProgram && token.kind === 'string' && !WRITES_HTML.test(path) && HTML.test(token.text)) {
      complain(path, token.line, 'HTML in a C string', 'Put it into a template of pages/');
    }
  });
  for (const token of tokens) {
    if (token.kind !== 'comment') continue;
    const match = token.text.match(UNFINISHED_WORDS);
    if (match) complain(path, token.line, `"${match[0]}" in a comment`, 'Finish it, or open an issue and say what holds today');
  }
  if (inProgram && !ENGINE.test(path)) checkSql(path, code, namedLiterals(source));
}

// --- Messages -----------------------------------------------------------------------------------------------------

// The keys of a language: the first field of each row behind the header. Fields may be quoted and span lines.
function keysOf(language) {
  const keys = new Set();
  for (const path of filesOf(/\.csv$/, `locale/${language}`)) {
    const rows = contentOf(path).replace(/^\uFEFF/, '').matchAll(/^(?:"((?:[^"]|"")*)"|([^,"\n]*))((?:,(?:"(?:[^"]|"")*"|[^,"\n]*))*)\r?(?:\n|$)/gm);
    for (const [, quoted, plain] of [...rows].slice(1)) keys.add(quoted ?? plain);
  }
  return keys;
}

const KEY_ARGUMENT = new Map([['catalog_text', 2], ['catalog_format', 3]]);

// The catalog keys that a C source uses: {key, line}.
function keysUsedIn(tokens) {
  const used = [];
  tokens.forEach((token, index) => {
    if (token.kind === 'string' && /^error(?:\.[a-z0-9_-]+)+$/.test(token.text)) used.push({ key: token.text, line: token.line });
    const place = KEY_ARGUMENT.get(token.text);
    if (token.kind !== 'word' || place === undefined || tokens[index + 1]?.text !== '(') return;
    const argument = argumentsOf(tokens, index + 1).list[place] ?? [];
    if (argument.length === 1 && argument[0].kind === 'string') used.push({ key: argument[0].text, line: argument[0].line });
  });
  return used;
}

function checkMessages(sources) {
  const languages = [...new Set(filesOf(/\.csv$/, 'locale').map((path) => path.split('/')[1]))].sort();
  const keys = new Map(languages.map((language) => [language, keysOf(language)]));
  const demand = (path, line, key) => {
    for (const language of languages) {
      if (!keys.get(language).has(key)) complain(path, line, `message "${key}" is missing in locale/${language}`, `Add the row to locale/${language}/<room>.csv`);
    }
  };
  for (const path of sources) {
    if (!path.startsWith('src/')) continue;
    for (const { key, line } of keysUsedIn(tokensOf(contentOf(path)).filter((token) => token.kind !== 'comment'))) demand(path, line, key);
  }
  for (const path of filesOf(/\.mustache$/, 'pages')) {
    contentOf(path).split('\n').forEach((text, index) => {
      for (const [, key] of text.matchAll(/\[\[\s*([^\]\s]+)\s*\]\]/g)) demand(path, index + 1, key);
    });
  }
}

// Every clock that a room sets or handles has a label: due.<kind>.
const KIND_ARGUMENT = new Map([['due_set', 2], ['due_register', 1]]);
function checkClocks(sources) {
  const languages = [...new Set(filesOf(/\.csv$/, 'locale').map((path) => path.split('/')[1]))].sort();
  const keys = new Map(languages.map((language) => [language, keysOf(language)]));
  const inProgram = sources.filter((path) => path.startsWith('src/'));
  const defined = new Map(inProgram.flatMap((path) => [...contentOf(path).matchAll(/^#define (\w+) "([^"]*)"/gm)].map(([, name, text]) => [name, text])));
  for (const path of inProgram) {
    const source = contentOf(path), own = new Map([...source.matchAll(/\bconst char (\w+)\[\] = "([^"]*)"/g)].map(([, name, text]) => [name, text]));
    const tokens = tokensOf(source).filter((token) => token.kind !== 'comment' && token.kind !== 'directive');
    tokens.forEach((token, index) => {
      const place = token.kind === 'word' ? KIND_ARGUMENT.get(token.text) : undefined;
      if (place === undefined || tokens[index + 1]?.text !== '(') return;
      const argument = argumentsOf(tokens, index + 1).list[place] ?? [];
      if (argument.length !== 1) return; // a declaration
      const [{ text, kind: sort, line }] = argument, clock = sort === 'string' ? text : own.get(text) ?? defined.get(text);
      if (clock === undefined) complain(path, line, `a clock whose kind ${text} is no literal`, 'Name it by a literal or a constant of this file');
      else for (const language of languages) if (!keys.get(language).has(`due.${clock}`)) complain(path, line, `the clock "${clock}" has no label in locale/${language}`, `Add the row due.${clock}`);
    });
  }
}

// Messages that leave the machine name no treatment, place of treatment or medicine, in any language.
function checkNeutralWords() {
  if (!existsSync(join(root, 'knowledge/neutral-words.csv'))) return;
  const fold = (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const forbidden = new Set(contentOf('knowledge/neutral-words.csv').split('\n').slice(1).map((row) => fold(row.split(',')[1] ?? '')).filter(Boolean));
  for (const path of filesOf(/\.csv$/, 'locale')) {
    contentOf(path).split('\n').forEach((row, index) => {
      if (!row.startsWith('message.')) return;
      const word = (fold(row.slice(row.indexOf(',') + 1)).match(/[\p{L}\p{N}]+/gu) ?? []).find((one) => forbidden.has(one));
      if (word) complain(path, index + 1, `a message says "${word}"`, 'Say it without a word of knowledge/neutral-words.csv');
    });
  }
}

// --- Every file ---------------------------------------------------------------------------------------------------

const OF_ONE_MACHINE = new RegExp(['/wo' + 'rk/', '/tmp/' + 'fairlead/', '/home/' + '\\w+/'].join('|'));
const TEXT_FILES = /\.(?:c|h|cc|java|mjs|js|md|sql|csv|mustache|scss|css|sh|json|conf|yml|yaml|txt|tsv)$|^(?:Makefile|control|Caddyfile|[a-z-]+)$/;

function checkEveryFile() {
  for (const path of filesOf(TEXT_FILES)) {
    if (path === 'package-lock.json') continue;
    contentOf(path).split('\n').forEach((text, index) => {
      const unfinished = text.match(UNFINISHED);
      if (unfinished) complain(path, index + 1, `"${unfinished[0]}"`, 'Finish it, or open an issue and say what holds today');
      const machine = text.match(OF_ONE_MACHINE);
      if (machine) complain(path, index + 1, `a path of one machine: ${machine[0]}`, 'Name it relative to the repository, or by a variable');
    });
  }
}

function checkLockFile() {
  if (!existsSync(join(root, 'package-lock.json'))) return;
  contentOf('package-lock.json').split('\n').forEach((text, index) => {
    if (/"resolved"|"https?:\/\/[^"]*\.tgz"/.test(text)) {
      complain('package-lock.json', index + 1, 'a download address', 'Keep omit-lockfile-registry-resolved=true in .npmrc and lock again');
    }
  });
}

const sources = filesOf(/\.[ch]$/, 'src', 'tests', 'fuzz', 'bench');
sources.forEach(checkC);
checkMessages(sources);
checkClocks(sources);
checkNeutralWords();
checkEveryFile();
checkLockFile();
conclude('text', problems, `${sources.length} C files and everything beside them`);
