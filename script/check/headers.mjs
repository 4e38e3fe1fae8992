#!/usr/bin/env node
// headers: each header compiles alone under gcc and under clang at its strictest, and carries the guard that its
// path gives. Without clang that half is said to be skipped.
import { spawn, spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { filesOf, contentOf, conclude, root } from './support.mjs';

const GCC = ['gcc', '-Wall', '-Wextra', '-Wconversion', '-Wshadow', '-Wstrict-prototypes', '-Wundef', '-Wcast-qual'];
const CLANG = ['clang', '-Weverything',
  '-Wno-padded', // layout is chosen for reading
  '-Wno-declaration-after-statement', // the language is C17
  '-Wno-pre-c2x-compat', // attributes and __VA_OPT__, which both compilers have
  '-Wno-c99-compat', // compound literals are meant
  '-Wno-documentation', '-Wno-documentation-unknown-command', // our comments are prose
  '-Wno-reserved-macro-identifier', '-Wno-reserved-identifier', // _GNU_SOURCE
  '-Wno-unused-macros', // a header's macros are for others
];
const COMMON = ['-std=gnu17', '-D_GNU_SOURCE', '-Isrc', '-fsyntax-only', '-Werror', '-x', 'c', '-'];

const packages = (contentOf('Makefile').match(/^PACKAGES := (.*)$/m)?.[1] ?? '').split(' ').filter(Boolean);
const systemFlags = packages.length
  ? spawnSync('pkg-config', ['--cflags-only-I', ...packages], { encoding: 'utf8' }).stdout.trim().split(/\s+/).filter(Boolean)
    .map((flag) => flag.replace(/^-I/, '-isystem')) : [];

const problems = [];
const headers = filesOf(/\.h$/, 'src');
const compilers = [GCC, CLANG].filter(([name]) => spawnSync(name, ['--version']).status === 0);

// Compile a source that is nothing but the header, twice over, so that the guard is tried too.
function compile([compiler, ...warnings], path) {
  return new Promise((done) => {
    const name = path.replace(/^src\//, '');
    const child = spawn(compiler, [...warnings, ...systemFlags, ...COMMON], { cwd: root, stdio: ['pipe', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (bytes) => { said += bytes; });
    child.on('close', (status) => {
      if (status !== 0) {
        const first = said.match(/^([^\s:][^:\n]*):(\d+):(?:\d+:)? (?:fatal )?error: (.*)$/m);
        problems.push({ path: first && first[1] !== '<stdin>' ? first[1] : path, line: first && first[1] !== '<stdin>' ? first[2] : 1,
          what: `${compiler}: ${first?.[3] ?? said.split('\n')[0]}`, mend: `Let "${name}" include what it needs and say what it means` });
      }
      done();
    });
    child.stdin.end(`#include "${name}"\n#include "${name}"\n`);
  });
}

for (const path of headers) {
  const guard = `FAIRLEAD_${path.replace(/^src\//, '').replace(/[^A-Za-z0-9]/g, '_').toUpperCase()}`;
  if (!contentOf(path).includes(`#ifndef ${guard}\n#define ${guard}\n`)) {
    problems.push({ path, line: 1, what: 'the guard is not the path', mend: `Write #ifndef ${guard} and #define ${guard}` });
  }
}
const waiting = headers.flatMap((path) => compilers.map((compiler) => [compiler, path]));
await Promise.all(cpus().slice(0, 4).map(async () => {
  for (let next = waiting.pop(); next; next = waiting.pop()) await compile(...next);
}));
problems.sort((a, b) => (a.path < b.path ? -1 : 1));
conclude('headers', problems, `${headers.length} headers under ${compilers.map(([name]) => name).join(' and ')}`);
