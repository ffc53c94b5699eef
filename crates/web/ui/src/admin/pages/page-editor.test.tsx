import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Link, Route, Routes } from 'react-router';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Page } from '../../api/types';
import { fakeApi, problem } from '../../test/fake-api';
import { renderAt } from '../../test/render-at';
import { Toasts } from '../../ui/toast';
import { SessionEndedDialog } from '../session/session-ended-dialog';
import { EditorView } from './editor-view';

const PAGE: Page = {
  id: 'p1',
  slug: 'poles',
  title: 'Poles',
  summary: '',
  status: 'draft',
  has_draft: false,
  language: null,
  translations: [],
  author: 'Ada',
  created_at: '2026-11-01T12:00:00Z',
  updated_at: '2026-11-01T12:00:00Z',
  published_at: null,
  revision: 1,
  tags: [],
  seo: { title: '', description: '', canonical: '', noindex: false },
  body: 'North.',
  html: '',
};

const READ = 'GET /api/v1/admin/pages/p1';
const SAVE = 'PUT /api/v1/admin/pages/p1';
const PUBLISH = 'POST /api/v1/admin/pages/p1/publish';
const DISCARD = 'DELETE /api/v1/admin/pages/p1/draft';
const CREATE = 'POST /api/v1/admin/pages';
const RESTORE = 'POST /api/v1/admin/pages/p1/revisions/3/restore';
const BULK = 'POST /api/v1/admin/pages/bulk';

const PRECONDITION = problem(412, 'precondition-failed');

/** A server with one page that other people may change, too. */
function server() {
  let page = PAGE;
  const answer = () => ({ body: page, headers: { etag: `"${page.revision}"` } });
  const change = (to: Partial<Page>) => {
    page = { ...page, ...to, revision: page.revision + 1 };
  };
  const guarded = (call: { headers: Headers }, to: Partial<Page>) => {
    if (call.headers.get('if-match') !== `"${page.revision}"`) return PRECONDITION;
    change(to);
    return answer();
  };
  const api = fakeApi({
    [READ]: answer,
    [SAVE]: call => guarded(call, call.body as Partial<Page>),
    [PUBLISH]: call => guarded(call, { status: 'published', has_draft: false }),
    [DISCARD]: call => guarded(call, { has_draft: false, title: 'Poles', body: 'North.' }),
    [RESTORE]: call => guarded(call, { has_draft: true, body: 'South. More.' }),
    'DELETE /api/v1/admin/pages/p1': () => ({ status: 204 }),
    [BULK]: () => ({ body: [{ id: 'p1' }] }),
    [CREATE]: call => {
      page = { ...PAGE, ...(call.body as Partial<Page>) };
      return { status: 201, ...answer() };
    },
    'POST /api/v1/admin/preview': () => ({ body: { html: '<p>preview</p>' } }),
  });
  return { ...api, change };
}

function open(id: string) {
  renderAt(
    `/admin/pages/${id}`,
    <>
      <Routes>
        <Route path="/admin/pages/:id" element={<EditorView />} />
        <Route path="*" element={<p>elsewhere</p>} />
      </Routes>
      <Link to="/admin/pages/p2">Other page</Link>
      <SessionEndedDialog />
      <Toasts />
    </>,
  );
  return screen.findByLabelText('Text');
}

const button = (name: string) => screen.getByRole('button', { name });
const titleField = () => screen.getByLabelText('Title');

let api: ReturnType<typeof server>;
beforeEach(() => {
  api = server();
});

