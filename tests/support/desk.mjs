// A desk for tests: a server with a first administrator, accounts of any role, and browsers that are signed in, without a
// browser: cookies, tokens and codes by hand.
//
//   const desk = await openDesk({ database });              // an address of databases.mjs; none: the data folder's
//   const admin = desk.admin;                               // a Visitor, signed in with its second factor
//   const nurse = await desk.account('nurse', { program }); // made by the administrator, signed in; also ['nurse', 'counselor']
//   const page = await nurse.get('/desk');                 // {status, headers, html, form(…)}
//   const done = await nurse.post('/desk/me', {…});        // with the token and key of the page it got last
import { execFileSync } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { databaseOf } from './databases.mjs';
import { serve, temporaryFolder } from './server.mjs';

// RFC 6238 with SHA-1, six digits, 30 seconds; the key in base32 (RFC 4648).
export function totp(secret, time = Date.now()) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret.replace(/[\s=]/g, '')].map((c) => alphabet.indexOf(c.toUpperCase()).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(time / 30000)));
  const hash = createHmac('sha1', key).update(counter).digest();
  const at = hash[19] & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, '0');
}

const entities = { amp: '&', lt: '<', gt: '>', quot: '"', '#x27': "'", '#39': "'", '#x60': '`', '#x3D': '=', '#x2F': '/' };
export const plain = (html) => html.replace(/&(#?\w+);/g, (whole, name) => entities[name] ?? whole);

// The fields of a page's forms, hidden ones and typed ones: {action, fields}.
export function formsOf(html) {
  return [...html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)].map(([, head, body]) => {
    const fields = {};
    for (const [input] of body.matchAll(/<input\b[^>]*>/g)) {
      const get = (name) => plain(input.match(new RegExp(`\\b${name}="([^"]*)"`))?.[1] ?? '');
      if (/type="(radio|checkbox)"/.test(input) && !/\bchecked\b/.test(input)) continue;
      if (get('name')) fields[get('name')] = get('value');
    }
    for (const [, name, value] of body.matchAll(/<textarea\b[^>]*\bname="([^"]*)"[^>]*>\n?(.*?)<\/textarea>/gs)) fields[name] = plain(value);
    for (const [, name, options] of body.matchAll(/<select\b[^>]*\bname="([^"]*)"[^>]*>(.*?)<\/select>/gs)) {
      const chosen = options.match(/<option value="([^"]*)" selected/);
      fields[name] = chosen ? plain(chosen[1]) : '';
    }
    return { action: plain(head.match(/\baction="([^"]*)"/)?.[1] ?? ''), fields };
  });
}

