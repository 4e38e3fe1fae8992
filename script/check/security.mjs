#!/usr/bin/env node
// security: sqlmap and wapiti against every form of a local server. They must find nothing.
//
//   node script/check/security.mjs           all parts; before them a planted server, in which both must find something
//   node script/check/security.mjs PART…     planted, public (a stranger's pages), door (sign-in and the first
//                                            administrator), desk (as an administrator who is signed in), records (staff, the
//                                            pages of people in care), program (staff, all others), own (a person's own)
//
// The forms come from a crawl of the server, not from a list: every link is followed, every form is sent once with
// plausible answers, and what comes back is crawled too. Pages that differ only in an id count as one.
//
// sqlmap: level 1, risk 2, every technique (risk 3 would add OR-based updates of whole tables; levels from 2 on add cookies
// and headers, and more wrappings of the same payloads); of fields that differ only in a number, the first two. wapiti: the modules below; not http_headers (it asks for headers that browsers have
// retired, and for HSTS on plain HTTP; tests/http/behaviour.test.mjs holds ours), not csrf on public forms (they
// change nothing and set no cookie; tests/http/desk.test.mjs holds the desk's tokens), at the door those alone that attack
// what is sent, because each sign-in costs a password hash; nor what needs a server elsewhere (ssrf, xxe) or a downloaded list (nikto, wapp).
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePage, patternOf, fill, formKey } from './security_forms.mjs';
import { openServer } from './security_desk.mjs';
import { plant } from './security_planted.mjs';

const MODULES = ['backup', 'blindsql', 'cookieflags', 'crlf', 'csp', 'exec', 'file', 'htaccess', 'methods', 'permanentxss', 'redirect', 'shellshock', 'sql', 'xss'];
const MODULES_OF_A_FORM = ['crlf', 'exec', 'redirect', 'sql', 'xss'];
const PAGES_MOST = 800, OF_A_PATTERN = 3, OF_A_FORM = 2, AT_ONCE = 2;
const folder = mkdtempSync(join(tmpdir(), 'fairlead-security-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const say = (text) => process.stdout.write(`security: ${text}\n`);

// Both tools keep to a home of their own; neither may speak to anything but this machine.
const surroundings = { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, PYTHONWARNINGS: 'ignore', http_proxy: '', https_proxy: '' };

function runTool(program, words, seconds) {
  return new Promise((done) => {
    const child = spawn(program, words, { env: surroundings, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text) => { said += text; });
    child.stderr.setEncoding('utf8').on('data', (text) => { said += text; });
    const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
    child.on('error', (error) => done({ status: -1, said: error.message }));
    child.on('close', (status) => { clearTimeout(timer); done({ status, said }); });
  });
}

// --- The crawl -----------------------------------------------------------------------------------------------------

// Ask once, without following; answers {status, type, location, text}.
function ask(origin, { method, url, body }) {
  const headers = { Accept: 'text/html' };
  if (body !== undefined) headers['Content-Type'] = 'application/x-www-form-urlencoded';
  return new Promise((done, failed) => {
    const request = http.request(new URL(url, origin), { method, headers: { ...headers, ...(body !== undefined && { 'Content-Length': Buffer.byteLength(body) }) } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part) => { text += part; });
      answer.on('end', () => done({ status: answer.statusCode, type: answer.headers['content-type'] ?? '', location: answer.headers.location, text }));
    });
    request.on('error', failed);
    request.end(body);
  });
}

