import { useQuery } from '@tanstack/react-query';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { settingsQuery } from '../queries';
import { ViewBody, ViewHeader } from '../view-header';
import { words } from '../words/words';
import { SettingsForm } from './settings-form';
import { TestLetter } from './test-letter';

/** What administrators change while the server runs. */
export function SettingsView() {
  const said = words().settings;
  const settings = useQuery(settingsQuery);
  return (
    <ViewBody>
      <ViewHeader title={said.title} />
      {settings.data ? (
        <div className="grid max-w-3xl gap-6">
          <TestLetter />
          <SettingsForm list={settings.data} />
        </div>
      ) : settings.isError ? (
        <ErrorNotice error={settings.error} onRetry={settings.refetch} />
      ) : (
        <Loading what={said.the_settings}>
          <Bone className="h-64 rounded-xl" />
        </Loading>
      )}
    </ViewBody>
  );
}
