// The whole way in, in a real Chromium, on both engines: somebody answers the interview on a phone without script, sends the answers
// to a place, and is called; the desk accepts, makes the record, asks the plan what it pays, puts them on the list, holds the
// bed, does the intake, admits; the finder and the person's own link say so within a second.
// Expected: the issue's own way (assessment link → request → benefits → waitlist → hold → intake → admitted).
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { engines, rowsOf } from '../support/databases.mjs';
import { openDesk } from '../support/desk.mjs';
import { accessibility, launch, open, overflow } from '../support/browser.mjs';
import { run, temporaryFolder } from '../support/server.mjs';

// By question of the interview; what is not here is "I do not know".
const answers = {
  screen: ['none'], age: 30, medicine: ['none'], suicide: ['0'], illness: ['none'], withdrawal: ['moderate'], pregnancy: ['no'], support: ['none'],
  housing: ['unsafe'], criteria: ['1', '2', '3', '4', '5', '6', '7'], risk: ['none'], mood: ['0'], 'other-drugs': ['none'], returns: ['more'], mind: ['none'],
};

for (const engine of engines()) {
  describe(`getting in on ${engine.name}`, { skip: engine.skip, concurrency: 1 }, () => {
    let browser, desk, program, site, facility, manager, reviewer, nurse, link, request, person, carry;
    const one = (sql) => rowsOf(desk.address, sql)[0];
    // Somebody of the staff at a computer, with script.
    const seat = async (visitor, width = 1280) => {
      const context = await browser.newContext({ baseURL: desk.origin, viewport: { width, height: 900 }, bypassCSP: true, reducedMotion: 'reduce' });
      await context.addCookies([...visitor.cookies].map(([name, value]) => ({ name, value, url: desk.origin })));
      return context.newPage();
    };
    const look = async (page) => {
      assert.deepEqual(await accessibility(page), [], page.url());
      assert.ok(await overflow(page) <= 0, `${page.url()} stands out sideways`);
    };
    // Press what leads on, and be there.
    const press = async (page, selector) => {
      await Promise.all([page.waitForNavigation(), page.click(selector)]);
      assert.equal(await page.locator('.problems, main.error').count(), 0, `${page.url()}: ${await page.textContent('main')}`);
    };
    const formOf = (act) => `form:has(input[name=act][value=${act}])`;

    before(async () => {
      const data = temporaryFolder(), database = engine.make();
      browser = await launch();
      desk = await openDesk({ data, database });
      run('import', '--data', data, '--db', desk.address, '--demo', '40');
      for (let tries = 0; !facility && tries < 200; tries++) {
        [facility] = (await (await fetch(`${desk.origin}/api/facilities?limit=1&sort=name`)).json()).results;
        if (!facility) await new Promise((done) => setTimeout(done, 50));
      }
      const { admin } = desk;
      program = desk.program('Harbor House');
      [manager, reviewer, nurse] = [await desk.account('case-manager', { program }), await desk.account('utilization', { program }), await desk.account('nurse', { program })];
      await admin.get('/desk/program');
      await admin.post('/desk/program', { program });
      await admin.get('/desk/settings/sites');
      await admin.post('/desk/settings/sites', { act: 'site', name: 'West House', city: 'Richmond', state: 'VA', phone: '804 555 0142', listing: `${desk.origin}/facilities/${facility.id}` });
      site = one('SELECT id, facility_id FROM site');
      assert.equal(site.facility_id, facility.id);
      await admin.get('/desk/staff/new');
      await admin.post('/desk/staff/new', { name: 'Nia Ames', profession: 'case-manager' });
      await admin.get('/desk/settings/front');
      const opened = await admin.post('/desk/settings/front', { site: site.id, people: '1', staff: one('SELECT id FROM staff').id });
      assert.equal(opened.status, 200, opened.text);
    });
    after(async () => { await browser?.close(); await desk?.stop(); });

    test('answers on a phone without script are carried, and sent to a place', async () => {
      const { page, context, check } = await open(browser, desk.origin, { width: 360, script: false });
      await page.goto('/choose');
      await Promise.all([page.waitForNavigation(), page.click('button[value=self]')]);
      for (let turn = 0; turn < 60 && await page.locator('main input[name=question]').count(); turn++) {
        const question = await page.getAttribute('main input[name=question]', 'value'), given = answers[question];
        if (typeof given === 'number') await page.fill('main input[type=text]', String(given));
        else for (const value of given ?? []) for (const option of await page.locator(`main input[value="${value}"]`).all()) if (await option.getAttribute('name') !== 'question') await option.check();
        await Promise.all([page.waitForNavigation(), page.click(`main button[value=${given || question === 'wishes' ? 'next' : 'unknown'}]`)]);
      }
      await Promise.all([page.waitForNavigation(), page.click('main form[action$="/choose/result"] button, main button[formaction$="/choose/result"]')]);
      assert.match(await page.textContent('h1'), /Live-in care/);
      await Promise.all([page.waitForNavigation(), page.click('button[value=carry]')]);
      carry = await page.getAttribute('a[href^="/carry/"]', 'href');
      await page.goto(carry);
      await Promise.all([page.waitForNavigation(), page.click(`a[href="${carry}/ask"]`)]);
      assert.match(await page.textContent('main'), /Harbor House, West House/);
      assert.ok(await overflow(page) <= 0);
      for (const [field, value] of Object.entries({ given: 'Zephyrine', family: 'Quill', phone: '(804) 555-0199' })) await page.fill(`main [name=${field}]`, value);
      for (const consent of ['send', 'call']) await page.check(`main input[name=consents][value=${consent}]`);
      await Promise.all([page.waitForNavigation(), page.click('main form.screen button[type=submit]')]);
      assert.match(await page.textContent('main'), /Your request was sent/);
      link = await page.getAttribute('a[href^="/requests/"]', 'href');
      await page.goto(link);
      assert.match(await page.textContent('main'), /they answer by|answer by|hear/i);
      assert.deepEqual(await context.cookies(), []);
      await check();
      request = one('SELECT id, level_of_care, state FROM request');
      assert.equal(request.state, 'received');
    });

    test('the desk accepts it, and makes the record and the planned stay from it', async () => {
      const page = await seat(manager);
      await page.goto('/desk/requests');
      await press(page, `a[href="/desk/requests/${request.id}"]`);
      assert.match(await page.textContent('main'), /Zephyrine Quill/);
      await look(page);
      await press(page, `${formOf('accept')} button[type=submit]`);
      await press(page, `a[href="/desk/requests/${request.id}/record"]`);
      await look(page);
      await page.selectOption(`${formOf('new')} [name=sex]`, 'female').catch(() => page.check(`${formOf('new')} [name=sex][value=female]`));
      await page.check(`${formOf('new')} [name=plan]`);
      await press(page, `${formOf('new')} button[type=submit]`);
      person = one(`SELECT person_id FROM request WHERE id = '${request.id}'`).person_id;
      assert.ok(person);
      assert.equal(one(`SELECT status FROM episode WHERE person_id = '${person}'`).status, 'planned');
      await page.context().close();
    });

    test('the plan is asked what it pays', async () => {
      const page = await seat(reviewer, 360), at = `/desk/people/${person}/coverage`;
      await page.goto(`${at}/plan`);
      await page.fill('main form [name=name]', 'Example Plan');
      await page.selectOption('main form [name=payer]', 'employer').catch(() => page.check('main form [name=payer][value=employer]'));
      await page.fill('main form [name=turn]', '1');
      await press(page, 'main form button[type=submit]');
      await page.goto(at);
      await look(page);
      const plan = one('SELECT id FROM coverage_plan').id;
      await page.goto(`${at}/benefits?plan=${plan}&level=${request.level_of_care}`);
      await look(page);
      for (const question of ['active', 'covered', 'in-network']) if (await page.locator(`[name="a_${question}"][value=yes]`).count()) await page.check(`[name="a_${question}"][value=yes]`);
      await page.selectOption('main form [name=source]', 'phone').catch(() => page.check('main form [name=source][value=phone]'));
      await page.fill('main form [name=who]', 'Pat R.');
      await press(page, `main form[action="${at}/benefits"] button[type=submit]`);
      assert.match(await page.textContent('main'), /Yes\s*By phone, Pat R\./);
      await page.context().close();
    });

    test('the list, a bed held for them, and the finder that says so', async () => {
      const { admin } = desk, level = request.level_of_care;
      await admin.get('/desk/settings/sites');
      await admin.post('/desk/settings/sites', { act: 'unit', site: site.id, unit_name: 'North', kind: 'residential', level_of_care: level, licensed: '1', staffed: '1' });
      const unit = one('SELECT id FROM unit').id;
      await admin.get('/desk/settings/beds');
      const made = await admin.post('/desk/settings/beds', { act: 'bed', bed_id: '', where: `${unit}/`, name: 'Bed 1', level_of_care: level, policy: 'any', has: ['licensed', 'staffed'] });
      assert.equal(made.status, 200, made.text);
      const free = async () => (await (await fetch(`${desk.origin}/api/facilities/${facility.id}`)).json()).availability?.[0];
      for (let tries = 0; (await free())?.answer !== 'yes'; tries++) { assert.ok(tries < 200); await new Promise((done) => setTimeout(done, 50)); }
      const page = await seat(manager);
      await page.goto(`/desk/waitlist/${request.id}`);
      await press(page, `${formOf('enter')} button[type=submit]`);
      assert.equal(one(`SELECT state FROM request WHERE id = '${request.id}'`).state, 'waiting');
      await look(page);
      await press(page, `a[href^="/desk/beds?request=${request.id}"]`);
      await look(page);
      await press(page, `a[href*="/hold?"]`);
      await look(page);
      await page.selectOption('main form [name=kind]', 'hospital').catch(() => page.check('main form [name=kind][value=hospital]'));
      await press(page, 'main form[action$="/hold"] button[type=submit]');
      const begun = Date.now();
      assert.equal(one(`SELECT state FROM request WHERE id = '${request.id}'`).state, 'offered');
      let last;
      while ((last = await free()).answer !== 'likely') { // the hold runs out within a day
        assert.ok(Date.now() - begun < 1000, JSON.stringify(last)); await new Promise((done) => setTimeout(done, 20)); }
      await page.context().close();
    });

    test('the intake is done, they come in once, and it is seen outside within a second', async () => {
      const page = await seat(nurse), at = `/desk/people/${person}/intake`;
      await page.goto(at);
      await look(page);
      await press(page, `${formOf('begin')} button[type=submit]`);
      const intake = one('SELECT id FROM intake').id;
      await look(page);
      for (;;) { // what blocks the admission
        await page.goto(`${at}/admit?intake=${intake}`);
        const first = page.locator('main .note li a').first();
        if (!await first.count()) break;
        await Promise.all([page.waitForNavigation(), first.click()]);
        await page.check('main form [name=answer][value=done]').catch(() => {});
        await page.fill('main form [name=words]', 'Signed, folder 3');
        await press(page, 'main form:has([name=answer]) button[type=submit]');
      }
      await look(page);
      const free = async () => (await (await fetch(`${desk.origin}/api/facilities/${facility.id}`)).json()).availability[0];
      await press(page, `main form[action="${at}/admit"] button[type=submit]`);
      const admitted = Date.now();
      for (let last; (last = await free()).answer !== 'no';) assert.ok(Date.now() - admitted < 1000, JSON.stringify(last));
      assert.match(await page.textContent('main'), /Admitted/);
      assert.deepEqual(rowsOf(desk.address, `SELECT kind FROM bed_use WHERE person_id = '${person}' AND end_at = 0 AND error_at = 0`), [{ kind: 'occupied' }]);
      assert.equal(one(`SELECT state FROM request WHERE id = '${request.id}'`).state, 'admitted');
      assert.equal(one(`SELECT status FROM episode WHERE person_id = '${person}'`).status, 'active');
      assert.equal(Number(one('SELECT count(*) AS n FROM intake_admission').n), 1);
      // Who asked sees it behind their own link, and the finder says so in words.
      const { page: phone, check } = await open(browser, desk.origin, { width: 360, script: false });
      await phone.goto(link);
      assert.match(await phone.textContent('main'), /The place is yours/);
      await phone.goto(`/facilities/${facility.id}`);
      assert.match(await phone.textContent('main'), /no (?:free )?(?:bed|place)|full/i);
      await check();
      await page.goto('/desk/beds');
      assert.match(await page.textContent('main'), /Zephyrine Quill/);
      await look(page);
      assert.doesNotMatch(desk.log(), /Zephyrine|Quill|5550199/);
      await page.context().close();
    });
  });
}
