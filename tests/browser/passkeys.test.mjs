// A passkey in a real browser: made, used without a password, renamed and removed, with the keyboard and on a narrow screen.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { launch, PASSWORD, Site, signedIn } from './site.mjs';

let browser;
let site;

before(async () => {
  browser = await launch();
  // Browsers have passkeys for names only, and a passkey belongs to one origin: the port has to be known before the server starts.
  const port = await freePort();
  site = await Site.create(`public_url = "http://localhost:${port}"\n`, port);
  site.url = `http://localhost:${port}`;
});

after(async () => {
  await browser?.close();
  await site?.remove();
});

async function freePort() {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address();
  listener.close();
  await once(listener, 'close');
  return port;
}

/** A device that asks for a finger and always gets it. */
async function addDevice(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const options = {
    protocol: 'ctap2',
    transport: 'internal',
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  };
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', { options });
  return { session, authenticatorId };
}

const withKeyboard = async (page, button) => {
  await button.focus();
  await page.keyboard.press('Enter');
};

test('a passkey signs in, and goes again', async () => {
  const ana = await signedIn(browser, site, { viewport: { width: 360, height: 740 } });
  const { session, authenticatorId } = await addDevice(ana);
  await ana.goto('/admin/account');
  const section = ana.locator('section', { has: ana.getByRole('heading', { name: 'Passkeys' }) });
  await section.getByLabel('What to call it').fill('Phone');
  await section.getByLabel('Your password').fill(PASSWORD);
  await ana.keyboard.press('Enter');
  await section.getByText('Keep these codes').waitFor();
  assert.equal(await section.locator('li').filter({ hasText: /^\w{5}-\w{5}$/ }).count(), 10);
  await withKeyboard(ana, section.getByRole('button', { name: 'I kept them' }));
  await section.getByText('Phone', { exact: true }).waitFor();
  const { credentials } = await session.send('WebAuthn.getCredentials', { authenticatorId });
  assert.equal(credentials.length, 1);
  assert.ok(credentials[0].isResidentCredential);

  await ana.context().clearCookies();
  await ana.goto('/admin');
  await withKeyboard(ana, ana.getByRole('button', { name: 'Use a passkey' }));
  await ana.waitForURL(url => url.pathname === '/admin');
  await ana.goto('/admin/account');
  await section.getByText(/used .* from/).waitFor();

  await withKeyboard(ana, section.getByRole('button', { name: 'Rename Phone' }));
  await ana.getByRole('dialog').getByLabel('New name').fill('Old phone');
  await ana.keyboard.press('Enter');
  await section.getByText('Old phone', { exact: true }).waitFor();
  const isWider = await ana.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  assert.equal(isWider, false, 'it scrolls sideways at 360 px');

  await withKeyboard(ana, section.getByRole('button', { name: 'Remove Old phone' }));
  await ana.getByRole('dialog').getByLabel('Your password').fill(PASSWORD);
  await ana.keyboard.press('Enter');
  await section.getByText('Old phone', { exact: true }).waitFor({ state: 'detached' });

  // The device does not know that its key is gone.
  await ana.context().clearCookies();
  await ana.goto('/admin');
  await ana.getByRole('button', { name: 'Use a passkey' }).click();
  await ana.getByRole('alert').getByText('This passkey is not taken').waitFor();
  assert.deepEqual(ana.complaints.filter(text => !text.includes('401')), []);
  await ana.context().close();
});
