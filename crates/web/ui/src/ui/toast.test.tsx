import { act, fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import { dismissToasts } from '../test/dismiss-toasts';
import { say, Toasts } from './toast';

afterEach(() => {
  dismissToasts();
  vi.useRealTimers();
});

it('takes back what was done last by key, and nothing while somebody types', async () => {
  const [first, last] = [vi.fn(), vi.fn()];
  render(
    <>
      <input aria-label="Name" />
      <Toasts />
    </>,
  );
  say('One.', 'good', { undo: first });
  say('Two.', 'good', { undo: last });
  await screen.findByText('Two.');
  await userEvent.click(screen.getByLabelText('Name'));
  await userEvent.keyboard('{Control>}z{/Control}');
  expect([first, last].map(undo => undo.mock.calls.length)).toEqual([0, 0]);
  await userEvent.click(document.body);
  await userEvent.keyboard('{Control>}z{/Control}');
  expect([first, last].map(undo => undo.mock.calls.length)).toEqual([0, 1]);
  expect(screen.queryByText('Two.')).toBeNull();
  await userEvent.keyboard('{Control>}z{/Control}');
  expect(first).toHaveBeenCalledOnce();
});

it('keeps the way back open while it is pointed at or in focus, and then for as long again', () => {
  vi.useFakeTimers();
  const [undo, onClosed] = [vi.fn(), vi.fn()];
  render(<Toasts />);
  act(() => say('Gone.', 'good', { undo, onClosed }));
  const toast = screen.getByText('Gone.');
  const wait = (ms: number) => act(() => vi.advanceTimersByTime(ms));
  wait(11_000);
  fireEvent.pointerEnter(toast);
  wait(60_000);
  fireEvent.pointerLeave(toast);
  wait(11_000);
  act(() => screen.getByRole('button', { name: 'Undo' }).focus());
  wait(60_000);
  act(() => screen.getByRole('button', { name: 'Dismiss' }).focus());
  wait(60_000);
  expect(onClosed).not.toHaveBeenCalled();
  act(() => screen.getByRole('button', { name: 'Dismiss' }).blur());
  wait(11_000);
  expect(toast).toBeInTheDocument();
  wait(1_000);
  expect(toast).not.toBeInTheDocument();
  expect([undo, onClosed].map(done => done.mock.calls.length)).toEqual([0, 1]);
});

it('lets newer ones push none out that has a way back', () => {
  const [undo, onClosed] = [vi.fn(), vi.fn()];
  render(<Toasts />);
  act(() => {
    say('Gone.', 'good', { undo, onClosed });
    for (const text of ['One.', 'Two.', 'Three.', 'Four.']) say(text);
  });
  expect(screen.queryByText('One.')).toBeNull();
  expect(screen.getByText('Four.')).toBeVisible();
  fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
  expect([undo, onClosed].map(done => done.mock.calls.length)).toEqual([1, 0]);
});
