import { useQuery } from '@tanstack/react-query';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { settingsQuery } from '../queries';
import { ViewBody, ViewHeader } from '../view-header';
import { SettingsForm } from './settings-form';

/** What administrators change while the server runs. */
export function SettingsView() {
  const settings = useQuery(settingsQuery);
  return (
    <ViewBody>
      <ViewHeader title="Settings" />
      {settings.data ? (
        <SettingsForm list={settings.data} />
      ) : settings.isError ? (
        <ErrorNotice error={settings.error} onRetry={settings.refetch} />
      ) : (
        <Loading what="the settings">
          <Bone className="h-64 rounded-xl" />
        </Loading>
      )}
    </ViewBody>
  );
}
