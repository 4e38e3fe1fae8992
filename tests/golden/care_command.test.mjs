// fairlead care: programs made and listed by the real program, on both engines. Expected values: what was given; exit
// statuses of docs (0 done, 1 refused, 2 usage).
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { engines } from '../support/databases.mjs';
import { temporaryFolder } from '../support/server.mjs';

const program = process.env.FAIRLEAD ?? 'build/fairlead';

for (const engine of engines()) {
  describe(`fairlead care on ${engine.name}`, { skip: engine.skip }, () => {
    const folder = engine.skip ? '' : temporaryFolder(), address = engine.skip ? '' : engine.make();
    const care = (...words) => {
      const run = spawnSync(program, ['care', '--data', folder, ...(address ? ['--db', address] : []), ...words], { encoding: 'utf8' });
      return { status: run.status, out: run.stdout, errors: run.stderr };
    };
    test('a program is made and listed', () => {
      const made = care('program', 'add', '--name', 'Harbor House', '--kind', 'residential', '--zone', 'America/Denver', '--state', 'CO', '--json');
      assert.equal(made.status, 0, made.errors);
      const given = JSON.parse(made.out);
      assert.match(given.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-/);
      assert.deepEqual(JSON.parse(care('program', 'list', '--json').out), given);
      assert.match(care('program', 'list').out, /Harbor House \(residential, America\/Denver\)/);
    });
    test('a site is made in a program that there is', () => {
      const [program] = care('program', 'list', '--json').out.trim().split('\n').map((line) => JSON.parse(line));
      const made = care('site', 'add', '--program', program.id, '--name', 'West House');
      assert.equal(made.status, 0, made.errors);
      assert.match(made.out, /^[0-9a-f-]{36}  West House\n$/);
      assert.equal(care('site', 'add', '--program', 'no-such-program', '--name', 'West House').status, 1);
      assert.equal(care('site', 'add', '--program', program.id).status, 1);
    });
    test('what is wrong is named, each by its option', () => {
      const wrong = care('program', 'add', '--kind', 'casino', '--zone', 'America/Denver', '--state', 'ZZ');
      assert.equal(wrong.status, 1);
      for (const option of ['name', 'kind', 'state']) assert.match(wrong.errors, new RegExp(`--${option}: `));
      assert.equal(care('program').status, 2);
      assert.equal(care('program', 'remove').status, 2);
    });
  });
}
