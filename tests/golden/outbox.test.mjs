// The outbox against a mail server and a gateway that refuse, hang and hang up at every step, while the sender is killed at
// every step. What is counted is what arrived; nothing may arrive twice, and what arrived or may have is never "waiting".
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { catchMail, catchTexts } from '../support/catcher.mjs';
import { engines, rowsOf } from '../support/databases.mjs';
import { temporaryFolder } from '../support/server.mjs';

const driver = ['asan', 'release'].map((variant) => resolve(`build/${variant}/tests/golden/outbox_driver`)).find(existsSync);

// An outbox of its own: {add, send, rows}.
function outbox(make) {
  const folder = temporaryFolder(), address = make(), keys = join(folder, 'keys.db');
  const start = (...words) => {
    const child = spawn(driver, [folder, address, keys, ...words.map(String)], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text) => { said += text; });
    const ended = new Promise((done) => child.on('exit', (code, signal) => done({ code, signal, said })));
    return { child, ended };
  };
  const run = async (...words) => { const { code, said } = await start(...words).ended; assert.equal(code, 0, said); };
  return {
    address,
    ask: (count, channel, to) => run('ask', count, channel, to),
    refuse: (channel) => run('refuse', 0, channel, '-'),
    hear: (word, channel, from) => run('hear', word, channel, from),
    add: (count, channel, to) => run('add', count, channel, to),
    start: (mail, texts, seconds = 0, rounds = 1) => start('send', mail, texts, seconds, rounds),
    send: (mail, texts, seconds = 0, rounds = 1) => run('send', mail, texts, seconds, rounds),
    rows: () => rowsOf(address, 'SELECT id, state, why, attempts FROM outbox_message ORDER BY id'),
    states: () => rowsOf(address, 'SELECT state FROM outbox_message ORDER BY id').map(({ state }) => state),
  };
}

const once = (messages) => assert.equal(new Set(messages.map(({ id }) => id)).size, messages.length, 'nothing arrives twice');
const MORE_THAN_A_LEASE = 400;

