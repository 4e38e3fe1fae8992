// What the checks of script/check share: the files of the tree, a lexer for C, and one way to report.
// Each check takes the tree's root as its only argument (default: the repository), so that its own test
// can run it on a planted violation.
import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { join, relative, resolve, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..', '..'));

const PASSED_OVER = new Set(['.git', 'build', 'node_modules', 'var']);

// Every file below the given folders (or the whole tree) whose name fits, relative to the root, sorted.
export function filesOf(pattern, ...folders) {
  const found = [];
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (PASSED_OVER.has(entry.name)) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile() && pattern.test(entry.name)) found.push(relative(root, path));
    }
  };
  for (const folder of folders.length ? folders : ['.']) {
    if (existsSync(join(root, folder))) walk(join(root, folder));
  }
  return found.sort();
}

export const contentOf = (path) => readFileSync(join(root, path), 'utf8');

// The tokens of a C source: {kind, text, line}. Kinds: comment, string (its content, escapes kept), character,
// word, number, mark (one character), directive (a whole preprocessor line, comments included).
const TOKEN = new RegExp([
  /(?<comment>\/\*[^]*?\*\/|\/\/[^\n]*)/,
  /(?<directive>(?<=^[ \t]*)#(?:\\\n|\/\*[^]*?\*\/|[^\n])*)/,
  /(?:u8|[LuU])?"(?<string>(?:\\[^]|[^"\\\n])*)"/,
  /(?<character>'(?:\\[^]|[^'\\\n])+')/,
  /(?<word>[A-Za-z_]\w*)/,
  /(?<number>\.?\d(?:[eEpP][+-]|[\w.])*)/,
  /(?<mark>[^\s])/,
].map((part) => part.source).join('|'), 'gmu');

export function tokensOf(source) {
  const tokens = [];
  let line = 1, at = 0;
  for (const match of source.matchAll(TOKEN)) {
    for (; at < match.index; at++) if (source.charCodeAt(at) === 10) line++;
    const [kind, text] = Object.entries(match.groups).find(([, value]) => value !== undefined);
    tokens.push({ kind, text, line });
  }
  return tokens;
}

// The arguments of the call whose '(' is tokens[open]: a list of lists of tokens, and the index behind ')'.
export function argumentsOf(tokens, open) {
  const list = [[]];
  let depth = 0, at = open;
  for (; at < tokens.length; at++) {
    const token = tokens[at];
    if (token.kind === 'comment') continue;
    if (token.kind === 'mark' && '([{'.includes(token.text) && depth++ === 0) continue;
    if (token.kind === 'mark' && ')]}'.includes(token.text) && --depth === 0) break;
    if (depth === 1 && token.kind === 'mark' && token.text === ',') list.push([]);
    else list.at(-1).push(token);
  }
  return { list, end: at + 1 };
}

// Print what is wrong, a line each, and end with status 1; or say what was looked at.
export function conclude(name, problems, looked) {
  for (const { path, line, what, mend } of problems) console.log(`${path}:${line}: ${what}. ${mend}`);
  console.log(problems.length ? `${name}: ${problems.length} wrong` : `${name}: ${looked}, nothing wrong`);
  process.exitCode = problems.length ? 1 : 0;
}
