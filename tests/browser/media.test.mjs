// The media library: bring files, say what they show, find them again, crop, replace and delete them.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { serious } from './axe.mjs';
import { png } from './pictures.mjs';
import { EMAIL, launch, makePage, PASSWORD, Site, signedIn } from './site.mjs';

let browser;
let site;
let tint = 0;

before(async () => {
  browser = await launch();
  site = await Site.create();
});

after(async () => {
  await browser?.close();
  await site?.remove();
});

/** A picture that no other journey has. */
function picture(name, width = 640, height = 400) {
  tint += 1;
  return { name, mimeType: 'image/png', buffer: png(width, height, tint) };
}

async function bring(page, file) {
  const answer = await page.request.post('/api/v1/admin/media', { multipart: { file } });
  assert.equal(answer.status(), 201);
  return answer.json();
}

const choose = (page, files) => page.locator('input[type=file]').first().setInputFiles(files);
const fileOf = async (page, id) => (await page.request.get(`/api/v1/admin/media/${id}`)).json();
const panel = page => page.getByRole('dialog').first();
const cards = page => page.getByRole('list', { name: 'Files' }).getByRole('link');

async function until(what, isSo) {
  for (let tries = 0; tries < 150; tries += 1) {
    if (await isSo()) return;
    await new Promise(done => setTimeout(done, 100));
  }
  assert.fail(`never: ${what}`);
}

for (const viewport of [
  { width: 1280, height: 800 },
  { width: 360, height: 740 },
]) {
  const device = `${viewport.width}`;
  describe(`at ${device} px`, () => journeys(viewport, device));
}

