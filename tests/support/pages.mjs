// What every page must be, whoever sees it: nothing serious by axe, nothing wider than the window, one h1, no error of a script,
// no error by the Nu HTML checker. For tests in a real Chromium (browser.mjs).
//
//   const { context, page, errors } = await signedIn(browser, origin, visitor, { width: 360 });
//   await tour(browser, origin, [['staff', staff, ['/desk', …]], …]);   // every page of each, in both languages
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { accessibility, overflow } from './browser.mjs';
import { temporaryFolder } from './server.mjs';

const jar = fileURLToPath(new URL('../../node_modules/vnu-jar/build/dist/vnu.jar', import.meta.url));

// The Nu HTML checker finds no error in the files of a folder; with '--Werror' nothing to warn of either. It runs for seconds, so
// that Java's later compilers and collectors cost more than they give.
export function validate(folder, how = '--errors-only') {
  const checked = spawnSync('java', ['-Xss4m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-jar', jar, '--stdout', how, folder],
    { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (checked.error) throw new Error(`java does not run (script/bootstrap --test installs it): ${checked.error.message}`);
  assert.equal(checked.stdout.trim(), '', checked.stdout);
  assert.equal(checked.status, 0, checked.stderr);
}

// A context with a visitor's cookies: {context, page, errors}; `errors` are those of scripts.
export async function signedIn(browser, origin, { cookies }, { width, ...options }) {
  const context = await browser.newContext({ baseURL: origin, reducedMotion: 'reduce', ...options, viewport: { width, height: 800 } });
  await context.addCookies([...cookies].map(([name, value]) => ({ name, value, url: origin })));
  const page = await context.newPage(), errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  return { context, page, errors };
}

// Pages as they are looked at one after the other: look(page, name) at what is shown, keep(html) for validate(), and done() at the end.
export function inspection() {
  const folder = join(temporaryFolder(), 'html');
  let number = 0;
  mkdirSync(folder);
  return {
    async look(page, name) {
      assert.deepEqual(await accessibility(page), [], name);
      assert.ok(await overflow(page) <= 0, `${name} stands out sideways`);
      assert.equal(await page.locator('h1').count(), 1, name);
    },
    keep(html) { writeFileSync(join(folder, `${number += 1}.html`), html); },
    done() {
      assert.ok(number > 0, 'no page was kept');
      validate(folder);
    },
  };
}

// A phone by day in English, a desk by night in Spanish.
const VIEWS = [['', 360, 'light'], ['/es', 1280, 'dark']];

// Show each visitor ({cookies}) their paths in every view and inspect each page. `walks`: [[who, visitor, paths], …].
//   status(path)      what is answered (200)
//   isPart(path)      a piece of a page, which has no h1 of its own: validated alone
//   open(page)        what is opened before looking
//   then(page, {…})   what else is done with each view: {who, language, width, inspect}
export async function tour(browser, origin, walks, { views = VIEWS, status = () => 200, isPart = () => false, open = async () => {}, then = async () => {} } = {}) {
  const inspect = inspection(), shots = process.env.FAIRLEAD_SHOTS; // a folder for pictures of every page
  for (const [who, visitor, paths] of walks)
    for (const [language, width, colorScheme] of views) {
      const { context, page, errors } = await signedIn(browser, origin, visitor, { width, colorScheme, bypassCSP: true });
      for (const [index, path] of paths.entries()) {
        const name = `${who}: ${language}${path} at ${width}`, answer = await page.goto(language + path);
        assert.equal(answer.status(), status(path), name);
        await open(page);
        if (!isPart(path)) await inspect.look(page, name);
        if (shots) await page.screenshot({ path: join(shots, `${who}${index}-${width}.png`), fullPage: true });
        inspect.keep(await (await context.request.get(language + path)).text());
      }
      await then(page, { who, language, width, inspect });
      assert.deepEqual(errors, [], `${who} at ${width}`);
      await context.close();
    }
  inspect.done();
}
