import { lazy, Suspense } from 'react';
import { Route, Routes } from 'react-router';
import { HomeView } from './public/home-view';
import { PublicLayout } from './public/layout';
import { PageView } from './public/page-view';
import { Logo } from './ui/logo';

// Fetched when it is wanted. Visitors never download the admin area.
const AdminApp = lazy(() => import('./admin/admin-app'));
const SearchView = lazy(() => import('./public/search-view'));
const PreviewView = lazy(() => import('./public/preview-view'));
const FormViews = lazy(() => import('./public/form-views'));

export function AppRoutes() {
  return (
    <Routes>
      <Route
        path="/admin/*"
        element={
          <Suspense fallback={<Splash />}>
            <AdminApp />
          </Suspense>
        }
      />
      <Route element={<PublicLayout />}>
        <Route index element={<HomeView />} />
        <Route path="search" element={<SearchView />} />
        <Route path="forms/:slug" element={<FormViews />} />
        <Route path="preview" element={<PreviewView />} />
        <Route path="confirm" element={<FormViews />} />
        <Route path="*" element={<PageView />} />
      </Route>
    </Routes>
  );
}

function Splash() {
  return (
    <div
      className="grid min-h-dvh place-items-center"
      role="status"
      aria-label="Loading the admin area"
    >
      <Logo className="size-10 animate-pulse-calm" />
    </div>
  );
}
