// The editor: it saves by itself, takes pictures from everywhere, shows what changed, and asks nothing that it can take back.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { serious } from './axe.mjs';
import { png } from './pictures.mjs';
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

for (const viewport of [
  { width: 1280, height: 800 },
  { width: 360, height: 740 },
]) {
  describe(`at ${viewport.width} px`, () => journeys(viewport, `${viewport.width}`));
}

const pageOf = async (ana, id) => (await ana.request.get(`/api/v1/admin/pages/${id}`)).json();

async function until(what, isSo) {
  for (let tries = 0; tries < 150; tries += 1) {
    if (await isSo()) return;
    await new Promise(done => setTimeout(done, 100));
  }
  assert.fail(`never: ${what}`);
}

async function openPage(ana, id) {
  await ana.goto(`/admin/pages/${id}`);
  const text = ana.getByRole('textbox', { name: 'Text' });
  await text.waitFor();
  return text;
}

/** Puts a picture on the clipboard or into the hand, as `event` has it. */
async function give(target, event, files) {
  const data = await target.page().evaluateHandle(files => {
    const transfer = new DataTransfer();
    for (const { name, bytes } of files) transfer.items.add(new File([new Uint8Array(bytes)], name, { type: 'image/png' }));
    return transfer;
  }, files.map(({ name, buffer }) => ({ name, bytes: [...buffer] })));
  if (event === 'drop') {
    await target.dispatchEvent('dragover', { dataTransfer: data });
    await target.dispatchEvent('drop', { dataTransfer: data });
  } else {
    await target.evaluate((field, clipboardData) => field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true })), data);
  }
}

function journeys(viewport, device) {
  test('leaving saves, without a question', async () => {
    const ana = await signedIn(browser, site, { viewport });
    const { id } = await makePage(ana, { title: `Left ${device}`, body: 'One.' });
    const text = await openPage(ana, id);
    await text.fill('Two.');
    await ana.getByText('Unsaved changes').waitFor();
    await ana.getByRole('link', { name: 'All pages' }).click();
    await ana.getByRole('heading', { name: 'Pages' }).waitFor();
    assert.equal((await pageOf(ana, id)).body, 'Two.');
    await ana.context().close();
  });

  test('pictures come in by paste, by drop and from the library, with words', async () => {
    const ana = await signedIn(browser, site, { viewport });
    const file = { name: `gate-${device}.png`, mimeType: 'image/png', buffer: png(200, 120, viewport.width % 251) };
    const media = await (await ana.request.post('/api/v1/admin/media', { multipart: { file } })).json();
    const described = { name: media.name, alt: 'A [red] gate', tags: [], focal_point: media.focal_point };
    await ana.request.put(`/api/v1/admin/media/${media.id}`, { data: described, headers: { 'If-Match': `"${media.revision}"` } });

    const { id } = await makePage(ana, { title: `Pictures ${device}`, body: '' });
    const text = await openPage(ana, id);
    await text.focus();
    await ana.keyboard.press('Control+Shift+U');
    await ana.getByRole('button', { name: file.name }).click();
    assert.equal(await ana.getByLabel('Alternative text').inputValue(), 'A [red] gate');
    await ana.getByRole('button', { name: 'Insert', exact: true }).click();
    await until('the picture is in the text', async () => (await text.inputValue()).startsWith('![A \\[red\\] gate](/media/'));

    await give(text, 'paste', [{ name: `pasted-${device}.png`, buffer: png(90, 60, 7) }]);
    await give(text, 'drop', [{ name: `dropped-${device}.png`, buffer: png(90, 60, 9) }]);
    await until('all three are', async () => (await text.inputValue()).match(/!\[[^\]]*(\\\][^\]]*)*\]\(\/media\//g)?.length === 3);
    await ana.getByRole('button', { name: 'Save' }).click();
    await ana.getByText('Saved', { exact: true }).waitFor();
    assert.match((await pageOf(ana, id)).html, /alt="A \[red\] gate"/);
    await ana.context().close();
  });

  test('the text is set with keys alone', async () => {
    const ana = await signedIn(browser, site, { viewport });
    const { id } = await makePage(ana, { title: `Keys ${device}`, body: '' });
    const text = await openPage(ana, id);
    await text.focus();
    await ana.keyboard.press('Control+Shift+H');
    await ana.keyboard.type('Head');
    await ana.keyboard.press('Enter');
    await ana.keyboard.press('Enter');
    await ana.keyboard.press('Control+Shift+Digit7');
    await ana.keyboard.type('one');
    await ana.keyboard.press('Enter');
    await ana.keyboard.press('Control+B');
    await ana.keyboard.type('two');
    assert.equal(await text.inputValue(), '## Head\n\n1. one\n2. **two**');
    await ana.context().close();
  });

  test('what changed is shown word by word, and an earlier state comes back', async () => {
    const ana = await signedIn(browser, site, { viewport });
    const made = await makePage(ana, { title: `History ${device}`, body: 'The sea is grey.\n\nIt rains.' });
    const text = await openPage(ana, made.id);
    await text.fill('The sea was grey.\n\nIt rains.');
    await ana.keyboard.press('Control+S');
    await ana.getByText('Saved', { exact: true }).waitFor();
    await ana.getByRole('button', { name: 'More actions' }).click();
    await ana.getByRole('menuitem', { name: 'Revisions' }).click();
    const changed = ana.getByRole('region', { name: 'What changed' });
    await changed.locator('ins', { hasText: 'was' }).waitFor();
    assert.deepEqual([await changed.locator('del').allInnerTexts(), await changed.locator('ins').allInnerTexts()], [['is'], ['was']]);
    assert.deepEqual(await serious(ana), []);
    await ana.getByRole('button', { name: /^Created/ }).click();
    await ana.getByRole('button', { name: 'Bring this one back' }).click();
    await until('it is back', async () => (await text.inputValue()).startsWith('The sea is grey.'));
    await ana.context().close();
  });

  test('changes are discarded and pages deleted without a question, and come back', async () => {
    const ana = await signedIn(browser, site, { viewport });
    const { id } = await makePage(ana, { title: `Back ${device}`, body: 'Public.' }, { publish: true });
    const text = await openPage(ana, id);
    await text.fill('Not public yet.');
    await ana.keyboard.press('Control+S');
    await ana.getByText('Visitors don’t see the newest changes').waitFor();
    await text.fill('Not public yet, and more.');
    const choose = async name => {
      await ana.getByRole('button', { name: 'More actions' }).click();
      await ana.getByRole('menuitem', { name }).click();
    };
    await choose('Discard changes');
    await until('discarded', async () => (await text.inputValue()) === 'Public.');
    await ana.getByRole('button', { name: 'Undo' }).click();
    await until('back, with what was not saved', async () => (await text.inputValue()) === 'Not public yet, and more.');

    await choose('Discard changes');
    await until('discarded', async () => (await text.inputValue()) === 'Public.');
    await choose('Delete page');
    await ana.getByRole('heading', { name: 'Pages' }).waitFor();
    assert.equal((await ana.request.get(`/api/v1/pages/back-${device}`)).status(), 404);
    await ana.getByRole('button', { name: 'Undo' }).last().click();
    await until('visitors see it', async () => (await ana.request.get(`/api/v1/pages/back-${device}`)).status() === 200);
    await ana.context().close();
  });
}

