// fairlead care import by the real program, on both engines: a dry run, a run, the same again, one that was killed in the
// middle and run again. Expected values: the rows of the files; exit statuses of docs (0 done, 1 refused, 2 usage).
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { engines, rowsOf } from '../support/databases.mjs';
import { temporaryFolder } from '../support/server.mjs';

const program = process.env.FAIRLEAD ?? 'build/fairlead';
const HEADER = 'MRN,First Name,Last Name,DOB,Phone\n';
const GIVEN = ['Ada', 'Ben', 'Cleo', 'Dov', 'Edda', 'Finn', 'Gwen', 'Hugo', 'Ines', 'Jory'];
const person = (i) => `${i},${GIVEN[i % 10]},${GIVEN[Math.floor(i / 10) % 10]}son${String.fromCharCode(97 + (i % 26))},19${40 + (i % 50)}-0${1 + (i % 9)}-1${i % 10},303555${String(1000 + i)}\n`;

for (const engine of engines()) {
  describe(`fairlead care import on ${engine.name}`, { skip: engine.skip }, () => {
    const folder = engine.skip ? '' : temporaryFolder(), address = engine.skip ? '' : engine.make();
    const words = (...more) => ['care', '--data', folder, '--db', address, ...more];
    const care = (...more) => {
      const run = spawnSync(program, words(...more), { encoding: 'utf8' });
      return { status: run.status, out: run.stdout, errors: run.stderr };
    };
    const file = (name, content) => { writeFileSync(join(folder, name), content); return join(folder, name); };
    const id = engine.skip ? '' : JSON.parse(care('program', 'add', '--name', 'Harbor House', '--kind', 'residential', '--zone', 'America/Denver', '--state', 'CO', '--json').out).id;
    const imports = (what, path, ...more) => {
      const run = care('import', what, '--program', id, '--json', ...more, path);
      return { ...run, report: run.out ? JSON.parse(run.out) : null };
    };
    const count = (table) => Number(rowsOf(address, `SELECT count(*) AS n FROM ${table}`)[0].n);

    test('a dry run names what is wrong, by line, and changes nothing', () => {
      const path = file('wrong.csv', `${HEADER}1,=cmd,Lee,1990-13-01,12\n2,Ann,Lee,1990-01-02,303-555-0142\n`);
      const { status, report } = imports('people', path, '--dry-run');
      assert.equal(status, 1);
      assert.deepEqual(report.problems.map(({ line, field }) => [line, field]), [[2, 'First Name'], [2, 'DOB'], [2, 'Phone']]);
      assert.ok(report.problems.every(({ what, mend }) => what && mend));
      assert.deepEqual([report.new, report.refused], [1, 1]);
      assert.equal(count('person'), 0);
      const said = care('import', 'people', '--program', id, '--dry-run', path);
      assert.equal(said.errors.trim().split('\n').length, 3, 'problems one per line');
      assert.match(said.errors, /wrong\.csv:2: DOB: /);
      assert.ok(!said.errors.includes('cmd'), 'no cell is told');
      assert.match(said.out, /rows 2, new 1, changed 0, unchanged 0, refused 1 \(dry run/);
    });

    test('killed in the middle and run again, everybody is there once', { timeout: 240000 }, async () => {
      const COUNT = 300;
      const path = file('people.csv', HEADER + Array.from({ length: COUNT }, (_, i) => person(i + 1)).join(''));
      const child = spawn(program, words('import', 'people', '--program', id, path), { stdio: 'ignore' });
      const ended = once(child, 'close');
      while (count('person') === 0 && child.exitCode === null) await pause(20);
      child.kill('SIGKILL');
      await ended;
      const before = count('person');
      assert.ok(before > 0 && before < COUNT, `killed in the middle: ${before}`);
      assert.equal(count('import_row'), before);
      const again = imports('people', path);
      assert.equal(again.status, 0, again.errors);
      assert.deepEqual([again.report.new, again.report.unchanged], [COUNT - before, before]);
      assert.equal(count('person'), COUNT);
      const third = imports('people', path);
      assert.deepEqual([third.report.new, third.report.changed, third.report.unchanged], [0, 0, COUNT]);
      assert.equal(Number(rowsOf(address, 'SELECT max(version) AS n FROM person')[0].n), 1);
    });

    test('staff come in and change', () => {
      const first = imports('staff', file('staff.csv', 'id,name,title\n1,Ann Lee,RN\n2,Bo Day,LCSW\n'));
      assert.deepEqual([first.status, first.report.new], [0, 2]);
      const next = imports('staff', file('staff.csv', 'id,name,title\n1,Ann Lee,NP\n2,Bo Day,LCSW\n'));
      assert.deepEqual([next.status, next.report.changed, next.report.unchanged], [0, 1, 1]);
      assert.deepEqual(rowsOf(address, 'SELECT external_id, profession FROM staff ORDER BY external_id').map((row) => row.profession), ['nurse-practitioner', 'social-worker']);
    });

    test('what is no file of people is refused', () => {
      const broken = care('import', 'people', '--program', id, file('broken.csv', `${HEADER}1,"Ann\n`));
      assert.deepEqual([broken.status, broken.out], [1, '']);
      assert.match(broken.errors, /broken\.csv/);
      assert.equal(imports('people', file('short.csv', 'First Name\nAnn\n')).status, 1);
      assert.equal(care('import', 'people', '--program', 'no-such-program', file('people.csv', HEADER)).status, 1);
      assert.equal(care('import', 'people', '--program', id).status, 2);
      assert.equal(care('import', 'cats', '--program', id, 'people.csv').status, 2);
    });
  });
}
