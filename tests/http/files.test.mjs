// Files from outside, by pages alone, on the real server and both engines: a photo as a phone takes it. Expected values: what was
// sent; CIPA DC-008 for what a camera writes beside a picture, of which nothing may be kept; knowledge/{roles,intake-items}.csv.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { engines, rowsOf } from '../support/databases.mjs';
import { eventually, openDesk } from '../support/desk.mjs';
import { filesBelow } from '../support/scan.mjs';
import { openRecords } from '../support/people.mjs';
import { cameraWords, DEVICE, largeJpeg, pdf, phoneJpeg, PLACE, upload } from '../support/pictures.mjs';

const said = (page) => page.text.replace(/\s+/g, ' ').replace(/ ([.,:;])/g, '$1');

for (const engine of engines()) {
  describe(`files on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let desk, records, staff, joan, at;
    before(async () => {
      const database = engine.make();
      desk = await openDesk({ database });
      records = await openRecords(desk.origin, desk.data, database);
      staff = records.staff;
      [joan] = records.people;
      at = `/desk/people/${joan}`;
    });
    after(() => desk?.stop());

    test('a phone\'s photo is kept small, upright, and without where it was taken', async () => {
      let page = await staff.get(at);
      assert.match(page.html, /<input id="camera" name="camera" type="file" accept="image\/jpeg,image\/png" capture="environment">/);
      const answer = await upload(staff, `${at}/photo`, { camera: phoneJpeg(6), photo: Buffer.alloc(0) });
      assert.deepEqual([answer.status, answer.location], [303, at], answer.text);
      page = await staff.get(at);
      assert.match(page.html, new RegExp(`<img class="face" src="${at}/photo"`));
      const shown = await staff.request(`${at}/photo`);
      assert.deepEqual(cameraWords(shown.bytes), []);
      assert.doesNotMatch(shown.html, /Exif/);
      const frame = shown.bytes.indexOf(Buffer.from([0xff, 0xc0]));
      assert.deepEqual([shown.bytes.readUInt16BE(frame + 5), shown.bytes.readUInt16BE(frame + 7)], [64, 48]); // 64 by 48, turned by a quarter
      const kept = rowsOf(desk.address, 'SELECT content_type, length(bytes) AS size FROM person_photo');
      assert.equal(kept[0].content_type, 'image/jpeg');
    });

    test('a large one goes through; a larger one, another form and a broken one are said', async () => {
      await staff.get(at);
      assert.equal((await upload(staff, `${at}/photo`, { photo: largeJpeg(1e7) })).status, 303);
      await staff.get(at);
      assert.equal((await upload(staff, `${at}/photo`, { photo: largeJpeg(1.052e7) })).status, 413);
      for (const [bytes, status] of [[pdf(), 400], [phoneJpeg().subarray(0, 300), 400], [Buffer.from('GIF89a'), 400], [Buffer.alloc(0), 400]]) {
        await staff.get(at);
        const refused = await upload(staff, `${at}/photo`, { photo: bytes });
        assert.equal(refused.status, status);
        assert.match(said(refused), /Please give a whole JPEG picture/);
        assert.match(refused.html, /role="alert"/);
        assert.match(refused.html, /name="form_key"/);
      }
      assert.equal((await staff.request(`${at}/photo`)).status, 200);
    });

    test('a photo is taken away whole', async () => {
      await staff.get(at);
      const kept = () => rowsOf(desk.address, 'SELECT person_id FROM person_photo').length;
      assert.equal(kept(), 1);
      const answer = await upload(staff, `${at}/photo`, {}, { act: 'remove' });
      assert.deepEqual([answer.status, answer.location], [303, at], answer.text);
      assert.equal(kept(), 0);
      const page = await staff.get(at);
      assert.doesNotMatch(page.html, /class="face"|Destroy the photo/);
      assert.equal((await staff.request(`${at}/photo`)).status, 404);
      await staff.get(at);
      assert.equal((await upload(staff, `${at}/photo`, { photo: phoneJpeg(6) })).status, 303);
    });

    test('the intake\'s item takes the photo, and is done by it', async () => {
      const jon = records.people[1], his = `/desk/people/${jon}`;
      const stays = await staff.get(`${his}/episodes`);
      const site = stays.html.match(/value="([0-9a-f-]{36})"[^>]*>\s*(?:<span>)?West House/)[1];
      await staff.post(`${his}/episodes`, { stay_id: '', status: 'planned', site, level: '3.5', referral: '' });
      await staff.get(`${his}/intake`);
      let page = await staff.post(`${his}/intake`, { act: 'begin' });
      const intake = (page.path + page.html).match(/intake=([0-9a-f-]{36})/)[1];
      const item = `${his}/intake/item?intake=${intake}&item=photo`;
      page = await staff.get(item);
      assert.match(said(page), /Take a picture/);
      const answer = await upload(staff, `${his}/photo`, { photo: phoneJpeg(1) });
      assert.deepEqual([answer.status, answer.location], [303, item], answer.text);
      page = await staff.get(item);
      assert.match(said(page), /Photo.*Done/);
      await staff.get(at);
      for (const to of ['https://example.org/', '//example.org', '/desk/people', `${at}x`]) {
        const away = await upload(staff, `${at}/photo`, { photo: phoneJpeg(1) }, { to });
        assert.equal(away.status, 303);
        assert.ok(away.location.startsWith(at) && !away.location.includes('example'), away.location);
        await staff.get(at);
      }
    });

    const files = () => `${at}/files`;
    const idOf = (page, words) => page.html.split('<tr>').find((row) => row.includes(words))?.match(/files\/file\?file=([0-9a-f-]{36})/)?.[1];
    const add = async (visitor, fields, bytes, query = '') => {
      await visitor.get(files() + query);
      return upload(visitor, files(), { file: bytes }, fields);
    };

    test('papers and pictures join the record; each shows what it is', async () => {
      let page = await staff.get(files());
      assert.match(said(page), /There is no file here/);
      let answer = await add(staff, { kind: 'identity-paper', title: 'Driver license' }, phoneJpeg(6));
      assert.deepEqual([answer.status, answer.location], [303, files()], answer.text);
      answer = await add(staff, { kind: 'medical-paper', title: 'Discharge letter' }, pdf('quiet lantern words'));
      assert.equal(answer.status, 303, answer.text);
      page = await staff.get(files());
      assert.match(said(page), /Medical paper Discharge letter.*PDF, 1 KB.*ID card or paper Driver license.*Picture, 1 KB/);
      const picture = await staff.request(`${files()}/file?file=${idOf(page, 'Driver license')}`);
      assert.deepEqual([picture.status, picture.headers.get('content-type'), picture.headers.get('x-content-type-options'), picture.headers.get('content-disposition')],
        [200, 'image/jpeg', 'nosniff', null]);
      assert.match(picture.headers.get('content-security-policy'), /sandbox/);
      assert.deepEqual(cameraWords(picture.bytes), []);
      assert.ok(picture.bytes.includes(Buffer.from('\x01\x12\0\x03\0\0\0\x01\0\x06\0\0', 'latin1')), 'which way up it is');
      const paper = await staff.request(`${files()}/file?file=${idOf(page, 'Discharge')}`);
      assert.deepEqual([paper.headers.get('content-type'), paper.headers.get('content-disposition')], ['application/pdf', 'attachment; filename="document.pdf"']);
      assert.deepEqual(paper.bytes, pdf('quiet lantern words'));
    });

    test('what is no such file, too large or without a kind comes back with its problem', async () => {
      for (const [fields, bytes, words] of [[{ kind: 'other-paper', title: '' }, Buffer.from('<html>'), /Please choose a whole JPEG or PNG/],
        [{ kind: 'other-paper', title: '' }, Buffer.alloc(0), /Please choose a whole/], [{ kind: '', title: 'x' }, pdf(), /What it is/],
        [{ kind: 'other-paper', title: '' }, phoneJpeg().subarray(0, 400), /Please choose a whole/], [{ kind: 'other-paper', title: '' }, largeJpeg(1.052e7), /Please choose a whole/],
        [{ kind: 'no-such-kind', title: '' }, pdf(), /What it is/]]) {
        const refused = await add(staff, fields, bytes);
        assert.ok(refused.status >= 400 && refused.status < 500, `${refused.status} ${JSON.stringify(fields)}`);
        assert.match(said(refused), words);
        assert.match(refused.html, /form_key/);
      }
      const answer = await add(staff, { kind: 'other-paper', title: 'Large' }, largeJpeg(9.9e6));
      assert.equal(answer.status, 303, answer.text);
      assert.equal(rowsOf(desk.address, 'SELECT id FROM person_file').length, 3);
    });

    test('several pieces come back as one, to the byte', async () => {
      const paper = Buffer.concat([pdf(), Buffer.alloc(3.5e6, 'lantern ')]);
      assert.equal((await add(staff, { kind: 'other-paper', title: 'Long' }, paper)).status, 303);
      const page = await staff.get(files()), id = idOf(page, 'Long');
      assert.equal(rowsOf(desk.address, `SELECT piece FROM person_file_piece WHERE file_id = '${id}'`).length, 4);
      assert.ok((await staff.request(`${files()}/file?file=${id}`)).bytes.equals(paper));
    });

    test('a file belongs to a row that is this person\'s', async () => {
      const jon = records.people[1], his = `/desk/people/${jon}`;
      const intake = rowsOf(desk.address, `SELECT id FROM intake WHERE person_id = '${jon}'`)[0].id;
      const query = `?for=intake-item&of=${intake}.identity`;
      await staff.get(`${his}/files${query}`);
      const answer = await upload(staff, `${his}/files`, { camera: phoneJpeg(1), file: Buffer.alloc(0) }, { kind: 'identity-paper', title: 'Card' });
      assert.deepEqual([answer.status, answer.location], [303, `${his}/files${query}`], answer.text);
      assert.match(said(await staff.get(`${his}/files${query}`)), /Files: An item of the intake.*Card An item of the intake/);
      assert.match(said(await staff.get(`${his}/files?for=intake-item&of=${intake}.photo`)), /There is no file here/);
      for (const wrong of [`?for=intake-item&of=${joan}.identity`, `?for=intake-item&of=${intake}`, `?for=intake-item&of=${intake}.photo%0d%0aX-Other:%201`, '?for=nothing&of=x', '?for=consent&of=', `?for=plan&of=${intake}`, `?for=belongings&of=${joan}`, '?for=authorization&of=1'])
        assert.ok([400, 403, 404].includes((await staff.request(`${his}/files${wrong}`)).status), wrong);
      assert.ok([403, 404].includes((await staff.request(`${files()}${query}`)).status)); // of somebody else
      const id = idOf(await staff.get(`${his}/files`), 'Card');
      assert.ok([403, 404].includes((await staff.request(`${files()}/file?file=${id}`)).status));
    });

    test('who sees and adds a file is who its kind\'s object lets', async () => {
      const technician = await desk.account('technician', { program: records.program.id }), reviewer = await desk.account('utilization', { program: records.program.id });
      let page = await technician.get(files());
      assert.match(said(page), /Medical paper/);
      assert.match(page.html, /value="belongings-picture"/);
      assert.doesNotMatch(page.html, /value="(plan-letter|signed-consent|identity-paper)"/);
      page = await reviewer.get(files());
      assert.match(page.html, /value="plan-letter"/);
      assert.doesNotMatch(page.html, /value="belongings-picture"/);
      const refused = await add(reviewer, { kind: 'belongings-picture', title: '' }, phoneJpeg(1));
      assert.ok([400, 403].includes(refused.status), String(refused.status));
      const lines = () => rowsOf(desk.address, 'SELECT object_id FROM audit_entry WHERE object_id IN (SELECT id FROM person_file)').length;
      assert.ok(await eventually(lines, (seen) => seen >= 3) >= 3, 'each look is a line of the audit');
    });

    test('one that is taken out has a reason, which says whether its bytes stay', async () => {
      let page = await staff.get(files());
      const [license, letter] = ['Driver license', 'Discharge'].map((words) => idOf(page, words));
      await staff.get(`${files()}/remove?file=${license}`);
      assert.equal((await staff.post(`${files()}/remove`, { reason: '' })).status, 400);
      const stale = staff.page.forms.find((form) => form.action.endsWith('/remove')).fields;
      page = await staff.post(`${files()}/remove`, { reason: 'wrong-person' });
      assert.match(said(page), /ID card or paper Driver license Taken out: It belongs to someone else/);
      assert.equal(idOf(page, 'Driver license'), undefined);
      assert.equal(rowsOf(desk.address, `SELECT piece FROM person_file_piece WHERE file_id = '${license}'`).length, 0);
      assert.equal((await staff.request(`${files()}/file?file=${license}&taken_out=1`)).status, 404);
      assert.ok([400, 404, 409].includes((await staff.request(`${files()}/remove`, { method: 'POST', fields: { ...stale, form_key: `${stale.form_key}x`, reason: 'other' } })).status));
      await staff.get(`${files()}/remove?file=${letter}`);
      page = await staff.post(`${files()}/remove`, { reason: 'replaced' });
      assert.equal((await staff.request(`${files()}/file?file=${letter}`)).status, 404);
      assert.deepEqual((await staff.request(`${files()}/file?file=${letter}&taken_out=1`)).bytes, pdf('quiet lantern words'));
    });

    test('the person looks at their own, and finds them named in their copy', async () => {
      const { person } = records;
      let page = await person.get('/me/files');
      assert.match(said(page), /My files.*Long/);
      assert.doesNotMatch(said(page), /Driver license|Discharge|Take it out/);
      const id = idOf(page, 'Long');
      assert.equal((await person.request(`/me/files/file?file=${id}`)).headers.get('content-type'), 'application/pdf');
      const his = rowsOf(desk.address, `SELECT id FROM person_file WHERE person_id = '${records.people[1]}'`)[0].id;
      assert.ok([403, 404].includes((await person.request(`/me/files/file?file=${his}`)).status));
      assert.equal((await person.request(`${files()}/file?file=${id}`)).location, '/me');
      page = await person.get('/me/record');
      const made = await person.post(page.forms.find((form) => /record|copy/.test(form.action)).action, {});
      assert.match(said(made), /Papers and pictures.*Another paper.*Long/);
    });

    test('no word of a camera stands in any file of the program', () => {
      for (const path of filesBelow(desk.data)) {
        const bytes = readFileSync(path);
        for (const words of [PLACE, DEVICE]) assert.ok(!bytes.includes(words), path);
      }
    });
  });
}
