// What the finder says of free places: nobody types it, it changes within a second of an admission, whichever process made
// it, and a place of which nothing is known says nothing. Expected from outside: the beds that the test itself fills, the
// second of the issue, ages of programme reference 4.2 (2, 24 and 72 hours).
//
// Failures seen elsewhere that are answered here (programme reference 1.3): availability that somebody must type, and that
// is stale by the time it is read.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { engines } from '../support/databases.mjs';
import { writeRows } from '../support/desk.mjs';
import { fairlead, run, serve, temporaryFolder } from '../support/server.mjs';

const share = process.env.FAIRLEAD_SHARE ?? 'build/share';
const program_of_beds = join(dirname(fairlead), 'tests/http/beds_driver');
const HOUR = 3600 * 1e6;

async function open(address) {
  const data = temporaryFolder(), common = ['--data', data, '--db', address];
  run('import', ...common, '--demo', '40');
  const program = JSON.parse(run('care', 'program', 'add', ...common, '--name', 'Harbor House', '--kind', 'residential', '--zone', 'America/Denver', '--state', 'CO', '--json'));
  const server = await serve(data, '--db', address);
  const json = async (path) => (await fetch(server.origin + path)).json();
  const page = async (path) => (await fetch(server.origin + path, { headers: { accept: 'text/html' } })).text();
  const words_of = (words) => [data, address, share, program.id, ...words];
  const driver = (...words) => execFileSync(program_of_beds, words_of(words), { encoding: 'utf8' }).trim().split('\n');
  const driver_beside = async (...words) => (await promisify(execFile)(program_of_beds, words_of(words), { encoding: 'utf8' })).stdout.trim().split('\n');
  const { results } = await json('/api/facilities?limit=2&sort=name');
  return { server, data, common, program, json, page, driver, driver_beside, facilities: results };
}

// Look until it is so; answers when it was first asked that way, in microseconds UTC.
async function seen(look, isSo) {
  for (const begun = Date.now(); ;) {
    const asked = Date.now(), document = await look();
    if (isSo(document)) return asked * 1000;
    assert.ok(Date.now() - begun < 20000, `not seen in 20 seconds: ${JSON.stringify(document)}`);
    await new Promise((done) => setTimeout(done, 10));
  }
}

// Milliseconds from an act's commit in another process until the finder shows it.
async function delay(act, look, isSo) {
  const [[id, committed], when] = await Promise.all([act, seen(look, isSo)]);
  return { id, milliseconds: (when - Number(committed)) / 1000 };
}

