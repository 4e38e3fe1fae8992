// What a running server does by itself: entries are sealed within a second of their commit, by one of several servers on
// one database; heads are written down when it stops.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { engines, rowsOf } from '../support/databases.mjs';
import { fairlead, run, serve, temporaryFolder } from '../support/server.mjs';

const driver = ['tests/golden/audit_driver', 'release/tests/golden/audit_driver'].map((path) => resolve(dirname(fairlead), path)).find(existsSync);

for (const { name, skip, make } of engines()) {
  test(`two servers seal within a second, each entry once (${name})`, { skip }, async () => {
    const address = make(), data = temporaryFolder();
    const servers = [await serve(data, '--db', address), await serve(data, '--db', address)];
    try {
      for (let round = 0; round < 3; round++) {
        execFileSync(driver, [address, '40', '3', 'waiting']);
        const committed = Date.now();
        for (;;) {
          const [{ count }] = rowsOf(address, 'SELECT count(*) AS count FROM audit_waiting');
          if (count === 0) break;
          assert.ok(Date.now() - committed < 1000, `${count} entries wait after a second`);
          await sleep(20);
        }
      }
      const [{ count }] = rowsOf(address, 'SELECT count(*) AS count FROM audit_entry');
      assert.equal(count, 120);
    } finally {
      for (const server of servers) await server.stop();
    }
    assert.equal(readFileSync(join(data, 'audit-anchors.log'), 'utf8').trimEnd().split('\n').length, 3);
    assert.equal(JSON.parse(run('audit', 'verify', '--json', '--data', data, '--db', address)).sound, true);
  });
}
