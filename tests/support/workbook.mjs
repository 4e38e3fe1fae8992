// Writes zip archives and workbooks for the import's tests, good and hostile, and reads them by a way of its own. Nothing
// here is shared with the program.
import { deflateRawSync, inflateRawSync } from 'node:zlib';

const TABLE = Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xEDB88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});
const crc32 = (bytes) => {
  let crc = 0xFFFFFFFF;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xFF] ^ (crc >>> 8);
  return (crc ^ 0xFFFFFFFF) >>> 0;
};

// A zip archive of {name: text or Buffer}. A member may be {data, flags, size}: general purpose flags (1: encrypted) and
// the size that the directory claims.
export function zip(members) {
  const parts = [], directory = [];
  let offset = 0;
  for (const [name, given] of Object.entries(members)) {
    const member = typeof given === 'string' || Buffer.isBuffer(given) ? { data: given } : given;
    const data = Buffer.from(member.data);
    const packed = deflateRawSync(data, { level: 9 });
    const crc = crc32(data), size = member.size ?? data.length, flags = member.flags ?? 0;
    const head = Buffer.alloc(30), entry = Buffer.alloc(46), path = Buffer.from(name);
    head.writeUInt32LE(0x04034B50, 0);
    head.writeUInt16LE(20, 4);
    head.writeUInt16LE(flags, 6);
    head.writeUInt16LE(8, 8);
    head.writeUInt32LE(crc, 14);
    head.writeUInt32LE(packed.length, 18);
    head.writeUInt32LE(size, 22);
    head.writeUInt16LE(path.length, 26);
    entry.writeUInt32LE(0x02014B50, 0);
    entry.writeUInt16LE(20, 4);
    entry.writeUInt16LE(20, 6);
    entry.writeUInt16LE(flags, 8);
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(crc, 16);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(size, 24);
    entry.writeUInt16LE(path.length, 28);
    entry.writeUInt32LE(offset, 42);
    parts.push(head, path, packed);
    directory.push(entry, path);
    offset += head.length + path.length + packed.length;
  }
  const listing = Buffer.concat(directory), end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054B50, 0);
  end.writeUInt16LE(directory.length / 2, 8);
  end.writeUInt16LE(directory.length / 2, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, listing, end]);
}