// Somebody with a browser of their own: a jar of cookies and the page they see.
export class Visitor {
  constructor(origin, headers = {}) {
    this.origin = origin;
    this.headers = headers;
    this.cookies = new Map();
    this.page = null;
  }
  cookie() { return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '); }
  // One request, no redirect followed.
  async request(path, { method = 'GET', fields, body, headers = {} } = {}) {
    const sent = fields ? new URLSearchParams(Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one) => [name, one]))) : undefined;
    const response = await fetch(this.origin + path, {
      method, redirect: 'manual', body: body ?? sent?.toString(),
      headers: {
        ...(sent ? { 'content-type': 'application/x-www-form-urlencoded' } : {}), ...(this.cookies.size ? { cookie: this.cookie() } : {}),
        ...this.headers, ...headers,
      },
    });
    const set = response.headers.getSetCookie?.() ?? (response.headers.get('set-cookie') ?? '').split(/,(?=[^ ;]+=)/).filter(Boolean);
    for (const line of set) {
      const [pair] = line.split(';'), at = pair.indexOf('=');
      if (/max-age=0/i.test(line)) this.cookies.delete(pair.slice(0, at).trim());
      else this.cookies.set(pair.slice(0, at).trim(), pair.slice(at + 1));
    }
    // An answer that stays open is not waited for: whoever reads it does so themselves.
    const isOpen = /^text\/event-stream/.test(response.headers.get('content-type') ?? '');
    if (isOpen) await response.body.cancel();
    const bytes = isOpen ? Buffer.alloc(0) : Buffer.from(await response.arrayBuffer()), html = bytes.toString();
    return { status: response.status, headers: response.headers, location: response.headers.get('location'), set, bytes, html, text: plain(html.replace(/<[^>]*>/g, ' ')) };
  }
  // Show a page, going where it leads.
  async get(path, options = {}) {
    let answer = await this.request(path, options);
    for (let hops = 0; answer.status === 303 && hops < 8; hops += 1) {
      path = answer.location;
      answer = await this.request(path);
    }
    this.page = { ...answer, path, forms: formsOf(answer.html) };
    return this.page;
  }
  // Send a form of the page that is shown (the one with this action; else the tokens of any), follow it, show what comes.
  async post(action, fields = {}, options = {}) {
    const answer = await this.send(action, fields, options);
    if (answer.status === 303) return this.get(answer.location);
    this.page = { ...answer, path: action, forms: formsOf(answer.html) };
    return this.page;
  }
  // The same, answering the redirect itself.
  send(action, fields = {}, options = {}) {
    const forms = this.page?.forms ?? [];
    const form = forms.find((one) => one.action === action && 'form_key' in one.fields) ?? forms.find((one) => 'form_key' in one.fields) ?? forms.find((one) => 'form_token' in one.fields);
    const own = Object.assign({}, ...forms.filter((one) => one.action === action).map((one) => one.fields));
    const tokens = Object.fromEntries(Object.entries(form?.fields ?? {}).filter(([name]) => /^form_/.test(name)));
    return this.request(action, { method: 'POST', fields: { ...tokens, ...own, ...fields }, ...options });
  }
  async signIn(name, password, secret, to) {
    await this.get(`/desk/sign-in${to ? `?to=${encodeURIComponent(to)}` : ''}`);
    const page = await this.post('/desk/sign-in', { name, password });
    if (!/\/desk\/code/.test(page.path)) return page;
    return this.post('/desk/code', { code: await freshCode(secret) });
  }
  // Prove again who one is, on the page that asks for it.
  async prove(fields) {
    const form = this.page.forms.find((one) => 'prove_secret' in one.fields);
    return this.post(form.action, { ...form.fields, ...fields });
  }
}

// A code is good once, and a step before or behind the clock's is taken (knowledge/sign-in.csv, code-window): the earliest that
// this process has not used. Where there is none, a recovery code of who enrolled here, each good once too, rather than wait.
const used = new Map(), recoveries = new Map();
export async function freshCode(secret) {
  for (;;) {
    const now = Math.floor(Date.now() / 30000), step = Math.max((used.get(secret) ?? 0) + 1, now - 1);
    if (step <= now + 1) {
      used.set(secret, step);
      return totp(secret, step * 30000);
    }
    if (recoveries.get(secret)?.length) return recoveries.get(secret).pop();
    await new Promise((done) => setTimeout(done, 250));
  }
}

const FIRST = { name: 'first.admin', shown_name: 'First Administrator', password: 'river stone lantern 71' };

