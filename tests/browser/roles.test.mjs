// What a role may not do is not offered: no view asks for what is refused, and no button leads to it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, PASSWORD, Site, signedIn, visitor } from './site.mjs';
import { adminViews, fill, open, SETTINGS } from './views.mjs';

let browser;
let site;
let places;

before(async () => {
  browser = await launch();
  site = await Site.create(SETTINGS);
  await site.stop();
  for (const role of ['viewer', 'editor']) {
    await site.run(['admin', 'create', '--email', `${role}@example.com`, '--name', role, '--role', role, '--password-stdin'], PASSWORD);
  }
  await site.start();
  const ana = await signedIn(browser, site);
  places = await fill(ana);
  await ana.context().close();
});

after(async () => {
  await browser?.close();
  await site?.remove();
});

/** Views that only others see. */
const HIDDEN = {
  viewer: ['new-page', 'leads', 'new-form', 'team', 'settings', 'operations', 'backups', 'server', 'log', 'audit'],
  editor: ['team', 'settings', 'operations', 'backups', 'server', 'log', 'audit'],
};

/** How what only others do is called. */
const REFUSED = {
  viewer: /^(write (a|the) |new (?!sign-in|password)|add (media|a field)|upload|save|publish( |$)|unpublish|delete|crop|replace|schedule|discard|bring|send again|take back|choose “)/i,
  editor: /^(send again|export|what we hold)/i,
};

for (const role of ['viewer', 'editor']) {
  for (const viewport of [
    { width: 1280, height: 800 },
    { width: 360, height: 740 },
  ]) {
    test(`${role}, at ${viewport.width} px`, () => everyView(role, viewport));
  }
}

async function everyView(role, viewport) {
  const page = await visitor(browser, site, { viewport });
  const answer = await page.request.post('/api/v1/auth/login', { data: { email: `${role}@example.com`, password: PASSWORD } });
  assert.equal(answer.status(), 200);
  const found = [];
  let view = '';
  page.on('response', response => {
    if (response.status() === 403) found.push(`${view} asks for ${new URL(response.url()).pathname}`);
  });
  for (const [name, path] of Object.entries(adminViews(places))) {
    if (HIDDEN[role].includes(name)) continue;
    view = name;
    await open(page, path);
    const offered = await page.locator('main, [role=dialog]').locator('button:not([disabled]), a, input:not([disabled])').evaluateAll(all =>
      all.map(one => (one.getAttribute('aria-label') ?? one.innerText ?? '').trim()).filter(Boolean),
    );
    found.push(...offered.filter(label => REFUSED[role].test(label)).map(label => `${name} offers “${label}”`));
  }
  assert.deepEqual(found, []);
  await page.context().close();
}
