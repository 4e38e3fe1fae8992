// Import at the desk, on the real server and both engines: a file is looked at first, only that file is taken, and proof is
// asked. Expected values: the rows of the files; docs/records.md (person, import asks for proof).
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { engines, rowsOf } from '../support/databases.mjs';
import { enroll, freshCode, openDesk } from '../support/desk.mjs';
import { fairlead } from '../support/server.mjs';

const GOOD = 'id,first name,last name,dob\n1,Joan,River,2/29/1980\n2,Jon,Smyth,1975-01-02\n';
const MIXED = 'id,first name,last name,dob,shoe size\n3,=cmd(),Lee,1990-13-01,9\n4,Joan,River,1980-02-29,8\n';

for (const engine of engines()) {
  describe(`import on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let desk, admin, database;
    const password = 'willow bridge copper 55';
    const count = (table) => Number(rowsOf(database, `SELECT count(*) AS n FROM ${table}`)[0].n);
    const send = (fields, file) => {
      const boundary = `b${randomBytes(12).toString('hex')}`, form = admin.page.forms.find((one) => 'form_key' in one.fields);
      const own = { form_token: form.fields.form_token, form_key: form.fields.form_key, ...fields };
      const parts = Object.entries(own).map(([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
      if (file !== undefined) parts.push(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="people.csv"\r\nContent-Type: text/csv\r\n\r\n${file}\r\n`);
      return admin.post('/desk/import', {}, { fields: undefined, body: `${parts.join('')}--${boundary}--\r\n`, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } });
    };
    const checkedOf = (page) => page.forms.map((form) => form.fields.checked).find(Boolean);
    before(async () => {
      database = engine.make();
      desk = await openDesk({ database });
      const run = (...words) => spawnSync(fairlead, [...words, '--data', desk.data, '--db', database], { encoding: 'utf8' }).stdout;
      const program = JSON.parse(run('care', 'program', 'add', '--name', 'Harbor House', '--kind', 'residential', '--zone', 'America/Denver', '--state', 'CO', '--json'));
      const first = run('user', 'add', 'the.manager', '--role', `administrator@${program.id}`).match(/first password\s+(\S+)/)[1];
      admin = desk.visitor();
      await admin.signIn('the.manager', first);
      await admin.post('/desk/password', { old_password: first, new_password: password, again: password });
      if (/\/desk\/enroll/.test(admin.page.path)) await enroll(admin);
    });
    after(() => desk?.stop());

    test('a file is looked at, nothing changes, and problems stand in a table', async () => {
      let page = await admin.get('/desk/import');
      assert.equal(page.status, 200, page.text);
      assert.match(page.html, /<a href="\/desk\/import" aria-current="page">Import<\/a>/);
      page = await send({ what: 'people' }, GOOD);
      if (page.forms.some((form) => 'prove_secret' in form.fields)) {
        page = await admin.prove({ prove_secret: password, prove_code: await freshCode(admin.secret) });
        assert.match(page.text, /Please choose the file/, 'a file is not kept while proof is asked');
        page = await send({ what: 'people' }, GOOD);
      }
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /Rows: 2\. New: 2\. Changed: 0\. As before: 0\. Refused: 0\./);
      assert.match(checkedOf(page), /^[0-9a-f]{64}$/);
      assert.equal(count('person'), 0);
      page = await send({ what: 'people' }, MIXED);
      assert.match(page.html, /<th scope="row">2<\/th><td data-label="Column">dob<\/td>/);
      assert.match(page.text, /as a formula/);
      assert.match(page.html, /<li>shoe size<\/li>/);
      assert.ok(!page.html.includes('cmd'), 'no cell is shown');
      assert.equal(count('person'), 0);
    });

    test('only the file that was looked at is taken, and the same again changes nothing', async () => {
      let page = await send({ what: 'people' }, GOOD);
      const checked = checkedOf(page);
      page = await send({ what: 'people', checked }, MIXED);
      assert.equal(page.status, 400);
      assert.match(page.text, /another file than the one we looked at/);
      assert.equal(count('person'), 0);
      page = await send({ what: 'people', checked }, GOOD);
      assert.match(page.path, /^\/desk\/import/);
      assert.match(page.text, /The file was imported\.\s+Rows: 2\. New: 2\./);
      assert.equal(count('person'), 2);
      page = await send({ what: 'people' }, GOOD);
      assert.match(page.text, /As before: 2\./);
      assert.equal(checkedOf(page), undefined, 'there is nothing to take');
    });

    test('who may be here already is shown with a way there', async () => {
      const page = await send({ what: 'people' }, MIXED);
      assert.match(page.html, /<th scope="row">3<\/th><td data-label="Likely the same as"><a href="\/desk\/people\/[0-9a-f-]{36}">/);
      assert.match(page.text, /the same birth date/);
    });

    test('staff are taken, broken and empty files refused', async () => {
      let page = await send({ what: 'staff' }, 'id,name,title\n1,Ann Lee,RN\n');
      page = await send({ what: 'staff', checked: checkedOf(page) }, 'id,name,title\n1,Ann Lee,RN\n');
      assert.equal(count('staff'), 1);
      page = await send({ what: 'people' }, 'id,last name\n1,"Lee\n');
      assert.equal(page.status, 400);
      assert.match(page.text, /no CSV file/);
      assert.equal((await send({ what: 'people' })).status, 400);
      page = await send({ what: 'people' }, 'phone\n3035550142\n');
      assert.match(page.text, /cannot be imported as it is/);
      assert.equal((await send({ what: 'people' }, 'x'.repeat(300 * 1024))).status, 400);
    });
  });
}
