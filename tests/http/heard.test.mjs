// What a gateway for text messages tells of words that came back: only with its token, each message once, and no such
// route where none is set up. On both engines. The contract is docs/outbox.md.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { engines, rowsOf } from '../support/databases.mjs';
import { serve, temporaryFolder } from '../support/server.mjs';

const TOKEN = 'gateway-token-of-the-test-0142';

for (const { name, skip, make } of engines()) {
  test(`words that came back are taken from the gateway alone, each once (${name})`, { skip }, async () => {
    const address = make(), data = temporaryFolder(), file = join(temporaryFolder(), 'token');
    writeFileSync(file, `${TOKEN}\n`);
    chmodSync(file, 0o600);
    const server = await serve(data, '--db', address, '--sms-token-file', file);
    const tell = async (body, token = `Bearer ${TOKEN}`, type = 'application/json') => {
      const headers = { 'content-type': type, ...(token === undefined || token === null ? {} : { authorization: token }) };
      const answer = await fetch(`${server.origin}/api/messages/heard`, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
      return { status: answer.status, text: await answer.text(), cache: answer.headers.get('cache-control') };
    };
    const stops = () => rowsOf(address, 'SELECT stopped FROM outbox_stop').map(({ stopped }) => Number(stopped));
    const answers = () => rowsOf(address, "SELECT template_key FROM outbox_message WHERE program_id = '' ORDER BY id").map(({ template_key: key }) => key);
    try {
      const stop = { id: 'in-1', from: '+18045550142', text: ' Stop. ' };
      for (const token of [null, '', 'Bearer', 'Bearer ', TOKEN, `Basic ${TOKEN}`, `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(0, -1)}`]) {
        assert.equal((await tell(stop, token)).status, 403, String(token));
      }
      assert.deepEqual(stops(), []);
      const heard = await tell(stop);
      assert.deepEqual([heard.status, JSON.parse(heard.text), heard.cache], [200, { heard: true }, 'no-store']);
      assert.deepEqual(stops(), [1]);
      assert.deepEqual(answers(), ['stopped']);
      assert.equal((await tell(stop)).status, 200); // delivered again
      assert.deepEqual(answers(), ['stopped']);
      assert.equal((await tell({ id: 'in-2', from: '(804) 555-0142', text: 'START' })).status, 200);
      assert.deepEqual(stops(), [0]);
      assert.equal((await tell({ id: 'in-3', from: '+18045550142', text: 'see you at nine' })).status, 200);
      assert.deepEqual(answers(), ['stopped', 'started']);
      for (const wrong of ['', '{', '[]', '1', {}, { id: 'a', from: '+18045550142' }, { id: 'a', text: 'STOP' }, { from: '+18045550142', text: 'STOP' },
        { id: 1, from: '+18045550142', text: 'STOP' }, { id: 'a', from: 'nobody', text: 'STOP' }, { id: '', from: '+18045550142', text: 'STOP' },
        { id: 'a'.repeat(129), from: '+18045550142', text: 'STOP' }, { id: 'a', from: '+18045550142', text: 'x'.repeat(4097) }]) {
        const answer = await tell(wrong);
        assert.equal(answer.status, 400, JSON.stringify(wrong));
        assert.ok(!answer.text.includes('8045550142'));
      }
      assert.equal((await tell('id=a&from=%2B18045550142&text=STOP', `Bearer ${TOKEN}`, 'application/x-www-form-urlencoded')).status, 400);
      assert.deepEqual(stops(), [0]);
      const read = await fetch(`${server.origin}/api/messages/heard`, { headers: { authorization: `Bearer ${TOKEN}` } });
      assert.equal(read.status, 405);
    } finally { await server.stop(); }
    assert.ok(!/8045550142|gateway-token/.test(server.log?.() ?? ''));
  });
}

test('without a gateway there is no such route', async () => {
  const server = await serve(temporaryFolder());
  try {
    for (const token of ['', 'Bearer ', 'Bearer x']) {
      const answer = await fetch(`${server.origin}/api/messages/heard`, {
        method: 'POST', headers: { 'content-type': 'application/json', authorization: token }, body: '{"id":"a","from":"+18045550142","text":"STOP"}' });
      assert.equal(answer.status, 404);
    }
  } finally { await server.stop(); }
});