describe('saving', () => {
  it('sends the tag of the version it began with, then the one it got', async () => {
    const text = await open('p1');
    expect(button('Save')).toBeDisabled();
    await userEvent.type(text, ' South.');
    expect(screen.getByText('Unsaved changes')).toBeVisible();
    await userEvent.click(button('Save'));
    await screen.findByText('Saved');
    await userEvent.type(text, ' East.');
    await userEvent.keyboard('{Control>}s{/Control}');
    await screen.findByText('Saved');
    expect(api.made(SAVE).map(call => call.headers.get('if-match'))).toEqual(['"1"', '"2"']);
    expect(api.made(SAVE)[1]?.body).toMatchObject({ body: 'North. South. East.' });
  });

  it('saves before it publishes', async () => {
    const text = await open('p1');
    await userEvent.type(text, '!');
    await userEvent.click(button('Publish'));
    await screen.findByText('Published');
    expect(api.made(SAVE)).toHaveLength(1);
    expect(api.made(PUBLISH)[0]?.headers.get('if-match')).toBe('"2"');
  });

  it('publishes what was saved over a published page, and says that it waits', async () => {
    api.change({ status: 'published', has_draft: true, live_slug: 'old-poles' });
    await open('p1');
    expect(screen.getByText('Visitors don’t see the newest changes')).toBeVisible();
    expect(screen.getByRole('link', { name: 'View' })).toHaveAttribute('href', '/old-poles');
    await userEvent.click(button('Publish changes'));
    await screen.findByText('Published.');
    expect(screen.queryByRole('button', { name: /^Publish/ })).toBeNull();
  });

  it('discards what was saved over a published page, with a way back', async () => {
    api.change({ status: 'published', has_draft: true, body: 'South.' });
    const text = await open('p1');
    await userEvent.type(text, ' More.');
    await userEvent.click(button('More actions'));
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Discard changes' }));
    await waitFor(() => expect(text).toHaveValue('North.'));
    // What was typed is saved before, so that the way back leads to it.
    expect(api.made(SAVE)[0]?.body).toMatchObject({ body: 'South. More.' });
    expect(api.made(DISCARD)[0]?.headers.get('if-match')).toBe('"3"');
    expect(screen.queryByText('Visitors don’t see the newest changes')).toBeNull();
    expect(screen.getByText('Saved')).toBeVisible();
    await userEvent.click(button('Undo'));
    await waitFor(() => expect(text).toHaveValue('South. More.'));
    expect(api.made(RESTORE)[0]?.headers.get('if-match')).toBe('"4"');
  });

  it('deletes without asking, and offers the way back', async () => {
    await open('p1');
    await userEvent.click(button('More actions'));
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Delete page' }));
    expect(await screen.findByText('elsewhere')).toBeVisible();
    await userEvent.click(button('Undo'));
    await waitFor(() => expect(api.made(BULK)).toHaveLength(1));
    expect(api.made(BULK)[0]?.body).toEqual({ action: 'undelete', ids: ['p1'] });
  });

  it('shows what the server refuses at the field', async () => {
    api.handlers[SAVE] = () =>
      problem(422, 'invalid', { errors: [{ pointer: '/slug', detail: 'This address is taken.' }] });
    await open('p1');
    await userEvent.type(titleField(), '!');
    await userEvent.click(button('Save'));
    expect(await screen.findByText('This address is taken.')).toBeVisible();
    expect(screen.getByLabelText('Address')).toBeInvalid();
    expect(screen.getByLabelText('Address')).toHaveFocus();
    expect(titleField()).toHaveValue('Poles!');
  });

  it('keeps the text and offers to try again when the server is away', async () => {
    delete api.handlers[SAVE];
    await open('p1');
    await userEvent.type(titleField(), '!');
    await userEvent.click(button('Save'));
    expect(await screen.findByRole('alert')).toHaveTextContent('cannot be reached');
    api.handlers[SAVE] = () => ({ body: { ...PAGE, title: 'Poles!' }, headers: { etag: '"2"' } });
    await userEvent.click(button('Try again'));
    await screen.findByText('Saved');
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });
});

