#!/usr/bin/env node
// exits: record data leaves by disclose() alone. What holds a record (care, privacy) writes no file, socket, stream or
// log; a page of the desk hands a file out through one function, which takes what only disclose() makes; every route to
// export, print or save goes there; nothing else opens sealed fields or reads records at all.
import { filesOf, contentOf, tokensOf, argumentsOf, conclude } from './support.mjs';

const problems = [];
const complain = (path, line, what, mend) => problems.push({ path, line, what, mend });

// The one place where a file or raw bytes become an answer under /desk and /me, and who may show bytes as they are kept.
const LEAVES = 'src/web/desk/leave.c';
const SHOWS_BYTES = new Map([
  ['src/web/desk/views_photo.c', 'the photo in the banner, to staff of the program, by role'],
  ['src/web/desk/views_files.c', 'a file of a record, to staff of the program and the person, by role'],
  ['src/web/desk/views_consent_paper.c', 'a scanned paper, to staff of the program, by role'],
]);
// Of these, who may have a browser save them, and why.
const SAVES_BYTES = new Map([
  ['src/web/desk/views_files.c', 'a PDF is saved, never shown; to who may see its kind, each look written down'],
]);
// Who may hand out a file that holds no record: ids, times and acts, asked for with proof and written down itself.
const HANDS_OUT_HISTORY = new Map([
  ['src/web/desk/views_looking.c', 'the audit, to its auditor: act audit export, at /desk/audit/export alone'],
]);
// A page whose address sounds like taking away, and what it does instead.
const HANDS_OUT_NOTHING = new Map([
  ['/desk/requests/{id}/record', 'joins a request with the record of its person'],
]);
// Rooms and files that may read records: the rooms of the journey, the desk, and these.
const READS_RECORDS = /^src\/(?:care|coverage|admission|withdrawal|treatment|aftercare|outcomes)\/|^src\/web\/desk\//;
const READS_RECORDS_TOO = new Map([
  ['src/cli/records.c', 'opens the rooms, reads nothing'],
  ['src/cli/command_serve.c', 'opens the rooms for the server'],
  ['src/cli/command_care.c', 'programs, no people'],
  ['src/cli/command_user.c', 'accounts of staff, no people'],
  ['src/cli/keeper.c', 'runs the clocks'],
  ['src/cli/knowledge_check.c', 'reads knowledge, no record'],
  ['src/cli/command_import_people.c', 'brings people in'],
  ['src/web/application.c', 'the table of routes'],
]);
// Files of the record rooms that write outside the store, and why no record is in it.
const WRITES_OUTSIDE = new Map([
  ['src/privacy/audit_anchor.c', 'hashes of the chain'],
  ['src/privacy/audit_verify.c', 'reads the anchors'],
  ['src/privacy/outbox_send.c', 'messages of the catalog, that name no treatment'],
  ['src/privacy/outbox_mail.c', 'the same, as mail'],
  ['src/privacy/outbox_wire.c', 'the same, on the wire'],
]);
// What opens a sealed field.
const OPENS = new Set(['vault_unseal', 'sealed_read']);
const OPENS_IN = /^src\/(?:store|privacy|care|coverage|admission|withdrawal|treatment|aftercare|outcomes)\//;
// What leads out of the process.
const OUT = new Set(['fopen', 'fdopen', 'freopen', 'open', 'openat', 'creat', 'mkstemp', 'write', 'pwrite', 'writev', 'fwrite', 'fputs', 'fputc',
  'puts', 'printf', 'fprintf', 'vfprintf', 'dprintf', 'file_replace', 'send', 'sendto', 'sendmsg', 'socket', 'connect', 'syslog',
  'curl_easy_perform', 'curl_multi_perform', 'posix_spawn', 'fork', 'execve', 'execvp', 'popen', 'system', 'shm_open', 'mq_send']);
const HOLDS_RECORDS = /^src\/(?:privacy|care|coverage|admission|withdrawal|treatment|aftercare|outcomes)\/|^src\/web\/desk\//;
// Routes that give something to take away, by their act or the last word of their path.
const TAKES_AWAY = /\/(?:print|file|export|download|copy|save|fax|record)$/;

// The routes of a file: {pattern, line, handler, acts}.
function routesOf(source) {
  return [...source.matchAll(/\{([^{}]*\.pattern\s*=\s*"([^"]+)"[^{}]*)\}/g)].map((match) => ({
    pattern: match[2],
    line: source.slice(0, match.index).split('\n').length,
    handler: match[1].match(/\.handler\s*=\s*(\w+)/)?.[1] ?? '',
    acts: [...match[1].matchAll(/\.(?:get|post)_act\s*=\s*"([\w-]+)"/g)].map((act) => act[1]),
  }));
}

