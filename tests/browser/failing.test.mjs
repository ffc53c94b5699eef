// The API fails underneath: what is there stays, what is typed stays, and people are told in words.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, Site, signedIn, visitor } from './site.mjs';
import { fill, SETTINGS } from './views.mjs';

let browser;
let site;
let places;

before(async () => {
  browser = await launch();
  site = await Site.create(SETTINGS);
  const ana = await signedIn(browser, site);
  places = await fill(ana);
  await ana.context().close();
});

after(async () => {
  await browser?.close();
  await site?.remove();
});

for (const viewport of [
  { width: 1280, height: 800 },
  { width: 360, height: 740 },
]) {
  test(`a visitor without a network, then with one, at ${viewport.width} px`, async () => {
    const reader = await visitor(browser, site, { viewport });
    await reader.goto('/');
    await reader.waitForLoadState('networkidle');
    await reader.context().setOffline(true);
    await reader.getByRole('link', { name: 'Sowing in spring' }).click();
    await reader.getByRole('alert').waitFor();
    assert.match(await reader.getByRole('alert').innerText(), /cannot be reached/);
    // The site around it is there still.
    await reader.getByRole('link', { name: 'Glass House' }).first().waitFor();
    await reader.context().setOffline(false);
    await reader.getByRole('heading', { name: 'Sowing in spring' }).waitFor();
    await reader.context().close();
  });
}

test('a form that cannot be sent keeps what was typed', async () => {
  const reader = await visitor(browser, site);
  await reader.goto('/forms/contact');
  await reader.waitForLoadState('networkidle');
  await reader.getByLabel('Your e-mail address').fill('vi@example.com');
  await reader.getByLabel('Your message').fill('May we visit?');
  await reader.getByLabel('You may keep this').check();
  const down = { status: 503, contentType: 'application/problem+json', body: '{"code":"busy","status":503,"request_id":"abc-1"}' };
  await reader.route('**/api/**', route => route.fulfill(down));
  await reader.getByRole('button', { name: 'Send' }).click();
  await reader.getByRole('alert').waitFor();
  assert.match(await reader.getByRole('alert').innerText(), /The server had a problem[\s\S]*abc-1/);
  assert.equal(await reader.getByLabel('Your message').inputValue(), 'May we visit?');
  await reader.unroute('**/api/**');
  await reader.getByRole('button', { name: 'Send' }).click();
  await reader.getByText('Thank you.').waitFor();
  await reader.context().close();
});

test('an editor who cannot save keeps what was typed', async () => {
  const ana = await signedIn(browser, site);
  await ana.goto(`/admin/pages/${places.sowing}`);
  const text = ana.getByRole('textbox', { name: 'Text' });
  await text.fill('typed while the server was away');
  await ana.route('**/api/v1/admin/pages/*', route => route.abort());
  await ana.getByRole('button', { name: 'Save' }).click();
  await ana.getByText(/cannot be reached/).first().waitFor();
  assert.equal(await text.inputValue(), 'typed while the server was away');
  await ana.unroute('**/api/v1/admin/pages/*');
  await ana.getByRole('button', { name: /Save|Try again/ }).first().click();
  await ana.getByText('Saved', { exact: true }).waitFor();
  await ana.context().close();
});
