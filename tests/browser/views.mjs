// Every view there is, on a site with something in each of them: for the checks and for the pictures.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { makePage } from './site.mjs';

const PICTURE = fileURLToPath(new URL('../../docs/pictures/admin.png', import.meta.url));

export const SETTINGS = '[site]\ntitle = "Glass House"\ndescription = "Plants, light and what grows between them."\nlanguages = ["de"]\n';

const TEXT = `Seeds that wait for *light* germinate on the surface; the others want to be covered.

## What you need

| Tool | For |
|---|---|
| A fine rake | the first pass over the bed |
| Fleece | cold nights in April |

1. Water the bed the evening before.
2. Sow thinly; \`1 g\` is enough for two metres.

> Patience is a tool as well.

\`\`\`sh
sow --thin --cover 5mm seeds/*
\`\`\`

- [x] beds turned
- [ ] fleece mended

More about [pictures](/guides/pictures).`;

/** Fills a site through the API; gives what the addresses of the views need. */
export async function fill(ana) {
  const picture = await upload(ana, 'the-admin-area.png');
  const sowing = await makePage(
    ana,
    { title: 'Sowing in spring', slug: 'guides/sowing', summary: 'When the soil is warm enough, and how to tell.', body: TEXT, tags: ['guides', 'spring'] },
    { publish: true },
  );
  const german = { title: 'Aussaat im Frühling', summary: 'Wann die Erde warm genug ist.', body: 'Erst wässern, dann säen.', language: 'de' };
  await makePage(ana, { ...german, translation_of: sowing.id }, { publish: true });
  const pictures = await makePage(
    ana,
    {
      title: 'A page with pictures',
      slug: 'guides/pictures',
      summary: 'What a page looks like with pictures in it.',
      body: `Before the picture.\n\n![The admin area](${picture.url})\n\nBetween them.\n\n![The same again](${picture.url})\n\nBehind the picture.`,
      tags: ['guides'],
    },
    { publish: true },
  );
  for (const title of ['Opening hours', 'How to find us', 'Who we are']) {
    await makePage(ana, { title, summary: `${title}, in one sentence.`, body: `${title}. Nothing else for now.` }, { publish: true });
  }
  await makePage(ana, { title: 'A draft', body: 'Not yet.' });
  const old = await makePage(ana, { title: 'Opening hours of last year', body: 'Closed.' });
  await must(ana.request.delete(`/api/v1/admin/pages/${old.id}`, { headers: { 'If-Match': `"${old.revision}"` } }), 'trash');
  await must(ana.request.post('/api/v1/admin/accounts', { data: { email: 'bo@example.com', name: 'Bo', role: 'editor' } }), 'account');
  const form = {
    slug: 'contact',
    title: 'Write to us',
    kind: 'contact',
    fields: [
      { name: 'email', label: 'Your e-mail address', kind: 'email', required: true },
      { name: 'topic', label: 'What is it about?', kind: 'choice', options: ['A question', 'A visit'] },
      { name: 'message', label: 'Your message', kind: 'long-text', required: true, hint: 'At most 5,000 characters.' },
      { name: 'terms', label: 'You may keep this for a year.', kind: 'consent', required: true },
    ],
    notify: ['team@example.com'],
    double_opt_in: false,
    thanks: '',
    kept_days: 365,
    open: true,
  };
  const made = await (await must(ana.request.post('/api/v1/admin/forms', { data: form }), 'form')).json();
  const items = [
    { label: 'Advice', items: [{ label: 'When to sow', page: sowing.id }, { label: 'With pictures', page: pictures.id }] },
    { label: 'By tag', url: '/tags' },
    { label: 'Contact', url: '/forms/contact' },
  ];
  const menu = await (await must(ana.request.post('/api/v1/admin/menus', { data: { name: 'main', items } }), 'menu')).json();
  const post = { networks: ['mastodon', 'x'], text: 'The soil is warm: sow now.', schedule_at: new Date(Date.now() + 100 * 24 * 3_600_000).toISOString() };
  await must(ana.request.post('/api/v1/admin/posts', { data: post }), 'post');
  const link = await must(ana.request.post(`/api/v1/admin/pages/${sowing.id}/preview-link`, { data: { hours: 1 } }), 'preview link');
  return { preview: new URL((await link.json()).url).hash, sowing: sowing.id, form: made.id, menu: menu.id, picture: picture.id };
}

const VISIT = { email: 'vi@example.com', topic: 'A visit', message: 'We are four, and would like to see the ferns.', terms: true };

/** Somebody wrote: there is an answer, and a letter about it. It takes a moment, as it would take a person. */
export async function writeTo(ana, more = {}) {
  const form = await (await must(ana.request.get('/api/v1/forms/contact'), 'form')).json();
  await new Promise(done => setTimeout(done, 2_200));
  const answers = { ...VISIT, ...more };
  await must(ana.request.post('/api/v1/forms/contact/leads', { data: { token: form.token, answers, website: '' } }), 'answer');
}

async function upload(ana, name) {
  const file = { name, mimeType: 'image/png', buffer: await readFile(PICTURE) };
  return (await must(ana.request.post('/api/v1/admin/media', { multipart: { file } }), 'upload')).json();
}

async function must(request, what) {
  const answer = await request;
  if (!answer.ok()) throw new Error(`${what}: ${answer.status()} ${await answer.text()}`);
  return answer;
}

