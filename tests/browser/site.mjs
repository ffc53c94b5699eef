// A real server in a folder of its own, and a real browser. The harness names both: MAGNETIQ_TEST_SERVER, MAGNETIQ_TEST_BROWSER.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

export const EMAIL = 'ana@example.com';
export const PASSWORD = 'correct horse battery';

const program = process.env.MAGNETIQ_TEST_SERVER ?? fail('MAGNETIQ_TEST_SERVER names no server');
const executablePath = process.env.MAGNETIQ_TEST_BROWSER ?? fail('MAGNETIQ_TEST_BROWSER names no browser');

function fail(reason) {
  throw new Error(`${reason}; cargo xtask test sets it`);
}

/** A folder with settings, an account, and a server that can be started again. */
export class Site {
  static async create(settings = '', port = 0) {
    const site = new Site();
    site.folder = await mkdtemp(join(tmpdir(), 'magnetiq-'));
    const toml = `profile = "development"\n[log]\nformat = "json"\n[auth]\nlogin_attempts_per_minute = 1000\n[server]\nport = ${port}\n${settings}`;
    await writeFile(join(site.folder, 'magnetiq.toml'), toml);
    await site.run(['admin', 'create', '--email', EMAIL, '--name', 'Ana', '--password-stdin'], PASSWORD);
    await site.start();
    return site;
  }

  async run(args, input = '') {
    const child = spawn(program, args, { cwd: this.folder, stdio: ['pipe', 'ignore', 'inherit'], env: {} });
    child.stdin.end(input);
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
  }

  async start() {
    this.server = spawn(program, ['serve'], { cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'], env: {} });
    this.exited = once(this.server, 'exit');
    const lines = createInterface(this.server.stderr);
    this.url = await new Promise((resolve, reject) => {
      const seen = [];
      lines.on('line', line => {
        seen.push(line);
        const entry = line.startsWith('{') ? JSON.parse(line) : {};
        if (entry.message === 'listening') resolve(`http://${entry.address}`);
      });
      lines.on('close', () => reject(new Error(`the server ended:\n${seen.join('\n')}`)));
    });
  }

  async stop() {
    this.server.kill('SIGTERM');
    const [code] = await this.exited;
    if (code !== 0) throw new Error(`the server ended with ${code}`);
  }

  async remove() {
    this.server.kill('SIGKILL');
    await this.exited;
    await rm(this.folder, { recursive: true });
  }
}

/** A port that nobody listens on, for what must know it beforehand. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

/** Starts the browser; quiet flags, because it must ask nobody outside. */
export function launch(more = []) {
  const quiet = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'];
  const args = [...quiet, '--disable-background-networking', '--disable-component-update', ...more];
  return chromium.launch({ executablePath, args });
}

/** A person with a browser window of their own; what the page complains of in its console is collected in `complaints`. */
export async function visitor(browser, site, options = {}) {
  const context = await browser.newContext({ baseURL: site.url, ...options });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  page.complaints = [];
  page.on('console', message => message.type() === 'error' && page.complaints.push(message.text()));
  page.on('pageerror', error => page.complaints.push(String(error)));
  return page;
}

export async function signIn(page) {
  await page.goto('/admin');
  await page.getByLabel('E-mail').fill(EMAIL);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation', { name: 'Admin' }).waitFor();
}

/** Signed in without the form, for journeys about something else. */
export async function signedIn(browser, site, options = {}, { email, password } = { email: EMAIL, password: PASSWORD }) {
  const page = await visitor(browser, site, options);
  const answer = await page.request.post('/api/v1/auth/login', { data: { email, password } });
  if (!answer.ok()) throw new Error(`sign in: ${answer.status()} ${await answer.text()}`);
  return page;
}

/** Makes a page through the API; with `publish` visitors see it. */
export async function makePage(page, fields, { publish = false } = {}) {
  const created = await page.request.post('/api/v1/admin/pages', { data: fields });
  if (created.status() !== 201) throw new Error(`create: ${created.status()} ${await created.text()}`);
  const made = await created.json();
  if (!publish) return made;
  const published = await page.request.post(`/api/v1/admin/pages/${made.id}/publish`, { headers: { 'If-Match': `"${made.revision}"` } });
  if (!published.ok()) throw new Error(`publish: ${published.status()} ${await published.text()}`);
  return published.json();
}

/** A PNG of one colour, made here so that no picture lies in the repository. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
  'base64',
);
