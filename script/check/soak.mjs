#!/usr/bin/env node
// soak: the real server under mixed requests for a while ($SOAK_SECONDS, 600): pages, searches, JSON, bad requests,
// clients that hang up, and a directory that is swapped every minute. Fails when an answer is a 5xx, when memory grows
// after the first tenth of the time, or when the last tenth is much slower than the first.
import { readFileSync, readdirSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { spawn } from 'node:child_process';
import { fairlead, run, serve, temporaryFolder } from '../../tests/support/server.mjs';

const SECONDS = Number(process.env.SOAK_SECONDS ?? 600), CLIENTS = 16;
const GROWTH_MOST = 1.10, GROWTH_SLACK_KB = 16 * 1024, SLOWER_MOST = 3;

const data = temporaryFolder();
run('import', '--data', data, '--demo', '2000');
const server = await serve(data);
const { hostname, port } = new URL(server.origin);
const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });

// A fixed sequence of numbers from 0 to 1, so that two runs ask the same.
let seed = 20;
const chance = () => { seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0; return seed / 2 ** 32; };
const pick = (list) => list[Math.floor(chance() * list.length)];

const PLACES = ['10001', 'Richmond, VA', 'Springfield', 'Ohio', '94110', 'Los Angeles, CA', '30.2,-97.7', 'Portlnd', '', 'zzzzz'];
const NEEDS = ['buprenorphine', 'methadone', 'residential', 'outpatient', 'medicaid', 'spanish', 'detox', 'keep-medication'];
const WORDS = ['', 'suboxone', 'center', 'recvery', 'st mary', '%', '<b>', 'ñandú'];
let ids = [];

const query = () => new URLSearchParams([['near', pick(PLACES)], ['q', pick(WORDS)], ['within', pick(['', '5', '25', '100'])],
  ['need', pick(NEEDS)], ['need', pick(NEEDS)], ['limit', pick(['', '5', '100'])]].filter(([, value]) => value)).toString();

// Facts of a made-up person, as a form or a document; what contradicts itself is refused, which is an answer too.
const FACTS = { cows: [2, 8, 18, 30], housing: ['safe', 'unstable', 'unsafe'], support: ['good', 'some', 'none'],
  opioid_use_disorder: ['none', 'moderate', 'severe'], medication: ['none', 'methadone'], risky_use: ['none', 'imminent'],
  suicide_risk: ['low', 'moderate', 'high'], age: [16, 34, 70], overdose_days: [3, 400], pregnant: [true, false], pregnancy_warning: [true, false] };
const facts = () => Object.fromEntries(Object.entries(FACTS).filter(() => chance() < 0.4).map(([name, values]) => [name, pick(values)]));

const KINDS = [
  [4, () => ({ path: `/api/facilities?${query()}` })],
  [3, () => ({ method: 'POST', path: '/find', body: query() })],
  [2, () => ({ path: `${pick(['', '/es'])}/find?${query()}` })],
  [2, () => ({ path: `${pick(['', '/es', '/api'])}${ids.length ? `/facilities/${pick(ids)}` : '/find'}`.replace('/api/find', '/api/facilities') })],
  [2, () => ({ method: 'POST', path: `/api/assess${pick(['', '?lang=es'])}`, type: 'application/json', body: JSON.stringify({ facts: facts() }) })],
  [1, () => ({ method: 'POST', path: `${pick(['', '/es'])}/choose/result`, body: new URLSearchParams({ ...facts(), ...pick([{}, { near: '10001' }, { go: 'carry' }, { go: 'file' }]) }).toString() })],
  [1, () => ({ method: 'POST', path: '/choose', body: pick(['who=self', 'who=other', 'who=staff', 'answers=broken']) })],
  [1, () => ({ method: 'POST', path: '/api/score/phq-2', type: 'application/json', body: pick(['{"answers":{"1":2,"2":1}}', '{"answers":{"1":9}}', '{']) })],
  [1, () => ({ path: pick(['/learn', '/es/learn/methadone', '/instruments', '/es/instruments/c-ssrs', '/choose', '/carry/broken']) })],
  [1, () => ({ path: `${pick(['', '/es'])}${pick(['/talk', '/refer', '/learn/packing', '/learn/paying/calculator', '/requests/broken', '/availability/broken', '/carry/broken/ask'])}` })],
  [1, () => ({ method: 'POST', path: '/learn/paying/calculator', body: new URLSearchParams({ income: pick(['12000', '$1,250.50', '-1', '9'.repeat(40)]), period: pick(['year', 'month', 'week']), household: pick(['1', '4', '99', '']), state: pick(['VA', 'AK', 'XX']) }).toString() })],
  [1, () => ({ method: 'POST', path: pick(['/talk', '/refer', '/requests/broken', '/availability/broken']), body: pick(['key=broken&given=A', 'look=west', 'answer=yes']) })],
  [1, () => ({ path: pick(['/', '/es/', '/health', '/metrics', '/nowhere', '/facilities/none', '/find?limit=-1', '/api/facilities?need=none']) })],
];
const bag = KINDS.flatMap(([weight, make]) => Array(weight).fill(make));

