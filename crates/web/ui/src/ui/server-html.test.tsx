import { render, screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { ServerHtml } from './server-html';

it('names the boxes of a task list, and keeps the elements while the text stays the same', () => {
  const html = '<ul><li><input type="checkbox" disabled> <b>wind</b> the coil</li></ul>';
  const { rerender } = render(<ServerHtml html={html} lang="en" />);
  const box = screen.getByRole('checkbox', { name: 'wind the coil' });
  rerender(<ServerHtml html={html} lang="de" />);
  expect(screen.getByRole('checkbox', { name: 'wind the coil' })).toBe(box);
});
