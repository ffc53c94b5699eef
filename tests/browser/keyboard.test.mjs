// With the keyboard alone: find a page, write to the team, sign in and publish.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { EMAIL, launch, PASSWORD, Site, signedIn, visitor } from './site.mjs';
import { fill, SETTINGS, taken } from './views.mjs';

let browser;
let site;

before(async () => {
  browser = await launch();
  site = await Site.create(SETTINGS);
  const ana = await signedIn(browser, site);
  await fill(ana);
  await ana.context().close();
});

after(async () => {
  await browser?.close();
  await site?.remove();
});

test('a visitor finds a page and writes to the team', async () => {
  const reader = await visitor(browser, site);
  await reader.goto('/');
  await taken(reader);
  await reader.keyboard.press('Tab');
  assert.equal(await focused(reader), 'Skip to the content');
  await tabTo(reader, 'Search');
  await reader.keyboard.press('Enter');
  await reader.waitForURL('**/search');
  // The field has the focus: typing goes on.
  await reader.getByRole('searchbox').and(reader.locator(':focus')).waitFor();
  await reader.keyboard.type('soil');
  await reader.getByText('1 page for “soil”').waitFor();
  await tabTo(reader, 'Sowing in spring');
  await reader.keyboard.press('Enter');
  await reader.locator('h1:focus', { hasText: 'Sowing in spring' }).waitFor();

  await reader.goto('/forms/contact');
  await taken(reader);
  await tabTo(reader, 'Your e-mail address');
  await reader.keyboard.type('vi@example.com');
  await reader.keyboard.press('Tab');
  await reader.keyboard.press('ArrowDown');
  await tabTo(reader, 'Send');
  await reader.keyboard.press('Enter');
  // What is missing takes the focus, and says why.
  await reader.locator('textarea[aria-invalid=true]:focus').waitFor();
  await reader.keyboard.type('May we visit?');
  await tabTo(reader, 'You may keep this for a year.');
  await reader.keyboard.press('Space');
  await tabTo(reader, 'Send');
  await reader.keyboard.press('Enter');
  await reader.getByText('Thank you.').waitFor();
  await reader.context().close();
});

test('an editor signs in, writes a page and publishes it', async () => {
  const ana = await visitor(browser, site);
  await ana.goto('/admin');
  await tabTo(ana, 'E-mail');
  await ana.keyboard.type(EMAIL);
  await ana.keyboard.press('Tab');
  await ana.keyboard.type(PASSWORD);
  await ana.keyboard.press('Enter');
  await ana.getByRole('navigation', { name: 'Admin' }).waitFor();
  await tabTo(ana, 'Write a page');
  await ana.keyboard.press('Enter');
  await ana.getByLabel('Title').waitFor();
  await tabTo(ana, 'Title');
  await ana.keyboard.type('By hand');
  await tabTo(ana, 'Text');
  await ana.keyboard.type('Without a mouse.');
  await ana.keyboard.press('Shift+Tab');
  for (let stop = 0; stop < 60 && (await focused(ana)) !== 'Publish'; stop += 1) await ana.keyboard.press('Shift+Tab');
  await ana.keyboard.press('Enter');
  await ana.getByRole('link', { name: 'View', exact: true }).waitFor();
  assert.equal((await ana.request.get('/api/v1/pages/by-hand')).status(), 200);
  await ana.context().close();
});

/** How the element is named that has the focus. */
const focused = page =>
  page.evaluate(() => {
    const element = document.activeElement;
    const label = element?.getAttribute('aria-label') ?? element?.labels?.[0]?.innerText ?? element?.innerText ?? '';
    return label.trim();
  });

/** Presses Tab until the element of this name has the focus. */
async function tabTo(page, name) {
  const passed = [];
  for (let stop = 0; stop < 60; stop += 1) {
    const at = await focused(page);
    if (at === name) return;
    passed.push(at);
    await page.keyboard.press('Tab');
  }
  assert.fail(`Tab never comes to “${name}”, but to ${passed.join(', ')}`);
}
