// Letters: each can be looked at before anybody gets it, and one that was given up is sent again or taken back.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { launch, makePage, Site, signedIn } from './site.mjs';

let browser;
let site;
let mail;

before(async () => {
  browser = await launch();
  mail = await refusingServer();
  site = await Site.create(`[mail]\nsmtp_host = "127.0.0.1"\nsmtp_port = ${mail.address().port}\nsmtp_tls = "none"\n`);
});

after(async () => {
  await browser?.close();
  await site?.remove();
  mail?.close();
});

/** A mail server that takes no letter at all. */
async function refusingServer() {
  const server = createServer(socket => {
    const say = line => socket.write(`${line}\r\n`);
    say('220 mail.example.com');
    socket.on('error', () => {});
    socket.on('data', data => {
      const command = data.toString().slice(0, 4).toUpperCase();
      if (command === 'RCPT') say('550 there is no such mailbox');
      else if (command === 'QUIT') socket.end('221 bye\r\n');
      else say('250 ok');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

test('a letter that was given up is taken back, and nobody is asked to look at it any more', async () => {
  const ana = await signedIn(browser, site);
  // Without a page the overview has first steps alone.
  await makePage(ana, { title: 'A page' });
  await ana.goto('/admin/outbox?state=dead');
  const row = ana.getByRole('row').filter({ hasText: 'ana@example.com' });
  await row.getByText('there is no such mailbox').waitFor({ timeout: 20_000 });
  await ana.goto('/admin');
  await ana.getByRole('link', { name: '1 letter or post was given up' }).click();
  await row.getByRole('button', { name: 'Send again' }).waitFor();
  await row.getByRole('button', { name: 'Take back' }).click();
  await ana.getByRole('alertdialog').getByRole('button', { name: 'Take back' }).click();
  await ana.getByText('Taken back. It is not sent.').waitFor();
  await ana.getByText('No letter matches').waitFor();
  await ana.getByRole('radio', { name: 'Taken back' }).click();
  await row.getByText('Taken back').filter({ visible: true }).first().waitFor();
  await ana.goto('/admin');
  await ana.getByRole('heading', { name: 'Overview' }).waitFor();
  await ana.waitForLoadState('networkidle');
  assert.equal(await ana.getByRole('link', { name: '1 letter or post was given up' }).count(), 0);
  await ana.context().close();
});

for (const [device, viewport] of Object.entries({ desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } })) {
  test(`every letter on a ${device}, as text and as HTML`, async () => {
    const ana = await signedIn(browser, site, { viewport });
    await ana.goto('/admin/outbox');
    await ana.getByRole('link', { name: 'All letters' }).click();
    const list = ana.getByRole('list', { name: 'All letters' });
    await list.getByText('Somebody signed in to an account.').waitFor();
    assert.ok((await list.getByRole('button').count()) > 10);
    await list.getByRole('button', { name: /^New sign-in/ }).click();
    await ana.getByRole('dialog').getByText(/^Hello Ana Example,/).waitFor();
    await ana.getByRole('radio', { name: 'HTML' }).click();
    const paper = ana.frameLocator('iframe');
    await paper.getByText('Hello Ana Example,').waitFor();
    // The policy of the page takes no style that stands with an element: these are put on.
    await ana.waitForFunction(() => document.querySelector('iframe')?.contentDocument.body.style.color === 'rgb(28, 28, 28)');
    const hidden = await ana.locator('iframe').evaluate(frame => frame.contentDocument.documentElement.scrollHeight - frame.clientHeight);
    assert.equal(hidden, 0);
    await ana.getByRole('button', { name: 'Close' }).click();
    await ana.getByRole('radio', { name: 'German' }).click();
    await list.getByRole('button', { name: /Anmeldung/ }).first().waitFor();
    assert.match(ana.url(), /language=de/);
    assert.equal(await ana.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
    assert.deepEqual(ana.complaints, []);
    await ana.context().close();
  });
}
