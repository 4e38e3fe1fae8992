// The desk in a real Chromium: from the server's printed code to a nurse who switches at a shared computer, with and without
// script, on a phone's width and a desk's; nothing serious by axe, no error by the Nu HTML checker.
// Expected: the issue (a switch in under 5 seconds), docs/desk.md, style.md 12 and 3a.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { serve, temporaryFolder } from '../support/server.mjs';
import { freshCode, makeProgram, openDesk } from '../support/desk.mjs';
import { databaseOf } from '../support/databases.mjs';
import { launch, overflow } from '../support/browser.mjs';
import { tour } from '../support/pages.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

async function opened(origin, { width = 1280, script = true, cookies, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 800 }, baseURL: origin, javaScriptEnabled: script, reducedMotion: 'reduce', ...options });
  if (cookies) await context.addCookies([...cookies].map(([name, value]) => ({ name, value, url: origin })));
  const page = await context.newPage(), errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => { if (message.type() === 'error' && !/Permissions-Policy|40[0349]/.test(message.text())) errors.push(message.text()); });
  return { context, page, errors };
}

for (const [width, script] of [[1280, true], [360, false], [360, true]]) {
  test(`from the printed code to a shared computer (${width} px, ${script ? 'with' : 'without'} script)`, async () => {
    const data = temporaryFolder(), server = await serve(data), code = await server.firstCode();
    const program = makeProgram(databaseOf(data), 'Harbor House');
    try {
      const admin = await opened(server.origin, { width, script });
      let { page } = admin;
      const signIn = async (name, password) => { await page.fill('#form-name', name); await page.fill('#form-password', password); await page.click('main button[type=submit]'); };
      // The first administrator.
      await page.goto('/desk/first');
      for (const [field, value] of Object.entries({ code, shown_name: 'Ada Keeper', name: 'ada', new_password: 'river stone lantern 71', again: 'river stone lantern 71' }))
        await page.fill(`#form-${field}`, value);
      await page.click('main button[type=submit]');
      await signIn('ada', 'river stone lantern 71');
      await page.click('button[value=begin]');
      assert.ok(await page.isVisible('svg.qr'));
      const secret = (await page.textContent('.secret')).replaceAll(' ', '');
      await page.fill('#form-code', await freshCode(secret));
      await page.click('button[value=confirm]');
      assert.equal(await page.locator('.codes li').count(), 10);
      assert.equal(await page.isVisible('[data-print]'), script);
      await page.click('a.button');
      assert.equal(new URL(page.url()).pathname, '/desk');
      // A nurse.
      await page.goto('/desk/users/new');
      await page.fill('#form-shown_name', 'Nina Nurse');
      await page.fill('#form-name', 'nina');
      await page.check(`input[name=program][value="${program}"]`);
      await page.check('input[name=role][value=nurse]');
      await page.click('main button[type=submit]');
      const first = await page.textContent('.secret');
      // This browser becomes a shared computer.
      await page.goto('/desk/program?to=/desk/station');
      await page.click(`button[value="${program}"]`);
      await page.fill('#form-name', 'Second floor');
      await page.click('button[value=enroll]');
      assert.match(await page.textContent('main'), /Second floor/);
      await page.click('form[action="/desk/sign-out"] button');
      assert.equal(new URL(page.url()).pathname, '/desk/switch');
      if (script) await page.waitForFunction(() => document.activeElement.id === 'badge');
      // The nurse's first sign-in there opens the shift; then a PIN.
      await page.click('a.button');
      await signIn('nina', first);
      await page.fill('#form-new_password', 'meadow copper window 5');
      await page.fill('#form-again', 'meadow copper window 5');
      await page.click('main button[type=submit]');
      if (new URL(page.url()).pathname === '/desk/sign-in') await signIn('nina', 'meadow copper window 5');
      await page.goto('/desk/pin');
      if (await page.locator('#prove_secret').count()) {
        await page.fill('#prove_secret', 'meadow copper window 5');
        await page.click('main button[type=submit]');
      }
      await page.fill('#form-pin', '482913');
      await page.fill('#form-again', '482913');
      await page.click('main button[type=submit]');
      await page.click('form[action="/desk/sign-out"] button');
      await page.goto('/desk/sign-in');
      await signIn('nina', 'meadow copper window 5');
      await page.click('form[action="/desk/sign-out"] button');
      // The switch: the name, six presses, go.
      const begun = Date.now();
      await page.goto('/desk/switch');
      await page.click('.member:has-text("Nina Nurse")');
      for (const digit of '482913') await page.click(`button[name=digit][value="${digit}"]`);
      await page.click('.first button');
      await page.waitForURL('**/desk');
      assert.ok(Date.now() - begun < 5000, `${Date.now() - begun} ms`);
      assert.match(await page.textContent('.who'), /Nina Nurse/);
      assert.ok(await overflow(page) <= 0);
      // Back after signing out shows nothing.
      await page.click('form[action="/desk/sign-out"] button');
      await page.goBack().catch((error) => assert.match(error.message, /ERR_CACHE_MISS/)); // a form's answer, kept by nobody
      await page.waitForLoadState('load');
      assert.doesNotMatch(await page.textContent('body'), /Nina Nurse.*Sign out/s);
      assert.deepEqual(admin.errors, []);
      await admin.context.close();
    } finally { await server.stop(); }
  });
}

test('every page of the desk is accessible, valid, and fits', async () => {
  const desk = await openDesk(), program = desk.program();
  try {
    const nurse = await desk.account('nurse', { program });
    await desk.admin.get('/desk/users');
    const pages = ['/desk', '/desk/me', '/desk/users', '/desk/users/new', `/desk/users/${nurse.id}`, '/desk/pin', '/desk/enroll', '/desk/password', '/desk/prove', '/desk/program', '/desk/nothing'];
    await tour(browser, desk.origin, [['out', { cookies: [] }, ['/desk/sign-in', '/desk/first']], ['admin', desk.admin, pages]], {
      views: ['', '/es'].flatMap((language) => [[language, 360, 'light'], [language, 1280, 'dark']]), status: (path) => (path === '/desk/nothing' ? 404 : 200),
    });
  } finally { await desk.stop(); }
});

test('the page locks by itself: a word before, then nothing to see; staying is one press', async () => {
  const desk = await openDesk();
  try {
    const { context, page, errors } = await opened(desk.origin, { cookies: desk.admin.cookies });
    await page.clock.install();
    await page.goto('/desk/me');
    await page.keyboard.press('/'); // no search box yet for this actor: nothing happens
    await page.clock.fastForward(14.5 * 60 * 1000);
    await page.waitForSelector('[data-lock-dialog]:visible');
    await page.click('[data-lock-stay]');
    await page.waitForSelector('[data-lock-dialog]', { state: 'hidden' });
    await page.clock.fastForward(16 * 60 * 1000);
    await page.waitForURL('**/desk/sign-in?to=%2Fdesk%2Fme');
    assert.doesNotMatch(await page.textContent('body'), /First Administrator/);
    assert.deepEqual(errors, []);
    await context.close();
  } finally { await desk.stop(); }
});
