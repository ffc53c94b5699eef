import { fireEvent, screen } from '@testing-library/react';

/** Toasts outlive the view that said them; what one test said must not be found by the next. */
export function dismissToasts(): void {
  for (const button of screen.queryAllByRole('button', { name: 'Dismiss' }))
    fireEvent.click(button);
}
