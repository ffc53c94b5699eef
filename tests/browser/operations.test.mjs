// What administrators see of the running site: checks, backups, database, certificate, log, and the charts of the overview.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, Site, signedIn } from './site.mjs';

let browser;
let site;

before(async () => {
  browser = await launch();
  // Nobody makes backups here.
  site = await Site.create('[backup]\nurl = "http://127.0.0.1:9/"\n');
});

after(async () => {
  await browser?.close();
  await site?.remove();
});

for (const [device, viewport] of Object.entries({ desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } })) {
  test(`the operations on a ${device}`, async () => {
    const ana = await signedIn(browser, site, { viewport });
    await ana.goto('/admin/operations');
    await ana.getByRole('heading', { name: 'Everything that is looked at' }).waitFor();
    const first = ana.locator('details').last();
    await first.locator('summary').click();
    await first.getByText('What it means').waitFor();

    const parts = ana.getByRole('navigation', { name: 'Parts of the operations' });
    await parts.getByRole('link', { name: 'Backups' }).click();
    await ana.getByText('backupd does not answer').waitFor();
    await ana.getByText('None yet').waitFor();
    const [folder] = await Promise.all([ana.waitForEvent('download'), ana.getByRole('link', { name: 'Download the site' }).click()]);
    assert.match(folder.suggestedFilename(), /^site-.*\.tar\.gz$/);
    assert.equal(await folder.failure(), null);
    await ana.getByRole('button', { name: 'Back up now' }).click();
    // Why, in words; and no word of a failure of the server itself.
    await ana.getByRole('status').filter({ hasText: /backup daemon/ }).first().waitFor();

    await parts.getByRole('link', { name: 'Server' }).click();
    await ana.getByText('Write-ahead log').waitFor();
    await ana.getByText(/is not https/).waitFor();

    await parts.getByRole('link', { name: 'Log' }).click();
    await ana.getByRole('list', { name: /The last lines/ }).getByText(/listening/).first().waitFor();
    await ana.getByRole('radio', { name: 'Warnings and errors' }).click();
    assert.equal(await ana.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
    await ana.context().close();
  });
}

test('the overview draws what was asked of the server, and says the same in a table', async () => {
  const ana = await signedIn(browser, site);
  const made = await ana.request.post('/api/v1/admin/pages', { data: { title: 'A draft', body: '' } });
  assert.equal(made.status(), 201);
  await ana.goto('/admin');
  await ana.getByRole('link', { name: 'There is no proven backup' }).waitFor();
  await ana.getByRole('link', { name: '1 draft waits' }).waitFor();
  const requests = ana.getByRole('figure', { name: 'Requests' });
  await requests.getByText('As a table').click();
  const counts = await requests.locator('tbody tr').evaluateAll(rows => rows.map(row => Number(row.cells[1].textContent)));
  assert.equal(counts.length, 60);
  assert.ok(counts.reduce((sum, count) => sum + count, 0) > 0, counts.join(' '));
  await ana.getByRole('radio', { name: 'Last day' }).click();
  await ana.waitForFunction(() => document.querySelectorAll('figure')[0]?.querySelectorAll('tbody tr').length === 96);
  await ana.context().close();
});