describe('a new page', () => {
  it('suggests the address until it gets one of its own, and keeps the editor when it is created', async () => {
    const text = await open('new');
    await userEvent.type(titleField(), 'Über uns');
    expect(screen.getByLabelText('Address')).toHaveValue('uber-uns');
    await userEvent.clear(screen.getByLabelText('Address'));
    await userEvent.type(screen.getByLabelText('Address'), 'we');
    await userEvent.type(titleField(), ' alle');
    expect(screen.getByLabelText('Address')).toHaveValue('we');
    await userEvent.click(button('Save'));
    await screen.findByText('Saved');
    expect(api.made(CREATE)[0]?.body).toMatchObject({ title: 'Über uns alle', slug: 'we' });
    expect(location.pathname).toBe('/admin/pages/p1');
    expect(screen.getByLabelText('Text')).toBe(text);
  });

  it('begins with what the server has when one comes back to it', async () => {
    api.handlers['GET /api/v1/admin/pages/p2'] = () => ({
      body: { ...PAGE, id: 'p2', title: 'Other' },
      headers: { etag: '"1"' },
    });
    const text = await open('new');
    await userEvent.type(titleField(), 'Named');
    await userEvent.type(text, 'Text.');
    await userEvent.click(button('Save'));
    await screen.findByText('Saved');
    await userEvent.click(screen.getByRole('link', { name: 'Other page' }));
    await waitFor(() => expect(titleField()).toHaveValue('Other'));
    history.back();
    await waitFor(() => expect(titleField()).toHaveValue('Named'));
    await userEvent.type(screen.getByLabelText('Text'), ' More.');
    await userEvent.click(button('Save'));
    await screen.findByText('Saved');
    expect(api.made(CREATE)).toHaveLength(1);
    expect(api.made(SAVE)[0]?.body).toMatchObject({ title: 'Named', body: 'Text. More.' });
  });

  it('needs a title', async () => {
    await open('new');
    await userEvent.click(button('Publish'));
    expect(await screen.findByText('A page needs a title.')).toBeVisible();
    expect(api.made(CREATE)).toHaveLength(0);
  });
});

describe('when someone else saved in between', () => {
  async function collide() {
    const text = await open('p1');
    await userEvent.type(text, ' Mine.');
    api.change({ body: 'Theirs.' });
    await userEvent.click(button('Save'));
    return within(await screen.findByRole('alertdialog', { name: 'Someone else saved this page' }));
  }

  it('keeps what was typed', async () => {
    const dialog = await collide();
    await userEvent.click(dialog.getByRole('button', { name: 'Keep editing' }));
    expect(screen.getByLabelText('Text')).toHaveValue('North. Mine.');
    expect(screen.getByText('Unsaved changes')).toBeVisible();
  });

  it('overwrites theirs when told to', async () => {
    const dialog = await collide();
    await userEvent.click(dialog.getByRole('button', { name: 'Overwrite' }));
    await screen.findByText('Saved');
    expect(api.made(SAVE).at(-1)?.headers.get('if-match')).toBe('"2"');
    expect(api.made(SAVE).at(-1)?.body).toMatchObject({ body: 'North. Mine.' });
  });

  it('loads theirs when told to', async () => {
    const dialog = await collide();
    await userEvent.click(dialog.getByRole('button', { name: 'Load theirs' }));
    await waitFor(() => expect(screen.getByLabelText('Text')).toHaveValue('Theirs.'));
    expect(screen.getByText('Saved')).toBeVisible();
  });
});

describe('when the session has ended', () => {
  it('signs in over the text and then saves by itself', async () => {
    let signedIn = false;
    const save = api.handlers[SAVE];
    api.handlers[SAVE] = call => (signedIn && save ? save(call) : problem(401, 'not-signed-in'));
    api.handlers['POST /api/v1/auth/login'] = () => {
      signedIn = true;
      return { body: { id: 'a', name: 'Ada', email: 'ada@example.com', role: 'editor' } };
    };
    const text = await open('p1');
    await userEvent.type(text, ' Kept.');
    await userEvent.click(button('Save'));
    const dialog = within(await screen.findByRole('dialog', { name: 'Your session has ended' }));
    await userEvent.type(dialog.getByLabelText('E-mail'), 'ada@example.com');
    await userEvent.type(dialog.getByLabelText('Password'), 'secret');
    await userEvent.click(dialog.getByRole('button', { name: 'Sign in' }));
    await screen.findByText('Saved');
    expect(api.made(SAVE).at(-1)?.body).toMatchObject({ body: 'North. Kept.' });
  });
});

