// Templates, compared with npm wontache on the same sources and views: our own cases for every
// feature of the Mustache specification, and generated templates from a fixed seed.
//
// The driver is built by `make VARIANT=asan drivers`; FAIRLEAD_TEMPLATE_DRIVER names another.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import mustache from 'wontache';

const root = fileURLToPath(new URL('../../', import.meta.url));
const driver = process.env.FAIRLEAD_TEMPLATE_DRIVER
  ?? ['asan', 'release'].map((v) => `${root}build/${v}/tests/golden/template_driver`).find(existsSync);

/** Render all requests with the driver, in one run. */
function renderOurs(requests) {
  assert.ok(driver, 'no template_driver: run make VARIANT=asan drivers');
  const input = requests.map((r) => JSON.stringify(r) + '\n').join('');
  const run = spawnSync(driver, { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.equal(run.status, 0, run.stderr);
  const lines = run.stdout.split('\n').slice(0, -1).map((line) => JSON.parse(line));
  assert.equal(lines.length, requests.length);
  return lines;
}

function renderReference({ templates, name, view }) {
  return mustache(templates[name])(view, { partials: { ...templates } });
}

/** The template that differs and those that it may run, to keep a failure short. */
function used({ templates, name }) {
  const names = [name];
  for (const each of names) {
    const called = Object.keys(templates).filter((other) => new RegExp(`[><]\\s*${other}\\b`).test(templates[each]));
    names.push(...called.filter((other) => !names.includes(other)));
  }
  return Object.fromEntries(names.map((each) => [each, templates[each]]));
}

function compare(requests, outputs = requests.map(renderReference)) {
  const ours = renderOurs(requests);
  requests.forEach((request, i) => {
    const output = outputs[i];
    if (ours[i].output === output) return;
    assert.fail(JSON.stringify({ templates: used(request), reference: output, ours: ours[i] }, null, 1));
  });
}

const view = {
  name: `Ann <b> & "Bo" 'Cy'`, number: 5, zero: 0, decimal: 1.25, yes: true, no: false, nothing: null,
  empty: '', lines: '<\n->', person: { name: 'Joe', pet: { name: 'Rex', legs: 4 } },
  none: [], numbers: [1, 2, 3], words: ['a', '<b>', ''], mixed: [0, '', null, false, 'x'],
  people: [{ name: 'A', tags: ['x', 'y'] }, { name: 'B', tags: [] }, { tags: ['z'] }],
  grid: [[1, 2], [], [3]], hidden: { name: null, pet: {} }, which: 'item', lost: 'nowhere',
  deep: { which: 'item' }, tree: { value: 1, nodes: [{ value: 2, nodes: [{ value: 3, nodes: [] }] }, { value: 4, nodes: [] }] },
};

const shared = {
  item: '[{{name}}]', two: 'one\ntwo\n', tail: 'one\ntwo', blank: 'a\n\nb\n', multi: '{{{lines}}}\n|\n',
  inner: '>\n  {{>two}}\n<\n', inline: 'x {{>two}} y\n', crlf: 'a\r\n\r\nb\r\n',
  sections: '{{#yes}}\n  in\n{{/yes}}\n{{#numbers}}{{.}},{{/numbers}}\nend\n',
  layout: '<{{$title}}Title{{/title}}|{{$body}}Body{{/body}}>',
  page: 'top\n  {{$body}}\n  default\n    more\n  {{/body}}\nend\n',
  page2: '{{<page}}{{$body}}second{{/body}}{{/page}}',
  single: 'top\n  {{$body}}default{{/body}}\nend\n',
  node: '{{value}}\n{{#nodes}}\n  {{>node}}\n{{/nodes}}\n',
  middle: '{{<layout}}{{$title}}middle{{/title}}{{/layout}}',
  through: '{{>layout}}', scoped: '{{#person}}{{$body}}{{name}}{{/body}}{{/person}}',
};

const cases = [
  // Variables
  '', 'plain text', '{{name}}|{{{name}}}|{{&name}}|{{& name }}|{{{ name }}}', '{{number}} {{decimal}} {{zero}}',
  '{{yes}} {{no}} {{nothing}} {{missing}} {{{missing}}} {{&nothing}} {{empty}}', '{{person.name}} {{person.pet.legs}}',
  '{{person.none.name}}|{{missing.name}}|{{nothing.name}}|{{name.name}}', '{{\n name\n}}', '  {{name}}\n', '{{lines}}',
  '{ {name} } }} {', 'ü€😀 {{name}} ü', '{{hidden.name}} {{#hidden}}{{name}}|{{pet.name}}{{/hidden}}',
  // Sections
  '{{#yes}}a{{/yes}}{{#no}}b{{/no}}{{#nothing}}c{{/nothing}}{{#missing}}d{{/missing}}',
  '{{#zero}}0{{/zero}}{{#number}}{{.}}{{/number}}{{#empty}}e{{/empty}}{{#name}}{{.}}{{/name}}{{#none}}n{{/none}}',
  '{{^yes}}a{{/yes}}{{^no}}b{{/no}}{{^nothing}}c{{/nothing}}{{^missing}}d{{/missing}}',
  '{{^zero}}0{{/zero}}{{^number}}1{{/number}}{{^empty}}e{{/empty}}{{^name}}n{{/name}}{{^none}}[]{{/none}}{{^person}}p{{/person}}',
  '{{#numbers}}{{.}},{{/numbers}}', '{{#words}}<{{.}}{{{.}}}>{{/words}}', '{{#mixed}}[{{.}}]{{/mixed}}',
  '{{#people}}{{name}}:{{#tags}}{{.}}{{name}}{{/tags}};{{/people}}', '{{#grid}}({{#.}}{{.}}{{/.}}{{^.}}none{{/.}}){{/grid}}',
  '{{#person}}{{name}} {{pet.name}} {{number}}{{#pet}}{{legs}}{{name}}{{/pet}}{{/person}}', '{{#person.pet}}{{name}}{{/person.pet}}',
  '{{#person.cat}}x{{/person.cat}}{{^person.cat}}no cat{{/person.cat}}', '{{#hidden}}{{name}}{{/hidden}}', '{{# yes }}a{{/ yes }}',
  '{{#yes}}{{#yes}}{{#no}}x{{/no}}{{^no}}y{{/no}}{{/yes}}{{/yes}}', '{{#hidden}}{{pet.name}}|{{#pet}}{{name}}{{/pet}}{{/hidden}}',
  // Lines
  '| a\n{{#yes}}\n| b\n{{/yes}}\n| c\n', '  {{#yes}}\nx\n  {{/yes}}\ny', '{{#yes}}\nx\n{{/yes}}', 'a\n  {{#yes}}  \nx\n{{/yes}}\t\nb',
  ' {{#yes}} x {{/yes}} \n', '{{#yes}}{{/yes}}\nx', ' {{#yes}}\n {{name}}\n {{/yes}} y\n', 'a\r\n{{#yes}}\r\nb\r\n{{/yes}}\r\nc\r\n',
  '{{#yes}}\n{{#no}}\nx\n{{/no}}\n{{^no}}\ny\n{{/no}}\n{{/yes}}\n', 'x {{#yes}}\ny\n{{/yes}} z\n', '\n\n{{#yes}}\n\n{{/yes}}\n\n',
  '{{#yes}}\n{{/yes}}', '  {{#yes}}a{{/yes}}\n  {{^yes}}b{{/yes}}\n', '{{name}}\n{{#yes}}\nx\n{{/yes}}\n{{name}}\n',
  // Comments
  'a{{! comment }}b', 'a\n  {{! alone }}\nb', '{{! more\nthan one line }}\nx', 'a {{! not alone }}\nb', '  {{!}}\n', 'a\r\n{{! x }}\r\nb',
  'a\n{{! end }}', '{{! a }} {{! b }}\nx', '{{!name}}{{name}}', '{{! {{name} }}x',
  // Delimiters
  '{{=<% %>=}}<%name%> {{name}} <%{name}%>', '{{= | | =}}|name| |#yes|x|/yes| |={{ }}=|{{name}}', 'a\n{{=<% %>=}}\nb <%name%>\n<%={{ }}=%>\n{{name}}',
  '{{=[ ]=}}[name][#yes][name][/yes][>item]', '{{#yes}}{{=$ $=}}$name${{name}}$/yes$ $name$', '{{=<% %>=}}(<%={{ }}=%>)', '{{={{{ }}}=}}{{{name}}} {{name}}',
  '{{=. .=}}.name. .>item.', '{{=^ $=}}^name$ ^^no$x^/no$', '* {{= @ @ =}} *\n@name@',
  // Partials
  '"{{>item}}"', '{{>missing}}', '{{> item }}', '  {{>two}}\nend', '  {{>tail}}\nend', 'a {{>two}} b', '  {{>two}}', '\t{{>blank}}\n', ' {{>multi}}\n',
  '  {{>inner}}\n', '  {{>inline}}\n', '  {{>crlf}}\r\nx', '   {{>sections}}\n', '{{#people}}\n - {{>item}}\n{{/people}}', '{{#people}}\n  {{>item}}\n{{/people}}',
  '{{#tree}}\n{{>node}}\n{{/tree}}\n', '{{#people}}{{>item}}{{/people}}', ' {{>two}}\n  {{>two}}\n{{>two}}\n', '  {{>missing}}\nx', '|\r\n{{>item}}\r\n|',
  '{{=<% %>=}}<%>two%>', '  {{name}}  {{>two}}\n',
  // Dynamic names
  '{{>*which}}', '{{> * which }}', '{{>*deep.which}}', '{{>*lost}}|{{>*missing}}|{{>*nothing}}', '  {{>*which}}\nx', '{{#deep}}{{>*which}}{{/deep}}',
  '{{<*which}}{{/*which}}', '{{>**which}}', '{{#words}}{{>*.}}{{/words}}',
  // Parents and blocks
  '{{>layout}}', '{{<layout}}{{/layout}}', '{{<layout}}{{$title}}T{{/title}}{{/layout}}', '{{<layout}} text {{$body}}B {{name}}{{/body}} more {{name}}{{! c }}{{>item}}{{/layout}}',
  '{{<layout}}{{$title}}1{{/title}}{{$title}}2{{/title}}{{/layout}}', '{{<missing}}{{$a}}x{{/a}}{{/missing}}', '{{$own}}own {{name}}{{/own}}',
  '{{<middle}}{{/middle}}', '{{<middle}}{{$title}}mine{{/title}}{{$body}}mine too{{/body}}{{/middle}}', '{{<through}}{{$title}}unseen{{/title}}{{/through}}',
  '{{<scoped}}{{$body}}{{name}} {{number}}{{/body}}{{/scoped}}', '{{#numbers}}{{<layout}}{{$title}}{{.}}{{/title}}{{/layout}}{{/numbers}}',
  '{{<layout}}{{$title}}{{$inner}}x{{/inner}}{{/title}}{{$inner}}y{{/inner}}{{/layout}}', '{{<layout}}{{$title}}{{<scoped}}{{$body}}deep{{/body}}{{/scoped}}{{/title}}{{/layout}}',
  '{{<layout}}{{$title}}{{#people}}{{name}}{{/people}}{{/title}}{{/layout}}',
  '  {{<two}}{{/two}}\nx', 'x {{<two}}{{/two}}\ny', '{{<page}}{{/page}}', '{{<page}}{{$body}}one\ntwo{{/body}}{{/page}}', '  {{<page}}{{/page}}\n', '  {{>page}}\n',
  '{{<page}}\n{{$body}}\none\ntwo\n{{/body}}\n{{/page}}\n', '  {{<page}}\n    {{$body}}\n      one\n        two\n\n      three\n    {{/body}}\n  {{/page}}\nx',
  '{{<single}}{{$body}}one\ntwo{{/body}}{{/single}}', '{{<single}}\n{{$body}}\n    one\n    two\n{{/body}}\n{{/single}}\n', '{{<page2}}{{/page2}}', '{{<page2}}{{$body}}mine\nand yours\n{{/body}}{{/page2}}',
  '  {{<single}}{{$body}}{{>two}}{{/body}}{{/single}}\n', '{{<single}}{{$body}}{{>two}}{{/body}}{{/single}}\n', '{{<page}}{{$body}}\n  {{#numbers}}\n  {{.}}\n  {{/numbers}}\n{{/body}}{{/page}}',
  '{{<page}}{{$body}}\n  {{>two}}\n  {{#people}}\n    {{>item}}\n  {{/people}}\n{{/body}}{{/page}}', '{{<single}}{{$body}}{{! nothing }}{{/body}}{{/single}}',
  '  {{$own}}\n    a\n      b\n    {{$nested}}\n      c\n    {{/nested}}\n  {{/own}}\nx\n', 'a {{$own}}b\nc{{/own}} d\n', '  {{$own}}a{{/own}}\nb', '{{$own}}\n{{/own}}\nx', '{{$own}}\na{{/own}}\nx', '  {{$own}}{{/own}}  \nx',
  '{{<page}}{{=<% %>=}}<%$body%><%name%><%/body%><%/page%>', '{{<single}}{{=<% %>=}}<%$body%>\n  <%name%>\n  {{name}}\n<%/body%><%/single%>',
  '{{=<% %>=}}<%<single%><%$body%>a <%name%><%/body%><%/single%>', '{{<page}}\r\n{{$body}}\r\n  one\r\n  two\r\n{{/body}}\r\n{{/page}}\r\n',
];

test('our own cases agree with wontache', () => {
  compare(cases.map((source) => ({ templates: { ...shared, main: source }, name: 'main', view })));
});

test('each shared template agrees with wontache, indented and not', () => {
  const names = Object.keys(shared).filter((name) => name !== 'node');
  compare(names.flatMap((name) => [`{{>${name}}}`, `  {{>${name}}}\n`, `\t{{<${name}}}{{/${name}}}\n.`, `{{#people}}\n  {{>${name}}}\n{{/people}}\n`]
    .map((source) => ({ templates: { ...shared, main: source }, name: 'main', view }))));
});

// --- Generated templates ----------------------------------------------------------------------

/** A small generator of numbers (mulberry32), so that a seed fixes every template. */
function generator(seed) {
  let state = seed;
  const next = () => {
    state = (state + 0x6D2B79F5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n) => Math.floor(next() * n);
  return { chance: (p) => next() < p, below, pick: (list) => list[below(list.length)] };
}

const scalars = ['name', 'number', 'zero', 'yes', 'no', 'nothing', 'missing', 'empty', 'lines', 'person.name', 'person.pet.legs', 'a.b.c'];
const sections = ['yes', 'no', 'zero', 'empty', 'nothing', 'missing', 'person', 'people', 'none', 'name', 'person.pet', 'hidden'];
const blocks = ['b0', 'b1', 'b2', 'b3'];

/**
 * Writes a template of complete lines. `level` numbers templates: one calls only those of higher
 * numbers, a block's content holds only blocks of higher numbers, and what a parent is given holds
 * no parent, so that nothing recurses. Two habits of wontache that no text asks for are left out:
 * it adds the indentation of a one-line block twice when the block around it is indented, and
 * indents the lines of an argument that does not begin on a line of its own.
 */
class Writer {
  constructor(random, level, count) {
    Object.assign(this, { random, level, count, open: '{{', close: '}}', inArgument: false });
  }

  argument(write) {
    const outer = this.inArgument;
    this.inArgument = true;
    const content = write();
    this.inArgument = outer;
    return content;
  }

  tag(inner) {
    return this.open + inner + this.close;
  }

  callee() {
    return this.level + 1 < this.count ? `t${this.level + 1 + this.random.below(this.count - this.level - 1)}` : null;
  }

  value(dot) {
    const key = dot && this.random.chance(0.5) ? '.' : this.random.pick(scalars);
    return this.random.pick([() => this.tag(key), () => this.tag(`& ${key} `), () => this.tag(`{${key}}`)])();
  }

  /** A piece without line ends. */
  inline(depth, block, dot) {
    const { random } = this;
    const kind = depth > 0 ? random.below(9) : random.below(3);
    const inner = (...more) => this.inlines(depth - 1, ...more);
    const called = this.callee();
    if (kind === 0) return random.pick(['text', 'x', '<i>', ' ', 'ü']);
    if (kind <= 2) return this.value(dot);
    if (kind === 3) return this.section(inner);
    if (kind === 4) return `${this.tag('#numbers')}${inner(block, true)}${this.tag('/numbers')}`;
    if (kind === 5) return `x${this.tag('! c ')}`;
    if (kind === 6 && called) return `(${this.tag(`>${called}`)})`;
    if (kind === 7 && called && !this.inArgument) return this.parent(called, (name) => inner(name + 1, false));
    if (kind === 8 && block < blocks.length) {
      const name = block + random.below(blocks.length - block);
      return `${this.tag(`$${blocks[name]}`)}${inner(name + 1, dot)}${this.tag(`/${blocks[name]}`)}`;
    }
    return 'y';
  }

  inlines(depth, block, dot) {
    return Array.from({ length: 1 + this.random.below(3) }, () => this.inline(depth, block ?? 0, dot ?? false)).join('');
  }

  section(inner) {
    const key = this.random.pick(sections);
    return `${this.tag(this.random.pick('#^') + key)}${inner()}${this.tag(`/${key}`)}`;
  }

  parent(called, content) {
    const given = blocks.map((_, i) => i).filter(() => this.random.chance(0.4));
    return this.tag(`<${called}`) + given.map((i) => `${this.tag(`$${blocks[i]}`)}${this.argument(() => content(i))}${this.tag(`/${blocks[i]}`)}`).join('') + this.tag(`/${called}`);
  }

  /** Lines, each ending with a line end, each indented by at least `indent`. */
  lines(depth, indent, block, dot) {
    return Array.from({ length: 1 + this.random.below(4) }, () => this.line(depth, indent, block, dot)).join('');
  }

  line(depth, indent, block, dot) {
    const { random } = this;
    const deeper = indent + random.pick(['', ' ', '  ', '\t']);
    const kind = depth > 0 ? random.below(10) : random.below(2);
    const called = this.callee();
    /* In this order, because the body may change the delimiters. */
    const around = (open, body, close) => `${indent}${this.tag(open)}\n${body()}${indent}${this.tag(close)}\n`;
    if (kind === 0) return random.chance(0.3) ? '\n' : `${deeper}line\n`;
    if (kind === 1) return `${deeper}${this.inlines(Math.min(depth, 2), block, dot)}|\n`;
    if (kind === 2) return `${deeper}${this.tag('! alone ')}\n`;
    if (kind === 3) {
      const key = random.pick(sections);
      return around(random.pick('#^') + key, () => this.lines(depth - 1, deeper, block, false), `/${key}`);
    }
    if (kind === 4) return around('#numbers', () => this.lines(depth - 1, deeper, block, true), '/numbers');
    if (kind === 5 && called) return `${deeper}${this.tag(`>${called}`)}\n`;
    if (kind === 6 && called && !this.inArgument) return this.parentLines(called, depth, deeper);
    if (kind === 7 && block < blocks.length) {
      const name = block + random.below(blocks.length - block);
      if (block === 0 && !this.inArgument && random.chance(0.3)) return `${deeper}${this.tag(`$${blocks[name]}`)}${this.inlines(1, name + 1, false)}${this.tag(`/${blocks[name]}`)}\n`;
      return `${deeper}${this.tag(`$${blocks[name]}`)}\n${this.filled(depth - 1, deeper, name + 1)}${deeper}${this.tag(`/${blocks[name]}`)}\n`;
    }
    if (kind === 8) return this.delimiters(deeper);
    if (kind === 9 && called) return `${deeper}${this.tag(`>*dynamic.${called}`)}\n`;
    return `${deeper}z\n`;
  }

  /** Lines whose first is not blank and has the least indentation, as a block's content wants. */
  filled(depth, indent, block) {
    return `${indent}first\n${this.lines(depth, indent, block, false)}`;
  }

  parentLines(called, depth, indent) {
    const given = blocks.map((_, i) => i).filter(() => this.random.chance(0.4));
    const begin = `${indent}${this.tag(`<${called}`)}\n`;
    const body = given.map((i) => `${indent}  ${this.tag(`$${blocks[i]}`)}\n${this.argument(() => this.filled(depth - 1, `${indent}    `, i + 1))}${indent}  ${this.tag(`/${blocks[i]}`)}\n`).join('');
    return `${begin}${body}${indent}${this.tag(`/${called}`)}\n`;
  }

  delimiters(indent) {
    const [open, close] = this.random.pick([['{{', '}}'], ['<%', '%>'], ['[[', ']]'], ['@', '@']]);
    const change = `${indent}${this.tag(`=${open} ${close}=`)}\n`;
    Object.assign(this, { open, close });
    return change;
  }
}

function generate(seed) {
  const random = generator(seed);
  const count = 1 + random.below(4);
  const templates = {};
  for (let i = 0; i < count; i += 1) {
    const source = new Writer(random, i, count).lines(2 + random.below(2), '', 0, false);
    const ended = random.chance(0.2) ? source.slice(0, -1) : source;
    templates[`t${i}`] = random.chance(0.15) ? ended.replaceAll('\n', '\r\n') : ended;
  }
  const dynamic = Object.fromEntries(Object.keys(templates).map((name) => [name, name]));
  return { templates, name: 't0', view: { ...view, dynamic } };
}

test('generated templates agree with wontache', () => {
  const count = Number(process.env.FAIRLEAD_TEMPLATES ?? 1000);
  const requests = Array.from({ length: count }, (_, i) => generate(i + 1));
  const outputs = requests.map(renderReference);
  assert.ok(outputs.filter((output) => output.length > 50).length > count / 3, 'too many are short');
  compare(requests, outputs);
});

// --- What only we promise ---------------------------------------------------------------------

test('endless recursion ends with an error', () => {
  const request = (main) => ({ templates: { main }, name: 'main', view });
  const answers = renderOurs(['{{>main}}', '{{>main}}{{>main}}', '{{<main}}{{/main}}', '{{#yes}} {{>main}}{{/yes}}',
    '{{<b}}{{$a}}{{$a}}x{{/a}}{{/a}}{{/b}}'].map((main) => ({ ...request(main), templates: { main, b: '{{$a}}{{/a}}' } })));
  for (const answer of answers) assert.match(answer.error, /too deep/);
});
