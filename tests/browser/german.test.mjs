// The admin area in German: no view keeps a sentence in English, and dates are written as in German.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, makePage, PNG, Site, signedIn, visitor } from './site.mjs';
import { adminViews, doorViews, open } from './views.mjs';

/** Words that are in nearly every English sentence, and in no German one. */
const ENGLISH = /\b(the|and|of|your|with|this|from|save|delete|show|add|no|yet|what|is)\b/i;

let browser;
let site;
let places;

before(async () => {
  browser = await launch();
  site = await Site.create('[site]\ntitle = "Glashaus"\nlanguage = "de"\n');
  const ana = await signedIn(browser, site);
  // In German as well, so that only the page's own words can be in English.
  const page = await makePage(ana, { title: 'Aussaat im Frühjahr', slug: 'aussaat', body: 'Wenn der Boden warm ist.' });
  const form = {
    slug: 'schreiben',
    title: 'Schreiben Sie uns',
    kind: 'contact',
    fields: [{ name: 'nachricht', label: 'Ihre Nachricht', kind: 'long-text', required: true }],
    notify: [],
    double_opt_in: false,
    thanks: '',
    kept_days: 30,
    open: true,
  };
  const made = await ana.request.post('/api/v1/admin/forms', { data: form });
  assert.equal(made.status(), 201, await made.text());
  const file = { name: 'bild.png', mimeType: 'image/png', buffer: PNG };
  const picture = await ana.request.post('/api/v1/admin/media', { multipart: { file } });
  assert.ok(picture.ok(), await picture.text());
  const menu = await ana.request.post('/api/v1/admin/menus', { data: { name: 'main', items: [{ label: 'Suche', url: '/search' }] } });
  assert.equal(menu.status(), 201, await menu.text());
  places = { menu: (await menu.json()).id, sowing: page.id, form: (await made.json()).id, picture: (await picture.json()).id };
  await ana.context().close();
});

after(async () => {
  await browser?.close();
  await site?.remove();
});

test('of the doors', () => everyView(visitor, doorViews));

test('of the admin area', () => everyView(signedIn, adminViews(places)));

async function everyView(enter, views) {
  const page = await enter(browser, site, { locale: 'de-DE' });
  const found = [];
  for (const [name, path] of Object.entries(views)) {
    await open(page, path);
    assert.equal(await page.locator('html').getAttribute('lang'), 'de');
    const spoken = await page.evaluate(spokenWords);
    found.push(...spoken.filter(text => ENGLISH.test(text)).map(text => `${name}: ${text}`));
  }
  await page.context().close();
  assert.deepEqual(found, []);
}

/** In the browser: every text and name that people see or hear, without what others wrote or the server said in English. */
function spokenWords() {
  const theirs = '[lang=en], [translate=no], code, pre, textarea, option, td, time, [data-theirs], .prose';
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement, textContent } = walker.currentNode;
    if (textContent.trim() && !parentElement.closest(`${theirs}, script, style`)) texts.push(textContent.trim());
  }
  for (const element of document.querySelectorAll('[aria-label], [placeholder], [title], [alt]')) {
    if (element.closest(theirs)) continue;
    for (const name of ['aria-label', 'placeholder', 'title', 'alt']) {
      const text = element.getAttribute(name);
      if (text) texts.push(text);
    }
  }
  return texts;
}

test('a form is previewed in the language of the site, whoever looks', async () => {
  const ana = await signedIn(browser, site, { locale: 'en-GB' });
  await ana.goto(`/admin/forms/${places.form}`);
  const preview = ana.getByRole('region', { name: 'Preview' });
  await preview.getByRole('button', { name: 'Senden' }).waitFor();
  assert.equal(await preview.locator('[lang=de]').count(), 1);
  await ana.context().close();
});

test('what was chosen stays chosen, and nothing typed is lost by it', async () => {
  const ana = await signedIn(browser, site);
  await ana.goto('/admin/forms/new');
  await ana.getByLabel('Heading').fill('Half a form');
  await ana.getByRole('button', { name: /Account/ }).last().click();
  await ana.getByRole('menuitem', { name: 'Auf Deutsch' }).click();
  await ana.getByRole('button', { name: 'Speichern' }).waitFor();
  assert.equal(await ana.getByLabel('Überschrift').inputValue(), 'Half a form');
  await ana.getByRole('button', { name: 'Speichern' }).click();
  await ana.waitForURL(/forms\/[0-9a-f-]{36}/);
  await ana.goto('/admin/forms');
  await ana.getByRole('heading', { name: 'Formulare' }).waitFor();
  await ana.context().close();
});
