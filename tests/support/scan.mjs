// Searches raw files for planted words: in each form and case in which a file could tell them. Every planted word holds one of
// a few rare markers, so that not finding a marker is not finding any word.
import { readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';

// The characters of base64 that hold whole bytes of the marker, at each of the three places where it may begin.
function base64Of(bytes) {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64').replace(/=+$/, '');
    const first = Math.ceil(before * 8 / 6), last = Math.floor((before + bytes.length) * 8 / 6);
    return text.slice(first, last);
  });
}

const fold = (text) => text.normalize('NFD').replace(/\p{M}/gu, '');
const casesOf = (text) => [text, text.toUpperCase(), text.toLowerCase(), text[0].toUpperCase() + text.slice(1), text[0].toLowerCase() + text.slice(1).toUpperCase()];

// Every form of the markers: {name, bytes}.
export function needlesOf(markers) {
  const needles = new Map();
  for (const text of new Set(markers.flatMap((marker) => [marker, fold(marker), marker.normalize('NFD')]).flatMap(casesOf))) {
    const utf16 = Buffer.from(text, 'utf16le'), hexadecimal = Buffer.from(text).toString('hex');
    const add = (form, bytes) => needles.set(Buffer.from(bytes).toString('latin1'), needles.get(Buffer.from(bytes).toString('latin1')) ?? { name: `${text} as ${form}`, bytes: Buffer.from(bytes) });
    add('UTF-8', text);
    add('a part of an address', encodeURIComponent(text));
    add('UTF-16', utf16);
    add('UTF-16, big-endian', Buffer.from(utf16).swap16());
    add('hexadecimal', hexadecimal);
    add('hexadecimal in capitals', hexadecimal.toUpperCase());
    for (const part of base64Of(Buffer.from(text))) {
      add('base64', part);
      add('base64 for addresses', part.replaceAll('+', '-').replaceAll('/', '_'));
    }
  }
  return [...needles.values()];
}

export function* filesBelow(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    let status;
    try { status = statSync(path); } catch { continue; }
    if (status.isDirectory()) yield* filesBelow(path);
    else if (status.isFile()) yield path;
  }
}

// Files that a process has open and nobody can name any more.
export function* unnamedFilesOf(pid) {
  for (const number of readdirSync(`/proc/${pid}/fd`)) {
    const path = `/proc/${pid}/fd/${number}`;
    try { if (readlinkSync(path).endsWith(' (deleted)')) yield path; } catch { /* closed meanwhile */ }
  }
}

// Does any needle stand in some bytes? One expression over all of them is some twenty times as fast as one search for each.
const expressions = new WeakMap();
const STRETCH = 1 << 26, OVERLAP = 1 << 10;
function isAnyIn(needles, bytes) {
  const escaped = ({ bytes: needle }) => [...needle].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  if (!expressions.has(needles)) expressions.set(needles, new RegExp(needles.map(escaped).join('|')));
  for (let at = 0; at < bytes.length; at += STRETCH)
    if (expressions.get(needles).test(bytes.subarray(at, at + STRETCH + OVERLAP).toString('latin1'))) return true;
  return false;
}

// Where needles stand in some bytes.
export const inBytes = (needles, bytes, where) => (isAnyIn(needles, bytes) ? needles.filter((needle) => bytes.includes(needle.bytes)).map((needle) => `${needle.name} in ${where}`) : []);

// Where needles stand in files; `counts` hears of each file that was read.
export function inFiles(needles, paths, counts = { files: 0, bytes: 0 }) {
  const found = [];
  for (const path of paths) {
    let bytes;
    try { bytes = readFileSync(path); } catch { continue; } // gone meanwhile
    counts.files++;
    counts.bytes += bytes.length;
    found.push(...inBytes(needles, bytes, path));
  }
  return found;
}
