// The server that script/check/security.mjs attacks: the real program on a demo, with a first administrator, a member of
// staff of many roles with two people in care, and one of the two on their own pages, all signed in; and the doors by
// which the tools come: a stranger's, and one for each of the three.
//
// A door is a small proxy. It adds the cookies, so that no tool need keep them, and gives each sent form a key of its own:
// a form acts once, and sending one key again would only show what the first sending gave.
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { join } from 'node:path';
import { openDesk } from '../../tests/support/desk.mjs';
import { openRecords } from '../../tests/support/people.mjs';
import { run } from '../../tests/support/server.mjs';

function makeDoor(origin, cookie, leadsTo) {
  const { hostname, port } = new URL(origin);
  const server = http.createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      if (!leadsTo(request.url.split('?')[0])) { response.writeHead(404); response.end(); return; }
      const headers = { ...request.headers, host: `${hostname}:${port}`, ...(cookie && { cookie }) };
      let body = Buffer.concat(parts);
      if (/urlencoded/.test(headers['content-type'] ?? '')) {
        body = Buffer.from(body.toString('latin1').replace(/(^|&)form_key=[\w-]{22}(?=&|$)/, `$1form_key=${randomBytes(16).toString('base64url')}`), 'latin1');
        headers['content-length'] = body.length;
      }
      const inner = http.request({ hostname, port, method: request.method, path: request.url, headers, agent: false }, (answer) => {
        const shown = { ...answer.headers };
        delete shown['set-cookie']; // the door keeps its own
        response.writeHead(answer.statusCode, shown);
        answer.pipe(response);
      });
      inner.on('error', () => { response.writeHead(502); response.end(); });
      inner.end(body);
    });
  });
  return new Promise((ready) => server.listen(0, '127.0.0.1', () => ready({
    origin: `http://127.0.0.1:${server.address().port}`, close: () => { server.closeAllConnections?.(); server.close(); },
  })));
}

// What would end the administrator's own session, or leave it.
const SHUT = ['/desk/sign-out', '/desk/switch', '/desk/sign-in', '/desk/first'];
// A tool cannot be kept from following a link, so the door does not lead where its part has no business.
const isDesk = (path) => /^(?:\/es)?\/(?:desk|me)(?:\/|$)/.test(path);

export async function openServer(folder) {
  const data = join(folder, 'data');
  run('import', '--data', data, '--demo', '300');
  const desk = await openDesk({ data });
  const stranger = desk.visitor();
  await stranger.get('/desk/sign-in');
  const records = await openRecords(desk.origin, data);
  const doorOf = (visitor, shut = SHUT) => makeDoor(desk.origin, visitor.cookie(), (path) => isDesk(path) && !shut.some((one) => `${path.replace(/^\/es/, '')}/`.startsWith(`${one}/`)));
  return {
    people: records.people,
    log: desk.log, stop: desk.stop,
    public: await makeDoor(desk.origin, '', (path) => !isDesk(path)),
    door: await makeDoor(desk.origin, stranger.cookie(), (path) => /^\/desk\/(?:sign-in|first)$/.test(path)),
    desk: await doorOf(desk.admin),
    records: await doorOf(records.staff, [...SHUT, '/desk/users']), // the administrator's door leads there
    own: await doorOf(records.person),
    isSignedIn: async (part) => {
      const visitor = { desk: desk.admin, records: records.staff, own: records.person }[part];
      return !visitor || (await visitor.request(part === 'own' ? '/me' : '/desk')).status === 200;
    },
  };
}
