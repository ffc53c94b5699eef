// Menus, made by editors and seen by visitors in each language; and the way from a page to its translation.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
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
    await taker.getByRole('navigation', { name: 'Menu' }).getByText(`Guides, ${device}`).waitFor();
    assert.equal(await taker.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
    // What the page draws is what the server wrote, or it would complain.
    assert.deepEqual(taker.complaints, []);
    await taker.context().close();

    // Without a script as well.
    const reader = await visitor(browser, site, { viewport, javaScriptEnabled: false });
    await reader.goto('/');
    const menu = reader.getByRole('navigation', { name: 'Menu' });
    await menu.getByText(`Guides, ${device}`).click();
    await menu.getByRole('link', { name: title }).click();
    await reader.getByRole('heading', { name: title }).waitFor();
    await reader.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: `Search, ${device}` }).click();
    await reader.waitForURL('**/search');
    await reader.context().close();
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
