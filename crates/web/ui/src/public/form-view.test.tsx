import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import type { PublicForm } from '../api/types';
import { fakeApi, problem } from '../test/fake-api';
import { FormView } from './form-view';

const SEND = 'POST /api/v1/forms/contact/leads';
const FORM: PublicForm = {
  slug: 'contact',
  title: 'Contact',
  kind: 'contact',
  double_opt_in: true,
  token: 'one',
  fields: [
    { name: 'email', label: 'E-mail', kind: 'email', required: true },
    { name: 'topic', label: 'Topic', kind: 'choice', options: ['Sales', 'Help'] },
    { name: 'terms', label: 'I agree', kind: 'consent', required: true },
  ],
};

function show(handlers: Parameters<typeof fakeApi>[0]) {
  const server = fakeApi({ 'GET /api/v1/forms/contact': () => ({ body: FORM }), ...handlers });
  render(<FormView form={FORM} />);
  return server;
}

async function fill() {
  await userEvent.type(await screen.findByLabelText('E-mail'), 'vi@example.com');
  await userEvent.selectOptions(screen.getByLabelText('Topic (optional)'), 'Help');
  await userEvent.click(screen.getByLabelText('I agree'));
  await userEvent.click(screen.getByRole('button', { name: 'Send' }));
}

it('sends what was answered, and thanks', async () => {
  const server = show({
    [SEND]: () => ({ status: 202, body: { html: '<p>We answer soon.</p>', to_confirm: true } }),
  });
  await fill();
  expect(await screen.findByRole('status')).toHaveTextContent('We answer soon.');
  expect(screen.getByRole('status')).toHaveTextContent('confirm your address');
  const answers = { email: 'vi@example.com', topic: 'Help', terms: true };
  expect(server.made(SEND)[0]?.body).toEqual({ token: 'one', answers, website: '' });
});

it('gives what the form gives, in the words of the team', async () => {
  const html = '<p>Read it <strong>first</strong>.</p>';
  const given = { html, to_confirm: false, link: '/media/guide.pdf', starts_at: null };
  show({ [SEND]: () => ({ status: 202, body: given }) });
  await fill();
  expect((await screen.findByText('first')).tagName).toBe('STRONG');
  expect(screen.getByRole('link', { name: 'Download' })).toHaveAttribute(
    'href',
    '/media/guide.pdf',
  );
});

it('says beside each field what does not fit, and keeps what was typed', async () => {
  const errors = [{ pointer: '/answers/email', detail: 'In the words of the server.' }];
  show({ [SEND]: () => problem(422, 'invalid', { errors }) });
  await fill();
  expect(
    await screen.findByText('This is no e-mail address, as in ana@example.com.'),
  ).toBeVisible();
  expect(screen.getByLabelText('E-mail')).toHaveValue('vi@example.com');
  expect(screen.getByLabelText('E-mail')).toHaveFocus();
  expect(screen.queryByRole('alert')).not.toBeInTheDocument();
});

it('says that no new token came, and can be sent again', async () => {
  const server = show({ [SEND]: () => problem(410, 'form-expired') });
  const token = 'GET /api/v1/forms/contact';
  const { [token]: answer } = server.handlers;
  delete server.handlers[token];
  await fill();
  expect(await screen.findByRole('alert')).toHaveTextContent('cannot be reached');
  expect(screen.getByLabelText('E-mail')).toHaveValue('vi@example.com');
  if (answer) server.handlers[token] = answer;
  server.handlers[SEND] = () => ({ status: 202, body: { html: '', to_confirm: false } });
  await userEvent.click(screen.getByRole('button', { name: 'Send' }));
  expect(await screen.findByRole('status')).toHaveTextContent('Thank you.');
});

it('takes a new token after a day and sends again by itself, no sooner than people do', async () => {
  const times: number[] = [];
  const server = show({
    'GET /api/v1/forms/contact': () => {
      times.push(Date.now());
      return { body: { ...FORM, token: 'two' } };
    },
    [SEND]: call => {
      if ((call.body as { token: string }).token === 'one') return problem(410, 'form-expired');
      times.push(Date.now());
      return { status: 202, body: { html: '', to_confirm: false } };
    },
  });
  await fill();
  const thanks = await screen.findByRole('status', {}, { timeout: 15_000 });
  expect(thanks).toHaveTextContent('Thank you.');
  const [fetched, sent] = times as [number, number];
  expect(sent - fetched).toBeGreaterThan(2_000);
  const [first, second] = server.made(SEND).map(call => call.body);
  expect(second).toEqual({ ...(first as object), token: 'two' });
});
