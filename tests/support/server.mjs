// Starts the real server on a free port for a test, and ends it by its own process id.
import { spawn, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { withDatabase } from './databases.mjs';

export const fairlead = resolve(process.env.FAIRLEAD ?? 'build/fairlead');
export const shared = resolve(process.env.FAIRLEAD_SHARED ?? '../shared');

// A new folder that goes when the test file's process ends.
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-test-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

// Run a subcommand to its end; answers its standard output. Throws with its standard error.
export function run(...words) {
  return execFileSync(fairlead, withDatabase(words), { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] });
}

// Serve a data folder. Answers {origin, pid, stop(), log()}.
export async function serve(data, ...options) {
  const child = spawn(fairlead, withDatabase(['serve', '--data', data, ...(options.includes('--listen') ? [] : ['--listen', '127.0.0.1:0']), ...options]),
    { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '', log = '';
  child.stderr.setEncoding('utf8').on('data', (text) => { log += text; });
  const ended = new Promise((done) => child.on('exit', (code, signal) => done({ code, signal })));
  const origin = await new Promise((found, failed) => {
    const timer = setTimeout(() => failed(new Error(`the server did not answer in 60 s\n${log}`)), 60000);
    child.stdout.setEncoding('utf8').on('data', (text) => {
      out += text;
      const match = out.match(/http:\/\/[\d.]+:\d+/);
      if (match) { clearTimeout(timer); found(match[0].replace('0.0.0.0', '127.0.0.1')); }
    });
    ended.then((how) => { clearTimeout(timer); failed(new Error(`the server ended early: ${JSON.stringify(how)}\n${log}`)); });
  });
  const stop = async (signal = 'SIGTERM') => { if (child.exitCode === null) child.kill(signal); return ended; };
  process.on('exit', () => { if (child.exitCode === null) child.kill('SIGKILL'); });
  // The code that makes the first administrator, as the server prints it after its address.
  const firstCode = async () => {
    for (let look = 0; look < 200; look += 1) {
      const match = out.match(/first administrator at \/desk\/first with the code (\S+)/);
      if (match) return match[1];
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`the server printed no code\n${out}\n${log}`);
  };
  return { origin, pid: child.pid, stop, log: () => log, firstCode };
}
