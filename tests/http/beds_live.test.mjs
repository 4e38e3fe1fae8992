// The board's stream of events on the real server and both engines: it says that something changed and never what; it ends with
// its session; it keeps nobody signed in; there is a cap; and a server that stops does not wait for it. Expected values: limits.h
// (LIMIT_HTTP_STREAMS_OF_ONE 8), HTML Living Standard 9.2, roles.csv.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { engines, rowsOf } from '../support/databases.mjs';
import { eventually, writeRows } from '../support/desk.mjs';
import { openBeds } from '../support/beds.mjs';

const AT_ONCE = 8;

// A stream that collects what it hears: {status, headers, said, ended, until(isSo), close()}.
async function listen(visitor, path = '/desk/beds/events') {
  const stop = new AbortController();
  const answer = await fetch(visitor.origin + path, { headers: { cookie: visitor.cookie() }, redirect: 'manual', signal: stop.signal });
  const stream = { status: answer.status, headers: answer.headers, said: '', ended: false, close: () => stop.abort() };
  const decoder = new TextDecoder();
  stream.done = (async () => {
    try {
      for await (const piece of answer.body) stream.said += decoder.decode(piece, { stream: true });
    } catch { /* closed by us */ }
    stream.ended = true;
  })();
  stream.until = async (isSo) => {
    for (let tries = 0; tries < 200 && !isSo(stream); tries += 1) await new Promise((done) => setTimeout(done, 50));
    return isSo(stream);
  };
  return stream;
}
const events = (stream) => [...stream.said.matchAll(/^id: (\S+)\nevent: board\ndata: changed\n\n/gm)].map(([, id]) => id);