for (const { name, skip, make } of engines()) {
  test(`messages arrive as they are written (${name})`, { skip }, async () => {
    const box = outbox(make), mail = await catchMail(), texts = await catchTexts();
    try {
      await box.add(2, 'email', 'ana@example.org');
      await box.add(2, 'text', '(804) 555-0142');
      await box.send(mail.url, texts.url);
      assert.deepEqual(box.states(), ['sent', 'sent', 'sent', 'sent']);
      assert.equal(mail.messages.length, 2);
      const [english, spanish] = [...mail.messages].sort((a, b) => (a.subject < b.subject ? 1 : -1));
      assert.equal(english.subject, 'Something is waiting for you');
      assert.equal(english.text, 'Please sign in when you can. Something is waiting for you.');
      assert.equal(spanish.subject, 'Hay algo que le espera');
      assert.deepEqual([english.from, english.to], ['desk@example.org', ['ana@example.org']]);
      assert.match(english.headers.date, /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/);
      assert.equal(texts.messages.length, 2);
      assert.equal(texts.messages[0].to, '+18045550142');
      assert.equal(texts.messages[0].token, 'Bearer secret-token');
      assert.equal(texts.messages[0].key, texts.messages[0].id);
      // What is stored is sealed.
      const stored = JSON.stringify(rowsOf(box.address, name === 'sqlite'
        ? 'SELECT hex(address) AS a, hex(facts) AS f FROM outbox_message' : "SELECT encode(address, 'hex') AS a, encode(facts, 'hex') AS f FROM outbox_message"));
      for (const word of ['ana@example.org', '8045550142']) assert.ok(!stored.toLowerCase().includes(Buffer.from(word).toString('hex')));
      await box.send(mail.url, texts.url, MORE_THAN_A_LEASE, 3);
      assert.equal(mail.messages.length + texts.messages.length, 4);
      const audit = rowsOf(box.address, 'SELECT count(*) AS count FROM audit_waiting');
      assert.equal(audit[0].count, 4); // each that left is history
    } finally { await mail.stop(); await texts.stop(); }
  });

  test(`a failure that is certain is tried again, one that is not is unsure (${name})`, { skip }, async () => {
    const cases = [
      ['email', 'connect', 'close', 'waiting', 0], ['email', 'ehlo', 'close', 'waiting', 0], ['email', 'mail', 451, 'waiting', 0],
      ['email', 'mail', 550, 'failed', 0], ['email', 'rcpt', 550, 'failed', 0], ['email', 'rcpt', 'close', 'waiting', 0],
      ['email', 'data', 451, 'waiting', 0], ['email', 'body', 451, 'waiting', 0], ['email', 'body', 554, 'failed', 0],
      ['email', 'body', 'close', 'unsure', 0], ['email', 'body', 'take', 'unsure', 1],
      ['text', 'post', 429, 'waiting', 0], ['text', 'post', 503, 'waiting', 0], ['text', 'post', 401, 'waiting', 0], ['text', 'post', 400, 'failed', 0],
      ['text', 'post', 302, 'failed', 0], ['text', 'post', 500, 'unsure', 0], ['text', 'post', 'close', 'unsure', 0], ['text', 'post', 'take', 'unsure', 1],
    ];
    for (const [channel, step, how, state, arrived] of cases) {
      const box = outbox(make), mail = await catchMail(), texts = await catchTexts();
      const { steps, messages } = channel === 'email' ? mail : texts;
      try {
        await box.add(1, channel, channel === 'email' ? 'ana@example.org' : '+18045550142');
        steps.at(step, how);
        await box.send(mail.url, texts.url);
        const what = `${channel} ${step} ${how}: ${JSON.stringify(box.rows())}`;
        assert.deepEqual(box.states(), [state], what);
        assert.equal(messages.length, arrived, what);
        steps.at(step, 'go');
        await box.send(mail.url, texts.url, MORE_THAN_A_LEASE, 2);
        assert.deepEqual(box.states(), [state === 'waiting' ? 'sent' : state], what);
        assert.equal(messages.length, state === 'waiting' ? 1 : arrived, what);
      } finally { await mail.stop(); await texts.stop(); }
    }
  });

  test(`a sender killed at any step sends nothing twice (${name})`, { skip }, async () => {
    const steps = [...['connect', 'ehlo', 'mail', 'rcpt', 'data', 'body'].map((step) => ['email', step]), ['text', 'post']];
    for (const [channel, step] of steps) {
      const box = outbox(make), mail = await catchMail(), texts = await catchTexts();
      const catcher = channel === 'email' ? mail : texts;
      try {
        await box.add(3, channel, channel === 'email' ? 'ana@example.org' : '+18045550142');
        catcher.steps.at(step, 'hang');
        const reached = catcher.steps.reached(step);
        const { child, ended } = box.start(mail.url, texts.url);
        await reached;
        child.kill('SIGKILL');
        await ended;
        assert.deepEqual(box.states().sort(), ['sending', 'waiting', 'waiting'], step);
        catcher.steps.at(step, 'go');
        await box.send(mail.url, texts.url, 1, 1); // within its lease: the others go
        assert.deepEqual(box.states().sort(), ['sending', 'sent', 'sent'], step);
        await box.send(mail.url, texts.url, MORE_THAN_A_LEASE, 2);
        assert.deepEqual(box.states().sort(), ['sent', 'sent', 'unsure'], step);
        once(catcher.messages);
        assert.equal(catcher.messages.length, step === 'body' || step === 'post' ? 3 : 2, step);
      } finally { await mail.stop(); await texts.stop(); }
    }
  });

  test(`what waits is not sent after STOP, nor without consent (${name})`, { skip }, async () => {
    const box = outbox(make), mail = await catchMail(), texts = await catchTexts(), to = '+18045550142';
    try {
      await box.ask(2, 'text', to);
      await box.ask(1, 'email', 'ana@example.org');
      await box.add(1, 'text', to); // to staff, who have no such consent
      await box.hear('STOP', 'text', to);
      await box.refuse('email');
      await box.send(mail.url, texts.url);
      const left = rowsOf(box.address, "SELECT state, why FROM outbox_message WHERE person_id <> ''").map(({ state, why }) => `${state} ${why}`);
      assert.deepEqual(left, ['failed stopped', 'failed stopped', 'failed stopped']);
      assert.equal(mail.messages.length, 0);
      assert.equal(texts.messages.length, 2); // staff's, and the word that STOP was heard
    } finally { await mail.stop(); await texts.stop(); }
  });

  test(`senders killed at random, several at once, send nothing twice (${name})`, { skip }, async () => {
    const box = outbox(make), mail = await catchMail(), texts = await catchTexts();
    try {
      await box.add(60, 'email', 'ana@example.org');
      await box.add(60, 'text', '+18045550142');
      for (let round = 0; round < 8; round++) {
        const senders = [box.start(mail.url, texts.url), box.start(mail.url, texts.url)];
        await sleep(60 + 37 * round);
        for (const { child } of senders) child.kill('SIGKILL');
        for (const { ended } of senders) await ended;
      }
      await box.send(mail.url, texts.url, MORE_THAN_A_LEASE, 6);
      once(mail.messages);
      once(texts.messages);
      const arrived = new Set([...mail.messages, ...texts.messages].map(({ id }) => id));
      for (const { id, state } of box.rows()) {
        assert.ok(['sent', 'unsure'].includes(state), state);
        if (state === 'sent') assert.ok(arrived.has(id));
      }
    } finally { await mail.stop(); await texts.stop(); }
  });
}

test('a channel that is off waits and says so; one without TLS goes to this machine alone', async () => {
  const box = outbox(engines()[0].make), texts = await catchTexts();
  try {
    await box.add(1, 'email', 'ana@example.org');
    await box.add(1, 'text', '+18045550142');
    await box.send('', 'http://gateway.example.org/messages');
    assert.deepEqual(box.rows().map(({ state, why }) => [state, why]), [['waiting', 'channel-off'], ['waiting', 'channel-off']]);
    await box.send('', texts.url, MORE_THAN_A_LEASE, 1);
    assert.deepEqual(box.states(), ['waiting', 'sent']);
  } finally { await texts.stop(); }
});

test('an address that is none is refused', async () => {
  const box = outbox(engines()[0].make);
  for (const [channel, to] of [['email', 'ana'], ['email', 'ana@example.org\r\nBcc: x@example.org'], ['email', 'a b@example.org'], ['email', '<a@example.org>'],
    ['text', '555-0142'], ['text', '+1'], ['text', '+1804555014212345'], ['text', '804 555 0142 x3']])
    await assert.rejects(box.add(1, channel, to), /no address of this channel/, to);
});
