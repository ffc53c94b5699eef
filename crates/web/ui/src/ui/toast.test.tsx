import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { say, Toasts } from './toast';

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
