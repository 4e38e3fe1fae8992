// The look: contrast of the tokens' pairs by WCAG 2.2, and the weight of what a first visit loads.
// Expected values: design (style.md 3a: 4.5:1; under 30 KB of styles, 40 KB of script).
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tokens = readFileSync(join(root, 'assets/styles/_tokens.scss'), 'utf8');

function block(after, source = tokens) {
  const start = source.indexOf(':root', source.indexOf(after));
  const body = source.slice(start, source.indexOf('}', start));
  return Object.fromEntries([...body.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/g)].map((m) => [m[1], m[2]]));
}
const light = block(':root');
const dark = { ...light, ...block('prefers-color-scheme: dark') };
const print = { ...light, ...block('@media print') };
// The desk's own tokens over those.
const deskTokens = readFileSync(join(root, 'assets/styles/_desk_tokens.scss'), 'utf8');
const desk = {
  light: { ...light, ...block(':root', deskTokens) },
  dark: { ...dark, ...block('prefers-color-scheme: dark', deskTokens) },
  print: { ...print, ...block('@media print', deskTokens) },
};

// WCAG 2.2, relative luminance and contrast ratio.
function luminance(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(a, b) {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const grounds = ['paper', 'card', 'mist', 'light'];
const texts = [
  ...['ink', 'soft', 'teal'].flatMap((text) => grounds.map((ground) => [text, ground])),
  ['ink', 'field'], ['soft', 'field'],
  ['ink', 'amber-ground'], ['soft', 'amber-ground'], ['teal', 'amber-ground'], ['amber', 'amber-ground'], ['amber', 'card'],
  ['leaf', 'leaf-ground'], ['soft', 'grey-ground'],
  ['ink', 'red-ground'], ['soft', 'red-ground'], ['red', 'red-ground'], ['on-red', 'red'],
  ['on-teal', 'teal'],
];
// Edges of fields and the focus ring: 3:1 against what they stand on (WCAG 1.4.11).
const shapes = [
  ...grounds.slice(0, 3).flatMap((ground) => [['focus', ground], ['teal', ground]]),
  ['edge', 'card'], ['edge', 'field'], ['edge', 'paper'],
];

const modes = { light, dark, print, 'the desk': desk.light, 'the desk, dark': desk.dark, 'the desk, print': desk.print };
for (const [mode, set] of Object.entries(modes)) {
  test(`every pair of text and ground reads at 4.5:1 (${mode})`, () => {
    for (const [text, ground] of texts) {
      const ratio = contrast(set[text], set[ground]);
      assert.ok(ratio >= 4.5, `${text} ${set[text]} on ${ground} ${set[ground]}: ${ratio.toFixed(2)}`);
    }
    assert.ok(contrast('#ffffff', set['teal-deep']) >= 4.5, 'the help bar');
  });
  test(`edges and focus stand out at 3:1 (${mode})`, () => {
    for (const [shape, ground] of shapes) {
      const ratio = contrast(set[shape], set[ground]);
      assert.ok(ratio >= 3, `${shape} ${set[shape]} on ${ground} ${set[ground]}: ${ratio.toFixed(2)}`);
    }
  });
}

test('the tokens are those of the style guide', () => {
  assert.deepEqual(
    [light.paper, light.ink, light.teal, light.mist, light.amber, light['amber-ground'], light.red],
    ['#fbf8f3', '#1f2a30', '#0b5563', '#e6f0f0', '#8a5a00', '#fff4dc', '#a3211b']);
  assert.deepEqual([desk.light.paper, desk.light.ink, desk.light.teal], ['#f6f8f9', '#1f2a30', '#0b5563']);
});

test('no color is named outside of the tokens', () => {
  for (const name of readdirSync(join(root, 'assets/styles'))) {
    if (/^_(desk_)?tokens\.scss$/.test(name)) continue;
    const text = readFileSync(join(root, 'assets/styles', name), 'utf8');
    const named = [...text.matchAll(/#[0-9a-f]{3,8}\b/gi)].map((m) => m[0])
      .filter((color) => !['#fff', '#b9b9b9', '#ffc04d'].includes(color)); // help bar, print
    assert.deepEqual(named, [], name);
  }
});

test('styles and script are light, alike in two builds, and call nobody', () => {
  const folders = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'fairlead-look-')));
  try {
    for (const folder of folders)
      execFileSync('node', [join(root, 'script/build/assets.mjs'), join(folder, 'assets')], { cwd: root });
    const [first, second] = folders.map((folder) => readdirSync(join(folder, 'assets')).sort());
    assert.deepEqual(first, second);
    const manifest = JSON.parse(readFileSync(join(folders[0], 'assets/manifest.json'), 'utf8'));
    const read = (name) => readFileSync(join(folders[0], 'assets', manifest[name]));
    const weight = (name) => gzipSync(read(name)).length;
    assert.ok(weight('site.css') < 30_000, `styles ${weight('site.css')}`);
    assert.ok(weight('site.js') < 40_000, `script ${weight('site.js')}`);
    assert.ok(weight('desk.css') < 12_000, `the desk's styles ${weight('desk.css')}`);
    assert.ok(weight('desk.js') < 4_000, `the desk's script ${weight('desk.js')}`);
    const css = read('site.css').toString() + read('desk.css').toString();
    assert.ok(!/@import|@font-face|url\(["']?(https?:)?\/\//.test(css), 'the style sheet asks another place');
    for (const [, url] of css.matchAll(/url\(["']?([^"')]+)/g))
      assert.ok(url === '' || Object.values(manifest).includes(url), `no such icon: ${url}`);
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
});
