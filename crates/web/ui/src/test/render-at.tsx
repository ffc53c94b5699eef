import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import type { ReactElement } from 'react';
import { BrowserRouter } from 'react-router';

/** Renders with the providers of main.tsx, as if the address had been typed. */
export function renderAt(path: string, view: ReactElement) {
  history.replaceState(history.state, '', path);
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return render(
    <QueryClientProvider client={queries}>
      <BrowserRouter>{view}</BrowserRouter>
    </QueryClientProvider>,
  );
}
