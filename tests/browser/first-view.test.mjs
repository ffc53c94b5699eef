// What arrives first: whole, without a script, and the page takes it over as it is.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, Site, signedIn, visitor } from './site.mjs';
import { fill, open, publicViews, SETTINGS, taken } from './views.mjs';

let browser;
let site;
let places;

before(async () => {
  browser = await launch();
  site = await Site.create(SETTINGS);
  const ana = await signedIn(browser, site);
  places = await fill(ana);
  await ana.context().close();
});

after(async () => {
  await browser?.close();
  await site?.remove();
});

test('reading needs no script', async () => {
  const reader = await visitor(browser, site, { javaScriptEnabled: false });
  await reader.goto('/');
  await reader.getByRole('link', { name: 'Sowing in spring' }).click();
  await reader.getByRole('heading', { name: 'What you need' }).waitFor();
  assert.equal(await reader.title(), 'Sowing in spring · Glass House');
  await reader.getByRole('link', { name: 'guides', exact: true }).click();
  await reader.getByRole('link', { name: 'A page with pictures' }).waitFor();
  await reader.getByRole('link', { name: 'Search' }).first().click();
  await reader.getByRole('searchbox').fill('soil');
  await reader.keyboard.press('Enter');
  await reader.getByText('1 page for “soil”').waitFor();
  assert.deepEqual(reader.complaints, []);
  assert.equal((await reader.goto('/no/such/page')).status(), 404);
  await reader.getByRole('link', { name: 'Go to the start' }).waitFor();
  await reader.context().close();
});

test('the page takes over without asking again, moving or changing anything', async () => {
  for (const [name, path] of Object.entries(publicViews(places))) {
    const reader = await visitor(browser, site);
    const asked = [];
    reader.on('request', request => request.url().includes('/api/') && asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
    await open(reader, path);
    await taken(reader);
    // The one that reads a link's page asks for it: what stands behind the # never reaches the server by itself.
    assert.deepEqual(asked, name === 'preview' ? ['POST /api/v1/preview'] : [], name);
    const moved = await shift(reader);
    assert.ok(moved < LEAST_SHIFT, `${name} moves by ${moved}`);
    const expected = name === 'not-found' ? [/404/] : [];
    assert.deepEqual(reader.complaints.filter(text => !expected.some(known => known.test(text))), [], name);
    await reader.context().close();
  }
});

test('what the page draws is what the server writes', async () => {
  for (const [name, path] of Object.entries(publicViews(places))) {
    if (name === 'confirm' || name === 'preview') continue;
    const reader = await visitor(browser, site);
    await open(reader, path);
    await taken(reader);
    await readyToSend(reader);
    const written = await drawn(reader);
    await open(reader, name === 'site-map' ? '/tags' : '/sitemap');
    await taken(reader);
    await reader.evaluate(address => {
      const link = Object.assign(document.createElement('a'), { href: address });
      document.body.append(link);
      link.click();
      link.remove();
    }, path);
    await reader.waitForURL(`**${path}`);
    await reader.waitForLoadState('networkidle');
    await readyToSend(reader);
    assert.equal(await drawn(reader), written, name);
    await reader.context().close();
  }
});

/** Less than this is the edge of a line, which nobody sees; 0.1 is what search engines call good. */
const LEAST_SHIFT = 0.005;

/** A form takes nothing in its first moments: that is for programs. */
const readyToSend = page => page.waitForFunction(() => !document.querySelector('#root button[type=submit]:disabled'));

/** How far things moved that stood already. */
const shift = page =>
  page.evaluate(
    () =>
      new Promise(resolve => {
        let sum = 0;
        new PerformanceObserver(list => {
          for (const entry of list.getEntries()) sum += entry.value;
        }).observe({ type: 'layout-shift', buffered: true });
        requestAnimationFrame(() => setTimeout(() => resolve(sum), 100));
      }),
  );

/** The elements, one in a line, with their attributes in order. React leaves out what is for people without scripts. */
const drawn = page =>
  page.evaluate(() => {
    const line = (node, depth) => {
      if (node.nodeType === Node.TEXT_NODE) return `${' '.repeat(depth)}${node.data}`;
      if (node.nodeType !== Node.ELEMENT_NODE || node.localName === 'noscript') return null;
      const attributes = [...node.attributes].map(({ name, value }) => `${name}="${value}"`).sort();
      const inner = [...node.childNodes].map(child => line(child, depth + 1)).filter(text => text !== null);
      return [`${' '.repeat(depth)}<${[node.localName, ...attributes].join(' ')}>`, ...inner].join('\n');
    };
    return line(document.querySelector('#root'), 0);
  });