for (const { name, skip, make } of engines()) {
  test(`an admission shows in the finder within a second, on ${name}`, { skip, timeout: 180000 }, async () => {
    const { server, json, page, driver, driver_beside, facilities: [facility, other] } = await open(make());
    try {
      const at = `/api/facilities/${facility.id}`;
      assert.equal(facility.availability, undefined);
      assert.equal((await json(at)).availability, undefined);
      assert.doesNotMatch(await page(`/facilities/${facility.id}`), /places-title/);

      const [site, ...beds] = driver('make', facility.id, '2');
      await seen(() => json(at), (found) => found.availability);
      const [free] = (await json(at)).availability;
      assert.deepEqual({ ...free, as_of: '' }, { level_of_care: '3.5', answer: 'yes', age: 'now', source: 'census', as_of: '' });
      assert.ok(Math.abs(Date.parse(free.as_of) - Date.now()) < 60000, free.as_of);

      driver('admit', site, beds[0]);
      assert.equal((await json(at)).availability[0].answer, 'yes'); // one is left
      const admitted = await delay(driver_beside('admit', site, beds[1]), () => json(at), (found) => found.availability[0].answer === 'no');
      assert.ok(admitted.milliseconds < 1000, `the admission was seen ${admitted.milliseconds} ms after its commit`);

      // the same in the list, in words, and in Spanish; the neighbor of which nothing is known says nothing
      const { results } = await json('/api/facilities?limit=40&sort=name');
      assert.equal(results.find(({ id }) => id === facility.id).availability[0].answer, 'no');
      assert.deepEqual(Object.keys(results.find(({ id }) => id === other.id)).sort(), Object.keys(other).sort());
      const query = `/find?asked=1&q=${encodeURIComponent(`${facility.city}, ${facility.state}`)}`;
      assert.match(await page(query), /No opening now/);
      const sheet = await page(`/facilities/${facility.id}`);
      assert.match(sheet, /<h2 id="places-title">Openings<\/h2>/);
      assert.match(sheet, /No opening now .*Live-in care with full treatment.*Just now\. From the bed board\./);
      assert.match(await page(`/es/facilities/${facility.id}`), /No tiene lugar ahora/);

      // a bed that comes free is cleaned first, and free by plan within the day
      const discharged = await delay(driver_beside('discharge', admitted.id), () => json(at), (found) => found.availability[0].answer === 'likely');
      assert.ok(discharged.milliseconds < 1000, `the discharge was seen ${discharged.milliseconds} ms after its commit`);
      assert.match(await page(`/facilities/${facility.id}`), /May have an opening within a day/);
    } finally {
      await server.stop();
    }
    assert.doesNotMatch(server.log(), /availability\.follow/);
    assert.doesNotMatch(server.log(), /Vale/);
  });

  test(`what is said fades and goes, on ${name}`, { skip, timeout: 180000 }, async () => {
    const address = make();
    const { server, json, page, driver, facilities: [facility] } = await open(address);
    try {
      const at = `/api/facilities/${facility.id}`;
      driver('make', facility.id, '1');
      await seen(() => json(at), (found) => found.availability?.[0].age === 'now');
      for (const [hours, age, words] of [[3, 'today', /3 hours ago/], [25, 'call-first', /Had an opening .*1 day ago.*Call first\./], [73, undefined, null]]) {
        const seen_at = Date.now() * 1000;
        writeRows(address, `UPDATE availability SET as_of = ${seen_at - hours * HOUR}, changed_at = ${seen_at}`);
        await seen(() => json(at), (found) => found.availability?.[0].age === age);
        const sheet = await page(`/facilities/${facility.id}`);
        if (words) assert.match(sheet, words);
        else assert.doesNotMatch(sheet, /places-title/);
      }
    } finally {
      await server.stop();
    }
  });

  test(`a program without this software answers with one tap, on ${name}`, { skip, timeout: 180000 }, async () => {
    const address = make(), { server, common, json, page, driver, facilities: [facility, other] } = await open(address);
    const get = async (path, options) => {
      const answer = await fetch(server.origin + path, { redirect: 'manual', ...options });
      return { status: answer.status, headers: answer.headers, text: await answer.text() };
    };
    const link_of = (level, ...words) => JSON.parse(run('availability', 'link', ...common, '--json', '--facility', facility.id, '--level', level, ...words)).link;
    const link = (...words) => link_of('3.7', ...words);
    const tap = (path, answer) => get(path, { method: 'POST', body: new URLSearchParams({ answer }) });
    const said = async () => (await json(`/api/facilities/${facility.id}`)).availability?.[0];
    try {
      const path = link(), shown = await get(path);
      assert.equal(shown.status, 200);
      assert.match(shown.text, /Do you have an opening\?/);
      assert.ok(shown.text.includes(facility.name) && shown.text.includes('Live-in care with nurses day and night'));
      assert.match(shown.text, /People who search see no answer from you now/);
      assert.match(shown.text, /as now for 2 hours, then it fades, and after 72 hours it is hidden/);
      assert.equal(shown.headers.get('set-cookie'), null);
      assert.match(shown.headers.get('cache-control'), /no-store/);
      assert.match(shown.headers.get('referrer-policy'), /no-referrer/);
      assert.match((await get(`/es${path}`)).text, /¿Tienen un lugar disponible\?/);

      // looking, also by what a mail program opens, answers for nobody
      await get(`${path}?answer=yes`);
      await get(path, { method: 'HEAD' });
      await new Promise((done) => setTimeout(done, 600));
      assert.equal(await said(), undefined);

      const tapped = await tap(path, 'yes');
      assert.equal(tapped.status, 303);
      assert.equal(tapped.headers.get('location'), `${path}?told=1`);
      assert.match((await get(`${path}?told=1`)).text, /Thank you[^]*What people see now: <b>Has an opening now<\/b>/);
      await seen(said, (one) => one?.answer === 'yes');
      assert.deepEqual({ ...(await said()), as_of: '' }, { level_of_care: '3.7', answer: 'yes', age: 'now', source: 'tap', as_of: '' });
      assert.match(await page(`/facilities/${facility.id}`), /Has an opening now .*Confirmed by the program/);
      const before = (await said()).as_of;
      assert.equal((await tap(`/es${path}`, 'yes')).status, 303); // the same again confirms
      await seen(said, (one) => one.as_of > before);

      for (const answer of ['', 'maybe', '3', 'yes\u0000', 'y'.repeat(5000)]) {
        const refused = await tap(path, answer);
        assert.ok(refused.status === 400, `${answer.slice(0, 9)}: ${refused.status}`);
      }
      assert.equal((await said()).answer, 'yes');

      // whatever is wrong with a link gives one and the same page
      const token = path.split('/').pop(), cut = await get(`/availability/${token.slice(0, -1)}`);
      assert.equal(cut.status, 404);
      assert.match(cut.text, /This link does not work/);
      const same = (text, of) => text.replaceAll(of, '');
      for (const bad of ['zzqqzzqq', `${token}A`, token.replace(/^./, (c) => (c === 'B' ? 'C' : 'B')), '0'.repeat(120)])
        for (const method of ['GET', 'POST']) {
          const answer = await get(`/availability/${bad}`, method === 'POST' ? { method, body: new URLSearchParams({ answer: 'no' }) } : {});
          assert.equal(answer.status, 404, `${method} ${bad}`);
          assert.equal(same(answer.text, bad), same(cut.text, token.slice(0, -1)), `${method} ${bad}`);
        }

      // taken back: the link is as one that never was; a new one holds
      run('availability', 'revoke', ...common, '--facility', facility.id);
      assert.equal((await get(path)).status, 404);
      assert.equal((await tap(path, 'no')).status, 404);
      await new Promise((done) => setTimeout(done, 1100));
      const fresh = link('--days', '1');
      assert.equal((await tap(fresh, 'no')).status, 303);
      await seen(said, (one) => one.answer === 'no');

      // a board here counts before what is told of the same level, while somebody looks at it
      driver('make', facility.id, '1');
      const all = async () => (await json(`/api/facilities/${facility.id}`)).availability;
      await seen(all, (found) => found.length === 2);
      assert.deepEqual((await all()).map((one) => [one.level_of_care, one.source]), [['3.5', 'census'], ['3.7', 'tap']]);
      assert.doesNotMatch((await get(fresh)).text, /are counted here/);
      const beside = link_of('3.5');
      assert.match((await get(beside)).text, /Places of this kind are counted here/);
      assert.equal((await tap(beside, 'no')).status, 303);
      await new Promise((done) => setTimeout(done, 600));
      assert.equal((await said()).source, 'census');
      writeRows(address, `UPDATE availability SET as_of = as_of - ${25 * HOUR}, changed_at = ${Date.now() * 1000} WHERE source = 'census'`);
      await seen(said, (one) => one.source === 'tap' && one.answer === 'no');
      assert.doesNotMatch((await get(beside)).text, /are counted here/);
      assert.equal((await json(`/api/facilities/${other.id}`)).availability, undefined);
      assert.ok(!server.log().includes(token) && !server.log().includes(fresh.split('/').pop()));
    } finally {
      await server.stop();
    }
  });

  test(`files of other systems are taken row by row, on ${name}`, { skip, timeout: 180000 }, async () => {
    const { server, common, json, facilities: [facility, other] } = await open(make());
    const file = join(temporaryFolder(), 'openings.csv');
    const take = (source, rows, ...words) => {
      writeFileSync(file, ['facility_id,level_of_care,answer,as_of', ...rows.map((row) => row.join(','))].join('\n'));
      const done = spawnSync(fairlead, ['availability', 'take', ...common, '--source', source, ...words, file], { encoding: 'utf8' });
      return { status: done.status, out: done.stdout, errors: done.stderr };
    };
    const at = (hours) => new Date(Date.now() - hours * 3600e3).toISOString();
    const said = async (id) => (await json(`/api/facilities/${id}`)).availability?.[0];
    try {
      const good = take('imported', [[facility.id, '3.5', 'yes', at(1)], [other.id.toUpperCase(), '1.7', 'no', at(30)]]);
      assert.equal(good.status, 0, good.errors);
      assert.match(good.out, /rows 2, taken 2, refused 0/);
      assert.equal((await seen(() => said(facility.id), (one) => one)) > 0, true);
      assert.deepEqual({ ...(await said(facility.id)), as_of: '' }, { level_of_care: '3.5', answer: 'yes', age: 'now', source: 'imported', as_of: '' });
      assert.deepEqual({ ...(await said(other.id)), as_of: '' }, { level_of_care: '1.7', answer: 'no', age: 'call-first', source: 'imported', as_of: '' });
      const listed = JSON.parse(run('availability', 'list', ...common, '--json'));
      assert.deepEqual(listed.map((one) => one.facility_id).sort(), [facility.id, other.id].sort());

      // the command line says the same, in words and as the API does; without a database it finds all the same
      const find = (...words) => spawnSync(fairlead, ['find', '--data', common[1], '--sort', 'name', '--limit', '40', ...words], { encoding: 'utf8' });
      const database = common.slice(2);
      const printed = find(...database);
      assert.equal(printed.status, 0, printed.stderr);
      assert.match(printed.stdout, /Has an opening now · Live-in care with full treatment · 1 hour ago · From another system\n/);
      assert.match(printed.stdout.replace(/\s+/g, ' '), /Had no opening · [^·]* · 1 day ago · From another system · This may have changed\. Call first\./);
      assert.equal(printed.stdout.match(/From another system/g).length, 2);
      assert.match(find(...database, '--language', 'es').stdout.replace(/\s+/g, ' '), /Tiene un lugar disponible ahora · [^·]* · Hace 1 hora · De otro sistema /);
      const { results } = await json('/api/facilities?limit=40&sort=name&facets=0');
      assert.deepEqual(JSON.parse(find(...database, '--json', '--no-facets').stdout).results, results);
      assert.deepEqual(results.filter((one) => one.availability).map((one) => one.id).sort(), [facility.id, other.id].sort());
      const silent = results.map(({ availability, ...rest }) => rest);
      for (const away of [join(temporaryFolder(), 'none.db'), 'postgresql://127.0.0.1:1/none']) {
        const found = find('--db', away, '--json', '--no-facets');
        assert.equal(found.status, 0, found.stderr);
        assert.deepEqual(JSON.parse(found.stdout).results, silent);
      }

      const bad = take('claimed', [[facility.id, '3.5', 'no', at(0.1)], ['no-such-id', '3.5', 'no', at(0)], [facility.id, '9.9', 'no', at(0)],
        [facility.id, '3.5', '3', at(0)], [facility.id, '3.5', 'no', 'yesterday'], [facility.id, '3.5', 'no', at(-5)]]);
      assert.equal(bad.status, 1);
      assert.match(bad.out, /rows 6, taken 1, refused 5/);
      assert.deepEqual(bad.errors.trim().split('\n').map((line) => line.replace(/^.*openings\.csv:/, '').split(':').slice(0, 2).join(':')),
        ['3: facility_id', '4: level_of_care', '5: answer', '6: as_of', '7: as_of']);
      await seen(() => said(facility.id), (one) => one.source === 'claimed' && one.answer === 'no');

      assert.equal(take('imported', [[facility.id, '3.5', 'yes', at(0.5)]]).status, 0); // an older word changes nothing
      assert.equal(take('claimed', [[facility.id, '3.5', 'yes', at(0)]], '--dry-run').status, 0);
      await new Promise((done) => setTimeout(done, 600));
      assert.equal((await said(facility.id)).answer, 'no');
      assert.equal(take('census', [[facility.id, '3.5', 'yes', at(0)]]).status, 1);
      assert.equal(spawnSync(fairlead, ['availability', 'link', ...common, '--facility', facility.id, '--level', '9'], { encoding: 'utf8' }).status, 1);
      assert.equal(spawnSync(fairlead, ['availability', 'link', ...common, '--facility', 'nobody', '--level', '3.5'], { encoding: 'utf8' }).status, 1);
      assert.equal(spawnSync(fairlead, ['availability', 'tell', ...common], { encoding: 'utf8' }).status, 2);
    } finally {
      await server.stop();
    }
  });
}
