// A page goes to people before it is public, and to networks when it is.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, makePage, Site, signedIn, visitor } from './site.mjs';

let browser;
let site;

before(async () => {
  browser = await launch();
  site = await Site.create();
});

after(async () => {
  await browser?.close();
  await site?.remove();
});

async function open(ana, item) {
  await ana.getByRole('button', { name: 'More actions' }).click();
  await ana.getByRole('menuitem', { name: item }).click();
  return ana.getByRole('dialog');
}

for (const [device, viewport] of Object.entries({ desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } })) {
  test(`a draft is read by somebody without an account, on a ${device}`, async () => {
    const ana = await signedIn(browser, site, { viewport });
    const made = await makePage(ana, { title: `Plans on a ${device}`, body: 'A **new** pole.' });
    await ana.goto(`/admin/pages/${made.id}`);
    const dialog = await open(ana, 'Link to a preview');
    await dialog.getByRole('radio', { name: '1 hour' }).click();
    await dialog.getByRole('button', { name: 'Make the link' }).click();
    const link = await dialog.locator('code').textContent();
    assert.match(link, /\/preview#/);
    assert.equal(await ana.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
    const reader = await visitor(browser, site);
    await reader.goto(`/preview${new URL(link).hash}`);
    await reader.getByRole('heading', { name: made.title }).waitFor();
    assert.deepEqual([...ana.complaints, ...reader.complaints], []);
    await ana.context().close();
    await reader.context().close();
  });

  test(`a page is announced when it is published, on a ${device}`, async () => {
    const ana = await signedIn(browser, site, { viewport });
    const made = await makePage(ana, { title: `Opening on a ${device}`, body: 'Come.' });
    await ana.goto(`/admin/pages/${made.id}`);
    let dialog = await open(ana, 'Announce');
    await dialog.getByLabel('X', { exact: true }).check();
    await dialog.getByLabel('Text', { exact: true }).fill('x'.repeat(300));
    await dialog.getByRole('article', { name: 'X', exact: true }).getByText(/too many/).waitFor();
    await dialog.getByRole('button', { name: 'Post it when published' }).click();
    await dialog.getByRole('alert').or(dialog.locator('[aria-invalid=true]')).first().waitFor();
    await dialog.getByLabel('Text', { exact: true }).fill(`We open on a ${device}.`);
    assert.equal(await ana.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
    await dialog.getByRole('button', { name: 'Post it when published' }).click();
    await ana.getByText('It is posted when the page is published.').waitFor();
    // It is kept, can be taken back, and said anew.
    dialog = await open(ana, 'Announce');
    assert.equal(await dialog.getByLabel('Text', { exact: true }).inputValue(), `We open on a ${device}.`);
    await dialog.getByRole('button', { name: 'Take it back' }).click();
    await ana.getByText('Taken back. Nothing is posted.').waitFor();
    dialog = await open(ana, 'Announce');
    await dialog.getByLabel('Text', { exact: true }).fill(`Open on a ${device}, come.`);
    await dialog.getByRole('button', { name: 'Post it when published' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.deepEqual(await posts(ana, device), []);
    await ana.getByRole('button', { name: 'Publish' }).click();
    await ana.getByText('Published.', { exact: true }).waitFor();
    const [post] = await posts(ana, device);
    assert.match(post, new RegExp(`^Open on a ${device}, come\\.\\s+http.*/opening-on-a-${device}$`));
    // Of a page that is public it leaves at once.
    dialog = await open(ana, 'Announce');
    await dialog.getByLabel('Text', { exact: true }).fill(`Still open on a ${device}.`);
    await dialog.getByRole('button', { name: 'Post it' }).click();
    await ana.getByText('The post is on its way.').waitFor();
    assert.equal((await posts(ana, device)).length, 2);
    await ana.context().close();
  });
}

/** What is in the outbox about this device. */
async function posts(ana, device) {
  const { items } = await (await ana.request.get('/api/v1/outbox?kind=mastodon')).json();
  const said = items.map(async ({ id }) => (await (await ana.request.get(`/api/v1/outbox/${id}`)).json()).post);
  return (await Promise.all(said)).filter(post => post.includes(`on a ${device}`));
}