/** What visitors see, by name. */
export const publicViews = ({ preview }) => ({
  home: '/',
  page: '/guides/sowing',
  pictures: '/guides/pictures',
  tags: '/tags',
  tag: '/tags/guides',
  search: '/search?q=soil',
  'search-empty': '/search',
  'search-nothing': '/search?q=zebra',
  'site-map': '/sitemap',
  form: '/forms/contact',
  confirm: '/confirm#x.y',
  preview: `/preview${preview}`,
  'not-found': '/no/such/page',
});

/** What people see before they are signed in, by name. */
export const doorViews = { 'sign-in': '/admin/login', forgotten: '/admin/forgotten', password: '/admin/password#x' };

/** What those see who are signed in, by name. */
export const adminViews = ({ sowing, form, menu, picture }) => ({
  overview: '/admin',
  pages: '/admin/pages',
  editor: `/admin/pages/${sowing}`,
  'new-page': '/admin/pages/new',
  trash: '/admin/trash',
  tags: '/admin/tags',
  menus: '/admin/menus',
  menu: `/admin/menus/${menu}`,
  'new-menu': '/admin/menus/new',
  media: '/admin/media',
  'media-file': `/admin/media?file=${picture}`,
  leads: '/admin/leads',
  forms: '/admin/forms',
  form: `/admin/forms/${form}`,
  'new-form': '/admin/forms/new',
  posts: '/admin/posts',
  outbox: '/admin/outbox',
  letters: '/admin/letters',
  team: '/admin/team',
  operations: '/admin/operations',
  backups: '/admin/operations/backups',
  server: '/admin/operations/server',
  log: '/admin/operations/log',
  settings: '/admin/settings',
  audit: '/admin/audit',
  account: '/admin/account',
});

/** What opens over a view, by name: where, and how. */
export const adminDialogs = ({ sowing, picture }) => {
  const ofEditor = name => [`/admin/pages/${sowing}`, page => fromMenu(page, name)];
  return {
    'page-details': ofEditor('Tags and search engines'),
    'page-schedule': ofEditor('Schedule'),
    'page-languages': ofEditor('Languages'),
    'page-revisions': ofEditor('Revisions'),
    'page-announcement': ofEditor('Announce'),
    'page-preview-link': ofEditor('Link to a preview'),
    'pages-chosen': ['/admin/pages', page => page.getByRole('checkbox', { name: /^Choose “/ }).first().check()],
    'media-chosen': ['/admin/media', page => page.getByRole('checkbox', { name: /^Choose / }).first().check()],
    'media-crop': [`/admin/media?file=${picture}`, openCrop],
    lead: ['/admin/leads', page => page.getByRole('button', { name: 'vi@example.com' }).click()],
    'lead-delete': ['/admin/leads', openLeadToDelete],
    person: ['/admin/leads', lookForPerson],
    letter: ['/admin/outbox', page => page.getByRole('table').getByRole('button').first().click()],
    'letter-sample': ['/admin/letters', openSample],
    invite: ['/admin/team', page => page.getByRole('button', { name: 'Invite somebody' }).click()],
    member: ['/admin/team', page => page.getByRole('button', { name: 'Bo', exact: true }).click()],
    'trash-purge': ['/admin/trash', page => page.getByRole('button', { name: 'Delete for good' }).click()],
    palette: ['/admin', page => page.keyboard.press('Control+k')],
    shortcuts: ['/admin', page => page.keyboard.press('?')],
  };
};

async function openLeadToDelete(page) {
  await page.getByRole('button', { name: 'vi@example.com' }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
}

async function lookForPerson(page) {
  await page.getByRole('button', { name: 'What we hold about somebody' }).click();
  await page.getByLabel('Their e-mail address').fill('vi@example.com');
  await page.getByRole('button', { name: 'Look' }).click();
  await page.getByRole('button', { name: 'Erase' }).waitFor();
}

async function openCrop(page) {
  await page.getByRole('button', { name: 'Crop', exact: true }).click();
  await page.getByRole('heading', { name: /^Crop / }).waitFor();
}

/** As HTML: the text form is the one of `letter`. */
async function openSample(page) {
  await page.getByRole('list', { name: 'All letters' }).getByRole('button').first().click();
  await page.getByRole('radio', { name: 'HTML' }).click();
  await page.frameLocator('iframe').getByText('Ana Example').waitFor();
}

async function fromMenu(page, name) {
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name }).click();
}

/** The same for visitors: the menu of a narrow screen has a button. */
export const publicDialogs = device => ({
  menu: [
    '/guides/sowing',
    async page => {
      if (device === 'phone') await page.getByRole('button', { name: 'Menu' }).click();
      await page.getByText('Advice', { exact: true }).click();
    },
  ],
});

/** Goes there, opens what is to be open `over` it, and waits until the view is whole. */
export async function open(page, path, over = () => {}) {
  // Another hash alone would be no new page.
  await page.goto('about:blank');
  await page.goto(path);
  await page.locator('h1').first().waitFor();
  await page.waitForLoadState('networkidle');
  await over(page);
  await page.waitForLoadState('networkidle');
  await page.waitForFunction(() => !document.querySelector('[aria-busy=true]'));
}

/** Waits until React has the page: it marks the elements that are its own. */
export const taken = page => page.waitForFunction(() => Object.keys(document.querySelector('#root > *') ?? {}).some(key => key.startsWith('__react')));
