// Pages of consent and disclosure in a real Chromium at 360 and 1280 pixels, in both languages, without script: nothing
// stands out to the right, axe finds nothing serious, one h1.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { engines } from '../support/databases.mjs';
import { accessibility, launch, open, overflow, widths } from '../support/browser.mjs';
import { freshCode } from '../support/desk.mjs';
import { draft, openProgram, PASSWORD, signIn } from '../support/people.mjs';

let world, browser;
before(async () => {
  [world, browser] = await Promise.all([openProgram(engines()[0].make(), 'Robin'), launch()]);
  const { officer, at } = world;
  await officer.get(`${at}/consent?kind=specific`);
  const ends = { ...draft, expiration: '', expires_event: 'When my treatment here ends' };
  const shown = await officer.post(`${at}/consent`, ends);
  const list = await officer.post(`${at}/consent`, { ...ends, words: shown.html.match(/name="words" value="([0-9a-f]{64})"/)[1], signer: 'Robin Vale', drawn: '60,100 66,90 72,84;100,160 480,150' });
  const links = [...list.html.matchAll(/href="([^"]+\/consents\/(?:sheet|end)[^"]+)"/g)].map((match) => match[1].replaceAll('&amp;', '&'));
  world.sheet = links.find((link) => link.includes('/sheet'));
  world.end = links.find((link) => link.includes('/end'));
  // And somebody of the family, who sees what a consent of theirs covers.
  const kin = { ...draft, kind: 'family', purpose_codes: 'FAMRQT', recipients: 'Ana Vale', documents: 'person' };
  await officer.get(`${at}/consent?kind=family`);
  const words = (await officer.post(`${at}/consent`, kin)).html.match(/name="words" value="([0-9a-f]{64})"/)[1];
  world.kin = (await officer.post(`${at}/consent`, { ...kin, words, signer: 'Robin Vale' })).html.match(/href="([^"]+consents\/family[^"]+)"/)[1];
  await officer.get(world.kin);
  let made = await officer.post(`${at}/consents/family`, { consent: world.kin.split('=')[1], act: 'make' });
  if (made.forms.some((form) => 'prove_secret' in form.fields)) made = await officer.prove({ prove_secret: PASSWORD, prove_code: await freshCode(officer.secret) });
  world.ana = await signIn(world.server.origin, ...['name', 'code'].map((part) => made.html.match(new RegExp(`id="slip-${part}">([^<]+)<`))[1]));
  await world.ana.get('/me/shared');
  world.seen = (await world.ana.post('/me/shared', {})).path;
  await officer.get(`${at}/share`);
  world.copy = (await officer.post(`${at}/share`, { recipient: 'Harbor Clinic', class: '', purpose: 'TREAT', parts: ['person'], language: 'en', act: 'leave' })).path;
});
after(async () => { await browser?.close(); await world?.server.stop(); });

const STAFF = ({ at, sheet, end, copy, kin }) => [kin, `${at}/consents`, `${at}/consent`, `${at}/consent?kind=single-tpo`, sheet, end, `${at}/disclosures`, `${at}/share`, `${at}/share?basis=court-order`, copy, `${at}/views`, `${at}/record`, `${at}/notices`, '/desk/emergencies'];
const OWN = ({ at, sheet }) => ['/me', '/me/views', '/me/disclosures', '/me/consents', sheet.replace(at, '/me'), '/me/record'];

for (const width of widths) {
  test(`a signature is drawn on the pad at ${width} px, cleared, drawn again and kept`, { timeout: 240000 }, async () => {
    const { context, page } = await open(browser, world.server.origin, { width, hasTouch: width === 360 });
    await context.addCookies([...world.officer.cookies].map(([name, value]) => ({ name, value, url: world.server.origin })));
    const errors = [];
    page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
    await page.goto(`${world.at}/consent?kind=specific`);
    for (const [name, value] of [['description', `Drawn at ${width}`], ['recipients', 'Harbor Clinic'], ['purpose', 'Care'], ['expiration', '2099-12-31']]) await page.fill(`[name=${name}]`, value);
    await page.check('[name=purpose_codes][value=TREAT]');
    await page.click('button:has-text("Show the words")');
    const pad = page.locator('[data-pad] svg'), drawn = page.locator('[name=drawn]');
    const draw = async () => {
      await pad.scrollIntoViewIfNeeded();
      const box = await pad.boundingBox();
      await page.mouse.move(box.x + box.width * 0.2, box.y + box.height * 0.5);
      await page.mouse.down();
      for (let i = 0; i <= 30; i += 1) await page.mouse.move(box.x + box.width * (0.2 + i / 60), box.y + box.height * (0.5 + 0.3 * Math.sin(i / 4)));
      await page.mouse.up();
      return box;
    };
    const box = await draw();
    assert.ok(Math.abs(box.width / box.height - 3) < 0.1, 'the pad has the shape of its units');
    assert.match(await drawn.inputValue(), /^1[12]\d,(9\d|10\d)( \d+,\d+){10,}$/); // a fifth of 600 across, half of 200 down
    await page.click('[data-clear]');
    assert.equal(await drawn.inputValue(), '');
    await draw();
    const strokes = await drawn.inputValue();
    await page.fill('[name=signer]', 'Robin Vale');
    await page.click('button:has-text("Sign and save")');
    await page.waitForURL(/\/consents$/);
    await page.locator('section', { hasText: `Drawn at ${width}` }).locator('a[href*="/sheet"]').click();
    assert.equal(await page.locator('svg.drawn polyline').getAttribute('points'), strokes);
    assert.deepEqual(errors, []);
    await context.close();
  });
  for (const base of ['', '/es']) {
    test(`pages of consent at ${width} px${base}`, { timeout: 240000 }, async () => {
      for (const [visitor, paths] of [[world.officer, STAFF(world)], [world.nurse, [`${world.at}/emergency`]], [world.person, OWN(world)], [world.ana, ['/me', '/me/shared', world.seen]]]) {
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
