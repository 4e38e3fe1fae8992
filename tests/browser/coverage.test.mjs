// What pays for somebody's care, in a real Chromium: every page of coverage with rows in it, also after a refusal, a look and a
// letter or question that left: nothing serious by axe, no error by the Nu HTML checker, nothing wider than a phone, one heading.
// Expected: style.md 12 and 3a; docs/coverage.md names the pages.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDesk } from '../support/desk.mjs';
import { draft } from '../support/people.mjs';
import { launch } from '../support/browser.mjs';
import { signedIn, tour } from '../support/pages.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const answerFile = join(root, 'fuzz/corpus/x12/good.271'), brokenFile = join(root, 'fuzz/corpus/x12/unended');
const dayOf = (days = 0) => new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York' }).format(new Date(Date.now() + days * 86400000));
let browser, desk, reviewer, manager, administrator, person, at, plan, denial, authorization;

const form = async (visitor, path, fields, action = path.split('?')[0]) => {
  const shown = await visitor.get(path);
  assert.equal(shown.status, 200, `${path}: ${shown.text}`);
  const page = await visitor.post(action, fields);
  assert.equal(page.status, 200, `${path}: ${page.text}`);
  return page;
};

before(async () => {
  desk = await openDesk();
  const program = desk.program('Harbor House');
  reviewer = await desk.account('utilization', { program });
  manager = await desk.account('case-manager', { program });
  administrator = await desk.account('administrator', { program });
  person = (await form(manager, '/desk/people/new', { given: 'Ada', family: 'Example', sex: 'female', language: 'en', birth_date: '1990-07-04' })).path;
  at = `${person}/coverage`;
  const consent = { ...draft, purpose_codes: 'HPAYMT', recipients: 'Example Health Plan', description: 'What my plan asks to pay for my care' };
  const shown = await form(manager, `${person}/consent`, consent);
  await manager.post(`${person}/consent`, { ...consent, words: shown.html.match(/name="words" value="([0-9a-f]{64})"/)[1], signer: 'Ada Example' });
  await form(reviewer, `${at}/plan`, { name: 'Example Health Plan', payer: 'employer', turn: '1', member_name: 'Ada Example', member_number: 'X000111222', payer_id: 'EX001', address: '9 Plan Way, Hartford, CT 06103' });
  plan = reviewer.page.html.match(/coverage\/plan\?plan=([0-9a-f-]{36})/)[1];
  await form(reviewer, `${at}/benefits?plan=${plan}&level=3.5`, { a_active: 'yes', a_deductible: '900', source: 'phone', who: 'Pat R.', reference: 'call 77', asked: dayOf() });
  await form(reviewer, `${at}/authorization`, { plan, level: '3.5', unit: 'day', units: '14', on: dayOf(-1), at: '09:00', stay: '' });
  authorization = reviewer.page.path.match(/id=([0-9a-f-]{36})/)?.[1];
  await form(reviewer, `${at}/denial`, { plan, authorization: '', level: '3.5', reason: 'step-first', denied: dayOf(-3), requested: '14 days of residential treatment', number: 'D-77' });
  denial = reviewer.page.path.match(/id=([0-9a-f-]{36})/)[1];
  for (const from of [dayOf(-1), dayOf(30)])
    await form(administrator, '/desk/settings/fees', { approved_by: 'The board', from, to: '', bands: '100 $5\n133 25%\n166 50%\n200 75%\n- 100%' });
  browser = await launch();
});
after(async () => { await browser?.close(); await desk?.stop(); });

const press = (page, selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);

// Beyond what an address shows: pages that a form answers with.
const steps = {
  async 'question, refused'(page) { await page.goto(`${at}/question?plan=${plan}&level=3.5`); await press(page, 'button[value=look]'); },
  async 'question, looked at'(page) {
    await page.goto(`${at}/question?plan=${plan}&level=3.5`);
    for (const [name, value] of Object.entries({ provider_npi: '1234567893', sender: 'HARBOR', receiver: 'PAYERID' })) await page.fill(`input[name=${name}]`, value);
    await press(page, 'button[value=look]');
    assert.equal(await page.locator('button[value=leave]').count(), 1);
  },
  async 'question, left'(page) { await steps['question, looked at'](page); await press(page, 'button[value=leave]'); assert.equal(await page.locator('a[href*="as=edi"]').count(), 1); },
  async 'answer, unreadable'(page) { await steps.answer(page, brokenFile); assert.equal(await page.locator('[role=alert]').count(), 1); },
  async 'answer, looked at'(page) { await steps.answer(page, answerFile); assert.equal(await page.locator('input[name=checked]').count(), 1); },
  async answer(page, file) {
    await page.goto(`${at}/answer?plan=${plan}&level=3.5`);
    await page.check('input[name=network][value=yes]');
    await page.setInputFiles('#file', file);
    await press(page, 'section[aria-labelledby=check] button');
  },
  async 'estimate, asked'(page) { await page.goto(`${at}/estimate`); await press(page, 'main form.panel button[type=submit]'); },
};

test('every page of coverage is accessible, valid, and fits', async () => {
  assert.ok(authorization, 'what was asked for has a page');
  const query = `plan=${plan}&level=3.5`;
  const ofPerson = ['', '/plan', `/plan?plan=${plan}`, `/benefits?${query}`, `/question?${query}`, `/answer?${query}`, '/authorization', `/authorization?id=${authorization}`,
    '/denial', `/denial?id=${denial}`, `/letter?letter=parity-analysis&denial=${denial}`, `/letter?letter=step-therapy&denial=${denial}`, '/funding', '/estimate'].map((part) => at + part);
  const pages = [['utilization', reviewer, ['/desk/coverage', ...ofPerson]], ['reader', manager, [at, `${at}/benefits?${query}`]],
    ['administrator', administrator, ['/desk/settings', '/desk/settings/fees']]];
  const then = async (page, { who, width, inspect }) => {
    if (who !== 'utilization') return;
    for (const [name, step] of Object.entries(steps)) {
      if (name === 'answer') continue;
      const answers = [];
      const keep = async (answer) => { if (answer.request().isNavigationRequest() && answer.status() !== 303) answers.push(await answer.text().catch(() => '')); };
      page.on('response', keep);
      await step(page);
      page.off('response', keep);
      await inspect.look(page, `${name} at ${width}`);
      inspect.keep(answers.at(-1));
    }
  };
  await tour(browser, desk.origin, pages, { then });
});

test('by keyboard and without script: a question leaves, and its answer is taken', async () => {
  const { context, page } = await signedIn(browser, desk.origin, reviewer, { width: 360, javaScriptEnabled: false, acceptDownloads: true });
  await steps['question, left'](page);
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('a[href*="as=edi"]')]);
  assert.equal(download.suggestedFilename(), 'question.edi');
  assert.match(readFileSync(await download.path(), 'latin1'), /^ISA\*00\*[^]*NM1\*IL\*1\*EXAMPLE\*ADA\*\*\*\*MI\*X000111222~\n[^]*IEA\*1\*\d{9}~\n$/);
  await steps['answer, looked at'](page);
  await page.setInputFiles('#again', answerFile);
  await page.focus('section[aria-labelledby=take] button');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  assert.match(await page.locator('main').textContent(), /\$1,500[^]*From a file of the plan, EXAMPLE HEALTH PLAN, TRACE1/);
  await context.close();
});
