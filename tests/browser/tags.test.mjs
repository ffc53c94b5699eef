// Tags: renamed everywhere at once, with a way back; two become one.

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

test('rename, take back, merge and delete', async () => {
  const ana = await signedIn(browser, site);
  await makePage(ana, { title: 'One', tags: ['sea', 'ships'] }, { publish: true });
  await makePage(ana, { title: 'Two', tags: ['ocean'] });
  await ana.goto('/admin/tags');
  const row = tag => ana.getByRole('listitem').filter({ has: ana.getByRole('link', { name: tag, exact: true }) });
  await row('sea').getByText('1 page, 1 published').waitFor();

  const rename = async (tag, to, button) => {
    await ana.getByRole('button', { name: `Rename ${tag}` }).click();
    await ana.getByLabel('New name').fill(to);
    await ana.getByRole('dialog').getByRole('button', { name: button }).click();
  };
  await rename('ships', 'boats', 'Rename');
  await row('boats').waitFor();
  await ana.getByRole('button', { name: 'Undo' }).click();
  await row('ships').waitFor();

  await ana.getByRole('button', { name: 'Rename sea' }).click();
  await ana.getByLabel('New name').fill('ocean');
  await ana.getByText(/There is a tag “ocean” already/).waitFor();
  await ana.getByRole('button', { name: 'Merge' }).click();
  await row('ocean').getByText('2 pages, 1 published').waitFor();
  assert.equal(await row('sea').count(), 0);

  await ana.getByRole('button', { name: 'Delete ships' }).click();
  await ana.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await row('ships').waitFor({ state: 'detached' });

  await row('ocean').getByRole('link').click();
  assert.match(ana.url(), /\/admin\/pages\?tag=ocean$/);
  await ana.getByRole('link', { name: 'Two', exact: true }).waitFor();
  assert.deepEqual(ana.complaints, []);
  await ana.context().close();
});
