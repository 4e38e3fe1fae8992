// A program with one person in care, for tests of pages about people: a privacy officer who is signed in, and the person
// on their own pages.
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { enroll, Visitor } from './desk.mjs';
import { fairlead, run, serve, temporaryFolder } from './server.mjs';

export const PASSWORD = 'lantern rope harbor 52';
const driver = join(dirname(fairlead), 'tests/http/people_driver');
const share = process.env.FAIRLEAD_SHARE ?? 'build/share';

// Sign in somebody new: first password, one's own, second factor where the role asks for it.
export async function signIn(origin, name, password) {
  const visitor = new Visitor(origin);
  await visitor.signIn(name, password);
  if (/\/desk\/password/.test(visitor.page.path)) await visitor.post('/desk/password', { old_password: password, new_password: PASSWORD, again: PASSWORD });
  if (/\/desk\/enroll/.test(visitor.page.path)) await enroll(visitor);
  return visitor;
}

// {server, officer, nurse, person, id, at}: `given` is the person's given name.
export async function openProgram(address, given) {
  const data = temporaryFolder(), common = ['--data', data, '--db', address];
  const program = JSON.parse(run('care', 'program', 'add', ...common, '--name', 'Lantern House', '--kind', 'residential', '--zone', 'America/Denver', '--state', 'CO', '--json'));
  const account = (name, role) => run('user', 'add', name, ...common, '--role', `${role}@Lantern House`, '--shown-name', `The ${name}`, '--email', `${name}@example.org`).match(/first password\s+(\S.*)/)[1].trim();
  const first = account('olive', 'privacy-officer'), second = account('nora', 'nurse');
  const id = execFileSync(driver, [data, address, share, program.id, given, 'Vale', '1980-02-29', 'robin', PASSWORD], { encoding: 'utf8' }).trim();
  const server = await serve(data, '--db', address);
  return {
    server, id, at: `/desk/people/${id}`,
    officer: await signIn(server.origin, 'olive', first),
    nurse: await signIn(server.origin, 'nora', second),
    person: await signIn(server.origin, 'robin', PASSWORD),
  };
}

// Who reaches every page about a person, and the program's own.
const EVERY_PAGE = ['case-manager', 'privacy-officer', 'nurse', 'front-desk', 'administrator'];

// Somebody of these roles and `more` in a program, signed in. `command` runs a subcommand on the server's data.
export async function openKeeper(origin, program, command, more = []) {
  const said = command('user', 'add', 'the.keeper', ...[...EVERY_PAGE, ...more].flatMap((role) => ['--role', `${role}@${program}`]));
  return signIn(origin, 'the.keeper', said.match(/first password\s+(\S.*)/)[1].trim());
}

// A program with a site on a server that runs; somebody of many roles, two people in care, and the first of them on their own
// pages: {program, staff, people, person}. `more` are further roles of the first.
export async function openRecords(origin, data, database, more = []) {
  const command = (...words) => run(...words, '--data', data, ...(database ? ['--db', database] : []));
  const program = JSON.parse(command('care', 'program', 'add', '--name', 'Harbor House', '--kind', 'residential', '--zone', 'America/Denver', '--state', 'CO', '--json'));
  command('care', 'site', 'add', '--program', program.id, '--name', 'West House');
  const staff = await openKeeper(origin, program.id, command, more);
  const people = [];
  for (const [given, birth] of [['Joan', '1980-02-29'], ['Jon', '1980-02-28']]) {
    await staff.get('/desk/people/new');
    const page = await staff.post('/desk/people/new', { given, family: 'Smyth', sex: 'unknown', language: 'en', birth_date: birth });
    const id = page.path.match(/^\/desk\/people\/([0-9a-f-]{36})$/)?.[1];
    if (!id) throw new Error(`no person was made: ${page.status} ${page.path}`);
    people.push(id);
  }
  await staff.get(`/desk/people/${people[0]}/account`);
  const slip = await staff.post(`/desk/people/${people[0]}/account`, { act: 'make' });
  const [name, code] = ['name', 'code'].map((part) => slip.html.match(new RegExp(`id="slip-${part}">([^<]+)<`))?.[1]);
  if (!code) throw new Error(`no account of their own was made: ${slip.status} ${slip.text.slice(0, 400)}`);
  return { program, staff, people, person: await signIn(origin, name, code) };
}

// What a consent's form holds that lacks nothing.
export const draft = {
  kind: 'specific', language: 'en', disclosers: 'Lantern House', description: 'My name and my stays', recipients: 'Harbor Clinic',
  addresses: '', participants: '', purpose_codes: 'TREAT', purpose: 'At the request of the patient', expiration: '2099-12-31',
  expires_event: '', revocable_from: '', signed_by: 'patient', authority: '',
};
