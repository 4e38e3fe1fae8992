// Build the outlines of states and counties that the program draws its maps from.
//
//   node script/build/outlines.mjs FILE
//
// From npm us-atlas (U.S. Census Bureau, public domain), whose Albers files are projected to a
// plane of 975 by 610 units. Puerto Rico and the U.S. Virgin Islands, which that plane lacks, are
// put into its lower right corner; src/web/map.c projects points with the same numbers.
// A line is one ring: layer, name, then x and y in hundredths of a unit, with spaces between.
// Layers: "nation" (states, coarse), "state" (states, fine), "county".
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import * as topojson from "topojson-client";
import { presimplify, simplify } from "topojson-simplify";

const require = createRequire(import.meta.url);
const file = process.argv[2];
if (!file) {
  console.error("usage: node script/build/outlines.mjs FILE");
  process.exit(2);
}

const load = (name) => JSON.parse(readFileSync(require.resolve(`us-atlas/${name}`), "utf8"));
const ISLANDS = /^(72|78)/;
const islands = ([longitude, latitude]) => [
  905 + 34 * (longitude + 65.9) * Math.cos((18.2 * Math.PI) / 180),
  560 - 34 * (latitude - 18.2),
];

const lines = [];
function ring(layer, name, points) {
  const numbers = [];
  let last = "";
  for (const point of points) {
    const here = point.map((value) => Math.round(value * 100)).join(" ");
    if (here !== last) numbers.push(here);
    last = here;
  }
  if (numbers.length >= 4) lines.push(`${layer}\t${name}\t${numbers.join(" ")}`);
}

/** Write each polygon's rings, outer and inner alike: the map fills them by the even-odd rule. */
function features(layer, topology, object, { keep = () => true, project = (p) => p } = {}) {
  for (const feature of topojson.feature(topology, topology.objects[object]).features) {
    if (!feature.geometry || !keep(String(feature.id))) continue;
    const { type, coordinates } = feature.geometry;
    for (const polygon of type === "Polygon" ? [coordinates] : coordinates)
      for (const points of polygon) ring(layer, feature.properties.name, points.map(project));
  }
}

/** Drop points whose triangle is smaller than `area` square units; shared borders stay shared. */
const thin = (topology, area) => simplify(presimplify(topology), area);

const onIslands = { keep: (id) => ISLANDS.test(id), project: islands };
features("nation", thin(load("states-albers-10m.json"), 0.9), "states");
features("nation", load("states-10m.json"), "states", onIslands);
features("state", thin(load("states-albers-10m.json"), 0.0005), "states");
features("state", load("states-10m.json"), "states", onIslands);
features("county", thin(load("counties-albers-10m.json"), 0.0005), "counties");
features("county", load("counties-10m.json"), "counties", onIslands);

mkdirSync(path.dirname(file), { recursive: true });
writeFileSync(file, lines.join("\n") + "\n");
