// Articles over HTTP: every one answers in both languages as a whole page, every link leads somewhere, Spanish stays Spanish.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArticle } from '../support/articles.mjs';
import { run, serve, temporaryFolder } from '../support/server.mjs';

const folder = fileURLToPath(new URL('../../knowledge/articles', import.meta.url));
const slugs = readdirSync(join(folder, 'en')).map((name) => name.replace(/\.md$/, ''));
const data = temporaryFolder();
let server;
before(async () => {
  run('import', '--data', data, '--demo', '200');
  server = await serve(data);
});
after(async () => { await server?.stop(); });

const get = (path) => fetch(server.origin + path, { headers: { accept: 'text/html' }, redirect: 'manual' });
const main = (html) => html.slice(html.indexOf('<main'), html.indexOf('</main>'));
const text = (html) => html.replace(/<[^>]*>/g, ' ').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&#x27;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>')
  .replaceAll('&amp;', '&').replace(/\s+/g, ' ');
const hrefs = (html) => [...html.matchAll(/ href="([^"]*)"/g)].map((match) => match[1].replaceAll('&amp;', '&'));

test('every article is a whole page in both languages', async () => {
  for (const slug of slugs)
    for (const [prefix, language] of [['', 'en'], ['/es', 'es']]) {
      const response = await get(`${prefix}/learn/${slug}`), html = await response.text(), where = `${prefix}/learn/${slug}`;
      const article = readArticle(join(folder, language, `${slug}.md`));
      assert.equal(response.status, 200, where);
      assert.match(response.headers.get('cache-control'), /public/);
      assert.match(html, new RegExp(`<html lang="${language}">`));
      assert.equal(html.match(/<h1/g).length, 1, where);
      assert.doesNotMatch(html, /\[\[|\{\{|style=|<script(?! src=)|\son\w+="/, where);
      const shown = text(main(html));
      for (const words of [article.fields.title, article.fields.lead, article.fields.action_label, ...article.headings])
        assert.ok(shown.includes(words), `${where}: ${words}`);
      for (const source of article.sources) assert.ok(shown.includes(source.replace(/^\w+ \| /, '')), `${where}: ${source}`);
      const unchecked = article.sources.filter((source) => !source.startsWith('V |')).length;
      assert.equal([...html.matchAll(/class="unchecked"/g)].length, unchecked, `${where}: what is not checked says so`);
      assert.ok(shown.includes(language === 'en' ? 'No clinician has signed this page yet.' : 'Ningún profesional clínico ha firmado todavía'), where);
      assert.ok(shown.includes(language === 'en' ? 'November 21, 2026' : '21 de noviembre de 2026'), where);
    }
});

test('the list names every article under its topic, and the navigation says where one is', async () => {
  for (const [prefix, language, label] of [['', 'en', 'Learn'], ['/es', 'es', 'Aprender']]) {
    const html = await (await get(`${prefix}/learn`)).text(), listed = hrefs(main(html));
    for (const slug of slugs) {
      assert.ok(listed.includes(`${prefix}/learn/${slug}`), slug);
      assert.ok(text(html).includes(readArticle(join(folder, language, `${slug}.md`)).fields.title), slug);
    }
    assert.deepEqual(listed.filter((path) => !slugs.includes(path.replace(`${prefix}/learn/`, ''))), [`${prefix}/learn/packing`]);
    assert.equal(listed.length, slugs.length + 1);
    for (const path of ['/learn', '/learn/detox'])
      assert.ok((await (await get(prefix + path)).text()).includes(`<a href="${prefix}/learn" aria-current="page">${label}</a>`), path);
  }
});

test('every link leads to a page and, where it names one, to a place on it', async () => {
  const seen = new Map();
  const pageOf = async (path) => {
    if (!seen.has(path)) {
      const response = await get(path);
      seen.set(path, { status: response.status, html: await response.text() });
    }
    return seen.get(path);
  };
  let followed = 0;
  for (const prefix of ['', '/es'])
    for (const slug of slugs) {
      const here = `${prefix}/learn/${slug}`;
      for (const href of hrefs(main((await pageOf(here)).html))) {
        if (href.startsWith('tel:')) continue;
        const [path, anchor] = href.startsWith('#') ? [here, href.slice(1)] : href.split('#');
        assert.ok(path.startsWith(prefix === '' ? '/' : '/es/') && (prefix !== '' || !path.startsWith('/es/')), `${here} leads out of its language: ${href}`);
        const { status, html } = await pageOf(path);
        assert.equal(status, 200, `${here}: ${href}`);
        if (anchor) assert.ok(html.includes(`id="${anchor}"`), `${here}: ${href}`);
        followed++;
      }
    }
  assert.ok(followed > 300, `${followed} links`);
});

test('what is no article is not found', async () => {
  for (const path of ['/learn/nothing', '/es/learn/nada', '/learn/en/detox', '/learn/detox.md', '/learn/..%2Ftopics', '/learn/Detox'])
    assert.equal((await get(path)).status, 404, path);
});
