// The team: what gets into an account is seen, changed and taken away; the own name is everybody's own.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { launch, PASSWORD, Site, signedIn, visitor } from './site.mjs';

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

/** What an authenticator app shows now: RFC 6238. */
function codeOf(secret) {
  const bits = [...secret].map(letter => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map(byte => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac('sha1', key).update(counter).digest();
  const number = hash.readUInt32BE(hash.at(-1) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

async function must(request) {
  const answer = await request;
  assert.ok(answer.ok(), `${answer.url()}: ${answer.status()} ${await answer.text()}`);
  return answer;
}

/** Somebody who signed in, with a token and an authenticator app. */
async function member(ana, email) {
  const account = { email, name: 'Bo', role: 'viewer', password: PASSWORD };
  await must(ana.request.post('/api/v1/admin/accounts', { data: account }));
  const bo = await signedIn(browser, site, {}, { email, password: PASSWORD });
  const expires_at = new Date(Date.now() + 24 * 3_600_000).toISOString();
  await must(bo.request.post('/api/v1/auth/tokens', { data: { name: 'deploy script', role: 'viewer', expires_at } }));
  const offer = await must(bo.request.post('/api/v1/auth/second-factor', { data: { password: PASSWORD } }));
  const { secret } = await offer.json();
  await must(bo.request.post('/api/v1/auth/second-factor/confirm', { data: { code: codeOf(secret) } }));
  return bo;
}

for (const [device, viewport] of Object.entries({ desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } })) {
  test(`an account is looked after on a ${device}`, async () => {
    const ana = await signedIn(browser, site, { viewport });
    const bo = await member(ana, `bo-${device}@example.com`);
    await ana.goto('/admin/team');
    await ana.getByRole('button', { name: 'Bo', exact: true }).click();
    const panel = ana.getByRole('dialog');
    await panel.getByRole('list', { name: 'Tokens' }).getByText('deploy script').waitFor();
    await panel.getByRole('list', { name: 'Sessions' }).getByRole('listitem').first().waitFor();
    assert.equal(await ana.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
    assert.equal(await panel.evaluate(box => box.scrollWidth - box.clientWidth), 0);

    const email = `bodil-${device}@example.com`;
    await panel.getByLabel('Name').fill('Bodil');
    await panel.getByLabel('E-mail').fill('ana@example.com');
    await panel.getByLabel('Role').selectOption('editor');
    await panel.getByRole('button', { name: 'Save' }).click();
    await panel.getByText('There is an account for ana@example.com already.').waitFor();
    await panel.getByLabel('E-mail').fill(email);
    await panel.getByRole('button', { name: 'Save' }).click();
    await panel.getByRole('heading', { name: 'Bodil' }).waitFor();
    // A higher role is nobody's who copied a session.
    assert.equal((await bo.request.get('/api/v1/auth/me')).status(), 401);

    const asked = ana.getByRole('alertdialog');
    await panel.getByRole('button', { name: 'Turn it off' }).click();
    await asked.getByRole('button', { name: 'Turn it off' }).click();
    await panel.getByText('There is no authenticator app.').waitFor();
    // The password alone signs in again.
    const again = await visitor(browser, site);
    await must(again.request.post('/api/v1/auth/login', { data: { email, password: PASSWORD } }));

    await panel.getByRole('button', { name: 'End all sessions' }).click();
    await panel.getByRole('list', { name: 'Sessions' }).waitFor({ state: 'detached' });
    assert.equal((await again.request.get('/api/v1/auth/me')).status(), 401);
    await panel.getByRole('button', { name: 'Revoke all tokens' }).click();
    await asked.getByRole('button', { name: 'Revoke all tokens' }).click();
    await panel.getByRole('list', { name: 'Tokens' }).waitFor({ state: 'detached' });

    await panel.getByRole('button', { name: 'Disable' }).click();
    await panel.getByRole('button', { name: 'Enable' }).waitFor();
    await panel.getByRole('button', { name: 'Delete' }).click();
    await asked.getByRole('button', { name: 'Delete' }).click();
    await ana.getByText('The account of Bodil is deleted.').waitFor();
    await ana.getByRole('button', { name: 'Bodil' }).waitFor({ state: 'detached' });
    // The account that is gone is asked for once more while its panel closes.
    assert.deepEqual(ana.complaints.filter(text => !/422|404/.test(text)), []);
    for (const page of [ana, bo, again]) await page.context().close();
  });
}

test('everybody changes their own name, and nobody deletes their own account', async () => {
  const ana = await signedIn(browser, site);
  await ana.goto('/admin/account');
  await ana.getByLabel('Your name').fill('Ana Roth');
  await ana.getByRole('button', { name: 'Change the name' }).click();
  await ana.getByText('Your name is changed.').waitFor();
  await ana.goto('/admin/team');
  await ana.getByRole('button', { name: 'Ana Roth', exact: true }).click();
  const panel = ana.getByRole('dialog');
  await panel.getByRole('link', { name: 'Your account' }).waitFor();
  assert.equal(await panel.getByRole('button', { name: 'Delete' }).count(), 0);
  await panel.getByRole('link', { name: 'Your account' }).click();
  await ana.waitForURL('**/admin/account');
  await ana.getByRole('dialog').waitFor({ state: 'detached' });
  assert.deepEqual(ana.complaints, []);
  await ana.context().close();
});
