#!/usr/bin/env node
// layers: the rooms of src/ stand in an order; an include never climbs, and enters a room by its front door.
import { filesOf, contentOf, conclude } from './support.mjs';

// Lowest first: a room may include the rooms before it, never one after it.
const ROOMS = ['base', 'store', 'privacy', 'care', 'directory', 'assessment', 'coverage', 'admission', 'withdrawal',
  'treatment', 'aftercare', 'outcomes', 'exchange', 'web', 'cli'];
// Rooms whose every header is a door; of the others, <room>/<room>.h alone.
const OPEN_ROOMS = new Set(['base', 'directory']);
// Further doors of a room that keeps things apart: transactions, keys, clocks, copies.
const DOORS = new Set(['store/vault.h', 'store/due.h', 'store/backup.h']);

const problems = [];
const files = filesOf(/\.[ch]$/, 'src');
for (const path of files) {
  const room = path.split('/')[1];
  const complain = (line, what, mend) => problems.push({ path, line, what, mend });
  if (!ROOMS.includes(room) || path.split('/').length < 3) {
    complain(1, `no room of the house: src/${room}`, 'Put the file into a room, or add the room to ROOMS in script/check/layers.mjs in its order');
    continue;
  }
  contentOf(path).split('\n').forEach((text, index) => {
    const match = text.match(/^\s*#\s*include\s*([<"])([^>"]+)[>"]/);
    if (!match) return;
    const [, mark, name] = match, line = index + 1, target = name.split('/')[0];
    if (mark === '<') {
      if (ROOMS.includes(target) && filesOf(/./, `src/${target}`).includes(`src/${name}`)) {
        complain(line, `<${name}> is our own header`, `Write "${name}"`);
      }
      return;
    }
    if (!name.includes('/') || name.includes('..')) {
      complain(line, `"${name}" does not name its room`, `Write "${room}/${name.split('/').at(-1)}"`);
    } else if (!ROOMS.includes(target)) {
      complain(line, `"${name}" is in no room of the house`, 'Include a header of src/<room>/');
    } else if (ROOMS.indexOf(target) > ROOMS.indexOf(room)) {
      complain(line, `${room} includes ${target}, which stands above it`,
        'Keep what both need in care as a dated fact, or pass it as an argument');
    } else if (target !== room && !OPEN_ROOMS.has(target) && name !== `${target}/${target}.h` && !DOORS.has(name)) {
      complain(line, `"${name}" is private to ${target}`, `Include "${target}/${target}.h"`);
    }
  });
}
conclude('layers', problems, `${files.length} files`);
