import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { fakeApi } from '../../test/fake-api';
import { renderAt } from '../../test/render-at';
import { SamplesView } from './samples-view';

const LIST = 'GET /api/v1/admin/letters';
const TEXTS = { text: 'Hello Ana,', html: '<p>Hello Ana,</p>' };

function server(language: string) {
  return fakeApi({
    'GET /api/v1/site': () => ({
      body: { title: 'Site', description: '', language, languages: [] },
    }),
    [LIST]: call => {
      const subject = call.url.searchParams.get('language') === 'de' ? 'Neue Anmeldung' : 'Sign-in';
      return {
        body: [
          { template: 'sign-in', texts: { ...TEXTS, subject } },
          { template: 'of-a-later-version', texts: { ...TEXTS, subject: 'Later' } },
        ],
      };
    },
  });
}

it('lists every letter with when it is sent, and shows one', async () => {
  const api = server('fr');
  renderAt('/admin/letters', <SamplesView />);
  await userEvent.click(await screen.findByRole('button', { name: 'Sign-in' }));
  expect(screen.getByText('Somebody signed in to an account.')).toBeVisible();
  expect(screen.getByText('of-a-later-version')).toBeVisible();
  const dialog = await screen.findByRole('dialog', { name: 'Sign-in' });
  expect(dialog).toHaveTextContent('Hello Ana,');
  // There are two languages of letters, and English is the one for all other sites.
  expect(api.made(LIST).map(call => call.url.searchParams.get('language'))).toEqual(['en']);
  await userEvent.click(within(dialog).getByRole('button', { name: 'Close' }));
  await expect.poll(() => screen.queryByRole('dialog')).toBeNull();
});

it('begins with the language of the site, and keeps another one in the address', async () => {
  server('de-CH');
  renderAt('/admin/letters', <SamplesView />);
  expect(await screen.findByRole('button', { name: 'Neue Anmeldung' })).toHaveAttribute(
    'lang',
    'de',
  );
  await userEvent.click(screen.getByRole('radio', { name: 'English' }));
  expect(await screen.findByRole('button', { name: 'Sign-in' })).toBeVisible();
  expect(location.search).toBe('?language=en');
});
