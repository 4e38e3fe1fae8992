// Pages of consent and disclosure in a real Chromium at 360 and 1280 pixels, in both languages, without script: nothing
// stands out to the right, axe finds nothing serious, one h1.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { engines } from '../support/databases.mjs';
import { accessibility, launch, open, overflow, widths } from '../support/browser.mjs';
import { draft, openProgram } from '../support/people.mjs';

let world, browser;
before(async () => {
  [world, browser] = await Promise.all([openProgram(engines()[0].make(), 'Robin'), launch()]);
  const { officer, at } = world;
  await officer.get(`${at}/consent?kind=specific`);
  const shown = await officer.post(`${at}/consent`, draft);
  await officer.post(`${at}/consent`, { ...draft, words: shown.html.match(/name="words" value="([0-9a-f]{64})"/)[1], signer: 'Robin Vale' });
});
after(async () => { await browser?.close(); await world?.server.stop(); });

const STAFF = (at) => [`${at}/consents`, `${at}/consent`, `${at}/consent?kind=single-tpo`, `${at}/disclosures`, `${at}/share`, `${at}/views`, `${at}/record`, '/desk/emergencies'];
const OWN = ['/me', '/me/views', '/me/disclosures', '/me/consents', '/me/record'];

for (const width of widths) {
  for (const base of ['', '/es']) {
    test(`pages of consent at ${width} px${base}`, { timeout: 240000 }, async () => {
      for (const [visitor, paths] of [[world.officer, STAFF(world.at)], [world.nurse, [`${world.at}/emergency`]], [world.person, OWN]]) {
        const { context, page, strangers } = await open(browser, world.server.origin, { width, bypassCSP: true });
        await context.addCookies([...visitor.cookies].map(([name, value]) => ({ name, value, url: world.server.origin })));
        for (const path of paths) {
          const answer = await page.goto(base + path);
          assert.equal(answer.status(), 200, path);
          assert.equal(await page.locator('h1').count(), 1, path);
          assert.ok(await overflow(page) <= 0, `${path} stands out at ${width} px`);
          assert.deepEqual(await accessibility(page), [], path);
          if (process.env.FAIRLEAD_LOOK) {
            mkdirSync(process.env.FAIRLEAD_LOOK, { recursive: true });
            await page.screenshot({ path: `${process.env.FAIRLEAD_LOOK}/${width}${base.replace('/', '-')}-${path.replace(world.id, 'id').replace(/\W+/g, '_')}.png`, fullPage: true });
          }
        }
        assert.deepEqual(strangers, []);
        await context.close();
      }
    });
  }
}
