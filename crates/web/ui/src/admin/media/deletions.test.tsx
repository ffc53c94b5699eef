import { act, fireEvent, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Media } from '../../api/types';
import { dismissToasts } from '../../test/dismiss-toasts';
import { fakeApi } from '../../test/fake-api';
import { renderAt } from '../../test/render-at';
import { Toasts } from '../../ui/toast';
import { keepAfterAll, useDeletion, useDoomed } from './deletions';

const FILES = ['a', 'b', 'c'].map(id => ({ id, name: `${id}.jpg` }) as Media);

function Library() {
  const remove = useDeletion();
  const doomed = useDoomed();
  return (
    <>
      <p>seen: {FILES.map(({ id }) => id).filter(id => !doomed.has(id))}</p>
      <button type="button" onClick={() => remove(FILES)}>
        Delete all
      </button>
      <button type="button" onClick={() => remove(FILES.slice(0, 1))}>
        Delete one
      </button>
      <Toasts />
    </>
  );
}

let api: ReturnType<typeof fakeApi>;

beforeEach(() => {
  vi.useFakeTimers();
  const gone = () => ({ status: 204 });
  api = fakeApi(
    Object.fromEntries(FILES.map(({ id }) => [`DELETE /api/v1/admin/media/${id}`, gone])),
  );
  renderAt('/admin/media', <Library />);
});

afterEach(async () => {
  dismissToasts();
  await wait(1_000);
  vi.useRealTimers();
});

const wait = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));
const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));
const deleted = () => api.calls.map(({ path }) => path.at(-1));

it('deletes when the way back has closed, however long it was held open', async () => {
  press('Delete all');
  expect(screen.getByText('seen:')).toBeVisible();
  const toast = screen.getByRole('button', { name: 'Undo' });
  fireEvent.pointerEnter(toast);
  await wait(60_000);
  expect(deleted()).toEqual([]);
  fireEvent.pointerLeave(toast);
  await wait(13_000);
  expect(deleted()).toEqual(['a', 'b', 'c']);
});

it('deletes nothing that was taken back', async () => {
  press('Delete all');
  press('Undo');
  await wait(60_000);
  expect(deleted()).toEqual([]);
  expect(screen.getByText('seen: abc')).toBeVisible();
});

it('keeps a file that is wanted again, until the way back of its next deletion has closed', async () => {
  press('Delete all');
  await wait(6_000);
  act(() => keepAfterAll('a'));
  press('Delete one');
  await wait(7_000);
  expect(deleted()).toEqual(['b', 'c']);
  await wait(6_000);
  expect(deleted()).toEqual(['b', 'c', 'a']);
});

it('deletes what waits when the window is closed', async () => {
  const fetched = vi.fn(async () => new Response());
  vi.stubGlobal('fetch', fetched);
  press('Delete one');
  act(() => void window.dispatchEvent(new Event('pagehide')));
  const options = { method: 'DELETE', keepalive: true };
  expect(fetched.mock.calls).toEqual([['/api/v1/admin/media/a', options]]);
});