for (const engine of engines()) {
  describe(`the board's events on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let world, nurse, stay;
    before(async () => {
      world = await openBeds(engine.make());
      ({ nurse } = world);
      stay = await world.stay(await world.person('Ada'));
    });
    after(() => world?.desk.stop());
    const hold = async (name) => {
      const at = `/desk/beds/${world.beds[name]}/hold`;
      await nurse.get(`${at}?stay=${stay}`);
      const page = await nurse.post(at, { stay, kind: 'outreach' });
      assert.equal(page.status, 200, page.text);
    };

    // Nobody listens any more: a client that went is noticed within seconds.
    const allGone = async () => {
      const count = async () => Number((await nurse.request('/metrics')).html.match(/^fairlead_http_streams (\d+)/m)[1]);
      assert.equal(await eventually(count, (n) => n === 0), 0);
    };

    test('it begins with where the board stands, and says when that changed', async () => {
      const stream = await listen(world.front);
      assert.equal(stream.status, 200);
      assert.match(stream.headers.get('content-type'), /^text\/event-stream/);
      assert.equal(stream.headers.get('cache-control'), 'no-store');
      assert.ok(await stream.until((one) => events(one).length === 1), stream.said);
      await hold('1');
      assert.ok(await stream.until((one) => events(one).length === 2), stream.said);
      assert.equal(new Set(events(stream)).size, 2);
      assert.doesNotMatch(stream.said, new RegExp(`Ada|Vale|${stay}|${world.beds[1]}`));
      stream.close();
      await stream.done;
    });

    test('a hold that runs out by itself is told, too', async () => {
      const stream = await listen(world.front);
      assert.ok(await stream.until((one) => events(one).length === 1));
      const soon = Date.now() * 1000 + 1500000;
      writeRows(world.address, `UPDATE bed_use SET expires_at = ${soon}, until_at = ${soon} WHERE kind = 'hold' AND end_at = 0`);
      assert.ok(await stream.until((one) => events(one).length >= 2), stream.said);
      stream.close();
      await stream.done;
    });

    test('the board alone is what the page shows, and no sign of life', async () => {
      const page = await nurse.get('/desk/beds');
      const live = await nurse.request('/desk/beds/live');
      assert.equal(live.status, 200);
      const rows = (html) => [...html.matchAll(/<th scope="row" class="bed"><a href="([^"]*)"/g)].map(([, href]) => href);
      assert.deepEqual(rows(live.html), rows(page.html));
      assert.match(page.html, /data-board-live="\/desk\/beds\/live" data-board-events="\/desk\/beds\/events"/);
      const seen = () => rowsOf(world.address, 'SELECT id, seen_at FROM session ORDER BY id').map(({ id, seen_at }) => `${id} ${seen_at}`);
      writeRows(world.address, 'UPDATE session SET seen_at = seen_at - 200000000');
      const before = seen();
      const stream = await listen(nurse);
      await nurse.request('/desk/beds/live');
      assert.ok(await stream.until((one) => events(one).length === 1));
      assert.deepEqual(seen(), before);
      stream.close();
      await stream.done;
      await nurse.get('/desk/beds');
      assert.notDeepEqual(seen(), before);
    });

    test('a board that is watched adds to the audit who is new on it, and else nothing', async () => {
      const waiting = () => Number(rowsOf(world.address, 'SELECT count(*) AS n FROM audit_waiting')[0].n);
      const entries = async (visitor) => {
        assert.equal(await eventually(waiting, (n) => n === 0), 0);
        return rowsOf(world.address, `SELECT object, act, detail FROM audit_entry WHERE account_id = '${visitor.id}' AND object IN ('bed-board', 'person', 'site') ORDER BY seq`);
      };
      await nurse.get('/desk/beds');
      const opened = (await entries(nurse)).length;
      for (let i = 0; i < 5; i += 1) assert.equal((await nurse.request('/desk/beds/live')).status, 200);
      assert.equal((await entries(nurse)).length, opened, 'five refreshes are not noted');
      const cy = await world.person('Cy');
      await world.stay(cy, '3.5', 'active'); // here without a bed: the board names them
      for (let i = 0; i < 3; i += 1) assert.match((await nurse.request('/desk/beds/live')).text, /Cy Vale/);
      const added = (await entries(nurse)).slice(opened);
      assert.deepEqual(added.map(({ object, act }) => `${object} ${act}`).sort(), ['bed-board read', 'person search']);
      for (const { detail } of added) assert.match(JSON.stringify(detail), new RegExp(cy));
      await nurse.get('/desk/beds');
      assert.ok((await entries(nurse)).length > opened + 2, 'opening the board is noted each time');
      await world.front.get('/desk');
      writeRows(world.address, 'DELETE FROM board_watch');
      const before = (await entries(world.front)).length;
      await world.front.request('/desk/beds/live');
      assert.ok((await entries(world.front)).length > before, 'whoever did not open it is noted at the first look');
    });

    test('who may not see the board hears nothing, and one session has no more than eight', async () => {
      assert.equal((await world.admin.request('/desk/beds/events')).status, 403);
      assert.equal((await world.desk.visitor().request('/desk/beds/events')).status, 303);
      await allGone();
      const open = [];
      for (let i = 0; i < AT_ONCE; i += 1) open.push(await listen(world.front));
      assert.ok(open.every((one) => one.status === 200));
      const more = await listen(world.front);
      assert.equal(more.status, 503);
      const other = await listen(nurse);
      assert.equal(other.status, 200, 'another session has its own');
      for (const one of [...open, other]) one.close();
      await Promise.all([...open, other].map((one) => one.done));
      await allGone();
    });

    test('signing out ends it', async () => {
      const stream = await listen(world.front);
      assert.ok(await stream.until((one) => events(one).length === 1));
      await world.front.get('/desk');
      await world.front.post('/desk/sign-out', {});
      assert.ok(await stream.until((one) => one.ended), 'it goes on');
    });

    test('a server that stops ends its streams and does not wait', async () => {
      const open = await Promise.all([1, 2, 3].map(() => listen(nurse)));
      for (const one of open) assert.ok(await one.until((stream) => events(stream).length === 1));
      const begun = Date.now();
      const { code } = await world.desk.stop();
      assert.equal(code, 0, world.desk.log());
      assert.ok(Date.now() - begun < 5000, `${Date.now() - begun} ms`);
      for (const one of open) assert.ok(await one.until((stream) => stream.ended));
      assert.match(world.desk.log(), /web\.stopped.*cut=0|"cut":0|cut=0/);
    });
  });
}
