// Write, publish, read, come back.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, makePage, PNG, Site, signedIn, signIn, visitor } from './site.mjs';

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

test('from nothing to a published page with a picture that survives a restart', async () => {
  const ana = await visitor(browser, site);
  await signIn(ana);
  await ana.getByRole('link', { name: 'Pages', exact: true }).click();
  await ana.getByRole('link', { name: 'New page' }).first().click();
  await ana.getByLabel('Title').fill('Our garden');
  assert.equal(await ana.getByLabel('Address').inputValue(), 'our-garden');
  const text = ana.getByRole('textbox', { name: 'Text' });
  await text.fill('Roses **and** lilies.\n\n');
  await dropPicture(ana, text, 'rose.png');
  await ana.waitForFunction(() => /!\[.*\]\(\/media\//.test(document.querySelector('textarea').value));
  await ana.locator('img[src^="/media/"]').first().waitFor();
  await ana.getByRole('button', { name: 'Publish' }).click();
  await ana.getByRole('link', { name: 'View', exact: true }).waitFor();

  const read = async () => {
    const reader = await visitor(browser, site);
    await reader.goto('/our-garden');
    await reader.getByRole('heading', { name: 'Our garden' }).waitFor();
    assert.equal(await reader.locator('strong').textContent(), 'and');
    const picture = reader.locator('main img[src^="/media/"]');
    await picture.scrollIntoViewIfNeeded();
    await reader.waitForFunction(() => document.querySelector('main img[src^="/media/"]')?.naturalWidth === 1);
    assert.match(await reader.title(), /Our garden/);
    assert.deepEqual(reader.complaints, []);
    await reader.context().close();
  };
  await read();
  // Before the restart: her window would look for the server meanwhile.
  assert.deepEqual(ana.complaints.filter(text => !text.includes('401')), []);
  await ana.context().close();
  await site.stop();
  await site.start();
  await read();
});

test('a session that ends keeps what was typed', async () => {
  const ana = await signedIn(browser, site);
  const made = await makePage(ana, { title: 'Long text' });
  await ana.goto(`/admin/pages/${made.id}`);
  const text = ana.getByRole('textbox', { name: 'Text' });
  await text.fill('typed for an hour');
  await ana.context().clearCookies();
  await ana.getByRole('button', { name: 'Save' }).click();
  const dialog = ana.getByRole('dialog');
  await dialog.getByLabel('Password').fill('correct horse battery');
  if (!(await dialog.getByLabel('E-mail').inputValue())) await dialog.getByLabel('E-mail').fill('ana@example.com');
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await dialog.waitFor({ state: 'detached' });
  assert.equal(await text.inputValue(), 'typed for an hour');
  if (await ana.getByRole('button', { name: 'Save' }).isEnabled()) await ana.getByRole('button', { name: 'Save' }).click();
  await ana.getByText('Saved', { exact: true }).waitFor();
  const saved = await (await ana.request.get(`/api/v1/admin/pages/${made.id}`)).json();
  assert.equal(saved.body, 'typed for an hour');
  await ana.context().close();
});

test('two people at one page lose nothing', async () => {
  const ana = await signedIn(browser, site);
  const bob = await signedIn(browser, site);
  const made = await makePage(ana, { title: 'Minutes' });
  for (const person of [ana, bob]) await person.goto(`/admin/pages/${made.id}`);
  await ana.getByRole('textbox', { name: 'Text' }).fill('by Ana');
  await bob.getByRole('textbox', { name: 'Text' }).fill('by Bob');
  await ana.getByRole('button', { name: 'Save' }).click();
  await ana.getByText('Saved', { exact: true }).waitFor();
  await bob.getByRole('button', { name: 'Save' }).click();
  const dialog = bob.getByRole('alertdialog').or(bob.getByRole('dialog'));
  await dialog.waitFor();
  assert.equal(await bob.locator('textarea').inputValue(), 'by Bob');
  await dialog.getByRole('button', { name: /overwrite/i }).click();
  await bob.getByText('Saved', { exact: true }).waitFor();
  const saved = await (await ana.request.get(`/api/v1/admin/pages/${made.id}`)).json();
  assert.equal(saved.body, 'by Bob');
  await Promise.all([ana.context().close(), bob.context().close()]);
});

async function dropPicture(page, target, name) {
  const data = await page.evaluateHandle(
    ({ bytes, name }) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(bytes)], name, { type: 'image/png' }));
      return transfer;
    },
    { bytes: [...PNG], name },
  );
  await target.dispatchEvent('dragover', { dataTransfer: data });
  await target.dispatchEvent('drop', { dataTransfer: data });
}
