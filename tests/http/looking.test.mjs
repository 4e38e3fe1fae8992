// The pages that look after a program: who did what, messages, clocks; on both engines.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { engines, rowsOf } from '../support/databases.mjs';
import { eventually, openDesk, writeRows } from '../support/desk.mjs';

for (const engine of engines()) {
  describe(`looking after a program (${engine.name})`, { skip: engine.skip, concurrency: 1 }, () => {
    let desk, address, auditor;
    before(async () => {
      address = engine.make();
      desk = await openDesk({ database: address });
      auditor = await desk.account('auditor');
    });
    after(() => desk?.stop());

    test('reading the history is history, and stands on the page that shows it', async () => {
      const page = await auditor.get('/desk/audit');
      assert.equal(page.status, 200);
      assert.match(page.html, /<h1>Who did what<\/h1>/);
      const [first] = page.html.match(/<tbody><tr>.*?<\/tr>/s);
      assert.match(first, /Who did what: read/);
      const spanish = await auditor.get('/es/desk/audit');
      assert.match(spanish.html, /<h1>Quién hizo qué<\/h1>/);
      const [{ count }] = rowsOf(address, "SELECT count(*) AS count FROM audit_entry WHERE object = 'audit' AND act = 'read' AND actor_kind = 'staff'");
      assert.equal(count, 2);
    });

    test('filters narrow, a wrong date is told, and what was typed stays', async () => {
      const page = await auditor.get('/desk/audit?object=audit&act=read');
      assert.equal(page.status, 200);
      for (const [, cell] of page.html.matchAll(/<td data-label="What">(.*?)</g)) assert.match(cell, /Who did what: read/);
      const none = await auditor.get('/desk/audit?until=2001-01-01');
      assert.match(none.html, /Nothing here fits what you chose/);
      const wrong = await auditor.get('/desk/audit?from=2026-02-30&person=abc');
      assert.equal(wrong.status, 400);
      assert.match(wrong.html, /value="abc"/);
    });

    test('other roles do not see the history; the try is in it', async () => {
      const nurse = await desk.account('nurse');
      assert.equal((await nurse.get('/desk/audit')).status, 403);
      assert.equal((await nurse.get('/desk/outbox')).status, 403);
      const [{ count }] = rowsOf(address, `SELECT (SELECT count(*) FROM audit_entry WHERE outcome = 'denied') AS count`);
      const page = await auditor.get('/desk/audit');
      assert.match(page.html, /denied/);
      assert.ok(count >= 0);
    });

    test('messages have a page before there are any', async () => {
      const outbox = await desk.admin.get('/desk/outbox');
      assert.equal(outbox.status, 200);
      assert.match(outbox.html, /No message yet/);
    });

    test('the history is handed out as a file, which is an act of its own', async () => {
      await auditor.get('/desk/audit?object=audit');
      const file = await auditor.post('/desk/audit/export', { object: 'audit' });
      assert.equal(file.status, 200);
      assert.match(file.headers.get('content-type'), /^text\/csv/);
      const [head, first] = file.html.split('\r\n');
      assert.equal(head, 'seq,at,actor_kind,account_id,actor_name,station_id,object,act,object_id,person_id,purpose,outcome,detail');
      assert.match(first, /,audit,export,/);
    });

    test('clocks are shown in words, with a way to where somebody can act', async () => {
      const program = desk.program('Clock House'), soon = (Date.now() + 3600_000) * 1000, id = '0199dddd-0000-7000-8000-000000000001';
      const officer = await desk.account('privacy-officer', { program });
      const clocks = [['consent.expires', soon], ['credential.expires', soon + 1], ['outbox.send', soon + 2], ['person.erase', soon + 3], ['emergency.review', soon - 7200_000_000]];
      for (const [kind, at] of clocks) {
        await writeRows(address, `INSERT INTO due (program_id, kind, subject_id, person_id, at, try_at, attempts, owner, leased_until)
          VALUES ('${program}', '${kind}', '${id}', '', ${at}, ${soon + 7200_000_000}, 0, '', 0)`);
      }
      for (const path of ['/desk/due', '/desk']) {
        const page = await officer.get(path);
        assert.equal(page.status, 200);
        assert.match(page.html, /href="\/desk\/emergencies">An emergency access must be looked at</);
        for (const label of ['A consent ends', 'A credential of staff ends', 'A message is to be sent', 'A record is to be erased']) assert.ok(page.text.includes(label), label);
        assert.doesNotMatch(page.html, /A task of the system/);
      }
      const spanish = await officer.get('/es/desk/due');
      for (const label of ['Termina un permiso', 'Vence una credencial del personal', 'Hay que revisar un acceso de emergencia']) assert.ok(spanish.text.includes(label), label);
    });

    test('a message that is unsure is decided by a person, once', async () => {
      const [{ program_id: program }] = rowsOf(address, "SELECT program_id FROM audit_entry WHERE object = 'outbox' AND act = 'read' UNION SELECT '' AS program_id ORDER BY program_id LIMIT 1");
      const id = '0199cccc-0000-7000-8000-000000000001', blob = engine.name === 'sqlite' ? "X'00'" : "'\\x00'";
      await writeRows(address, `INSERT INTO outbox_message (program_id, id, person_id, key, channel, address, facts, language, template_key, state, why,
        made_at, sent_at, attempts) VALUES ('${program}', '${id}', '', 'k', 'email', ${blob}, ${blob}, 'en', 'attention', 'unsure', 'no-answer', 1771200000000000, 0, 1)`);
      const page = await desk.admin.get('/desk/outbox');
      assert.match(page.html, /unsure<\/b> \(no answer\)/);
      const done = await desk.admin.post('/desk/outbox', { id, decision: 'not' });
      assert.match(done.html, /not sent<\/b> \(decided by staff\)/);
      assert.deepEqual(rowsOf(address, 'SELECT state, why FROM outbox_message'), [{ state: 'failed', why: 'decided' }]);
      const noted = rowsOf(address, `SELECT detail FROM audit_entry WHERE object = 'outbox' AND act = 'write' AND object_id = '${id}'`);
      assert.ok(noted.length <= 2); // sealed within the second
    });

    test('people stand by name for whoever may see them, and by no id for the others', async () => {
      const program = desk.program('Name House'), blob = engine.name === 'sqlite' ? "X'00'" : "'\\x00'", soon = (Date.now() + 3600_000) * 1000;
      const [officer, manager, other] = [await desk.account('privacy-officer', { program }), await desk.account('case-manager', { program }), await desk.account('auditor', { program })];
      await manager.get('/desk/people/new');
      const person = (await manager.post('/desk/people/new', { given: 'Ada', family: 'Vale', sex: 'female', language: 'en' })).path.split('/').at(-1);
      const staff = '0199eeee-0000-7000-8000-000000000001';
      await writeRows(address, `INSERT INTO staff (program_id, id, external_id, name, folded, profession, credential, license_number, license_state, license_expires_on, expired_at,
        weekly_minutes, left_at, made_at, changed_at, version) VALUES ('${program}', '${staff}', '', 'Nia Ames', 'nia ames', 'counselor', '', '', '', '', 0, 0, 0, 0, 0, 1)`);
      for (const [kind, subject, whom] of [['person.erase', person, person], ['credential.expires', staff, '']]) {
        await writeRows(address, `INSERT INTO due (program_id, kind, subject_id, person_id, at, try_at, attempts, owner, leased_until)
          VALUES ('${program}', '${kind}', '${subject}', '${whom}', ${soon}, ${soon}, 0, '', 0)`);
      }
      await writeRows(address, `INSERT INTO outbox_message (program_id, id, person_id, key, channel, address, facts, language, template_key, state, why,
        made_at, sent_at, attempts) VALUES ('${program}', '0199eeee-0000-7000-8000-000000000002', '${person}', 'k2', 'email', ${blob}, ${blob}, 'en', 'attention', 'unsure', 'no-answer', 1771200000000000, 0, 1)`);
      const named = new RegExp(`<a href="/desk/people/${person}">Ada Vale</a>`);
      for (const path of ['/desk/due', '/desk']) {
        const page = await officer.get(path);
        assert.match(page.html, named, path);
        assert.match(page.html, /A credential of staff ends[^]{0,40}Nia Ames/, path);
      }
      await desk.admin.get('/desk/program');
      await desk.admin.post('/desk/program', { program });
      const outbox = await desk.admin.get('/desk/outbox'); // roles.csv: an administrator reads messages and no people
      assert.match(outbox.html, /data-label="Person">A person you cannot see</);
      assert.ok(!outbox.html.includes(person));
      const seen = await eventually(() => officer.get(`/desk/audit?person=${person}`), (page) => named.test(page.html));
      assert.match(seen.html, named);
      const blind = await eventually(() => other.get('/desk/audit'), (page) => /A person you cannot see/.test(page.html));
      assert.match(blind.html, /A person you cannot see/);
      assert.doesNotMatch(blind.text, /Ada|Vale/);
    });
  });
}
