// The server that script/check/security.mjs attacks: the real program on a demo, with a first administrator, a member of
// staff of many roles with two people in care, and one of the two on their own pages, all signed in; and the doors by
// which the tools come: a stranger's, and one for each of the three. The program has beds, slots, open doors for requests from
// outside, a request that waits and one that nobody answered yet; one of the two people a plan, belongings and an intake.
//
// A door is a small proxy. It adds the cookies, so that no tool need keep them, and gives each sent form a key of its own:
// a form acts once, and sending one key again would only show what the first sending gave. The stranger's door tells no
// address, and forgets how many requests came, so that neither brake stands before what is attacked.
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { join } from 'node:path';
import { databaseOf, rowsOf } from '../../tests/support/databases.mjs';
import { openDesk, writeRows } from '../../tests/support/desk.mjs';
import { beginIntake, makeHold, makeHouse, makeRequest } from '../../tests/support/intakes.mjs';
import { openRecords } from '../../tests/support/people.mjs';
import { run } from '../../tests/support/server.mjs';

function makeDoor(origin, cookie, leadsTo, renew = (path, body) => body) {
  const { hostname, port } = new URL(origin);
  const server = http.createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', async () => {
      if (!leadsTo(request.url.split('?')[0])) { response.writeHead(404); response.end(); return; }
      const headers = { ...request.headers, host: `${hostname}:${port}`, ...(cookie ? { cookie } : { 'x-forwarded-for': 'unknown' }) };
      let body = Buffer.concat(parts);
      if (/urlencoded/.test(headers['content-type'] ?? '')) {
        body = Buffer.from((await renew(request.url.split('?')[0], body.toString('latin1'))).replace(/(^|&)form_key=[\w-]{22}(?=&|$)/, `$1form_key=${randomBytes(16).toString('base64url')}`), 'latin1');
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

// A key of its own for each form of a request from outside.
function renewing(origin, address) {
  let sent = 0;
  return async (path, body) => {
    if (!/\/(?:talk|refer|ask)$/.test(path) || !/(?:^|&)key=[\w-]{60,}(?=&|$)/.test(body)) return body;
    if ((sent += 1) % 100 === 0) writeRows(address, 'DELETE FROM front_door_request');
    const key = (await (await fetch(origin + path)).text()).match(/name="key" value="([\w-]+)"/)?.[1];
    return key ? body.replace(/(^|&)key=[\w-]{60,}(?=&|$)/, `$1key=${key}`) : body;
  };
}

// What would end the administrator's own session, or leave it.
const SHUT = ['/desk/sign-out', '/desk/switch', '/desk/sign-in', '/desk/first'];
// A tool cannot be kept from following a link, so the door does not lead where its part has no business.
const isDesk = (path) => /^(?:\/es)?\/(?:desk|me)(?:\/|$)/.test(path);

const dayOf = (days) => new Date(Date.now() + days * 86400e3).toISOString().slice(0, 10);

// Fill and send a form of the desk; what is refused ends the check, for what it would make is then not attacked.
async function act(visitor, path, fields, action = path) {
  await visitor.get(path);
  const page = await visitor.post(action, fields);
  if (page.status >= 400) throw new Error(`${action}: ${page.status} ${page.text.replace(/\s+/g, ' ').slice(0, 1200)}`);
  return page;
}

// Beds, slots, doors, requests, and what one of the people needs to come in. Answers {beds, requests}.
async function makeWayIn({ admin }, address, { program, staff, people: [joan, jon] }) {
  const { site, beds } = makeHouse(address, program.id, { name: 'North House' });
  const request = makeRequest(address, program.id, jon, { site, state: 'waiting' }), open = makeRequest(address, program.id, joan, { site, state: 'received' });
  makeHold(address, program.id, beds[0], { request });
  await act(staff, '/desk/staff/new', { name: 'Nia Ames', profession: 'case-manager' });
  const [{ id: clerk }] = rowsOf(address, 'SELECT id FROM staff');
  await act(staff, '/desk/settings/front', { site, people: '1', programs: '1', staff: clerk });
  await act(staff, '/desk/settings/slots', { site, name: 'Evening group', kind: 'evening', level_of_care: '2.1', weekdays: ['1', '3'], begins: '18:00', ends: '20:30', capacity: '2' });
  await act(admin, '/desk/settings/talk', { name: 'Harbor help line', phone: '804-555-0177', text_phone: '', days: ['1', '2'], begins: '00:00', ends: '00:00', zone: 'America/New_York', urgency: 'urgent', site });
  await act(staff, '/desk/settings/fees', { approved_by: 'The board', from: dayOf(0), to: '', bands: '100 $5\n133 25%\n150 50%\n200 75%\n- 100%' });
  const at = `/desk/people/${joan}`;
  await act(staff, `${at}/episodes`, { stay_id: '', status: 'planned', site, level: '3.5', referral: '' });
  await beginIntake(staff, at);
  await act(staff, `${at}/coverage/plan`, { name: 'Example Plan', payer: 'employer', turn: '1', member_number: 'X000111222', from: dayOf(-100) });
  const plan = staff.page.html.match(/plan=([0-9a-f-]{36})/)?.[1] ?? rowsOf(address, 'SELECT id FROM coverage_plan')[0].id;
  await act(staff, `${at}/coverage/denial`, { authorization: '', level: '3.5', reason: 'step-first', denied: dayOf(-1), requested: '14 days', number: 'D-77' });
  await act(staff, `${at}/belongings`, { act: 'add', thing: 'Winter coat', quantity: '1', condition: 'good', restricted: '' });
  return { pages: [`${at}/coverage/benefits?plan=${plan}&level=3.5`, ...[request, open].map((id) => `/desk/requests/${id}`), `/desk/waitlist/${request}`, ...beds.slice(0, 2).map((id) => `/desk/beds/${id}`)] };
}

// What a stranger is given: a link to carried answers, one for a tap, and one to where a request stands.
async function linksOf(origin, data, stranger) {
  const [{ id }] = (await (await fetch(`${origin}/api/facilities?limit=1`)).json()).results;
  const tap = new URL(JSON.parse(run('availability', 'link', '--data', data, '--json', '--facility', id, '--level', '3.7')).link, origin).pathname;
  const carry = (await stranger.request('/choose/result', { method: 'POST', fields: { age: '30', opioid_use_disorder: 'severe', support: 'none', go: 'carry' } })).html.match(/href="(\/carry\/[\w-]+)"/)[1];
  const form = await stranger.get('/refer'), key = form.html.match(/name="key" value="([^"]*)"/)[1];
  const sent = await stranger.request('/refer', { method: 'POST', fields: { key, asker: 'Nurse Quince', asker_from: 'County Jail', asker_phone: '804-555-0122', urgency: 'routine', level: '3.5', given: 'Otto', language: 'en', pregnant: 'no', injecting: 'no', agreed: 'yes' } });
  const link = sent.html.match(/href="(\/requests\/[\w-]{43})"/)?.[1];
  if (!link) throw new Error(`no request was sent: ${sent.status} ${sent.text.slice(0, 600)}`);
  return ['/talk', '/refer', '/learn/packing', '/learn/paying/calculator', tap, carry, `${carry}/ask`, link];
}

export async function openServer(folder) {
  const data = join(folder, 'data');
  run('import', '--data', data, '--demo', '300');
  const desk = await openDesk({ data });
  const stranger = desk.visitor();
  await stranger.get('/desk/sign-in');
  const records = await openRecords(desk.origin, data, undefined, ['utilization']);
  const wayIn = await makeWayIn(desk, databaseOf(data), records);
  const links = await linksOf(desk.origin, data, desk.visitor());
  const doorOf = (visitor, shut = SHUT) => makeDoor(desk.origin, visitor.cookie(), (path) => isDesk(path) && !shut.some((one) => `${path.replace(/^\/es/, '')}/`.startsWith(`${one}/`)));
  return {
    people: records.people,
    // Where the crawl begins beside the first pages: what no link leads to, and what stands far down.
    links, pages: ['/desk/requests', '/desk/requests/new', '/desk/callbacks', '/desk/waitlist', '/desk/beds', '/desk/slots', '/desk/intakes', '/desk/coverage', '/desk/settings', ...wayIn.pages],
    log: desk.log, stop: desk.stop,
    public: await makeDoor(desk.origin, '', (path) => !isDesk(path), renewing(desk.origin, databaseOf(data))),
    door: await makeDoor(desk.origin, stranger.cookie(), (path) => /^\/desk\/(?:sign-in|first)$/.test(path)),
    desk: await doorOf(desk.admin),
    records: await doorOf(records.staff, [...SHUT, '/desk/users']), // the administrator's door leads there
    own: await doorOf(records.person),
    isSignedIn: async (part) => {
      const visitor = { desk: desk.admin, records: records.staff, program: records.staff, own: records.person }[part];
      return !visitor || (await visitor.request(part === 'own' ? '/me' : '/desk')).status === 200;
    },
  };
}