function journeys(viewport, device) {
  test('files are brought, told when they were here already or are not taken, and found again', async () => {
    const ana = await signedIn(browser, site, { viewport });
    await ana.goto('/admin/media');
    const sea = picture(`sea-${device}.png`);
    const program = { name: 'tool.exe', mimeType: 'application/x-msdownload', buffer: Buffer.from('MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff', 'latin1') };
    await choose(ana, [sea, picture(`hills-${device}.png`), program]);
    await ana.getByText('2 of 3 uploaded. 1 failed.').waitFor();
    await ana.getByText(/This kind of file is not taken/).waitFor();
    await choose(ana, [{ ...sea, name: 'again.png' }]);
    await ana.getByText(`Was here already, as sea-${device}.png. Nothing is kept twice.`).waitFor();
    await ana.getByRole('button', { name: 'Clear' }).click();

    await ana.getByRole('searchbox', { name: 'Search media' }).fill(`sea-${device}`);
    await until('one card', async () => (await cards(ana).count()) === 1);
    // A small picture of the server, in a box that had its size before.
    const shown = ana.getByRole('list', { name: 'Files' }).locator('img');
    await until('a WebP', async () => /\.webp/.test((await shown.getAttribute('src')) ?? ''));
    assert.ok(Number(await shown.getAttribute('width')) >= 300);
    await ana.context().close();
  });

  test('what a file shows is saved by itself', async () => {
    const ana = await signedIn(browser, site, { viewport });
    const { id } = await bring(ana, picture(`pier-${device}.png`));
    await ana.goto(`/admin/media?file=${id}`);
    await ana.getByLabel('Alternative text').fill('A pier in fog');
    const tags = ana.getByLabel('Tags');
    await tags.fill(`coast-${device}`);
    await tags.press('Enter');
    const point = ana.getByRole('application', { name: /Focal point/ });
    const box = await point.boundingBox();
    await point.click({ position: { x: box.width * 0.25, y: box.height * 0.75 } });
    await point.press('ArrowRight');
    await point.press('Shift+ArrowUp');
    await until('saved', async () => {
      const { alt, tags, focal_point } = await fileOf(ana, id);
      return alt && tags.length === 1 && Math.abs(focal_point.x - 0.26) < 0.01 && Math.abs(focal_point.y - 0.65) < 0.01;
    });
    // What was typed just before the panel is closed is saved, too.
    await ana.getByLabel('Alternative text').fill('A pier in the fog');
    await ana.keyboard.press('Escape');
    await panel(ana).waitFor({ state: 'detached' });
    await until('saved at last', async () => (await fileOf(ana, id)).alt === 'A pier in the fog');
    await ana.getByLabel('Tag', { exact: true }).selectOption(`coast-${device}`);
    await until('one card', async () => (await cards(ana).count()) === 1);
    await ana.context().close();
  });

  test('changes of two people are both kept', async () => {
    const ana = await signedIn(browser, site, { viewport });
    const file = await bring(ana, picture(`boat-${device}.png`));
    await ana.goto(`/admin/media?file=${file.id}`);
    await ana.getByLabel('Alternative text').waitFor();
    await ana.route('**/api/v1/admin/events', route => route.abort());
    const { name, focal_point } = file;
    const theirs = { name, focal_point, alt: '', tags: ['theirs'] };
    const put = await ana.request.put(`/api/v1/admin/media/${file.id}`, { data: theirs, headers: { 'If-Match': `"${file.revision}"` } });
    assert.equal(put.status(), 200);
    await ana.getByLabel('Alternative text').fill('A boat');
    await until('both', async () => {
      const { alt, tags } = await fileOf(ana, file.id);
      return alt === 'A boat' && tags[0] === 'theirs';
    });
    await ana.context().close();
  });

  test('a file that a page shows stays; another one goes, and comes back', async () => {
    const ana = await signedIn(browser, site, { viewport });
    const used = await bring(ana, picture(`used-${device}.png`));
    const { id } = await bring(ana, picture(`loose-${device}.png`));
    await makePage(ana, { title: `Shows it ${device}`, body: `![](${used.url})` });
    await ana.goto(`/admin/media?file=${used.id}`);
    assert.ok(await ana.getByRole('button', { name: 'Delete' }).isDisabled());
    await ana.getByText('It can’t be deleted: a page shows it.').waitFor();
    await ana.getByRole('link', { name: `Shows it ${device}` }).click();
    await ana.getByRole('textbox', { name: 'Text' }).waitFor();

    await ana.goto(`/admin/media?file=${id}`);
    await ana.getByRole('button', { name: 'Delete' }).click();
    const card = cards(ana).filter({ hasText: `loose-${device}.png` });
    await card.waitFor({ state: 'detached' });
    await ana.getByRole('button', { name: 'Undo' }).click();
    await card.waitFor();
    await card.click();
    await ana.getByRole('button', { name: 'Delete' }).click();
    // The window is closed before the way back is.
    await ana.goto('about:blank');
    await until('gone', async () => (await ana.request.get(`/api/v1/admin/media/${id}`)).status() === 404);
    await ana.context().close();
  });

  test('many files are tagged and deleted together, and brought back', async () => {
    const ana = await signedIn(browser, site, { viewport });
    const names = ['moss', 'fern', 'reed'].map(name => `${device}-many-${name}.png`);
    const files = [];
    for (const name of names) files.push(await bring(ana, picture(name)));
    const [moss, fern, reed] = files;
    await makePage(ana, { title: `Shows reed ${device}`, body: `![](${reed.url})` });
    await ana.goto(`/admin/media?q=${device}-many`);
    const box = name => ana.getByRole('checkbox', { name: `Choose ${name}` });
    await box(names[0]).check();
    const bar = ana.getByRole('region', { name: 'Chosen files' });
    await bar.getByText('1 file chosen').waitFor();
    await bar.getByRole('button', { name: 'All that are shown' }).click();
    for (const name of names) assert.ok(await box(name).isChecked(), name);
    const tag = `green-${device}`;
    const tagsNow = async () => (await Promise.all(files.map(({ id }) => fileOf(ana, id)))).map(({ tags }) => tags.includes(tag));
    const chosen = async () => (await ana.getByRole('checkbox', { checked: true }).count()) > 0;
    await bar.getByRole('button', { name: 'Tag' }).click();
    await ana.getByLabel('New tag').fill(tag.toUpperCase());
    assert.deepEqual(await serious(ana), []);
    await ana.getByRole('button', { name: 'Add the tag' }).click();
    await ana.getByText(new RegExp(`files have the tag ${tag}`)).waitFor();
    assert.deepEqual(await tagsNow(), [true, true, true]);
    assert.equal(await chosen(), false);
    await ana.getByRole('button', { name: 'Undo' }).click();
    await until('without the tag', async () => !(await tagsNow()).includes(true));

    // What a page shows stays, and is told.
    for (const name of names) await box(name).check();
    await bar.getByRole('button', { name: 'Delete' }).click();
    await ana.getByText('2 files are deleted. 1 stays: a page shows it.').waitFor();
    await box(names[0]).waitFor({ state: 'detached' });
    await ana.getByRole('button', { name: 'Undo' }).last().click();
    await box(names[0]).waitFor();
    await box(names[1]).check();
    await bar.getByRole('button', { name: 'Delete' }).press('Enter');
    await box(names[1]).waitFor({ state: 'detached' });
    await ana.goto('about:blank');
    await until('gone', async () => (await ana.request.get(`/api/v1/admin/media/${fern.id}`)).status() === 404);
    assert.equal((await ana.request.get(`/api/v1/admin/media/${moss.id}`)).status(), 200);
    await ana.context().close();
  });

  test('a large file that replaces another one tells how far it is', async () => {
    const ana = await signedIn(browser, site, { viewport });
    const text = (name, size) => ({ name, mimeType: 'text/plain', buffer: Buffer.alloc(size, `${name}\n`) });
    const { id } = await bring(ana, text(`short-${device}.txt`, 20));
    await ana.goto(`/admin/media?file=${id}`);
    await ana.getByRole('button', { name: 'Replace' }).waitFor();
    const slow = await ana.context().newCDPSession(ana);
    await slow.send('Network.enable');
    const line = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 2_000_000 };
    await slow.send('Network.emulateNetworkConditions', line);
    const name = `long-${device}.txt`;
    await panel(ana).locator('input[type=file]').setInputFiles(text(name, 6_000_000));
    const bar = ana.getByRole('progressbar', { name: `Replacing it with ${name}…` });
    await until('it moves', async () => Number(await bar.getAttribute('aria-valuenow')) > 5);
    await slow.send('Network.emulateNetworkConditions', { ...line, uploadThroughput: -1 });
    await until('replaced', async () => (await fileOf(ana, id)).size_bytes === 6_000_000);
    await bar.waitFor({ state: 'detached' });
    await ana.context().close();
  });

  test('a picture is replaced wherever it is shown, and back', async () => {
    const ana = await signedIn(browser, site, { viewport });
    const { id, sha256 } = await bring(ana, picture(`old-${device}.png`));
    await ana.goto(`/admin/media?file=${id}`);
    await ana.getByRole('button', { name: 'Replace' }).waitFor();
    await panel(ana).locator('input[type=file]').setInputFiles(picture(`new-${device}.png`, 300, 500));
    await until('replaced', async () => (await fileOf(ana, id)).height === 500);
    await panel(ana).getByText('300 × 500').first().waitFor();
    await ana.getByRole('button', { name: 'Undo' }).click();
    await until('back', async () => (await fileOf(ana, id)).sha256 === sha256);
    await ana.context().close();
  });

  test('a part of a picture becomes a picture, with the keyboard', async () => {
    const ana = await signedIn(browser, site, { viewport });
    const { id } = await bring(ana, picture(`wide-${device}.png`, 800, 400));
    await ana.goto(`/admin/media?file=${id}`);
    await ana.getByLabel('Alternative text').fill('Wide');
    await until('saved', async () => (await fileOf(ana, id)).alt === 'Wide');
    await ana.getByRole('button', { name: 'Crop', exact: true }).click();
    await ana.getByText('800 × 400 pixels').waitFor();
    await ana.getByRole('radio', { name: '1:1' }).focus();
    await ana.keyboard.press('Space');
    await ana.getByText('400 × 400 pixels').waitFor();
    assert.deepEqual(await serious(ana), []);
    await ana.getByLabel('Frame: arrow keys move it').focus();
    await ana.keyboard.press('Shift+ArrowLeft');
    await ana.getByRole('button', { name: 'Save as a new picture' }).press('Enter');
    await panel(ana).getByRole('heading', { name: `wide-${device}-crop.png` }).waitFor();
    const made = await fileOf(ana, new URL(ana.url()).searchParams.get('file'));
    assert.deepEqual([made.width, made.height, made.alt], [400, 400, 'Wide']);
    assert.notEqual(made.id, id);

    // In its place, too: the way back is open for a while.
    await ana.getByRole('button', { name: 'Crop', exact: true }).click();
    await ana.getByRole('radio', { name: '16:9' }).click();
    await ana.getByRole('button', { name: 'Replace the picture' }).click();
    await until('replaced', async () => (await fileOf(ana, made.id)).height === 225);
    await panel(ana).getByText('400 × 225').first().waitFor();
    await ana.keyboard.press('Control+Z');
    await until('and back', async () => (await fileOf(ana, made.id)).height === 400);
    await ana.context().close();
  });

  test('a large file goes on after a pause and after the line was down', async () => {
    const ana = await signedIn(browser, site, { viewport });
    await ana.goto('/admin/media');
    const slow = await ana.context().newCDPSession(ana);
    await slow.send('Network.enable');
    const line = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 6_000_000 };
    await slow.send('Network.emulateNetworkConditions', line);
    const name = `log-${device}.txt`;
    const size = 30_000_000;
    const path = join(site.folder, name);
    await writeFile(path, Buffer.alloc(size, `${name}\n`));
    await choose(ana, path);
    const bar = ana.getByRole('progressbar', { name });
    const moved = async () => Number(await bar.getAttribute('aria-valuenow'));
    await until('some of it is there', async () => (await moved()) > 5);
    await ana.getByRole('button', { name: `Pause ${name}` }).click();
    const held = await moved();
    await ana.getByText(/^Paused/).waitFor();
    await ana.getByRole('button', { name: `Go on with ${name}` }).click();
    await until('it went on', async () => (await moved()) > held);
    await slow.send('Network.emulateNetworkConditions', { ...line, offline: true });
    await ana.getByText('No connection. It goes on by itself.').waitFor();
    await slow.send('Network.emulateNetworkConditions', { ...line, uploadThroughput: -1 });
    await ana.getByText('1 of 1 uploaded.').waitFor({ timeout: 60_000 });
    const found = await (await ana.request.get(`/api/v1/admin/media?q=${name}`)).json();
    assert.equal(found.items[0].size_bytes, size);
    await ana.context().close();
  });

  test('what is being sent goes on while one works elsewhere', async () => {
    const ana = await signedIn(browser, site, { viewport });
    await ana.goto('/admin/media');
    const slow = await ana.context().newCDPSession(ana);
    await slow.send('Network.enable');
    const line = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 1_000_000 };
    await slow.send('Network.emulateNetworkConditions', line);
    const name = `film-${device}.txt`;
    const path = join(site.folder, name);
    await writeFile(path, Buffer.alloc(9_000_000, `${name}\n`));
    await choose(ana, path);
    await ana.getByRole('progressbar', { name }).waitFor();
    await ana.getByRole('navigation', { name: 'Admin' }).getByRole('link', { name: 'Outbox' }).click();
    await ana.getByRole('heading', { name: 'Outbox' }).waitFor();
    await ana.getByRole('progressbar', { name: '1 of 1 still to go.' }).waitFor();
    assert.deepEqual(await serious(ana), []);
    await slow.send('Network.emulateNetworkConditions', { ...line, uploadThroughput: -1 });
    await ana.getByText('1 of 1 uploaded.').waitFor();
    await ana.getByRole('navigation', { name: 'Admin' }).getByRole('link', { name: 'Media' }).click();
    await cards(ana).filter({ hasText: name }).waitFor();
    await ana.context().close();
  });

  test('a session that ends holds an upload up, and no more', async () => {
    const ana = await signedIn(browser, site, { viewport });
    await ana.goto('/admin/media');
    await ana.getByRole('button', { name: 'Upload files' }).waitFor();
    await ana.context().clearCookies();
    const file = picture(`late-${device}.png`);
    await choose(ana, [file]);
    const dialog = ana.getByRole('dialog');
    await dialog.getByLabel('Password').fill(PASSWORD);
    if (!(await dialog.getByLabel('E-mail').inputValue())) await dialog.getByLabel('E-mail').fill(EMAIL);
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await ana.getByText('1 of 1 uploaded.').waitFor();
    await cards(ana).filter({ hasText: file.name }).waitFor();
    await ana.context().close();
  });

  test('who may only read is offered nothing else', async () => {
    const ana = await signedIn(browser, site, { viewport });
    const { id } = await bring(ana, picture(`seen-${device}.png`));
    await ana.route('**/api/v1/auth/me', async route => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...(await answer.json()), role: 'viewer' } });
    });
    await ana.goto(`/admin/media?file=${id}`);
    await panel(ana).getByRole('heading', { name: `seen-${device}.png` }).waitFor();
    assert.ok(await ana.getByLabel('Alternative text').isDisabled());
    for (const name of ['Upload files', 'Crop', 'Replace', 'Delete']) {
      assert.equal(await ana.getByRole('button', { name, includeHidden: true }).count(), 0, name);
    }
    await ana.context().close();
  });
}
