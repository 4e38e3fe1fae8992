// Catches what the outbox sends: a mail server (SMTP) and a gateway for text messages (HTTP), both on this machine alone.
// It counts every message by its id and can stop, refuse or hang up at any step.
//   steps of a mail: connect, ehlo, mail, rcpt, data, body; of a text: post
// `at(step, how)` sets what happens there: 'go' on, 'hang' (never answer), 'close' (hang up), 'take' (keep the message, then
// hang up), or a number: answer with it. `reached(step)` waits until somebody comes to a step.
import { createServer as createSocketServer } from 'node:net';
import { createServer } from 'node:http';

class Steps {
  #how = new Map();
  #waiting = [];
  at(step, how) { this.#how.set(step, how); }
  reached(step) { return new Promise((done) => this.#waiting.push({ step, done })); }
  come(step) {
    for (const { done } of this.#waiting.filter((one) => one.step === step)) done();
    this.#waiting = this.#waiting.filter((one) => one.step !== step);
    return this.#how.get(step) ?? 'go';
  }
}

const listen = (server) => new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)));
const stopper = (server, sockets) => () => new Promise((done) => { for (const socket of sockets) socket.destroy(); server.close(done); });

// A mail server: {url, steps, messages: [{id, from, to, headers, text}], stop()}.
export async function catchMail() {
  const steps = new Steps(), messages = [], sockets = new Set();
  const server = createSocketServer((socket) => {
    sockets.add(socket);
    socket.setEncoding('utf8').on('close', () => sockets.delete(socket)).on('error', () => {});
    let pending = '', inBody = false, from = '', to = [];
    // Answer as the step says; true to go on.
    const answer = (step, usual) => {
      const how = steps.come(step);
      if (how === 'close') { socket.destroy(); return false; }
      if (how === 'hang') return false;
      if (typeof how === 'number') { socket.write(`${how} no\r\n`); return false; }
      socket.write(usual);
      return true;
    };
    const keep = (raw) => {
      const [head, ...rest] = raw.split('\r\n\r\n');
      const headers = Object.fromEntries(head.split('\r\n').map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]));
      const encoded = headers.subject.match(/^=\?utf-8\?B\?(.*)\?=$/);
      messages.push({ id: headers['message-id'].match(/^<([^@]+)@/)[1], from, to, headers,
        subject: encoded ? Buffer.from(encoded[1], 'base64').toString('utf8') : headers.subject,
        text: Buffer.from(rest.join('\r\n\r\n'), 'base64').toString('utf8') });
    };
    const line = (words) => {
      if (/^(EHLO|HELO) /i.test(words)) answer('ehlo', '250 catcher\r\n');
      else if (/^MAIL FROM:/i.test(words)) { if (answer('mail', '250 ok\r\n')) from = words.slice(10).replace(/[<>]/g, '').split(' ')[0]; }
      else if (/^RCPT TO:/i.test(words)) { if (answer('rcpt', '250 ok\r\n')) to.push(words.slice(8).replace(/[<>]/g, '')); }
      else if (/^DATA/i.test(words)) { if (answer('data', '354 go\r\n')) inBody = true; }
      else if (/^QUIT/i.test(words)) socket.end('221 bye\r\n');
      else socket.write('250 ok\r\n');
    };
    socket.on('data', (text) => {
      pending += text;
      for (;;) {
        if (inBody) {
          const end = pending.indexOf('\r\n.\r\n');
          if (end < 0) return;
          const raw = pending.slice(0, end);
          pending = pending.slice(end + 5);
          inBody = false;
          const how = steps.come('body');
          if (how === 'go' || how === 'take' || how === 'hang') keep(raw); // 'hang': it has it, and says nothing
          if (how === 'take' || how === 'close') { socket.destroy(); return; }
          if (how === 'hang') return;
          socket.write(typeof how === 'number' ? `${how} no\r\n` : '250 kept\r\n');
          to = [];
        } else {
          const end = pending.indexOf('\r\n');
          if (end < 0) return;
          const words = pending.slice(0, end);
          pending = pending.slice(end + 2);
          line(words);
        }
      }
    });
    answer('connect', '220 catcher\r\n');
  });
  const port = await listen(server);
  return { url: `smtp://127.0.0.1:${port}`, steps, messages, stop: stopper(server, sockets) };
}

// A gateway: {url, steps, messages: [{id, to, text, token, key}], stop()}.
export async function catchTexts() {
  const steps = new Steps(), messages = [], sockets = new Set();
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part) => { body += part; }).on('end', () => {
      const how = steps.come('post');
      const keeps = ['go', 'take', 'hang'].includes(how) || how === 200;
      if (keeps) messages.push({ ...JSON.parse(body), token: request.headers.authorization, key: request.headers['idempotency-key'] });
      if (how === 'take' || how === 'close') request.socket.destroy();
      else if (how !== 'hang') {
        response.writeHead(typeof how === 'number' ? how : 202, { location: '/elsewhere' });
        response.end('{}');
      }
    });
  });
  server.on('connection', (socket) => { sockets.add(socket); socket.on('close', () => sockets.delete(socket)); });
  const port = await listen(server);
  return { url: `http://127.0.0.1:${port}/messages`, steps, messages, stop: stopper(server, sockets) };
}
