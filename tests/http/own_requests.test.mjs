// A person's own place in line on /me/requests, on the real server and both engines: number and why, what the law gives while they
// wait and by when, who looks after it; nobody else's request, and no word of anybody else. Expected values: 45 CFR 96.126 and 96.131,
// counted by hand; roles.csv. Of the failures seen elsewhere: a waiting list that nobody can explain.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { engines, rowsOf } from '../support/databases.mjs';
import { eventually, openDesk, writeRows } from '../support/desk.mjs';
import { openRecords } from '../support/people.mjs';

const HOUR = 3600e6;
const asked = {
  source: 'call', minutes_ago: '', urgency: 'routine', given: 'Zed', birth_date: '1990-02-03', phone: '(303) 555-0123', email: '', language: 'en',
  consents: ['call'], pregnant: '0', injecting: '0', words: '', level_of_care: '2.1', asker: '', asker_from: '', asker_phone: '',
};

for (const engine of engines()) {
  describe(`one's own place on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let desk, staff, person, people, site, assigned;
    const ids = {};
    const make = async (family, fields, { enter = true, owner } = {}) => {
      await staff.get('/desk/requests/new');
      const page = await staff.post('/desk/requests/new', { ...asked, site_id: site, family, assigned, ...fields });
      const id = ids[family] = page.path.split('/').at(-1);
      writeRows(desk.address, `UPDATE request SET received_at = received_at - ${3 * HOUR} WHERE id = '${id}'`);
      // Joined with a record: what was typed is then the record's.
      if (owner) writeRows(desk.address, `UPDATE request SET person_id = '${owner}', identity = ${desk.address.includes('://') ? "''" : "x''"} WHERE id = '${id}'`);
      if (!enter) return;
      await staff.post(page.path, { act: 'accept', version: '1' });
      await staff.get(`/desk/waitlist/${id}`);
      const put = await staff.post(`/desk/waitlist/${id}`, { act: 'enter' });
      assert.equal(put.status, 200, put.text);
    };
    before(async () => {
      const database = engine.make();
      desk = await openDesk({ database });
      ({ staff, person, people } = await openRecords(desk.origin, desk.data, database));
      [{ id: site }] = rowsOf(desk.address, 'SELECT id FROM site');
      await staff.get('/desk/staff/new');
      await staff.post('/desk/staff/new', { name: 'Nia Ames', profession: 'counselor', license_expires_on: '', hours: '' });
      [{ id: assigned }] = rowsOf(desk.address, 'SELECT id FROM staff');
      writeRows(desk.address, "UPDATE program SET phone = '3035550177'");
    });
    after(() => desk?.stop());

    test('who asked for nothing sees so', async () => {
      assert.match((await person.get('/me')).html, /href="\/me\/requests"/);
      assert.match((await person.get('/me/requests')).text, /You have no open request here/);
    });

    test('before an answer: by when; then the place, why, what is owed, and who looks after it', async () => {
      await make('Own', { injecting: '1' }, { enter: false, owner: people[0] });
      let page = await person.get('/me/requests');
      assert.match(page.text, /We have your request\. You will get an answer by[^]*Your person here\s+Nia Ames[^]*303-555-0177/);
      assert.match(page.html, /href="tel:\+13035550177"/);
      await staff.get(`/desk/requests/${ids.Own}`);
      await staff.post(`/desk/requests/${ids.Own}`, { act: 'accept', version: '1' });
      await make('Pregnant', { pregnant: '1' });
      await make('Other', {}, { owner: people[1] });
      await staff.get(`/desk/waitlist/${ids.Own}`);
      await staff.post(`/desk/waitlist/${ids.Own}`, { act: 'enter' });
      page = await person.get('/me/requests');
      assert.match(page.text, /You are number 2 on the list\.\s+One person is before you because the law puts some people first\.\s+Money and insurance do not change your place\./);
      const due = rowsOf(desk.address, `SELECT since_at FROM waitlist_entry WHERE request_id = '${ids.Own}'`)[0].since_at;
      const machine = (hours) => `${new Date(Number(due) / 1000 + hours * 3600e3).toISOString().slice(0, 19)}Z`;
      assert.match(page.html, new RegExp(`By law you should have it by <time datetime="${machine(48)}"`));
      assert.match(page.html, new RegExp(`By law you should have a place by <time datetime="${machine(14 * 24)}"`));
      assert.match(page.text, /While you wait you can have:[^]*HIV and tuberculosis/);
      assert.doesNotMatch(page.text, /Zed|Other|Smyth|pregnan|inject/i, 'of nobody else, and no label of one\'s own');
      assert.equal((page.text.match(/You asked on/g) ?? []).length, 1);
    });

    test('past the time of the law it says so', async () => {
      writeRows(desk.address, `UPDATE waitlist_entry SET since_at = since_at - ${15 * 24 * HOUR} WHERE request_id = '${ids.Own}'`);
      assert.match((await person.get('/me/requests')).text, /you should have it by [^.]*\.\s+That time is over\. Please call us\.[^]*should have a place by [^.]*\.\s+That time is over/);
    });

    test('in Spanish; the look is in the history; staff and family roles do not open it', async () => {
      assert.match((await person.get('/es/me/requests')).text, /Mi lugar en la lista[^]*Usted es el número|Mi lugar en la lista[^]*El dinero y el seguro no cambian su lugar/);
      const looks = await eventually(() => Number(rowsOf(desk.address, `SELECT count(*) AS n FROM audit_entry WHERE object = 'request' AND act = 'read' AND person_id = '${people[0]}' AND outcome = 'done' AND actor_kind = 'person'`)[0].n), (n) => n >= 3);
      assert.ok(looks >= 3, String(looks));
      assert.equal((await desk.visitor().request('/me/requests')).status, 303);
      assert.ok([303, 403].includes((await staff.request('/me/requests')).status));
      assert.doesNotMatch(desk.log(), /Zed|Smyth/);
    });
  });
}
