// Somebody asks what is held about them: told, handed out as a file, and erased; what others sent stays until it is deleted.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { launch, Site, signedIn } from './site.mjs';
import { fill, SETTINGS, writeTo } from './views.mjs';

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

for (const [device, viewport] of Object.entries({ desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } })) {
  test(`on a ${device}`, async () => {
    const ana = await signedIn(browser, site, { viewport });
    await writeTo(ana);
    await writeTo(ana, { email: 'cy@example.com', message: 'I come with vi@example.com.' });
    await ana.goto('/admin/leads');
    await ana.getByRole('button', { name: 'What we hold about somebody' }).click();
    const dialog = ana.getByRole('dialog', { name: 'What we hold about somebody' });
    await dialog.getByLabel('Their e-mail address').fill('VI@example.com');
    await ana.keyboard.press('Enter');
    await dialog.getByText('1 lead and 1 letter').waitFor();
    await dialog.getByRole('heading', { name: '1 lead of somebody else names this address' }).waitFor();
    assert.equal(await ana.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);

    const [file] = await Promise.all([ana.waitForEvent('download'), dialog.getByRole('button', { name: 'Download it all' }).click()]);
    assert.equal(file.suggestedFilename(), 'VI@example.com.json');
    const held = JSON.parse(await readFile(await file.path(), 'utf8'));
    assert.deepEqual([held.leads[0].email, held.mentioned[0].email, held.letters.length], ['vi@example.com', 'cy@example.com', 1]);

    // What another one sent is looked at, and deleted by itself.
    await dialog.getByRole('button', { name: 'cy@example.com' }).click();
    const lead = ana.getByRole('dialog', { name: 'cy@example.com' });
    await lead.getByText('I come with vi@example.com.').waitFor();
    await lead.getByRole('button', { name: 'Delete' }).click();
    await ana.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await dialog.getByRole('heading', { name: /of somebody else/ }).waitFor({ state: 'detached' });
    // On a phone it lies over the buttons for a while.
    await ana.getByRole('status').filter({ hasText: 'The lead is deleted.' }).getByRole('button', { name: 'Dismiss' }).click();

    await dialog.getByRole('button', { name: 'Erase' }).click();
    const asked = ana.getByRole('alertdialog');
    await asked.getByText(/^What goes: 1 lead and 1 letter/).waitFor();
    await asked.getByRole('button', { name: 'Erase' }).click();
    await ana.getByText('What was held about VI@example.com is erased.').waitFor();
    await dialog.waitFor({ state: 'detached' });
    await ana.getByText('No leads yet').waitFor();
    const left = await (await ana.request.get('/api/v1/outbox?q=team@example.com')).json();
    assert.deepEqual(left.items, []);
    // The lead that is gone is asked for once more while its dialog closes.
    assert.deepEqual(ana.complaints.filter(text => !text.includes('404')), []);
    await ana.context().close();
  });
}
