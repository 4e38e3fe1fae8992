// The checks of script/check find what they are for: each is run on a small tree with one planted violation and must
// name its file and line, and on the same tree without it, where it must be silent.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const has = (program) => spawnSync(program, ['--version']).status === 0;

// A tree that every check is content with.
const GOOD = {
  'Makefile': 'PACKAGES := sqlite3\n',
  'src/base/base.h': '/* base. */\n#ifndef FAIRLEAD_BASE_BASE_H\n#define FAIRLEAD_BASE_BASE_H\n\nint base_count(void);\n\n#endif\n',
  'src/store/store.h': '/* store. */\n#ifndef FAIRLEAD_STORE_STORE_H\n#define FAIRLEAD_STORE_STORE_H\n\n#include "base/base.h"\n\nstruct store;\n\n#endif\n',
  'src/care/care.c': '/* care: people. */\n#include "store/store.h"\n\nstatic const char named[] = "SELECT 1";\n\nint care_count(void)\n{\n  return store_query(0, 0, named) + store_execute(0, "DELETE FROM x WHERE id = $1");\n}\n',
  'locale/en/care.csv': 'key,text\nerror.care.gone,"It is gone,\nfor good"\ncare.title,Care\n',
  'locale/es/care.csv': 'key,text\nerror.care.gone,Ya no está\ncare.title,Atención\n',
  'pages/care.mustache': '<h1>[[care.title]]</h1>\n',
  'package-lock.json': '{"packages": {"a": {"version": "1.0.0", "integrity": "sha512-x", "funding": "https://a.example/fund"}}}\n',
};

// Run a check over the good tree with some files changed; answers {status, said}.
function run(check, changed = {}) {
  const tree = mkdtempSync(join(tmpdir(), 'fairlead-checks-'));
  try {
    for (const [path, content] of Object.entries({ ...GOOD, ...changed })) {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      writeFileSync(join(tree, path), content);
    }
    const { status, stdout } = check.endsWith('.mjs')
      ? spawnSync('node', [`script/check/${check}`, tree], { encoding: 'utf8' })
      : (cpSync('.clang-format', join(tree, '.clang-format')),
        spawnSync(`script/check/${check}`, { encoding: 'utf8', env: { ...process.env, CHECK_ROOT: tree } }));
    return { status, said: stdout };
  } finally {
    rmSync(tree, { recursive: true });
  }
}

function finds(check, changed, ...expected) {
  const { status, said } = run(check, changed);
  assert.equal(status, 1, `${check} found nothing:\n${said}`);
  for (const part of expected) assert.ok(said.includes(part), `"${part}" is not in:\n${said}`);
  assert.equal(said.trim().split('\n').length - 1, expected.length, `other findings in:\n${said}`);
}

// A file of src/care with these lines behind its first.
const care = (...lines) => ({ 'src/care/more.c': ['/* more of care. */', ...lines, ''].join('\n') });

for (const check of ['layers.mjs', 'exits.mjs', 'text.mjs', 'size.mjs', 'headers.mjs']) {
  test(`${check} is content with a good tree`, () => {
    const { status, said } = run(check);
    assert.equal(status, 0, said);
  });
}

test('layers finds an include that climbs, a private header, a header without its room, an unknown room', () => {
  finds('layers.mjs', care('#include "web/web.h"'), 'src/care/more.c:2: care includes web, which stands above it');
  finds('layers.mjs', { 'src/base/more.c': '/* x */\n#include "store/store.h"\n' }, 'src/base/more.c:2: base includes store');
  finds('layers.mjs', care('#include "store/engine.h"'), 'src/care/more.c:2: "store/engine.h" is private to store');
  finds('layers.mjs', care('#include "care.h"', '#include "../web/web.h"'), 'src/care/more.c:2: "care.h" does not name its room', 'src/care/more.c:3: "../web/web.h" does not name its room');
  finds('layers.mjs', care('#include <base/base.h>'), 'src/care/more.c:2: <base/base.h> is our own header');
  finds('layers.mjs', { 'src/attic/attic.c': '/* x */\n' }, 'src/attic/attic.c:1: no room of the house');
  assert.equal(run('layers.mjs', { 'src/web/web.c': '/* x */\n#include "directory/search.h"\n#include "base/text.h"\n' }).status, 0);
});