// Every form that can be reached: [{method, action, fields: [[name, value]], page}]; and the pages that have one.
async function crawl(origin, starts, isOurs) {
  const queue = starts.map((url) => ({ method: 'GET', url })), seen = new Map(), forms = new Map(), broken = [];
  let pages = 0;
  const take = (key, most) => { seen.set(key, (seen.get(key) ?? 0) + 1); return seen.get(key) <= most; };
  const enqueue = (url, from) => {
    const next = new URL(url, new URL(from, origin));
    next.hash = '';
    if (next.origin !== origin || !isOurs(next.pathname)) return;
    const path = next.pathname + next.search;
    if (take(`page ${path}`, 1) && take(`pattern ${patternOf(next)}`, OF_A_PATTERN)) queue.push({ method: 'GET', url: path });
  };
  while (queue.length) {
    if (++pages > PAGES_MOST) throw new Error(`the crawl goes on past ${PAGES_MOST} pages`);
    const asked = queue.shift(), answer = await ask(origin, asked);
    if (answer.status >= 500) broken.push(`${asked.method} ${asked.url}: ${answer.status}`);
    if (answer.location) enqueue(answer.location, asked.url);
    if (!answer.type.startsWith('text/html')) continue;
    const page = parsePage(answer.text);
    for (const link of page.links) enqueue(link, asked.url);
    for (const found of page.forms) {
      const action = new URL(found.action || asked.url, new URL(asked.url, origin));
      if (action.origin !== origin || !isOurs(action.pathname)) continue;
      const form = { method: found.method, action: action.pathname + (found.method === 'POST' ? action.search : ''), fields: fill(found), page: asked.url };
      if (!form.fields.length) continue;
      const key = formKey(form);
      if (!forms.has(key)) forms.set(key, form);
      if (!take(key, OF_A_FORM)) continue;
      const body = new URLSearchParams(form.fields).toString();
      queue.push(form.method === 'POST' ? { method: 'POST', url: form.action, body } : { method: 'GET', url: `${form.action}?${body}` });
    }
  }
  return { forms: [...forms.values()], pages, broken };
}

// --- sqlmap --------------------------------------------------------------------------------------------------------

// What sqlmap concluded: 'clean', 'found', or why it came to no conclusion. On the way it may say that a parameter "appears
// to be injectable"; it then tries, and says at the end whether it is.
function readSqlmap({ status, said }) {
  if (/identified the following injection point|parameter '.*' is vulnerable/.test(said)) return 'found';
  if (status !== 0) return `ended with status ${status}`;
  if (/all tested parameters do not appear to be injectable/.test(said)) return 'clean';
  return 'came to no conclusion';
}

// The fields that are attacked: of those with one shape ("cows.1", "cows.2", …) and of repeated ones the first two.
function attacked({ fields }) {
  const shapes = new Map();
  return [...new Set(fields.map(([name]) => name))].filter((name) => {
    const shape = name.replace(/\d+[a-z]?/g, '#');
    shapes.set(shape, (shapes.get(shape) ?? 0) + 1);
    return shapes.get(shape) <= 2 && name !== 'form_key'; // which the door puts in
  });
}

async function sqlmap(origin, form, number) {
  const body = new URLSearchParams(form.fields).toString();
  const words = ['--batch', '--level=1', '--risk=2', '--dbms=SQLite', '--flush-session', '--disable-coloring', '--timeout=10', '--retries=1',
    '--ignore-code=400,401,403,404,409,413,429', `--output-dir=${join(folder, `sqlmap-${number}`)}`,
    '-p', attacked(form).join(',')];
  words.push('-u', form.method === 'POST' ? origin + form.action : `${origin}${form.action}?${body}`);
  if (form.method === 'POST') words.push(`--data=${body}`);
  return runTool('sqlmap', words, 600);
}

// --- wapiti --------------------------------------------------------------------------------------------------------

// What wapiti's report says: {found: [...]} or {wrong: why}. A report without its parts, or of nothing, is no report.
function readWapiti({ status, said }, path, fewest, modules) {
  let report;
  try { report = JSON.parse(readFileSync(path, 'utf8')); } catch (error) { return { wrong: `no report (status ${status}): ${error.message}\n${said.slice(-2000)}` }; }
  if (status !== 0) return { wrong: `ended with status ${status}` };
  for (const part of ['vulnerabilities', 'anomalies', 'additionals', 'infos']) if (typeof report[part] !== 'object' || report[part] === null) return { wrong: `a report without ${part}` };
  for (const module of modules) if (!said.includes(`Launching module ${module}`)) return { wrong: `module ${module} did not run\n${said.slice(-2000)}` };
  if (/max(?:imum)? (?:attack|scan) time|Error:? .*module|Traceback/i.test(said)) return { wrong: `a module stopped early\n${said.slice(-2000)}` };
  const crawled = (said.match(/^\[\+\] (?:GET|POST) /gm) ?? []).length;
  if (crawled < fewest) return { wrong: `only ${crawled} resources were attacked, and it was given ${fewest} pages with forms` };
  const found = ['vulnerabilities', 'anomalies'].flatMap((part) => Object.entries(report[part]).flatMap(([kind, items]) => items.map((item) => `${kind}: ${item.method} ${item.path} ${item.parameter ?? ''} ${item.info}`)));
  return { found, crawled };
}