const escape = (text) => String(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006/relationships';

export const columnName = (index) => (index >= 26 ? columnName(Math.floor(index / 26) - 1) : '') + String.fromCharCode(65 + index % 26);

// A worksheet's XML. A text cell is shared (or inline, with `inline`), a number is stored as one, an empty cell is left out.
export function sheetXml(rows, { strings = null, prefix = '', references = true } = {}) {
  const p = prefix ? `${prefix}:` : '';
  const cell = (value, row, column) => {
    if (value === '' || value === null || value === undefined) return '';
    const r = references ? ` r="${columnName(column)}${row}"` : '';
    if (typeof value === 'number') return `<${p}c${r}><${p}v>${value}</${p}v></${p}c>`;
    if (typeof value === 'object') return `<${p}c${r} t="${value.t}"><${p}v>${value.v}</${p}v></${p}c>`;
    if (!strings) return `<${p}c${r} t="inlineStr"><${p}is><${p}t xml:space="preserve">${escape(value)}</${p}t></${p}is></${p}c>`;
    if (!strings.has(value)) strings.set(value, strings.size);
    return `<${p}c${r} t="s"><${p}v>${strings.get(value)}</${p}v></${p}c>`;
  };
  const body = rows.map((cells, i) =>
    `<${p}row${references ? ` r="${i + 1}"` : ''}>${cells.map((value, column) => cell(value, i + 1, column)).join('')}</${p}row>`);
  return `${XML}<${p}worksheet xmlns${prefix ? `:${prefix}` : ''}="${MAIN}"><${p}sheetData>${body.join('')}</${p}sheetData></${p}worksheet>`;
}

// The members of a workbook of sheets [{name, rows}], as zip() takes them. `targets` lets files stand in another order.
export function workbookMembers(sheets, { inline = false, prefix = '', references = true, modified = '2023-06-29T18:56:21Z' } = {}) {
  const strings = inline ? null : new Map();
  const members = {};
  const number = (i) => sheets.length - i; // the first sheet is not sheet1.xml
  sheets.forEach((sheet, i) => { members[`xl/worksheets/sheet${number(i)}.xml`] = sheetXml(sheet.rows, { strings, prefix, references }); });
  members['[Content_Types].xml'] = `${XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`;
  members['_rels/.rels'] = `${XML}<Relationships xmlns="${PACKAGE}"><Relationship Id="r1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/>` +
    `<Relationship Id="r2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>`;
  members['xl/workbook.xml'] = `${XML}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>` +
    sheets.map((sheet, i) => `<sheet name="${escape(sheet.name)}" sheetId="${i + 1}" r:id="rId${i + 1}"/>`).join('') + '</sheets></workbook>';
  members['xl/_rels/workbook.xml.rels'] = `${XML}<Relationships xmlns="${PACKAGE}">` +
    sheets.map((_, i) => `<Relationship Id="rId${i + 1}" Type="${OFFICE}/worksheet" Target="worksheets/sheet${number(i)}.xml"/>`).join('') +
    (strings ? `<Relationship Id="rId99" Type="${OFFICE}/sharedStrings" Target="/xl/sharedStrings.xml"/>` : '') + '</Relationships>';
  if (strings)
    members['xl/sharedStrings.xml'] = `${XML}<sst xmlns="${MAIN}">` + [...strings.keys()].map((text) => `<si><t>${escape(text)}</t></si>`).join('') + '</sst>';
  members['docProps/core.xml'] = `${XML}<cp:coreProperties xmlns:cp="a" xmlns:dcterms="b"><dcterms:created>2020-01-02T00:00:00Z</dcterms:created>` +
    `<dcterms:modified>${modified}</dcterms:modified></cp:coreProperties>`;
  return members;
}
export const workbook = (sheets, options) => zip(workbookMembers(sheets, options));

// Members of an archive, by name, unpacked.
export function unzip(bytes) {
  const members = {};
  let end = bytes.length - 22;
  while (bytes.readUInt32LE(end) !== 0x06054B50) end--;
  let at = bytes.readUInt32LE(end + 16);
  for (let i = bytes.readUInt16LE(end + 10); i > 0; i--) {
    const name = bytes.toString('utf8', at + 46, at + 46 + bytes.readUInt16LE(at + 28));
    const local = bytes.readUInt32LE(at + 42), packed = bytes.readUInt32LE(at + 20);
    const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const data = bytes.subarray(from, from + packed);
    members[name] = bytes.readUInt16LE(at + 10) === 8 ? () => inflateRawSync(data) : () => data;
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return members;
}

const unescape = (text) => text.replace(/&(lt|gt|quot|apos|amp|#\d+|#x[0-9a-fA-F]+);/g, (_, name) =>
  ({ lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' })[name] ??
  String.fromCodePoint(name[1] === 'x' ? parseInt(name.slice(2), 16) : Number(name.slice(1))));

// Rows of a worksheet that uses shared strings alone, as the official directories do: objects by lower-case header.
export function readSheet(bytes, path) {
  const members = unzip(bytes);
  const strings = [...members['xl/sharedStrings.xml']().toString('utf8').matchAll(/<si>(.*?)<\/si>/gs)]
    .map(([, item]) => unescape([...item.matchAll(/<t[^>]*>(.*?)<\/t>/gs)].map(([, text]) => text).join('')));
  const columnOf = (letters) => [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
  const rows = [...members[path]().toString('utf8').matchAll(/<row [^>]*>(.*?)<\/row>/gs)].map(([, row]) => {
    const cells = [];
    for (const [, letters, value] of row.matchAll(/<c r="([A-Z]+)\d+"[^>]*t="s"[^>]*><v>(\d+)<\/v>/g)) cells[columnOf(letters)] = strings[Number(value)];
    return cells;
  });
  const names = rows[0].map((name) => name.toLowerCase());
  return rows.slice(1).map((row) => Object.fromEntries(names.map((name, i) => [name, row[i] ?? ''])));
}