describe('saving by itself', () => {
  beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }));
  afterEach(() => void vi.useRealTimers());

  it('happens after a pause, and leaves what is typed alone', async () => {
    api.handlers[SAVE] = () => ({ body: { ...PAGE, body: 'Tidied.' }, headers: { etag: '"2"' } });
    const text = await open('p1');
    await typeIn(text, ' South. ');
    expect(api.made(SAVE)).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(4_000);
    await screen.findByText('Saved');
    expect(api.made(SAVE)[0]?.body).toMatchObject({ body: 'North. South. ', autosave: true });
    expect(text).toHaveValue('North. South. ');
    await vi.advanceTimersByTimeAsync(300_000);
    expect(api.made(SAVE)).toHaveLength(1);
  });

  it('says that it failed, and tries again', async () => {
    const save = api.handlers[SAVE];
    delete api.handlers[SAVE];
    const text = await open('p1');
    await typeIn(text, '!');
    await vi.advanceTimersByTimeAsync(4_000);
    await screen.findByText('Not saved yet, tries again');
    if (save) api.handlers[SAVE] = save;
    await vi.advanceTimersByTimeAsync(16_000);
    await screen.findByText('Saved');
  });

  it('does not send again what was refused, and takes nobody out of the text', async () => {
    const errors = [{ pointer: '/slug', detail: 'This address is taken.' }];
    api.handlers[SAVE] = () => problem(422, 'invalid', { errors });
    const text = await open('p1');
    await typeIn(text, '!');
    await vi.advanceTimersByTimeAsync(4_000);
    await screen.findByText('This address is taken.');
    expect(text).toHaveFocus();
    await vi.advanceTimersByTimeAsync(300_000);
    expect(api.made(SAVE)).toHaveLength(1);
  });

  it('waits for a title', async () => {
    const text = await open('new');
    await typeIn(text, 'Text.');
    await vi.advanceTimersByTimeAsync(300_000);
    expect(api.made(CREATE)).toHaveLength(0);
    await typeIn(titleField(), 'Named');
    await vi.advanceTimersByTimeAsync(4_000);
    await screen.findByText('Saved');
    expect(api.made(CREATE)).toHaveLength(1);
  });

  const typeIn = (field: HTMLElement, words: string) =>
    userEvent.setup({ advanceTimers: vi.advanceTimersByTime }).type(field, words);
});

describe('leaving with unsaved changes', () => {
  it('saves them and goes', async () => {
    const text = await open('p1');
    await userEvent.type(text, '!');
    await userEvent.click(screen.getByRole('link', { name: 'All pages' }));
    expect(await screen.findByText('elsewhere')).toBeVisible();
    expect(api.made(SAVE)[0]?.body).toMatchObject({ body: 'North.!' });
  });

  it('asks where they cannot be saved, and stays when told to', async () => {
    delete api.handlers[SAVE];
    const text = await open('p1');
    await userEvent.type(text, '!');
    await userEvent.click(screen.getByRole('link', { name: 'All pages' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Stay here' }));
    expect(text).toHaveValue('North.!');
    await userEvent.click(screen.getByRole('link', { name: 'All pages' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Leave' }));
    expect(await screen.findByText('elsewhere')).toBeVisible();
  });

  it('asks when going back, too, and stays where it was', async () => {
    delete api.handlers[SAVE];
    history.replaceState({ idx: 0 }, '', '/before');
    history.pushState({ idx: 1 }, '', '/admin/pages/p1');
    const text = await open('p1');
    await userEvent.type(text, '!');
    history.back();
    await userEvent.click(await screen.findByRole('button', { name: 'Stay here' }));
    expect(location.pathname).toBe('/admin/pages/p1');
    expect(text).toHaveValue('North.!');
  });

  it('lets go of what is saved', async () => {
    await open('p1');
    await userEvent.click(screen.getByRole('link', { name: 'All pages' }));
    expect(await screen.findByText('elsewhere')).toBeVisible();
  });
});

describe('the preview', () => {
  it('shows the answer for the newest text only, and aborts the older request', async () => {
    let answerFirst = () => {};
    api.handlers['POST /api/v1/admin/preview'] = async call => {
      const { body } = call.body as { body: string };
      if (body === 'North.') await new Promise<void>(resolve => (answerFirst = resolve));
      return { body: { html: `<p>rendered ${body}</p>` } };
    };
    const text = await open('p1');
    await waitFor(() => expect(api.made('POST /api/v1/admin/preview')).toHaveLength(1));
    await userEvent.type(text, ' New.');
    expect(await screen.findByText('rendered North. New.')).toBeVisible();
    expect(api.made('POST /api/v1/admin/preview')[0]?.signal.aborted).toBe(true);
    answerFirst();
    expect(screen.queryByText('rendered North.')).not.toBeInTheDocument();
  });
});
