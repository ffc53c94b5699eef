// axe finds nothing serious on any view, in light and in dark, on a desktop and on a phone.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { serious } from './axe.mjs';
import { launch, Site, signedIn, visitor } from './site.mjs';
import { adminDialogs, adminViews, doorViews, fill, open, publicDialogs, publicViews, SETTINGS, writeTo } from './views.mjs';

const LOOKS = [
  { colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { colorScheme: 'dark', viewport: { width: 360, height: 740 } },
];

let browser;
let site;
let places;

before(async () => {
  browser = await launch();
  site = await Site.create(SETTINGS);
  const ana = await signedIn(browser, site);
  places = await fill(ana);
  await writeTo(ana);
  await ana.context().close();
});

after(async () => {
  await browser?.close();
  await site?.remove();
});

test('of what visitors see', () => everyView(visitor, { ...publicViews(places), ...doorViews }, publicDialogs));

test('of the admin area', () => everyView(signedIn, { ...adminViews(places), ...adminDialogs(places) }));

async function everyView(enter, views, more = () => ({})) {
  const found = [];
  for (const look of LOOKS) {
    const page = await enter(browser, site, { ...look, reducedMotion: 'reduce' });
    const device = look.viewport.width < 768 ? 'phone' : 'desktop';
    for (const [name, place] of Object.entries({ ...views, ...more(device) })) {
      await open(page, ...[place].flat());
      found.push(...(await serious(page)).map(problem => `${name}, ${look.colorScheme}: ${problem}`));
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (overflow > 0) found.push(`${name}, ${look.viewport.width} px: ${overflow} px too wide`);
    }
    await page.context().close();
  }
  assert.deepEqual(found, []);
}
