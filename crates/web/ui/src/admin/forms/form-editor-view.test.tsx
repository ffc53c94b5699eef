import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Link, Route, Routes } from 'react-router';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Form, FormEdit } from '../../api/types';
import { dismissToasts } from '../../test/dismiss-toasts';
import { fakeApi, problem } from '../../test/fake-api';
import { renderAt } from '../../test/render-at';
import { Toasts } from '../../ui/toast';
import { chooseLanguage } from '../words/words';
import { FormEditorView } from './form-editor-view';

const READ = 'GET /api/v1/admin/forms/f1';
const SAVE = 'PUT /api/v1/admin/forms/f1';

const FORM: Form = {
  id: 'f1',
  slug: 'contact',
  title: 'Contact',
  kind: 'contact',
  fields: [
    { name: 'email', label: 'E-mail', kind: 'email', required: true, hint: '', options: [] },
    { name: 'name', label: 'Name', kind: 'text', required: false, hint: '', options: [] },
    { name: 'text', label: 'Message', kind: 'long-text', required: true, hint: '', options: [] },
  ],
  notify: [],
  double_opt_in: false,
  thanks: '',
  kept_days: 365,
  open: true,
  leads: 1,
  revision: 1,
  created_at: '2026-11-01T12:00:00Z',
  updated_at: '2026-11-01T12:00:00Z',
};

/** A server with one form that other people may change, too; what it saves, it tidies. */
function server() {
  let form = FORM;
  const change = (to: Partial<Form>) => {
    form = { ...form, ...to, revision: form.revision + 1 };
  };
  const api = fakeApi({
    'GET /api/v1/auth/me': () => ({
      body: { id: 'a', name: 'Ada', email: 'ada@example.com', role: 'editor' },
    }),
    [READ]: () => ({ body: form }),
    [SAVE]: call => {
      if (call.headers.get('if-match') !== `"${form.revision}"`) {
        return problem(412, 'precondition-failed');
      }
      const edit = call.body as FormEdit;
      const fields = edit.fields.map(field => ({ hint: '', options: [], ...field }));
      change({ ...edit, fields, title: edit.title.trim() });
      return { body: form };
    },
  });
  return { ...api, change };
}

let api: ReturnType<typeof server>;

beforeEach(async () => {
  api = server();
  renderAt(
    '/admin/forms/f1',
    <>
      <Routes>
        <Route path="/admin/forms/:id" element={<FormEditorView />} />
        <Route path="*" element={<Link to="/admin/forms/f1">Back to it</Link>} />
      </Routes>
      <Link to="/elsewhere">Leave</Link>
      <Toasts />
    </>,
  );
  await screen.findByLabelText('Heading');
});

afterEach(async () => {
  dismissToasts();
  await chooseLanguage('en');
});

const press = async (name: string) => userEvent.click(await screen.findByRole('button', { name }));

const title = () => screen.getByLabelText('Heading');
const sent = () => api.made(SAVE).map(call => call.body as FormEdit);

it('is saved once it was saved, whatever the server tidied', async () => {
  await userEvent.type(title(), ' us ');
  await press('Save');
  expect(await screen.findByText('The form is saved.')).toBeVisible();
  expect(title()).toHaveValue('Contact us');
  expect(await screen.findByRole('button', { name: 'Save' })).toBeDisabled();
});

it('keeps what was typed while the server answered', async () => {
  const save = api.handlers[SAVE];
  let answer = () => {};
  api.handlers[SAVE] = async call => {
    await new Promise<void>(resolve => (answer = resolve));
    return save ? save(call) : {};
  };
  await userEvent.type(title(), ' us ');
  await press('Save');
  await userEvent.type(title(), 'now');
  answer();
  expect(await screen.findByText('The form is saved.')).toBeVisible();
  expect(title()).toHaveValue('Contact us now');
  expect(await screen.findByRole('button', { name: 'Save' })).toBeEnabled();
});

it('begins with what the server has by now, not with what was seen before', async () => {
  await userEvent.click(screen.getByRole('link', { name: 'Leave' }));
  api.change({ title: 'Theirs' });
  await userEvent.click(screen.getByRole('link', { name: 'Back to it' }));
  expect(await screen.findByLabelText('Heading')).toHaveValue('Theirs');
  await userEvent.type(title(), '!');
  await press('Save');
  expect(await screen.findByText('The form is saved.')).toBeVisible();
  expect(sent()[0]?.title).toBe('Theirs!');
});

it('brings a field back where it stood, and leaves what was done since', async () => {
  await press('Remove: Name');
  await press('Move down: E-mail');
  await press('Undo');
  await press('Save');
  await expect.poll(sent).toHaveLength(1);
  expect(sent()[0]?.fields.map(({ name }) => name)).toEqual(['text', 'name', 'email']);
});

it('says in the language of the page what the server refuses', async () => {
  await chooseLanguage('de');
  const errors = [{ pointer: '/slug', detail: 'Another form has this address.' }];
  api.handlers[SAVE] = () => problem(422, 'invalid', { errors });
  await userEvent.type(title(), '!');
  await press('Speichern');
  expect(await screen.findByText('Diese Adresse hat schon ein anderes Formular.')).toBeVisible();
});

describe('when somebody else was faster', () => {
  beforeEach(async () => {
    api.change({ title: 'Theirs' });
    await userEvent.type(title(), '!');
    await press('Save');
    await screen.findByText('Somebody else changed this form');
  });

  it('takes theirs', async () => {
    await press('Take theirs');
    await expect.poll(() => title()).toHaveValue('Theirs');
    expect(await screen.findByRole('button', { name: 'Save' })).toBeDisabled();
  });

  it('keeps mine', async () => {
    await press('Save mine over it');
    expect(await screen.findByText('The form is saved.')).toBeVisible();
    expect(sent().at(-1)?.title).toBe('Contact!');
  });

  it.each(['Take theirs', 'Save mine over it'])('says that “%s” did not work', async name => {
    delete api.handlers[READ];
    await press(name);
    expect(await screen.findByText(/cannot be reached/)).toBeVisible();
    expect(title()).toHaveValue('Contact!');
    expect(screen.getByText('Somebody else changed this form')).toBeVisible();
  });
});
