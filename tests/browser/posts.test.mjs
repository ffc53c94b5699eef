// Posts on social networks: what each network makes of them, now and later, and the way back.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, Site, signedIn } from './site.mjs';

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

for (const [device, viewport] of Object.entries({ desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } })) {
  test(`on a ${device}`, async () => {
    const ana = await signedIn(browser, site, { viewport });
    await ana.goto('/admin/posts');
    await ana.getByLabel('X', { exact: true }).check();
    await ana.getByLabel('Text', { exact: true }).fill('x'.repeat(300));
    const x = ana.getByRole('article', { name: 'X', exact: true });
    await x.getByText('300 of 280, 20 too many').waitFor();
    await ana.getByRole('article', { name: 'Mastodon' }).getByText('300 of 500').waitFor();
    await ana.getByRole('button', { name: 'Post it' }).click();
    await ana.getByRole('alert').or(ana.locator('[aria-invalid=true]')).first().waitFor();
    await ana.getByLabel('Text', { exact: true }).fill(`Open on ${device} today.`);
    await ana.getByRole('button', { name: 'Post it' }).click();
    await ana.getByText('2 posts are on their way.').waitFor();
    assert.equal(await ana.getByLabel('Text', { exact: true }).inputValue(), '');
    const posts = ana.getByRole('list', { name: 'Posts' });
    // In development they are recorded.
    await posts.getByText('Sent').first().waitFor({ timeout: 20_000 });
    assert.equal(await ana.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
    await ana.context().close();
  });
}

test('later, and taken back', async () => {
  const ana = await signedIn(browser, site);
  await ana.goto('/admin/posts');
  await ana.getByLabel('Text', { exact: true }).fill('Tomorrow we are open.');
  await ana.getByRole('radio', { name: 'Later' }).click();
  await ana.getByRole('button', { name: 'Schedule it' }).click();
  await ana.getByText('Choose when it leaves.').waitFor();
  const tomorrow = new Date(Date.now() + 24 * 3_600_000).toISOString().slice(0, 16);
  await ana.getByLabel('Time').fill(tomorrow);
  await ana.getByRole('button', { name: 'Schedule it' }).click();
  await ana.getByText(/Scheduled for/).waitFor();
  const posts = ana.getByRole('list', { name: 'Posts' });
  await posts.getByText('Waiting').waitFor();
  await ana.getByRole('button', { name: 'Undo' }).click();
  await posts.getByText('Taken back').waitFor();
  await posts.getByRole('button', { name: /^Mastodon/ }).first().click();
  await ana.getByRole('dialog').getByText('Tomorrow we are open.').waitFor();
  assert.deepEqual(ana.complaints, []);
  await ana.context().close();
});
