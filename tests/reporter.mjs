// A reporter for `node --test`: a line for each failure or skip on the terminal, and one TAP line for each test in
// the file named by $FAIRLEAD_TALLY, which script/test counts.
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';

const isWholeFile = (name) => /\.test\.mjs$/.test(name);

export default async function* report(source) {
  const tally = [];
  const slow = []; // tests over five seconds
  const stderr = new Map(); // what a file wrote to standard error, shown when it fails
  for await (const { type, data } of source) {
    if (type === 'test:stderr' && data.file) stderr.set(data.file, (stderr.get(data.file) ?? '') + data.message);
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const file = data.file ? basename(data.file, '.test.mjs') : '';
    if (data.details?.type === 'suite') continue;
    const failed = type === 'test:fail';
    // A file that passes is no test of its own; one that fails as a whole (it would not load) is.
    if (isWholeFile(data.name) && (!failed || data.details?.error?.failureType === 'subtestsFailed')) continue;
    if (data.details?.duration_ms > 5000) slow.push([data.details.duration_ms, `${file}: ${data.name}`]);
    const skip = data.skip ?? data.todo;
    const why = typeof skip === 'string' ? skip : '';
    const name = isWholeFile(data.name) ? 'the file does not load' : data.name;
    tally.push(`${failed ? 'not ok' : 'ok'} - ${file}: ${name}${skip !== undefined && skip !== false ? ` # SKIP ${why}` : ''}`);
    if (failed) {
      const error = data.details?.error?.cause ?? data.details?.error;
      yield `  failed: ${file}: ${data.name}\n${String(error?.stack ?? error).replace(/^/gm, '      ')}\n`;
      if (data.file && stderr.has(data.file)) yield `${stderr.get(data.file).slice(-2000).replace(/^/gm, '      | ')}\n`;
    } else if (skip !== undefined && skip !== false) {
      yield `  skipped: ${file}: ${data.name} ${why ? `(${why})` : ''}\n`;
    }
  }
  for (const [duration, name] of slow.sort((a, b) => b[0] - a[0]).slice(0, 8))
    yield `  ${(duration / 1000).toFixed(0).padStart(4)} s  ${name}\n`;
  if (process.env.FAIRLEAD_TALLY) writeFileSync(process.env.FAIRLEAD_TALLY, tally.join('\n') + '\n');
}
