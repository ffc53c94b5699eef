// With the keyboard alone: every view and thing from one field, and every shortcut.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, Site, signedIn } from './site.mjs';
import { fill, SETTINGS } from './views.mjs';

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

// The one before is still there for a moment, and has the keys.
const closed = ana => ana.getByRole('dialog').waitFor({ state: 'detached' });

const open = async ana => {
  await closed(ana);
  await ana.keyboard.press('Control+k');
  await ana.getByRole('combobox', { name: 'What do you want to do?' }).and(ana.locator(':focus')).waitFor();
};

const chosen = ana => ana.locator('[role=option][aria-selected=true]');

/** Types, waits until this is chosen, and goes. */
async function run(ana, typed, label) {
  await open(ana);
  await ana.keyboard.type(typed);
  await chosen(ana).filter({ hasText: label }).waitFor();
  await ana.keyboard.press('Enter');
}

test('goes to views, to what the server finds, and does things', async () => {
  const ana = await signedIn(browser, site);
  await ana.goto('/admin');
  await ana.getByRole('heading', { name: 'Overview' }).waitFor();
  await run(ana, 'outb', 'Outbox');
  await ana.waitForURL('**/admin/outbox');
  await run(ana, 'soil', 'Sowing in spring');
  await ana.waitForURL('**/admin/pages/*');
  await ana.getByLabel('Title').waitFor();

  // In the editor the same keys make a link, which is the editor's.
  const text = ana.getByRole('textbox', { name: 'Text' });
  await text.focus();
  await ana.keyboard.press('Control+k');
  assert.equal(await ana.getByRole('dialog').count(), 0);
  await ana.keyboard.press('Control+z');

  await ana.goto('/admin');
  await ana.getByRole('heading', { name: 'Overview' }).waitFor();
  await run(ana, 'dark', 'Dark theme');
  await ana.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
  await run(ana, 'sprache', 'Auf Deutsch');
  await ana.getByRole('heading', { name: 'Übersicht' }).waitFor();
  await closed(ana);
  await ana.keyboard.press('Control+k');
  await ana.getByRole('combobox').and(ana.locator(':focus')).waitFor();
  await ana.keyboard.type('english');
  await ana.getByRole('option', { name: 'In English' }).waitFor();
  await ana.keyboard.press('Enter');
  await ana.getByRole('heading', { name: 'Overview' }).waitFor();

  await open(ana);
  await ana.keyboard.type('qqqqqq');
  await ana.getByText('Nothing matches “qqqqqq”').waitFor();
  await ana.keyboard.press('Escape');
  await closed(ana);
  assert.deepEqual(ana.complaints, []);

  await run(ana, 'log out', 'Log out');
  await ana.waitForURL('**/admin/login');
  await ana.context().close();
});

test('says which keys there are, and hears them only where letters are no text', async () => {
  const ana = await signedIn(browser, site);
  await ana.goto('/admin');
  await ana.getByRole('heading', { name: 'Overview' }).waitFor();
  await ana.keyboard.press('?');
  const dialog = ana.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await dialog.getByText('Audit log').waitFor();
  await ana.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await ana.keyboard.press('g');
  await ana.keyboard.press('l');
  await ana.waitForURL('**/admin/leads');
  await ana.getByRole('searchbox', { name: 'Search answers' }).focus();
  await ana.keyboard.type('gp?');
  await ana.waitForURL('**/admin/leads?q=gp%3F');
  assert.equal(await ana.getByRole('dialog').count(), 0);
  await ana.context().close();
});

test('keys without Ctrl can be turned off, for this browser', async () => {
  const ana = await signedIn(browser, site);
  await ana.goto('/admin');
  await ana.getByRole('heading', { name: 'Overview' }).waitFor();
  await ana.keyboard.press('?');
  const dialog = ana.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await dialog.getByRole('checkbox', { name: /Keys without Ctrl/ }).uncheck();
  await ana.keyboard.press('Escape');
  await closed(ana);
  for (const key of ['g', 'l', '?']) await ana.keyboard.press(key);
  await run(ana, 'your account', 'Your account');
  await ana.waitForURL('**/admin/account');
  // It is remembered, and turned on again where the account is.
  await ana.reload();
  const field = ana.getByRole('checkbox', { name: /Keys without Ctrl/ });
  assert.equal(await field.isChecked(), false);
  await field.check();
  await ana.getByRole('heading', { name: 'Your account' }).click();
  await ana.keyboard.press('g');
  await ana.keyboard.press('l');
  await ana.waitForURL('**/admin/leads');
  await ana.context().close();
});

test('a phone has a button for it, and it offers no more than the role may', async () => {
  const admin = await signedIn(browser, site);
  const viewer = { email: 'vi@example.com', name: 'Vi', role: 'viewer', password: 'correct horse battery' };
  const made = await admin.request.post('/api/v1/admin/accounts', { data: viewer });
  assert.equal(made.status(), 201, await made.text());
  await admin.context().close();
  const vi = await signedIn(browser, site, { viewport: { width: 360, height: 740 } }, viewer);
  await vi.goto('/admin');
  await vi.getByRole('button', { name: 'Search or go to…' }).click();
  await vi.getByRole('option', { name: 'Outbox' }).waitFor();
  for (const name of ['Leads', 'Team', 'Settings', 'Write a page']) {
    assert.equal(await vi.getByRole('option', { name }).count(), 0, name);
  }
  const overflow = await vi.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.equal(overflow, 0);
  await vi.getByRole('option', { name: 'Outbox' }).click();
  await vi.waitForURL('**/admin/outbox');
  await vi.context().close();
});