const statuses = new Map(), problems = [];
const early = [], late = [];
const begun = Date.now();
const elapsed = () => (Date.now() - begun) / 1000;

function ask({ method = 'GET', path, body, type = 'application/x-www-form-urlencoded' }) {
  return new Promise((done) => {
    const started = performance.now();
    const headers = body ? { 'content-type': type, 'content-length': Buffer.byteLength(body) } : {};
    const asked = request({ agent, hostname, port, method, path, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part) => { if (path.startsWith('/api')) text += part; });
      answer.on('end', () => {
        statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1);
        if (answer.statusCode >= 500) problems.push(`${method} ${path} answered ${answer.statusCode}`);
        if (elapsed() < SECONDS / 10) early.push(performance.now() - started);
        else if (elapsed() > SECONDS * 0.9) late.push(performance.now() - started);
        if (text && answer.statusCode === 200 && ids.length < 500) {
          try { ids.push(...(JSON.parse(text).results ?? []).map((result) => result.id)); } catch { problems.push(`${path} gave no JSON`); }
        }
        done();
      });
    });
    asked.on('error', (error) => { problems.push(`${method} ${path}: ${error.message}`); done(); });
    asked.end(body);
  });
}

// What a broken or hostile client does: say nonsense, or leave in the middle.
function disturb() {
  return new Promise((done) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(pick(['GET / HTTP/1.1\r\n\r\n', 'nonsense\r\n\r\n', 'POST /find HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
        'GET /find?q=a HTTP/1.1\r\nHost: a\r\n', 'POST /find HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc']));
      setTimeout(() => { socket.destroy(); done(); }, 20);
    });
    socket.on('error', () => done());
  });
}

const status = (name) => Number(readFileSync(`/proc/${server.pid}/status`, 'utf8').match(new RegExp(`^${name}:\\s+(\\d+)`, 'm'))[1]);
const handles = () => readdirSync(`/proc/${server.pid}/fd`).length;
let size = 2000; // each import brings ten new places
const importAgain = () => new Promise((done) => {
  size += 10;
  const child = spawn(fairlead, ['import', '--data', data, '--demo', String(size)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (part) => { said += part; });
  child.on('close', (code) => { if (code !== 0) problems.push(`import while serving ended with ${code}: ${said}`); done(); });
});

async function client() {
  while (elapsed() < SECONDS && problems.length < 20) {
    if (chance() < 0.02) await disturb();
    else await ask(pick(bag)());
  }
}
async function importer() {
  for (let next = 30; next < SECONDS; next += 60) {
    while (elapsed() < next) await new Promise((done) => setTimeout(done, 200));
    await importAgain();
  }
}
let settled = null;
async function watcher() {
  for (let next = 0; elapsed() < SECONDS; next += 60) {
    while (elapsed() < Math.min(next, SECONDS)) {
      await new Promise((done) => setTimeout(done, 200));
      if (!settled && elapsed() > SECONDS / 10) settled = { memory: status('VmRSS'), handles: handles() };
    }
    const total = [...statuses.values()].reduce((sum, count) => sum + count, 0);
    console.log(`soak: ${Math.round(elapsed())} s, ${total} answers, ${status('VmRSS')} kB resident, ${handles()} handles`);
  }
}
await Promise.all([...Array(CLIENTS)].map(client).concat(importer(), watcher()));
const { total } = await fetch(`${server.origin}/api/facilities?limit=1`).then((answer) => answer.json());
if (total !== size) problems.push(`the server finds ${total} places, and ${size} were imported`);
agent.destroy();
await new Promise((done) => setTimeout(done, 1000));
const ended = { memory: status('VmRSS'), handles: handles() };
const how = await server.stop();
if (how.code !== 0) problems.push(`the server stopped with ${JSON.stringify(how)}`);

const percentile = (list, part) => list.sort((a, b) => a - b)[Math.floor(list.length * part)] ?? 0;
const [first, last] = [percentile(early, 0.99), percentile(late, 0.99)];
settled ??= ended;
if (ended.memory > settled.memory * GROWTH_MOST + GROWTH_SLACK_KB) problems.push(`memory grew from ${settled.memory} to ${ended.memory} kB`);
if (ended.handles > settled.handles + CLIENTS) problems.push(`handles grew from ${settled.handles} to ${ended.handles}`);
if (last > first * SLOWER_MOST + 5) problems.push(`p99 went from ${first.toFixed(1)} to ${last.toFixed(1)} ms`);
console.log(`soak: statuses ${JSON.stringify(Object.fromEntries(statuses))}`);
for (const problem of problems.slice(0, 20)) console.log(`soak: ${problem}`);
console.log(`soak: ${SECONDS} s, memory ${settled.memory} to ${ended.memory} kB, p99 ${first.toFixed(1)} to ${last.toFixed(1)} ms, ${problems.length} problems`);
process.exit(problems.length ? 1 : 0);
