// A picture of every view in light and dark, on a desktop and on a phone: `node screenshots.mjs FOLDER [--docs]`. With --docs those of README.md
// and the handbook as well, of a site that has the handbook as its content.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch, Site, signedIn, visitor } from './site.mjs';
import { adminDialogs, adminViews, doorViews, fill, open, publicDialogs, publicViews, SETTINGS, writeTo } from './views.mjs';

const docs = fileURLToPath(new URL('../../docs', import.meta.url));
const [folder, ...options] = process.argv.slice(2);
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 740 };

const browser = await launch();
try {
  await ofEveryView();
  if (options.includes('--docs')) await ofTheHandbook();
} finally {
  await browser.close();
}

async function ofEveryView() {
  const site = await Site.create(SETTINGS);
  try {
    const ana = await signedIn(browser, site);
    const places = await fill(ana);
    await writeTo(ana);
    await ana.context().close();
    await mkdir(folder, { recursive: true });
    for (const colorScheme of ['light', 'dark']) {
      for (const [device, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
        const look = { colorScheme, viewport };
        const name = view => `${view}-${device}-${colorScheme}.png`;
        await shootAll(await visitor(browser, site, look), { ...publicViews(places), ...publicDialogs(device), ...doorViews }, name);
        await shootAll(await signedIn(browser, site, look), { ...adminViews(places), ...adminDialogs(places) }, view => name(`admin-${view}`));
      }
    }
  } finally {
    await site.remove();
  }
}

async function shootAll(page, views, name) {
  // Nothing is proven here: a machine that is busy may take its time.
  page.context().setDefaultTimeout(60_000);
  for (const [view, place] of Object.entries(views)) {
    const [path, over] = [place].flat();
    await open(page, path, over);
    // What opens over a view is no longer than the window.
    await shoot(page, join(folder, name(view)), !over);
  }
  await page.context().close();
}

async function ofTheHandbook() {
  const site = await Site.create('[site]\ntitle = "Magnetiq"\ndescription = "A small site on one SQLite file."\n');
  try {
    await site.stop();
    await site.run(['import', docs]);
    await site.start();
    const ana = await signedIn(browser, site, { viewport: DESKTOP, colorScheme: 'light' });
    const found = await (await ana.request.get('/api/v1/admin/pages?q=write%20pages')).json();
    const writing = found.items.find(item => item.slug === 'guides/writing');
    await ana.goto(`/admin/pages/${writing.id}`);
    await ana.getByRole('heading', { name: 'Addresses' }).waitFor();
    await shoot(ana, `${docs}/pictures/admin.png`);
  } finally {
    await site.remove();
  }
}

async function shoot(page, path, fullPage = false) {
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path, fullPage, animations: 'disabled' });
}
