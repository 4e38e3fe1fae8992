// packaging/nginx.conf and packaging/Caddyfile in front of a server that runs, with ports and a certificate of a test's own,
// and a browser that comes through them from any address of this machine. What is missing is said: `installed(name)`.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request as ask } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Visitor, plain } from './desk.mjs';

const programs = { nginx: [['/usr/sbin/nginx', 'nginx'], ['-v']], caddy: [['/usr/bin/caddy', 'caddy'], ['version']], openssl: [['openssl'], ['version']] };
const find = (name) => programs[name][0].find((path) => spawnSync(path, programs[name][1]).status === 0);
// False when a proxy can be tried here, else why not.
export const missing = (name) => ['openssl', name].filter((one) => !find(one)).map((one) => `${one} is not installed`).join(', ') || false;
const sampleOf = (name) => readFileSync(new URL(`../../packaging/${name}`, import.meta.url), 'utf8');

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => probe.on('listening', done));
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  return port;
}

// A setting of the sample is found once and made the test's own; a sample that lacks it fails.
function change(text, pairs) {
  for (const [from, to] of pairs) {
    assert.match(text, from);
    text = text.replace(from, to);
  }
  return text;
}

const configure = {
  nginx({ folder, certificate, key, port, inner, plainPort }) {
    const site = change(sampleOf('nginx.conf').replaceAll(/^ *listen \[::\].*\n/gm, ''), [[/127\.0\.0\.1:8080/, `127.0.0.1:${inner}`], [/listen 80;/, `listen 127.0.0.1:${plainPort};`], [/listen 443 /, `listen 127.0.0.1:${port} `],
      [/\/etc\/letsencrypt\S*fullchain\.pem/, certificate], [/\/etc\/letsencrypt\S*privkey\.pem/, key]]).replaceAll('/var/log/nginx/', `${folder}/`);
    writeFileSync(join(folder, 'fairlead.conf'), site);
    const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join('\n');
    writeFileSync(join(folder, 'nginx.conf'), `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/main-error.log emerg;\nevents {}\nhttp {\n${places}\ninclude ${folder}/fairlead.conf;\n}\n`);
    return { words: ['-p', folder, '-c', join(folder, 'nginx.conf')], check: ['-t', '-p', folder, '-c', join(folder, 'nginx.conf')], end: 'SIGQUIT' };
  },
  caddy({ folder, certificate, key, port, inner }) {
    const own = `\tadmin off\n\tauto_https off\n\tservers {`;
    const site = change(sampleOf('Caddyfile'), [[/\tservers \{/, own], [/^treatment\.example\.org \{/m, `https://localhost:${port} {\n\tbind 127.0.0.1\n\ttls ${certificate} ${key}`], [/127\.0\.0\.1:8080/, `127.0.0.1:${inner}`]])
      .replaceAll('/var/log/caddy/', `${folder}/`);
    writeFileSync(join(folder, 'Caddyfile'), site);
    const words = ['--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'];
    return { words: ['run', ...words], check: ['validate', ...words], end: 'SIGTERM' };
  },
};

// A proxy before 127.0.0.1:`inner`: {port, plainPort, origin, folder, log(), stop()}. `log` is all that it wrote down.
export async function openProxy(name, inner) {
  const folder = mkdtempSync(join(tmpdir(), `fairlead-${name}-`)), certificate = join(folder, 'certificate.pem'), key = join(folder, 'key.pem');
  chmodSync(folder, 0o755);
  const made = spawnSync(find('openssl'), ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate]);
  assert.equal(made.status, 0, String(made.stderr));
  const [port, plainPort] = [await freePort(), await freePort()];
  const { words, check, end } = configure[name]({ folder, certificate, key, port, inner, plainPort });
  const surroundings = { env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder } };
  const checked = spawnSync(find(name), check, { encoding: 'utf8', ...surroundings });
  assert.equal(checked.status, 0, checked.stderr);
  let said = '';
  const child = spawn(find(name), words, { stdio: ['ignore', 'pipe', 'pipe'], ...surroundings });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => { said += text; });
  process.on('exit', () => { if (child.exitCode === null) child.kill('SIGKILL'); });
  const ended = new Promise((done) => child.on('exit', done));
  const stop = async () => { if (child.exitCode === null) child.kill(end); await ended; rmSync(folder, { recursive: true, force: true }); };
  const logs = ['fairlead.log', 'fairlead-error.log', 'main-error.log'];
  const log = () => said + logs.map((one) => { try { return readFileSync(join(folder, one), 'utf8'); } catch { return ''; } }).join('');
  const proxy = { port, plainPort, origin: `https://localhost:${port}`, folder, log, stop };
  for (let tries = 0; tries < 100; tries += 1) {
    try { if ((await fetchThrough(proxy, '/health')).status !== 502) return proxy; } catch { /* not yet */ }
    await new Promise((done) => setTimeout(done, 50));
  }
  await stop();
  throw new Error(`${name} did not answer\n${said}`);
}

// One request through a proxy, from an address of this machine: {status, headers, html}. `until` ends an answer that stays open.
export function fetchThrough(proxy, path, { method = 'GET', headers = {}, body = '', from = '127.0.0.1', until } = {}) {
  return new Promise((done, failed) => {
    const agent = new Agent({ keepAlive: false, rejectUnauthorized: false, servername: 'localhost' });
    const sent = ask({ host: '127.0.0.1', port: proxy.port, localAddress: from, agent, method, path, headers: { host: `localhost:${proxy.port}`, ...(body ? { 'content-length': Buffer.byteLength(body) } : {}), ...headers } }, (answer) => {
      let html = '';
      const finish = () => done({ status: answer.statusCode, headers: answer.headers, html });
      answer.setEncoding('utf8').on('data', (text) => {
        html += text;
        if (until?.test(html)) { finish(); sent.destroy(); }
      });
      answer.on('end', finish);
    });
    sent.setTimeout(10000, () => sent.destroy(new Error(`${method} ${path}: no answer`)));
    sent.on('error', failed);
    sent.end(body);
  });
}

// Somebody with a browser who comes through the proxy.
export class VisitorThrough extends Visitor {
  constructor(proxy, from) {
    super(proxy.origin);
    Object.assign(this, { proxy, from });
  }
  async request(path, { method = 'GET', fields, body, headers = {} } = {}) {
    const sent = fields ? new URLSearchParams(Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one) => [name, one]))).toString() : body;
    const { status, headers: got, html } = await fetchThrough(this.proxy, path, { method, from: this.from, body: sent, headers: {
      ...(fields ? { 'content-type': 'application/x-www-form-urlencoded' } : {}), ...(this.cookies.size ? { cookie: this.cookie() } : {}), ...this.headers, ...headers } });
    const set = got['set-cookie'] ?? [];
    for (const line of set) {
      const [pair] = line.split(';'), at = pair.indexOf('=');
      if (/max-age=0/i.test(line)) this.cookies.delete(pair.slice(0, at).trim());
      else this.cookies.set(pair.slice(0, at).trim(), pair.slice(at + 1));
    }
    return { status, headers: new Headers(Object.entries(got).map(([name, value]) => [name, String(value)])), location: got.location ?? null, set, html, text: plain(html.replace(/<[^>]*>/g, ' ')) };
  }
}
