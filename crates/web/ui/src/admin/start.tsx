import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
// Before the router starts: see there.
import '../ui/history-gate';
import '../styles/admin.css';
import { makeQueryClient } from '../api/queries';
import { ErrorBoundary } from '../ui/error-boundary';
import { AdminApp } from './admin-app';
import { startLanguage } from './words/words';

export async function startAdmin(root: HTMLElement): Promise<void> {
  await startLanguage();
  createRoot(root).render(
    <StrictMode>
      <ErrorBoundary>
        <QueryClientProvider client={makeQueryClient()}>
          <BrowserRouter>
            <AdminApp />
          </BrowserRouter>
        </QueryClientProvider>
      </ErrorBoundary>
    </StrictMode>,
  );
}
