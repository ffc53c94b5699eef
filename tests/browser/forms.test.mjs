// A form from nothing to a lead: defined with its preview, sent by a visitor, found by the team.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, Site, signedIn, visitor } from './site.mjs';
import { taken } from './views.mjs';

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

for (const [device, viewport] of Object.entries({ desktop: { width: 1440, height: 900 }, phone: { width: 360, height: 740 } })) {
  test(`an editor makes a form on a ${device}, and a visitor sends it`, async () => {
    const ana = await signedIn(browser, site, { viewport });
    const slug = `visit-${device}`;
    await ana.goto('/admin/forms');
    await ana.getByRole('link', { name: 'New form' }).click();
    await ana.getByLabel('Heading').fill('Plan a visit');
    await ana.getByLabel('Address', { exact: true }).fill(slug);
    await ana.getByRole('button', { name: 'Add a field' }).click();
    await ana.getByRole('menuitem', { name: 'Choice' }).click();
    await ana.getByLabel('What visitors read', { exact: true }).fill('Which day?');
    await ana.getByLabel('Options, one on each line').fill('Monday\nMonday');
    await ana.getByRole('button', { name: 'Move up: Which day?' }).click();

    // The preview is there while it is typed.
    if (device === 'phone') await ana.getByRole('radio', { name: 'Preview' }).click();
    const preview = ana.getByRole('region', { name: 'Preview' });
    await preview.getByText('Plan a visit').waitFor();
    await preview.getByLabel('Which day?').waitFor();
    if (device === 'phone') await ana.getByRole('radio', { name: 'Edit' }).click();

    // What does not fit is said at its field.
    await ana.getByRole('button', { name: 'Save' }).click();
    await ana.getByText('Two options are the same.').waitFor();
    await ana.getByLabel('Options, one on each line').fill('Monday\nTuesday');
    await ana.getByRole('button', { name: 'Save' }).click();
    await ana.waitForURL(/forms\/[0-9a-f-]{36}/);
    assert.equal(await ana.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);

    const vi = await visitor(browser, site, { viewport });
    await vi.goto(`/forms/${slug}`);
    await taken(vi);
    await vi.getByLabel('Your e-mail address').fill('vi@example.com');
    await vi.getByLabel('Which day?').selectOption('Tuesday');
    await vi.getByLabel('Your message').fill('We are four.');
    await vi.getByLabel(/You may keep this/).check();
    // A form that comes back at once is taken for a program's.
    await vi.waitForTimeout(2_200);
    await vi.getByRole('button', { name: 'Send' }).click();
    await vi.getByText('Thank you.').waitFor();
    await vi.context().close();

    await ana.goto('/admin/forms');
    await ana.getByRole('listitem').filter({ hasText: slug }).waitFor();
    if (device === 'desktop') {
      await ana.getByRole('listitem').filter({ hasText: slug }).getByRole('link', { name: '1 lead' }).click();
      await ana.getByRole('button', { name: 'vi@example.com' }).click();
      await ana.getByRole('dialog').getByText('Tuesday').waitFor();
    }
    assert.deepEqual(ana.complaints.filter(text => !text.includes('422')), []);
    await ana.context().close();
  });
}

test('a form that somebody else changed is not overwritten unasked, and one that is deleted comes back', async () => {
  const ana = await signedIn(browser, site);
  await ana.goto('/admin/forms/new');
  await ana.getByLabel('Address', { exact: true }).fill('twice');
  // What there is before the other one changes it.
  const read = ana.waitForResponse(response => response.request().method() === 'GET' && /admin\/forms\/[0-9a-f-]{36}$/.test(response.url()));
  await ana.getByRole('button', { name: 'Save' }).click();
  await ana.waitForURL(/forms\/[0-9a-f-]{36}/);
  await read;
  await ana.getByLabel('Heading').waitFor();
  const path = `/api/v1/admin/forms/${ana.url().split('/').at(-1)}`;
  const theirs = await (await ana.request.get(path)).json();
  const { id, revision, leads, created_at, updated_at, ...fields } = theirs;
  const changed = await ana.request.put(path, { data: { ...fields, title: 'Theirs' }, headers: { 'If-Match': `"${revision}"` } });
  assert.equal(changed.status(), 200, await changed.text());
  await ana.getByLabel('Heading').fill('Mine');
  await ana.getByRole('button', { name: 'Save', exact: true }).click();
  await ana.getByRole('alert').filter({ hasText: 'Somebody else changed this form' }).waitFor();
  assert.equal(await ana.getByLabel('Heading').inputValue(), 'Mine');
  // The question goes as soon as it is answered, and the form is saved after that.
  const saved = ana.waitForResponse(response => response.request().method() === 'PUT' && response.ok());
  await ana.getByRole('button', { name: 'Save mine over it' }).click();
  await saved;
  await ana.getByRole('alert').waitFor({ state: 'detached' });
  assert.equal((await (await ana.request.get(path)).json()).title, 'Mine');

  await ana.getByRole('button', { name: 'Delete' }).click();
  await ana.waitForURL('**/admin/forms');
  assert.equal((await ana.request.get(path)).status(), 404);
  await ana.getByRole('button', { name: 'Undo' }).click();
  await ana.getByRole('link', { name: 'Mine' }).waitFor();
  await ana.context().close();
});

test('a form gives a visitor the file, and says when it begins', async () => {
  const ana = await signedIn(browser, site);
  const file = { name: 'guide.txt', mimeType: 'text/plain', buffer: Buffer.from('How to plan a visit') };
  const { url } = await (await ana.request.post('/api/v1/admin/media', { multipart: { file } })).json();
  await ana.goto('/admin/forms/new');
  await ana.getByLabel('Address', { exact: true }).fill('guide');
  await ana.getByLabel('What it is for').selectOption('Webinar');
  await ana.getByLabel('What visitors read after sending').fill('Read it **before** you come.');
  await ana.getByLabel('What visitors get then').fill('guide.txt');
  await ana.getByLabel('When the webinar begins').fill('2027-01-15T17:30');
  await ana.getByRole('button', { name: 'Save' }).click();
  await ana.getByText('An address of this site that begins with /').waitFor();
  await ana.getByLabel('What visitors get then').fill(url);
  await ana.getByRole('button', { name: 'Save' }).click();
  await ana.waitForURL(/forms\/[0-9a-f-]{36}/);
  assert.equal(await ana.getByLabel('When the webinar begins').inputValue(), '2027-01-15T17:30');

  const vi = await visitor(browser, site, { viewport: { width: 360, height: 740 } });
  await vi.goto('/forms/guide');
  await taken(vi);
  await vi.getByLabel('Your e-mail address').fill('vi@example.com');
  await vi.getByLabel('Your message').fill('Hello');
  await vi.getByLabel(/You may keep this/).check();
  await vi.waitForTimeout(2_200);
  await vi.getByRole('button', { name: 'Send' }).click();
  await vi.getByText(/It begins on Friday,? 15 January 2027/).waitFor();
  assert.equal(await vi.locator('.thanks strong').textContent(), 'before');
  const given = await vi.getByRole('link', { name: 'Download' }).getAttribute('href');
  assert.equal(await (await vi.request.get(given)).text(), 'How to plan a visit');
  assert.equal(await vi.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
  assert.deepEqual(vi.complaints, []);
  await vi.context().close();
  await ana.context().close();
});