async function wapiti(origin, starts, number, fewest, { modules, scope }) {
  const path = join(folder, `wapiti-${number}.json`), words = ['-u', starts[0], '--scope', scope, '-m', modules.join(','), '-f', 'json', '-o', path,
    '--flush-session', '--store-session', join(folder, `session-${number}`), '--store-config', join(folder, 'config'), '--no-bugreport', '-v', '1',
    '-d', '3', '--max-links-per-page', '40', '--max-files-per-dir', '4', '--max-parameters', '20', '-t', '10'];
  mkdirSync(join(folder, 'config'), { recursive: true });
  for (const start of starts) words.push('-s', start);
  const done = await runTool('wapiti', words, 3600);
  return readWapiti(done, path, fewest, modules);
}

// wapiti attacks every occurrence of a parameter, some hundred times each, so that a search form with forty boxes of one name
// would take it half an hour: forms of more than twenty fields are sqlmap's alone.
// Where wapiti begins: of pages in one folder (twenty questionnaires of one route) two. It finds others by links, and
// attacks each with every module, so that all of them would take an hour; sqlmap is given every form.
function firstOfEach(pages) {
  const folders = new Map();
  return pages.filter((page) => {
    const folder = new URL(page).pathname.replace(/[^/]*$/, '');
    folders.set(folder, (folders.get(folder) ?? 0) + 1);
    return folders.get(folder) <= 2 || folder === '/' || folder.startsWith('/desk');
  });
}

// --- A server --------------------------------------------------------------------------------------------------------

// Run tasks, some at once, in order of their list.
async function each(tasks) {
  const results = [], next = tasks.entries();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => { for (const [index, task] of next) results[index] = await task(); }));
  return results;
}