test('exits finds every planted way out for a record', () => {
  const desk = (...lines) => ({ 'src/web/desk/more.c': ['/* more of the desk. */', ...lines, ''].join('\n') });
  finds('exits.mjs', care('int f(void) { return fwrite(name, 1, 4, out); }'), 'src/care/more.c:2: fwrite() leads out of the process');
  finds('exits.mjs', care('int f(void) { return file_replace(path, person, error); }'), 'src/care/more.c:2: file_replace() leads out');
  finds('exits.mjs', care('int f(void) { return curl_easy_perform(handle); }'), 'src/care/more.c:2: curl_easy_perform() leads out');
  finds('exits.mjs', care('void f(void) { log_event(LOG_INFO, "seen", LOG_T("who", identity.given)); }'), 'src/care/more.c:2: a log line with');
  finds('exits.mjs', { 'src/privacy/more.c': '/* x */\nint f(void) { return send(socket_of, bytes, 1, 0); }\n' }, 'src/privacy/more.c:2: send() leads out');
  finds('exits.mjs', { 'src/web/more.c': '/* x */\nint f(void) { return vault_unseal(v, a, s, "person.identity", b, &o, e); }\n' }, 'src/web/more.c:2: vault_unseal() opens a sealed field');
  finds('exits.mjs', { 'src/web/more.c': '/* x */\n#include "care/care.h"\n' }, 'src/web/more.c:2: reads records where none are read');
  finds('exits.mjs', { 'src/exchange/more.c': '/* x */\n#include "care/care.h"\n' }, 'src/exchange/more.c:2: reads records where none are read');
  finds('exits.mjs', desk('void f(void) { view->raw = everything; }'), 'src/web/desk/more.c:2: view.raw is set beside the one way out');
  finds('exits.mjs', desk('void f(void) { view->file_name = "record.json"; }'), 'src/web/desk/more.c:2: view.file_name is set');
  finds('exits.mjs', desk('void f(void) { struct disclosed out = {.content = all}; }'), 'src/web/desk/more.c:2: a disclosure that disclose() did not make');
  finds('exits.mjs', desk('void f(void) { disclosed.content = all; }'), 'src/web/desk/more.c:2: a disclosure that disclose() did not make');
  const route = '{.methods = WEB_GET, .pattern = "/desk/people/{id}/print", .handler = f, .guard = "person", .get_act = "read"}';
  finds('exits.mjs', desk(`const struct web_route r[] = {${route}};`), 'src/web/desk/more.c:2: /desk/people/{id}/print gives something to take away');
  finds('exits.mjs', desk('int f(void) { return disclose(t); }', `const struct web_route r[] = {${route}};`), 'src/web/desk/more.c:3: /desk/people/{id}/print gives');
  finds('exits.mjs', desk('const struct web_route r[] = {{.pattern = "/me/all", .handler = f, .get_act = "export"}};'), 'src/web/desk/more.c:2: /me/all gives something to take away');
  assert.equal(run('exits.mjs', desk('int f(void) { return disclose(t) && desk_leave(r); }', `const struct web_route r[] = {${route}};`)).status, 0);
  assert.equal(run('exits.mjs', { 'src/web/desk/leave.c': '/* x */\nvoid f(void) { view->raw = text; }\n' }).status, 0);
});

test('text finds SQL that is no literal, is built, or runs on one engine alone', () => {
  finds('text.mjs', care('int f(char *sql) { return store_execute(0, sql); }'), 'src/care/more.c:2: the SQL of store_execute() is no literal');
  finds('text.mjs', care('int f(void) {', '  return store_query(t, &c,', '      pick(1), 0); }'), 'src/care/more.c:4: the SQL of store_query() is no literal');
  finds('text.mjs', care('int f(void *h, const char *q) { return sqlite3_exec(h, q, 0, 0, 0); }'), 'src/care/more.c:2: the SQL of sqlite3_exec() is no literal');
  finds('text.mjs', care('int f(void) { return text_format(a, "SELECT id FROM %s", name); }'), 'src/care/more.c:2: SQL is built by a format');
  finds('text.mjs', care('int f(void) { return store_execute(0, "DELETE FROM x WHERE name LIKE $1"); }'), 'src/care/more.c:2: SQL with LIKE does not run on every engine');
  assert.equal(run('text.mjs', care("int f(int a) { return store_execute(0, a ? \"SELECT 'like'\" : \"SELECT \" /* two */ \"2\"); }")).status, 0);
});

