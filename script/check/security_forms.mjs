// Forms of a page, read and filled in: for script/check/security.mjs. It reads our own templates' HTML, which vnu holds
// valid (tests/browser); it is no parser for any page.

const unescape = (text) => text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(amp|lt|gt|quot|apos));/gi, (whole, decimal, hex, name) =>
  (decimal ? String.fromCodePoint(Number(decimal)) : hex ? String.fromCodePoint(parseInt(hex, 16)) : { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }[name.toLowerCase()]));

function attributesOf(text) {
  const attributes = {};
  for (const [, name, quoted, single, bare] of text.matchAll(/([^\s=/>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/g)) attributes[name.toLowerCase()] = unescape(quoted ?? single ?? bare ?? '');
  return attributes;
}

// Links and forms: {links: [href], forms: [{method, action, controls: [{tag, type, name, value, options, …}]}]}.
export function parsePage(html) {
  const links = [], forms = [];
  const byId = new Map();
  let form = null, select = null;
  const formOf = (attributes) => (attributes.form ? byId.get(attributes.form) : form);
  for (const [, ending, name, rest] of html.replace(/<!--[\s\S]*?-->|<script[\s\S]*?<\/script>/gi, '').matchAll(/<(\/?)(form|input|select|option|textarea|button|a|area)\b((?:[^>"']|"[^"]*"|'[^']*')*)>/gi)) {
    const tag = name.toLowerCase(), attributes = attributesOf(rest);
    if (ending) { if (tag === 'form') form = null; if (tag === 'select') select = null; continue; }
    if (tag === 'a' || tag === 'area') { if (attributes.href !== undefined && !attributes.download) links.push(attributes.href); }
    else if (tag === 'form') {
      form = { method: (attributes.method ?? 'get').toUpperCase(), action: attributes.action ?? '', controls: [] };
      forms.push(form);
      if (attributes.id) byId.set(attributes.id, form);
    } else if (tag === 'option') select?.options.push(attributes.value ?? '');
    else if (attributes.disabled === undefined) {
      const control = { ...attributes, tag, type: attributes.type ?? (tag === 'button' ? 'submit' : 'text'), options: [] };
      if (tag === 'select') select = control;
      formOf(attributes)?.controls.push(control);
    }
  }
  return { links, forms };
}

// What a person might type. A page that asks for more says so by the field's own type, list or pattern.
const SAMPLES = [[/mail/, 'ann@example.org'], [/phone|fax/, '804-555-0100'], [/birth/, '1980-02-29'], [/zip|near/, '10001'], [/state/, 'NY'], [/zone/, 'America/New_York'],
  [/within/, '25'], [/year/, '1980'], [/code|pin/, '123456'], [/npi/, '1234567893'], [/name/, 'Ann Example'], [/^q$|words|text|note/, 'clinic']];

function sampleOf({ type, name, value, min, options, tag }) {
  if (tag === 'select') return options.find((option) => option !== '') ?? '';
  if (value) return value;
  if (type === 'number' || type === 'range') return min || '1';
  if (type === 'date') return '2026-01-31';
  if (type === 'datetime-local') return '2026-01-31T09:00';
  if (type === 'time') return '09:00';
  if (type === 'email') return 'ann@example.org';
  if (type === 'password') return 'a long and quiet river';
  if (type === 'checkbox' || type === 'radio') return value || 'on';
  return SAMPLES.find(([pattern]) => pattern.test(name))?.[1] ?? '1';
}

// The fields of a form as it would be sent: each group of radio buttons once, the first button that has a name.
export function fill(form) {
  const fields = [], radios = new Set();
  let pressed = false;
  for (const control of form.controls) {
    if (!control.name || control.type === 'file' || control.type === 'reset' || control.type === 'button') continue;
    if (control.type === 'submit' || control.type === 'image') { if (pressed) continue; pressed = true; }
    if (control.type === 'radio') { if (radios.has(control.name)) continue; radios.add(control.name); }
    fields.push([control.name, sampleOf(control)]);
  }
  return fields;
}

// A path with what stands for one of many taken out: ids, names of articles and instruments, tokens, a query's values.
export function patternOf(url) {
  const path = url.pathname.split('/').map((part) => (/\d|.{24,}/.test(part) ? '{}' : part)).join('/');
  const names = [...new Set(url.searchParams.keys())].sort().join('&');
  return names ? `${path}?${names}` : path;
}

// Forms with the same method, place and fields are one.
export function formKey(form) {
  const names = [...new Set(form.fields.map(([name]) => name))].sort().join(' ');
  return `${form.method} ${patternOf(new URL(form.action, 'http://x'))} ${names}`.replace(/^(\S+) \/es\//, '$1 /');
}
