// Files from outside, by pages alone, on the real server and both engines: a photo as a phone takes it. Expected values: what was
// sent; CIPA DC-008 for what a camera writes beside a picture, of which nothing may be kept; knowledge/{roles,intake-items}.csv.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { engines, rowsOf } from '../support/databases.mjs';
import { openDesk } from '../support/desk.mjs';
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

    test('no word of a camera stands in any file of the program', () => {
      for (const path of filesBelow(desk.data)) {
        const bytes = readFileSync(path);
        for (const words of [PLACE, DEVICE]) assert.ok(!bytes.includes(words), path);
      }
    });
  });
}
