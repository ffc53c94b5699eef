// The picture of the README and the handbook, of a real site with the handbook as its content: `npm run pictures`.

import { fileURLToPath } from 'node:url';
import { launch, Site, signedIn } from './site.mjs';

const docs = fileURLToPath(new URL('../../docs', import.meta.url));
const VIEWPORT = { width: 1280, height: 800 };

const browser = await launch();
const site = await Site.create('[site]\ntitle = "Magnetiq"\ndescription = "A small site on one SQLite file."\n');
try {
  await site.stop();
  await site.run(['import', docs]);
  await site.start();
  const ana = await signedIn(browser, site, { viewport: VIEWPORT, colorScheme: 'light', deviceScaleFactor: 1 });
  const found = await (await ana.request.get('/api/v1/admin/pages?q=write%20pages')).json();
  const writing = found.items.find(item => item.slug === 'guides/writing');
  await ana.goto(`/admin/pages/${writing.id}`);
  await ana.getByRole('heading', { name: 'Addresses' }).waitFor();
  await shoot(ana, 'admin.png');
} finally {
  await browser.close();
  await site.remove();
}

async function shoot(page, name) {
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: `${docs}/pictures/${name}`, animations: 'disabled' });
}
