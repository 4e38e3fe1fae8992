// Build the assets: a style sheet and a script for the public pages, another pair for the desk, the
// mark, the icons they name.
//
//   node script/build/assets.mjs FOLDER
//
// Writes each as <name>-<hash of its content>.<ending> and manifest.json ({"site.css":
// "site-<hash>.css", …}). The same sources give the same bytes.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import * as sass from "sass";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const uswds = path.join(root, "node_modules/@uswds/uswds");
const folder = process.argv[2];
if (!folder) {
  console.error("usage: node script/build/assets.mjs FOLDER");
  process.exit(2);
}

const manifest = {};

/** Write `bytes` under a name that holds their hash; answer that name. */
function put(name, bytes) {
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  const { name: stem, ext } = path.parse(name);
  const hashed = `${stem}-${hash}${ext}`;
  writeFileSync(path.join(folder, hashed), bytes);
  manifest[name] = hashed;
  return hashed;
}

/** Compile a style sheet; each icon that it names is put beside it. */
function styles(name) {
  const { css } = sass.compile(path.join(root, `assets/styles/${name}.scss`), {
    style: "compressed",
    loadPaths: [path.join(uswds, "packages")],
    quietDeps: true,
    silenceDeprecations: ["if-function", "global-builtin", "import"],
  });
  return css.replace(/url\("\.\.\/img\/([^"]+)"\)/g, (_, icon) => {
    const hashed = put(path.basename(icon), readFileSync(path.join(uswds, "dist/img", icon)));
    return `url("${hashed}")`;
  });
}

function script(name) {
  const built = esbuild.buildSync({
    entryPoints: [path.join(root, `assets/scripts/${name}.js`)],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: ["es2018"],
    legalComments: "none",
    absWorkingDir: root,
  });
  return built.outputFiles[0].contents;
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const name of ["site", "desk"]) {
  put(`${name}.css`, styles(name));
  put(`${name}.js`, script(name));
}
put("pad.js", script("pad"));
put("beds.js", script("beds"));
for (const image of readdirSync(path.join(root, "assets/images")).sort()) {
  put(image, readFileSync(path.join(root, "assets/images", image)));
}
const sorted = Object.fromEntries(Object.entries(manifest).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(path.join(folder, "manifest.json"), JSON.stringify(sorted, null, 2) + "\n");
