// /requests/{token}: where a request stands, on both engines, in both languages; one page for whatever is wrong with a
// link; no cookie, nothing kept, no word of whom or what it is about. Rows are written past the program; expected words
// are those of the page's own catalog, the time is counted by hand.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { engines, rowsOf } from '../support/databases.mjs';
import { serve, temporaryFolder } from '../support/server.mjs';

const tell = (address, sql) => (address.includes('://')
  ? execFileSync('psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', address], { input: sql })
  : execFileSync('sqlite3', [address], { input: `PRAGMA busy_timeout = 5000; ${sql}` }));
const noon = 1795028400; // 2026-11-18 19:00 UTC, noon in Denver

function write(address) {
  const token = randomBytes(32), hash = createHash('sha256').update(token).digest('hex');
  const [blob, none] = address.includes('://') ? [`'\\x${hash}'`, "''"] : [`x'${hash}'`, "x''"];
  tell(address, `
    INSERT INTO program (program_id, name, kind, zone, state, phone, languages, street, city, zip, hours, license_number, license_expires_on,
      closed_at, made_at, changed_at, version) VALUES ('p1', 'Harbor House', 'residential', 'America/Denver', 'CO', '3035550100', 'en es', '', '', '',
      '', '', '', 0, 1, 1, 1);
    INSERT INTO request VALUES ('p1', 'r1', 's1', '', 'west', 'call', 'routine', 'received', '3.5', 1, 1, 'en', '', 'staff1', ${none}, ${none}, '', '',
      ${noon}000000, 9000000000000000, 0, 0, 0, 1, 1, 1);
    INSERT INTO request_link VALUES ('p1', 'l1', 'r1', ${blob}, 1, 9000000000000000, 0);`);
  return token.toString('base64url');
}

for (const { name, skip, make } of engines()) {
  test(`a private link tells where a request stands (${name})`, { skip }, async () => {
    const address = make(), server = await serve(temporaryFolder(), '--db', address);
    const get = async (path) => {
      const answer = await fetch(server.origin + path, { redirect: 'manual' });
      return { status: answer.status, text: await answer.text(), headers: answer.headers };
    };
    try {
      const token = write(address), page = await get(`/requests/${token}`);
      assert.equal(page.status, 200);
      assert.match(page.text, /We have your request/);
      assert.match(page.text, /You asked on November 18, 2026, 12:00\./);
      assert.match(page.text, /href="tel:[^"]*3035550100"/);
      assert.equal(page.headers.get('set-cookie'), null);
      assert.match(page.headers.get('cache-control'), /no-store/);
      assert.match(page.headers.get('referrer-policy'), /no-referrer/);
      assert.doesNotMatch(page.text, /Harbor|3\.5|pregnan|inject|opioid use/i);
      assert.match((await get(`/es/requests/${token}`)).text, /Tenemos su solicitud/);
      for (const [state, words] of [['accepted', /The answer is yes/], ['declined', /not about you/], ['ended', /closed/], ['offered', /There is a place/]]) {
        tell(address, `UPDATE request SET state = '${state}' WHERE id = 'r1';`);
        assert.match((await get(`/requests/${token}`)).text, words);
      }
      tell(address, "UPDATE request SET state = 'received', answer_by = 1 WHERE id = 'r1';");
      assert.match((await get(`/requests/${token}`)).text, /The answer is late/);
      const looks = rowsOf(address, "SELECT count(*) AS count FROM audit_entry WHERE object_id = 'r1'");
      await new Promise((done) => setTimeout(done, 1200));
      assert.equal(rowsOf(address, "SELECT count(*) AS count FROM audit_entry WHERE object_id = 'r1'")[0].count, 7);
      assert.ok(looks[0].count <= 7);
      const other = randomBytes(32).toString('base64url'), unknown = await get(`/requests/${other}`);
      assert.equal(unknown.status, 404);
      const same = (text, of) => text.replaceAll(of, '');
      for (const bad of ['zzqqzzqq', `${token}A`, '0'.repeat(43)]) {
        const answer = await get(`/requests/${bad}`);
        assert.equal(answer.status, 404);
        assert.equal(same(answer.text, bad), same(unknown.text, other), bad);
      }
      // What is made up waits for no writer, and holds none up: SQLite has one at a time, and here somebody else is it.
      if (name === 'sqlite') {
        const writer = spawn('sqlite3', [address], { stdio: ['pipe', 'pipe', 'inherit'] });
        writer.stdin.write(".timeout 5000\nBEGIN IMMEDIATE;\nSELECT 'begun';\n");
        await new Promise((begun) => writer.stdout.once('data', begun));
        const answer = await Promise.race([get(`/requests/${other}`), new Promise((done) => setTimeout(done, 4000, { status: 'none in four seconds' }))]);
        writer.stdin.end();
        await new Promise((ended) => writer.once('close', ended));
        assert.equal(answer.status, 404);
      }
      tell(address, 'UPDATE request_link SET revoked_at = 5;');
      const revoked = await get(`/requests/${token}`);
      assert.equal(revoked.status, 404);
      assert.equal(same(revoked.text, token), same(unknown.text, other));
      assert.ok(!server.log().includes(token));
    } finally {
      await server.stop();
    }
  });
}
