// Lists are narrowed, and the address tells how: it can be sent to somebody, and Back finds it again.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, makePage, Site, signedIn } from './site.mjs';

let browser;
let site;

before(async () => {
  browser = await launch();
  site = await Site.create('[site]\nlanguages = ["de"]\n');
  const ana = await signedIn(browser, site);
  const sea = await makePage(ana, { title: 'The sea', slug: 'sea', body: 'Deep.', tags: ['water'] }, { publish: true });
  await makePage(ana, { title: 'Das Meer', body: 'Tief.', language: 'de', translation_of: sea.id });
  const poles = await makePage(ana, { title: 'Poles', slug: 'poles', body: 'Two.' }, { publish: true });
  const { slug, title, summary } = poles;
  const changed = { slug, title, summary, body: 'Both.' };
  const saved = await ana.request.put(`/api/v1/admin/pages/${poles.id}`, { data: changed, headers: { 'If-Match': `"${poles.revision}"` } });
  assert.equal(saved.status(), 200, await saved.text());
  await ana.context().close();
});

after(async () => {
  await browser?.close();
  await site?.remove();
});

for (const [device, viewport] of Object.entries({ desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } })) {
  test(`pages on a ${device}`, async () => {
    const ana = await signedIn(browser, site, { viewport });
    await ana.goto('/admin/pages');
    const shown = title => ana.getByRole('link', { name: title, exact: true });
    const only = async (...titles) => {
      for (const title of ['The sea', 'Das Meer', 'Poles']) {
        await shown(title).waitFor({ state: titles.includes(title) ? 'visible' : 'detached' });
      }
    };
    await only('The sea', 'Das Meer', 'Poles');
    await ana.getByLabel('Translations').selectOption('Missing in German');
    await only('Poles');
    await ana.getByLabel('Translations').selectOption('All translations');
    await ana.getByLabel('Language', { exact: true }).selectOption('German');
    await only('Das Meer');
    await ana.getByLabel('Language', { exact: true }).selectOption('All languages');
    await ana.getByRole('radio', { name: 'Changed' }).click();
    await only('Poles');
    await ana.getByRole('radio', { name: 'All', exact: true }).click();
    await ana.getByLabel('Tag', { exact: true }).selectOption('water');
    await only('The sea');
    assert.equal(await ana.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
    await shown('The sea').click();
    await ana.getByRole('textbox', { name: 'Text' }).waitFor();
    await ana.goBack();
    await only('The sea');
    assert.equal(await ana.getByLabel('Tag', { exact: true }).inputValue(), 'water');
    assert.deepEqual(ana.complaints, []);
    await ana.context().close();
  });

  test(`the audit log on a ${device}`, async () => {
    const ana = await signedIn(browser, site, { viewport });
    await ana.goto('/admin/audit');
    const changes = ana.getByRole('list', { name: 'Changes' });
    await changes.getByText('page.create').first().waitFor();
    await ana.getByLabel('What was changed').selectOption('Accounts');
    await changes.getByText('page.create').first().waitFor({ state: 'detached' });
    await changes.getByText('account.create').waitFor();
    await ana.getByLabel('What was changed').selectOption('Pages');
    await changes.getByRole('link', { name: 'page.publish' }).first().click();
    await changes.getByText('page.create').first().waitFor({ state: 'detached' });
    await ana.getByLabel('By whom').selectOption('ana@example.com');
    // It was all done today, by the clock of this device.
    const day = await ana.evaluate(() => new Date().toLocaleDateString('sv'));
    await ana.getByLabel('From', { exact: true }).fill(day);
    await ana.getByLabel('To', { exact: true }).fill(day);
    await changes.getByText('page.publish').first().waitFor();
    assert.equal(await ana.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
    const [table] = await Promise.all([ana.waitForEvent('download'), ana.getByRole('link', { name: 'Export as a table' }).click()]);
    const parts = [];
    for await (const part of await table.createReadStream()) parts.push(part);
    const [head, ...lines] = Buffer.concat(parts).toString().trim().split('\r\n');
    assert.match(head, /action/);
    assert.deepEqual([...new Set(lines.map(line => /page\.\w+|account\.\w+/.exec(line)?.[0]))], ['page.publish']);
    await ana.reload();
    await changes.getByText('page.publish').first().waitFor();
    await ana.getByLabel('To', { exact: true }).fill('2020-01-01');
    await ana.getByText('No change matches.').waitFor();
    assert.deepEqual(ana.complaints, []);
    await ana.context().close();
  });
}
