// What visitors do: read, follow links, search, miss.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, makePage, Site, signedIn, visitor } from './site.mjs';

let browser;
let site;

before(async () => {
  browser = await launch();
  site = await Site.create();
  const ana = await signedIn(browser, site);
  await makePage(ana, { title: 'Roses', body: 'Red ones grow beside [lilies](/lilies).' }, { publish: true });
  await makePage(ana, { title: 'Lilies', body: 'White ones. <script>window.ran = true</script>' }, { publish: true });
  await makePage(ana, { title: 'Secret', body: 'Red plans.' });
  await ana.context().close();
});

after(async () => {
  await browser?.close();
  await site?.remove();
});

test('links lead from page to page without a reload', async () => {
  const reader = await visitor(browser, site);
  await reader.goto('/');
  await reader.evaluate(() => {
    window.stayed = true;
  });
  await reader.getByRole('link', { name: 'Roses' }).first().click();
  await reader.getByRole('link', { name: 'lilies', exact: true }).click();
  await reader.getByRole('heading', { name: 'Lilies' }).waitFor();
  assert.deepEqual(await reader.evaluate(() => [window.stayed, window.ran]), [true, undefined]);
  assert.deepEqual(reader.complaints, []);
  await reader.context().close();
});

test('the search finds published words and marks them', async () => {
  const reader = await visitor(browser, site);
  await reader.goto('/search');
  await reader.getByRole('searchbox').fill('red');
  await reader.locator('mark').first().waitFor();
  assert.match(await reader.locator('main').innerText(), /Roses/);
  assert.doesNotMatch(await reader.locator('main').innerText(), /Secret/);
  await reader.waitForURL('**/search?q=red');
  await reader.getByRole('searchbox').fill('nothing-like-this');
  await reader.locator('mark').first().waitFor({ state: 'detached' });
  assert.deepEqual(reader.complaints, []);
  await reader.context().close();
});

test('a page that is not there is told, on a phone too', async () => {
  const reader = await visitor(browser, site, { viewport: { width: 360, height: 740 } });
  await reader.goto('/no/such/page');
  await reader.getByRole('heading', { level: 1 }).waitFor();
  assert.match(await reader.locator('main').innerText(), /not|no /i);
  const overflow = await reader.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(overflow <= 0, `the page is ${overflow} px too wide`);
  await reader.context().close();
});

test('the admin area asks visitors to sign in', async () => {
  const reader = await visitor(browser, site);
  await reader.goto('/admin/pages');
  await reader.getByLabel('Password').waitFor();
  assert.doesNotMatch(await reader.locator('body').innerText(), /Secret/);
  await reader.context().close();
});