// Crawl and scan; answers what was found, one line each. Throws when a tool came to no conclusion.
async function scan(name, origin, starts, { path = /^\//, modules = MODULES, scope = 'domain' } = {}) {
  const { forms, pages, broken } = await crawl(origin, starts, (one) => path.test(one));
  say(`${name}: ${forms.length} forms on ${pages} pages and answers`);
  for (const form of forms) say(`  ${form.method} ${form.action.slice(0, 60)}: ${form.fields.map(([field]) => field).join(' ').slice(0, 100)}`);
  const found = broken.map((line) => `${line}, while crawling`);
  const tasks = forms.filter((form) => attacked(form).length).map((form, number) => async () => {
    const done = await sqlmap(origin, form, `${name}-${number}`), concluded = readSqlmap(done);
    if (concluded === 'found') found.push(`sqlmap: ${form.method} ${form.action}: ${(done.said.match(/^Parameter: .*$/m) ?? [''])[0]}`);
    else if (concluded !== 'clean') throw new Error(`sqlmap ${form.method} ${form.action}: ${concluded}\n${done.said.slice(-2000)}`);
  });
  const pagesWithForms = firstOfEach([...new Set(forms.map((form) => new URL(form.page, origin).href))]);
  const groups = scope === 'page' ? pagesWithForms.map((page) => [page]) : [pagesWithForms];
  tasks.unshift(...groups.map((pages, number) => async () => {
    const fewest = pages.length;
    const report = await wapiti(origin, pages, `${name}-${number}`, fewest, { modules, scope });
    if (report.wrong) throw new Error(`wapiti: ${report.wrong}`);
    say(`${name}: wapiti attacked ${report.crawled} resources`);
    found.push(...report.found.map((line) => `wapiti: ${line}`));
  }));
  await each(tasks);
  say(`${name}: ${forms.length} forms attacked, ${found.length} findings`);
  return { found, forms };
}

function conclude(begun, problems, done) {
  const seconds = Math.round((Date.now() - begun) / 1000);
  for (const line of problems) say(line);
  if (problems.length) { say(`${problems.length} findings in ${seconds} s. Mend the code, and add a test that plants what was found`); process.exitCode = 1; }
  else say(`${done}; nothing found, in ${seconds} s`);
}

// Both tools must find what is planted, or their silence means nothing.
async function provePlanted() {
  const server = await plant(folder), { found } = await scan('planted', server.origin, ['/']).finally(() => server.close());
  const wanted = [[/^sqlmap: POST \/search/, 'sqlmap: SQL injection'], [/^wapiti: .*SQL Injection.*\/search/i, 'wapiti: SQL injection'], [/^wapiti: Cross Site Scripting.*\/search/i, 'wapiti: cross-site scripting']];
  const missed = wanted.filter(([pattern]) => !found.some((line) => pattern.test(line))).map(([, name]) => name);
  if (missed.length) throw new Error(`what was planted is not found: ${missed.join(', ')}\n${found.join('\n')}`);
  say(`planted: ${found.length} findings, as it should be`);
}

async function main() {
  const begun = Date.now();
  for (const program of ['sqlmap', 'wapiti', 'sqlite3']) {
    if (spawnSync(program, ['--version'], { env: surroundings }).error) { console.log(`security: ${program} is not installed: script/bootstrap --security`); process.exit(77); }
  }
  const parts = process.argv.length > 2 ? process.argv.slice(2) : ['planted', 'public', 'door', 'desk', 'records', 'program', 'own'];
  if (parts.includes('planted')) await provePlanted();
  if (parts.join() === 'planted') return say('the scanners find what is planted');
  const isOfAPerson = (path) => path.startsWith('/desk/people/');
  const server = await openServer(folder), problems = [], done = [];
  const take = async (name, ...words) => {
    if (!parts.includes(name)) return;
    const { found, forms } = await scan(name, ...words);
    if (!forms.length) throw new Error(`${name}: no form was found: the crawl is broken`);
    problems.push(...found);
    done.push(`${name}: ${forms.length} forms`);
    if (!await server.isSignedIn(name)) problems.push(`${name}: who was signed in was signed out on the way: what came behind was not looked at`);
  };
  await take('public', server.public.origin, ['/', '/find', '/choose', '/instruments', ...server.links], { path: /^(?!(?:\/es)?\/(?:desk|me)(?:\/|$))/ });
  await take('door', server.door.origin, ['/desk/sign-in', '/desk/first'], { path: /^\/desk\/(?:sign-in|first)$/, modules: MODULES_OF_A_FORM, scope: 'page' });
  await take('desk', server.desk.origin, ['/desk'], { path: /^\/(?:desk|me)(?:\/|$)/ });
  // A person's own pages first: the desk may end them.
  await take('own', server.own.origin, ['/me'], { path: /^\/me(?:\/|$)/ });
  await take('records', server.records.origin, [...server.people.map((id) => `/desk/people/${id}`), ...server.pages.filter(isOfAPerson)], { path: /^\/desk\/people\// });
  await take('program', server.records.origin, ['/desk', ...server.pages.filter((path) => !isOfAPerson(path))], { path: /^\/desk(?!\/people\/[^/])(?:\/|$)/ });
  problems.push(...server.log().split('\n').filter((line) => /event=web\.failed|event=store\.\S*failed|Sanitizer/.test(line)).map((line) => `the log: ${line}`));
  const ended = await server.stop();
  if (ended.code !== 0) problems.push(`the server ended with ${JSON.stringify(ended)}`);
  for (const part of ['public', 'door', 'desk', 'records', 'own']) server[part].close();
  conclude(begun, problems, done.join(', '));
}

await main();
writeFileSync(join(folder, 'done'), '');
