// The trash: back at another address where the old one is taken, and gone for good.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, makePage, Site, signedIn } from './site.mjs';

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

/** Makes a page and puts it into the trash. */
async function deleted(ana, title, slug) {
  const page = await makePage(ana, { title, slug });
  const gone = await ana.request.delete(`/api/v1/admin/pages/${page.id}`, { headers: { 'If-Match': `"${page.revision}"` } });
  assert.equal(gone.status(), 204, await gone.text());
  return page.id;
}

for (const [device, viewport] of Object.entries({ desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } })) {
  test(`a page comes back, and another goes for good, on a ${device}`, async () => {
    const ana = await signedIn(browser, site, { viewport });
    const kept = await deleted(ana, 'Kept', `about-${device}`);
    const gone = await deleted(ana, 'Gone', `about-${device}`);
    await makePage(ana, { title: 'Instead of them', slug: `about-${device}` });
    await ana.goto('/admin/trash');
    const row = title => ana.getByRole('listitem').filter({ hasText: title });
    assert.equal(await ana.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);

    await row('Kept').getByRole('button', { name: 'Bring back' }).click();
    const dialog = ana.getByRole('dialog');
    await dialog.getByText('This address is taken by another page.').waitFor();
    await dialog.getByLabel('Another address').fill(`history-${device}`);
    await dialog.getByRole('button', { name: 'Bring back' }).click();
    await row('Kept').waitFor({ state: 'detached' });
    assert.equal((await (await ana.request.get(`/api/v1/admin/pages/${kept}`)).json()).slug, `history-${device}`);

    await row('Gone').getByRole('button', { name: 'Delete for good' }).click();
    const asked = ana.getByRole('alertdialog');
    await asked.getByRole('button', { name: 'Cancel' }).click();
    await row('Gone').getByRole('button', { name: 'Delete for good' }).click();
    await asked.getByRole('button', { name: 'Delete for good' }).click();
    await ana.getByText('The trash is empty').waitFor();
    const restored = await ana.request.post(`/api/v1/admin/trash/${gone}/restore`, { data: {}, headers: { 'If-Match': '"2"' } });
    assert.equal(restored.status(), 404);
    assert.deepEqual(ana.complaints.filter(text => !text.includes('422')), []);
    await ana.context().close();
  });
}