function checkCalls(path, code) {
  code.forEach((token, index) => {
    const next = code[index + 1];
    if (token.kind !== 'word' || next?.text !== '(' || next.kind !== 'mark') return;
    const before = code[index - 1]?.text;
    if (before === '.' || before === '>') return; // a member
    if (OPENS.has(token.text) && !OPENS_IN.test(path)) {
      complain(path, token.line, `${token.text}() opens a sealed field outside the rooms that keep records`, 'Read it through the room, or let disclose() hand it out');
    }
    if (OUT.has(token.text) && HOLDS_RECORDS.test(path) && !WRITES_OUTSIDE.has(path)) {
      complain(path, token.line, `${token.text}() leads out of the process from where records are held`, 'Hand it to disclose() and desk_leave(); a file that truly holds no record joins WRITES_OUTSIDE in script/check/exits.mjs, with its reason');
    }
    if (/^log_(?:write|event)$/.test(token.text) && HOLDS_RECORDS.test(path)) {
      const words = argumentsOf(code, index + 1).list.flat().filter((part) => part.kind === 'word').map((part) => part.text);
      const record = words.find((word) => /^(?:given|family|birth_date|patient_name|signed_bytes|signer|nature|words|notes|description|identity|email|phones?|number|street)$/.test(word));
      if (record) complain(path, token.line, `a log line with ${record}`, 'A log names ids and counts, never a record');
    }
  });
}

// A raw answer or a file's name, set in a page of the desk.
function checkAnswers(path, source) {
  if (!path.startsWith('src/web/desk/') || path === LEAVES || HANDS_OUT_HISTORY.has(path)) return;
  source.split('\n').forEach((text, index) => {
    const member = text.match(/\bview(?:->|\.)(raw|file_name|content_type)\s*=(?!=)/);
    if (member && !(SHOWS_BYTES.has(path) && (member[1] !== 'file_name' || SAVES_BYTES.has(path)))) {
      complain(path, index + 1, `view.${member[1]} is set beside the one way out`, 'Call desk_leave() with what disclose() gave');
    }
    if (/\bstruct disclosed \w+ = \{(?!0?\})/.test(text) || /\bdisclosed(?:->|\.)(?:content|notice|scope)\s*=(?!=)/.test(text)) {
      complain(path, index + 1, 'a disclosure that disclose() did not make', 'Call disclose(), and hand on what it gives');
    }
  });
}

function checkRoutes(path, source, code) {
  const calls = new Set(code.filter((token, index) => token.kind === 'word' && code[index + 1]?.text === '(').map((token) => token.text));
  for (const route of routesOf(source)) {
    if (!/^\/(?:desk|me)(?:\/|$)/.test(route.pattern)) continue;
    if (!TAKES_AWAY.test(route.pattern) && !route.acts.includes('export')) continue;
    if (route.acts.length && route.acts.every((act) => act === 'import')) continue;
    if (HANDS_OUT_NOTHING.has(route.pattern) && !route.acts.includes('export')) continue;
    if (SAVES_BYTES.has(path) && /\/files\/file$/.test(route.pattern) && !route.acts.includes('export')) continue;
    if (HANDS_OUT_HISTORY.has(path) && route.pattern === '/desk/audit/export') continue;
    if (!calls.has('desk_leave') || !calls.has('disclose')) {
      complain(path, route.line, `${route.pattern} gives something to take away, and its file calls no ${calls.has('disclose') ? 'desk_leave' : 'disclose'}()`,
        'Let disclose() decide, and desk_leave() answer');
    }
  }
}

function checkIncludes(path, source) {
  if (READS_RECORDS.test(path) || READS_RECORDS_TOO.has(path)) return;
  if (path.startsWith('src/exchange/') && /\bdisclose\(/.test(source)) return;
  source.split('\n').forEach((text, index) => {
    if (/^\s*#\s*include\s*"care\//.test(text) && /\.c$/.test(path)) {
      complain(path, index + 1, 'reads records where none are read', 'What a record holds leaves through disclose() alone; a file that reads none joins READS_RECORDS_TOO in script/check/exits.mjs, with its reason');
    }
  });
}

const files = filesOf(/\.c$/, 'src');
for (const path of files) {
  const source = contentOf(path);
  const code = tokensOf(source).filter((token) => token.kind !== 'comment' && token.kind !== 'directive');
  checkIncludes(path, source);
  checkCalls(path, code);
  checkAnswers(path, source);
  checkRoutes(path, source, code);
}
conclude('exits', problems, `${files.length} files`);
