import { useQuery } from '@tanstack/react-query';
import { Navigate, Outlet, Route, Routes, useLocation } from 'react-router';
import { isApiError } from '../api/problem';
import { keepStyleTagsOut } from '../ui/no-style-tags';
import { ErrorNotice } from '../ui/notice';
import { Toasts } from '../ui/toast';
import { AccountView } from './account/account-view';
import { AuditView } from './audit/audit-view';
import { FormEditorView } from './forms/form-editor-view';
import { FormsView } from './forms/forms-view';
import { LeadsView } from './leads/leads-view';
import { LibraryView } from './media/library-view';
import { MenuEditorView } from './menus/menu-editor-view';
import { MenusView } from './menus/menus-view';
import { NothingHere } from './nothing-here';
import { BackupsPart } from './operations/backups-part';
import { HealthPart } from './operations/health-part';
import { LogPart } from './operations/log-part';
import { OperationsView } from './operations/operations-view';
import { ServerPart } from './operations/server-part';
import { OutboxView } from './outbox/outbox-view';
import { SamplesView } from './outbox/samples-view';
import { OverviewView } from './overview/overview-view';
import { EditorView } from './pages/editor-view';
import { ListView } from './pages/list-view';
import { TrashView } from './pages/trash-view';
import { PostsView } from './posts/posts-view';
import { accountQuery } from './session/account';
import { FirstView } from './session/first-view';
import { ForgottenView } from './session/forgotten-view';
import { PasswordView } from './session/password-view';
import { SessionEndedDialog } from './session/session-ended-dialog';
import { SignInView } from './session/sign-in-view';
import { SettingsView } from './settings/settings-view';
import { Shell } from './shell/shell';
import { TagsView } from './tags/tags-view';
import { TeamView } from './team/team-view';
import { useWords } from './words/words';

keepStyleTagsOut();

export function AdminApp() {
  // Draws every view anew when the language changes.
  useWords();
  return (
    <>
      <Routes>
        <Route path="admin">
          <Route path="login" element={<SignInView />} />
          <Route path="forgotten" element={<ForgottenView />} />
          <Route path="password" element={<PasswordView />} />
          <Route path="first" element={<FirstView />} />
          <Route element={<RequireAccount />}>
            <Route element={<Shell />}>
              <Route index element={<OverviewView />} />
              <Route path="pages" element={<ListView />} />
              <Route path="pages/:id" element={<EditorView />} />
              <Route path="trash" element={<TrashView />} />
              <Route path="tags" element={<TagsView />} />
              <Route path="menus" element={<MenusView />} />
              <Route path="menus/:id" element={<MenuEditorView />} />
              <Route path="media" element={<LibraryView />} />
              <Route path="account" element={<AccountView />} />
              <Route path="leads" element={<LeadsView />} />
              <Route path="forms" element={<FormsView />} />
              <Route path="forms/:id" element={<FormEditorView />} />
              <Route path="posts" element={<PostsView />} />
              <Route path="outbox" element={<OutboxView />} />
              <Route path="letters" element={<SamplesView />} />
              <Route path="team" element={<TeamView />} />
              <Route path="settings" element={<SettingsView />} />
              <Route path="operations" element={<OperationsView />}>
                <Route index element={<HealthPart />} />
                <Route path="backups" element={<BackupsPart />} />
                <Route path="server" element={<ServerPart />} />
                <Route path="log" element={<LogPart />} />
              </Route>
              <Route path="audit" element={<AuditView />} />
              <Route path="*" element={<NothingHere />} />
            </Route>
          </Route>
        </Route>
      </Routes>
      <SessionEndedDialog />
      <Toasts />
    </>
  );
}

function RequireAccount() {
  const account = useQuery(accountQuery);
  const { pathname, search } = useLocation();
  if (account.data) return <Outlet />;
  if (isApiError(account.error, 'not-signed-in')) {
    const next = pathname + search;
    const query = next === '/admin' ? '' : `?next=${encodeURIComponent(next)}`;
    return <Navigate to={`/admin/login${query}`} replace />;
  }
  if (!account.isError) return null;
  return (
    <main className="mx-auto max-w-lg px-4 py-24">
      <ErrorNotice error={account.error} onRetry={account.refetch} />
    </main>
  );
}
