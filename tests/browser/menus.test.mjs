// Menus, made by editors and seen by visitors in each language; and the way from a page to its translation.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { serious } from './axe.mjs';
import { launch, makePage, Site, signedIn, visitor } from './site.mjs';
import { taken } from './views.mjs';

let browser;
let site;

before(async () => {
  browser = await launch();
  site = await Site.create('[site]\ntitle = "Glass House"\nlanguages = ["de"]\n');
});

after(async () => {
  await browser?.close();
  await site?.remove();
});

for (const [device, viewport] of Object.entries({ desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } })) {
  test(`an editor makes a menu on a ${device}, and visitors see it`, async () => {
    const ana = await signedIn(browser, site, { viewport });
    const title = `Sowing on a ${device}`;
    await makePage(ana, { title, body: 'Thinly.' }, { publish: true });
    await ana.goto('/admin/menus');
    await ana.getByRole('heading', { name: 'Menus' }).waitFor();
    const existing = ana.getByRole('list', { name: 'Menus' }).getByRole('link', { name: 'main' });
    if (device === 'desktop') await ana.getByRole('link', { name: 'New menu' }).click();
    else await existing.click();

    const add = async kind => {
      await ana.getByRole('button', { name: 'Add a line' }).click();
      await ana.getByRole('menuitem', { name: kind }).click();
    };
    await add('Heading over other lines');
    await ana.getByLabel('What it says').fill(`Guides, ${device}`);
    await add('To a page');
    await ana.getByRole('searchbox', { name: 'Page' }).fill(title);
    await ana.getByRole('list', { name: 'Choose a page' }).getByRole('button', { name: title }).click();
    await ana.getByRole('button', { name: `Below the line above: ${title}` }).click();
    await add('To an address');
    await ana.getByLabel('Address').fill('nowhere');
    await ana.getByLabel('What it says').fill(`Search, ${device}`);
    await ana.getByRole('button', { name: 'Save' }).click();
    // What does not fit is said at its line.
    await ana.getByText(/An address with http/).waitFor();
    await ana.getByLabel('Address').fill('/search');
    await ana.getByRole('button', { name: 'Save' }).click();
    await ana.getByText('The menu is saved.').waitFor();
    assert.equal(await ana.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
    await ana.context().close();

    const taker = await visitor(browser, site, { viewport });
    await taker.goto('/');
    await taken(taker);
    const openMenu = page => device === 'phone' && page.getByRole('button', { name: 'Menu' }).click();
    await openMenu(taker);
    await taker.getByRole('navigation', { name: 'Menu' }).getByText(`Guides, ${device}`).waitFor();
    assert.equal(await taker.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
    // What the page draws is what the server wrote, or it would complain.
    assert.deepEqual(taker.complaints, []);
    await taker.context().close();

    // Without a script as well.
    const reader = await visitor(browser, site, { viewport, javaScriptEnabled: false });
    await reader.goto('/');
    const menu = reader.getByRole('navigation', { name: 'Menu' });
    await openMenu(reader);
    await menu.getByText(`Guides, ${device}`).click();
    await menu.getByRole('link', { name: title }).click();
    await reader.getByRole('heading', { name: title }).waitFor();
    await openMenu(reader);
    await menu.getByRole('link', { name: `Search, ${device}` }).click();
    await reader.waitForURL('**/search');
    await reader.context().close();
  });
}

test('the menu of a narrow screen opens and closes with the keyboard, and moves nothing', async () => {
  const reader = await visitor(browser, site, { viewport: { width: 360, height: 740 } });
  await reader.goto('/');
  await taken(reader);
  const button = reader.getByRole('button', { name: 'Menu' });
  const menu = reader.getByRole('navigation', { name: 'Menu' });
  const heights = () => reader.evaluate(() => ['.site-header', 'main'].map(part => document.querySelector(part).getBoundingClientRect().top + document.querySelector(part).offsetHeight));
  const before = await heights();
  assert.ok((await reader.locator('.site-header').boundingBox()).height <= 64, 'one row');
  await button.focus();
  await reader.keyboard.press('Enter');
  await menu.waitFor();
  // What opened comes next, wherever it stands.
  await reader.keyboard.press('Tab');
  assert.ok(await menu.evaluate(element => element.contains(document.activeElement)));
  assert.deepEqual(await heights(), before);
  assert.deepEqual(await serious(reader), []);
  await reader.keyboard.press('Escape');
  await menu.waitFor({ state: 'hidden' });
  assert.ok(await button.evaluate(element => element === document.activeElement));
  // A link of it closes it, to the same page as well.
  await button.press('Enter');
  await menu.getByRole('link', { name: 'Search, phone' }).press('Enter');
  await reader.waitForURL('**/search');
  await menu.waitFor({ state: 'hidden' });
  await button.press('Enter');
  await menu.getByRole('link', { name: 'Search, phone' }).press('Enter');
  await menu.waitFor({ state: 'hidden' });
  assert.deepEqual(reader.complaints, []);
  await reader.context().close();
});

for (const [device, viewport] of Object.entries({ desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } })) {
  test(`an editor says which pages are translations of each other, on a ${device}`, async () => {
    const ana = await signedIn(browser, site, { viewport });
    const english = await makePage(ana, { title: `Ferns, ${device}`, body: 'In the shade.' }, { publish: true });
    const german = await makePage(ana, { title: `Farne, ${device}`, slug: `farne-${device}`, body: 'Im Schatten.' }, { publish: true });
    const openDialog = async id => {
      await ana.goto(`/admin/pages/${id}`);
      await ana.getByRole('button', { name: 'More actions' }).click();
      await ana.getByRole('menuitem', { name: 'Languages' }).click();
      const dialog = ana.getByRole('dialog', { name: 'Languages' });
      await dialog.getByText('No other page says the same yet.').or(dialog.getByRole('link').first()).waitFor();
      return dialog;
    };
    const pageOf = async id => (await ana.request.get(`/api/v1/admin/pages/${id}`)).json();

    const dialog = await openDialog(german.id);
    await dialog.getByLabel('Language of this page').selectOption('de');
    await dialog.getByRole('button', { name: 'Save the language' }).click();
    await ana.getByText('The language is saved.').waitFor();
    assert.equal((await pageOf(german.id)).slug, `de/farne-${device}`);
    await dialog.getByRole('searchbox', { name: 'Or choose a page that says the same' }).fill(`Ferns, ${device}`);
    await dialog.getByRole('list', { name: 'Choose a page' }).getByRole('button', { name: `Ferns, ${device}` }).click();
    await dialog.getByRole('link', { name: `Ferns, ${device}` }).waitFor();
    assert.deepEqual(await serious(ana), []);
    assert.equal(await ana.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
    assert.deepEqual((await pageOf(english.id)).translations.map(({ id }) => id), [german.id]);

    // From one to the other, and apart again.
    await dialog.getByRole('link', { name: `Ferns, ${device}` }).click();
    await ana.waitForURL(`**/admin/pages/${english.id}`);
    const other = await openDialog(english.id);
    await other.getByRole('link', { name: `Farne, ${device}` }).waitFor();
    await other.getByRole('button', { name: 'This page says something else' }).click();
    await other.getByText('No other page says the same yet.').waitFor();
    assert.deepEqual((await pageOf(german.id)).translations, []);

    // One that is not written yet begins with the text of this one.
    await other.getByRole('button', { name: 'Write it in German' }).click();
    await ana.waitForURL(url => url.pathname !== `/admin/pages/${english.id}`);
    await ana.getByRole('textbox', { name: 'Text' }).waitFor();
    const [made] = (await pageOf(english.id)).translations;
    assert.equal(new URL(ana.url()).pathname, `/admin/pages/${made.id}`);
    const { body, language, status } = await pageOf(made.id);
    assert.deepEqual([body, language, status], ['In the shade.', 'de', 'draft']);
    await ana.context().close();
  });
}

test('a reader goes from a page to its translation, and the words around it follow', async () => {
  const ana = await signedIn(browser, site);
  const english = await makePage(ana, { title: 'Opening hours', body: 'Every day.' }, { publish: true });
  const german = await makePage(ana, { title: 'Öffnungszeiten', slug: 'oeffnungszeiten', body: 'Täglich.' }, { publish: true });
  const joined = await ana.request.put(`/api/v1/admin/pages/${german.id}/language`, {
    data: { language: 'de', translation_of: english.id },
    headers: { 'If-Match': `"${german.revision}"` },
  });
  assert.equal(joined.status(), 200, await joined.text());
  await ana.context().close();
  const reader = await visitor(browser, site);
  await reader.goto('/opening-hours');
  await taken(reader);
  const languages = reader.getByRole('list', { name: 'Languages' });
  assert.equal(await languages.getByRole('link', { name: 'EN' }).getAttribute('aria-current'), 'true');
  await languages.getByRole('link', { name: 'DE' }).click();
  await reader.waitForURL('**/de/oeffnungszeiten');
  await reader.getByRole('heading', { name: 'Öffnungszeiten' }).waitFor();
  await reader.getByRole('list', { name: 'Sprachen' }).waitFor();
  assert.deepEqual(reader.complaints, []);
  await reader.context().close();
});