// Set up the second factor on the page that is shown; answers the secret.
export async function enroll(visitor) {
  if (!/\/desk\/enroll/.test(visitor.page.path)) await visitor.get('/desk/enroll');
  const begun = await visitor.post('/desk/enroll', { act: 'begin' });
  const secret = begun.html.match(/class="secret">([A-Z2-7 ]+)</)[1].replaceAll(' ', '');
  const kept = await visitor.post('/desk/enroll', { act: 'confirm', code: await freshCode(secret) });
  if (!/class="codes/.test(kept.html)) throw new Error(`no second factor: ${kept.status} ${kept.text}`);
  visitor.recovery = [...kept.html.matchAll(/<li>([a-z0-9-]+)<\/li>/g)].map((match) => match[1]);
  visitor.secret = secret;
  recoveries.set(secret, [...visitor.recovery]);
  return secret;
}

// A program, as a row: what a desk needs to let people work in it. Answers its id.
export function makeProgram(address, name = 'Harbor House') {
  const id = randomUUID(), now = Date.now() * 1000;
  const sql = `INSERT INTO program (program_id, name, kind, zone, state, phone, languages, closed_at, made_at, changed_at, version)
    VALUES ('${id}', '${name}', 'residential', 'America/New_York', 'VA', '8045550100', 'en', 0, ${now}, ${now}, 1)`;
  writeRows(address, sql);
  return id;
}

// Change rows behind the server's back: a clock that ran, a moment that passed.
export function writeRows(address, sql) {
  if (address.includes('://')) execFileSync('psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', address, '-c', sql]);
  else execFileSync('sqlite3', ['-cmd', '.timeout 10000', address, sql]);
}

// Look until it is so, or ten seconds are over: the history is sealed within a second of an act.
export async function eventually(look, isSo) {
  for (let tries = 0; ; tries += 1) {
    const seen = await look();
    if (isSo(seen) || tries === 40) return seen;
    await new Promise((done) => setTimeout(done, 250));
  }
}

// Serve a data folder (a new one), make the first administrator and sign in. Answers what serve() does, and
//   address              of the database
//   admin                the administrator, signed in
//   visitor()            somebody with an empty jar
//   program(name)        a program's id
//   account(role, …)     made by the administrator, signed in to its program: {program, name, site}
export async function openDesk({ database, options = [], headers = {}, data = temporaryFolder() } = {}) {
  const words = [...(database ? ['--db', database] : []), ...options];
  const server = await serve(data, ...words);
  const address = database ?? databaseOf(data);
  const code = await server.firstCode();
  const admin = new Visitor(server.origin, headers);
  await admin.get('/desk/first');
  const made = await admin.post('/desk/first', { code, name: FIRST.name, shown_name: FIRST.shown_name, email: '', new_password: FIRST.password, again: FIRST.password });
  if (!/\/desk\/sign-in/.test(made.path)) throw new Error(`no first administrator: ${made.status} ${made.text}`);
  await admin.signIn(FIRST.name, FIRST.password);
  await enroll(admin);
  await admin.get('/desk');
  Object.assign(admin, FIRST);
  let number = 0;
  // Press on, proving who one is when the page asks.
  const press = async (action, fields) => {
    const page = await admin.post(action, fields);
    return page.forms.some((form) => 'prove_secret' in form.fields) ? admin.prove({ prove_secret: admin.password, prove_code: await freshCode(admin.secret) }) : page;
  };
  const account = async (role, { program = 'all', name = `${[role].flat()[0]}.${number += 1}`, shown_name = `The ${[role].flat()[0]} ${number}`, site = '', staff = '' } = {}) => {
    await admin.get('/desk/users/new');
    const page = await press('/desk/users/new', { name, shown_name, email: '', program, role, site, staff });
    const first = page.html.match(/class="secret">([^<]+)</);
    if (!first) throw new Error(`no account: ${page.status} ${page.text}`);
    const one = new Visitor(server.origin, headers);
    Object.assign(one, { name, shown_name, id: page.path.match(/users\/([\w-]+)/)[1], password: `meadow copper window ${number}`, first: plain(first[1]) });
    await one.signIn(name, one.first);
    await one.post('/desk/password', { new_password: one.password, again: one.password });
    if (/\/desk\/enroll/.test(one.page.path)) await enroll(one);
    await one.get(role === 'person' || role === 'family' ? '/me' : '/desk');
    return one;
  };
  return { ...server, data, address, admin, press, account, program: (name) => makeProgram(address, name), visitor: () => new Visitor(server.origin, headers) };
}