test('text finds HTML, banned functions and typedefs in C', () => {
  finds('text.mjs', care('const char *f(void) { return "<div class=\\"a\\">"; }'), 'src/care/more.c:2: HTML in a C string');
  finds('text.mjs', care('const char *f(void) { return "a&nbsp;b"; }'), 'src/care/more.c:2: HTML in a C string');
  finds('text.mjs', care('/* strcpy(a, b) is banned; "sprintf(" too */', 'void f(char *a) { strcpy(a, "sprintf(x)"); }'), 'src/care/more.c:3: strcpy() is banned');
  finds('text.mjs', care('void f(void) { setlocale(0, ""); system("ls"); }'), 'src/care/more.c:2: setlocale() is banned', 'src/care/more.c:2: system() is banned');
  finds('text.mjs', care('typedef struct bed bed_t;'), 'src/care/more.c:2: typedef of a struct');
  assert.equal(run('text.mjs', care('int f(int a) { return a < b && puts("import <FILE>, or a<c>d"); }')).status, 0);
});

test('text finds unfinished work, paths of one machine and download addresses', () => {
  finds('text.mjs', care(`/* ${'TO' + 'DO'}: more */`), `src/care/more.c:2: "${'TO' + 'DO'}"`);
  finds('text.mjs', care(`/* enough ${'for ' + 'now'} */`), `src/care/more.c:2: "${'for ' + 'now'}" in a comment`);
  finds('text.mjs', { 'docs/a.md': `one\ntwo ${'/wo' + 'rk/'}main\n` }, 'docs/a.md:2: a path of one machine');
  finds('text.mjs', { 'package-lock.json': '{\n"resolved": "https://packages.example/a.tgz"\n}\n' }, 'package-lock.json:2: a download address');
});

test('text finds messages that a language lacks', () => {
  finds('text.mjs', care('int f(void) { return error_set(e, 1, "error.care.absent", "", ""); }'),
    'src/care/more.c:2: message "error.care.absent" is missing in locale/en', 'src/care/more.c:2: message "error.care.absent" is missing in locale/es');
  finds('text.mjs', { 'locale/es/care.csv': 'key,text\nerror.care.gone,Ya no\n' }, 'pages/care.mustache:1: message "care.title" is missing in locale/es');
  finds('text.mjs', care('int f(void) { return catalog_text(c, 0, "care.absent"); }'), '"care.absent" is missing in locale/en', '"care.absent" is missing in locale/es');
  assert.equal(run('text.mjs', care('int f(void) { return error_set(e, 1, "error.care.gone", "", ""); }')).status, 0);
});

test('size finds a long function, a long file and a file that does not say what it is', () => {
  const body = (lines) => ['static int long_one(int a,', '                    int b)', '{', ...Array(lines).fill('  a += b; /* } */'), '}'];
  finds('size.mjs', care('struct s { int a; };', ...body(77)), 'src/care/more.c:3: long_one() has 81 lines');
  assert.equal(run('size.mjs', care('struct s { int a; };', ...body(76))).status, 0);
  finds('size.mjs', care(...Array(700).fill('int a;')), 'src/care/more.c:701: 701 lines');
  finds('size.mjs', { 'src/care/more.c': '#include "store/store.h"\n' }, 'src/care/more.c:1: the file does not open with what it is');
});

test('headers finds one that does not stand alone and one with another guard', () => {
  const header = (guard, ...lines) => ({ 'src/care/care.h': ['/* care. */', `#ifndef ${guard}`, `#define ${guard}`, ...lines, '#endif', ''].join('\n') });
  const compilers = ['gcc', 'clang'].filter(has);
  finds('headers.mjs', header('FAIRLEAD_CARE_CARE_H', 'bool care_check(void);'), ...compilers.map((name) => `src/care/care.h:4: ${name}: unknown type name`));
  finds('headers.mjs', header('CARE_H', 'int care_count(void);'), 'src/care/care.h:1: the guard is not the path');
});

