import { StrictMode } from 'react';
import { createRoot, hydrateRoot } from 'react-dom/client';
import { ErrorBoundary } from '../ui/error-boundary';
import { Layout } from './layout';
import { useNavigation } from './navigation';
import { addressNow, firstView, type Shown } from './view';
import { prepare } from './views';

/** Takes over what the server sent; without it (the development server, a failing one) the page asks for the view. */
export async function startSite(root: HTMLElement): Promise<void> {
  const view = firstView();
  if (view) await prepare(view);
  const site = (
    <StrictMode>
      <ErrorBoundary>
        <Site first={{ address: addressNow(), view }} />
      </ErrorBoundary>
    </StrictMode>
  );
  if (view && root.firstElementChild?.className === 'site') hydrateRoot(root, site);
  else createRoot(root).render(site);
}

export function Site({ first }: { first: Shown }) {
  return <Layout {...useNavigation(first)} />;
}