test('text and preview are scrolled together, heading by heading', async () => {
  const ana = await signedIn(browser, site, { viewport: { width: 1280, height: 800 } });
  const part = (name, lines) => `## ${name}\n\n${'A line that is not broken.\n\n'.repeat(lines)}`;
  // The rows of a table are of another height in the preview, so that shares of the whole would not do.
  const table = `| a |\n|---|\n${'| x |\n'.repeat(60)}\n`;
  const body = part('One', 12) + table + part('Two', 30) + part('Three', 30);
  const { id } = await makePage(ana, { title: 'Long', body });
  const text = await openPage(ana, id);
  const preview = ana.getByRole('region', { name: 'Preview' });
  await preview.getByRole('heading', { name: 'Three' }).waitFor();
  const linesBefore = body.slice(0, body.indexOf('## Two')).split('\n').length - 1;
  const expected = await text.evaluate((field, lines) => {
    const { lineHeight, paddingTop } = getComputedStyle(field);
    return lines * parseFloat(lineHeight) + parseFloat(paddingTop);
  }, linesBefore);

  await preview.evaluate(box => {
    const two = [...box.querySelectorAll('h2')].find(heading => heading.textContent === 'Two');
    box.scrollTop += two.getBoundingClientRect().top - box.getBoundingClientRect().top;
  });
  const far = async () => Math.abs((await text.evaluate(field => field.scrollTop)) - expected);
  await until('the text is at the same heading', async () => (await far()) < 30);

  const topOfTwo = () =>
    preview.getByRole('heading', { name: 'Two' }).evaluate(two => two.getBoundingClientRect().top - two.closest('section').getBoundingClientRect().top);
  const scrollText = top => text.evaluate((field, top) => field.scrollTo(0, top), top);
  await scrollText(0);
  await until('the preview is at its top', async () => (await preview.evaluate(box => box.scrollTop)) < 3);
  await scrollText(expected);
  await until('the preview is at the same heading', async () => Math.abs(await topOfTwo()) < 30);
  await ana.context().close();
});