test('format finds a line that clang-format would change', { skip: has('clang-format') ? false : 'clang-format is not installed' }, () => {
  finds('format', { ...care('int f(void);', 'int  g(void);'), 'src/base/base.h': '/* x */\n' }, 'src/care/more.c:3: not as clang-format leaves it');
});

// The analyzers take single files. Each is given a mistake of its own kind.
test('text finds a forbidden word in a message that leaves the machine, whatever its case and marks', () => {
  const words = { 'knowledge/neutral-words.csv': 'language,word,source\nen,methadone,x\nes,clínica,x\n' };
  const messages = (en, es) => ({ ...words, 'locale/en/messages.csv': `key,text\nmessage.a.text,${en}\n`, 'locale/es/messages.csv': `key,text\nmessage.a.text,${es}\n` });
  assert.equal(run('text.mjs', messages('Something is waiting', 'Hay algo que le espera')).status, 0);
  finds('text.mjs', messages('Your Methadone is ready', 'Hay algo'), 'locale/en/messages.csv:2: a message says "methadone"');
  finds('text.mjs', messages('Something', '"Venga a la CLINICA, hoy"'), 'locale/es/messages.csv:2: a message says "clinica"');
  finds('text.mjs', messages('La clínica', 'Hay algo'), 'locale/en/messages.csv:2: a message says "clinica"'); // each word in every language
  assert.equal(run('text.mjs', { ...words, 'locale/en/more.csv': 'key,text\nmore.title,Methadone\n', 'locale/es/more.csv': 'key,text\nmore.title,Metadona\n' }).status, 0);
});

test('text finds a clock without a label, and one whose kind cannot be read', () => {
  const label = (language, room = 'clocks') => ({ [`locale/${language}/${room}.csv`]: 'key,text\ndue.hold.ends,x\n' });
  const set = care('static const char kind[] = "hold.ends";', 'void hold_set(void)', '{', '  due_set(0, 0, kind, 0, 0, 0, 0);', '}');
  assert.equal(run('text.mjs', { ...set, ...label('en'), ...label('es') }).status, 0);
  finds('text.mjs', { ...set, ...label('en') }, 'src/care/more.c:5: the clock "hold.ends" has no label in locale/es');
  finds('text.mjs', care('void hold_begin(void)', '{', '  due_register(0, "hold.ends", 0, 0);', '}'), 'src/care/more.c:4: the clock "hold.ends" has no label in locale/en', 'in locale/es');
  finds('text.mjs', care('void hold_begin(const char *kind)', '{', '  due_register(0, kind, 0, 0);', '}'), 'src/care/more.c:4: a clock whose kind kind is no literal');
});

const planted = {
  tidy: ['clang-tidy', '#include <stdlib.h>\nint f(void);\nint f(void)\n{\n  char *a = malloc(8);\n  free(a);\n  return *a;\n}\n'],
  cppcheck: ['cppcheck', 'int f(int i);\nint f(int i)\n{\n  int list[4] = {0};\n  return i >= 4 ? list[4] : 0;\n}\n'],
  'gcc-analyzer': ['gcc', '#include <stdlib.h>\nint f(void);\nint f(void)\n{\n  char *a = malloc(8);\n  free(a);\n  return *a;\n}\n'],
};
for (const [check, [program, source]] of Object.entries(planted)) {
  test(`${check} finds a planted mistake`, { skip: has(program) ? false : `${program} is not installed` }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-checks-'));
    try {
      writeFileSync(join(folder, 'bad.c'), source);
      writeFileSync(join(folder, 'good.c'), 'int f(void);\nint f(void)\n{\n  return 1;\n}\n');
      const bad = spawnSync(`script/check/${check}`, [join(folder, 'bad.c')], { encoding: 'utf8' });
      assert.notEqual(bad.status, 0, bad.stdout);
      assert.match(bad.stdout + bad.stderr, /bad\.c:\d+/);
      const good = spawnSync(`script/check/${check}`, [join(folder, 'good.c')], { encoding: 'utf8' });
      assert.equal(good.status, 0, good.stdout + good.stderr);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
