import { useQuery } from '@tanstack/react-query';
import { ClipboardList, Plus } from 'lucide-react';
import { Link } from 'react-router';
import type { Form } from '../../api/types';
import { counted } from '../../i18n/language';
import { buttonClass } from '../../ui/button-class';
import { ErrorNotice } from '../../ui/notice';
import { Bone, Loading } from '../../ui/skeleton';
import { formsQuery } from '../queries';
import { useMay } from '../session/use-may';
import { ViewBody, ViewHeader } from '../view-header';
import { words } from '../words/words';

/** The forms that the team defined. */
export function FormsView() {
  const said = words().forms;
  const forms = useQuery(formsQuery);
  const mayWrite = useMay('editor');
  return (
    <ViewBody>
      <ViewHeader title={said.title}>
        {mayWrite && (
          <Link to="/admin/forms/new" className={buttonClass('primary')}>
            <Plus aria-hidden /> {said.new}
          </Link>
        )}
      </ViewHeader>
      {forms.isError ? (
        <ErrorNotice error={forms.error} onRetry={forms.refetch} />
      ) : !forms.data ? (
        <Loading what={said.the_forms}>
          <Bone className="h-40 rounded-xl" />
        </Loading>
      ) : forms.data.length === 0 ? (
        <div className="rounded-xl border border-dashed border-line-strong px-6 py-14 text-center">
          <ClipboardList aria-hidden className="mx-auto mb-3 size-8 text-ink-faint" />
          <p className="font-semibold">{said.nothing}</p>
          <p className="mt-1 text-ink-soft">{said.nothing_text}</p>
        </div>
      ) : (
        <ul
          aria-label={said.title}
          className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface shadow-card"
        >
          {forms.data.map(form => (
            <Row key={form.id} form={form} />
          ))}
        </ul>
      )}
    </ViewBody>
  );
}

function Row({ form }: { form: Form }) {
  const said = words().forms;
  return (
    <li className="relative flex items-center gap-4 px-4 py-3.5 hover:bg-sunken md:px-5">
      <div className="min-w-0 flex-1">
        <Link
          to={`/admin/forms/${form.id}`}
          className="block truncate font-medium after:absolute after:inset-0 after:content-['']"
        >
          {form.title}
        </Link>
        <p className="truncate text-sm text-ink-faint">
          {`${said.kinds[form.kind]}, /forms/${form.slug}`}
        </p>
      </div>
      <Link
        to={`/admin/leads?form=${form.id}`}
        className="relative z-1 text-sm whitespace-nowrap text-accent hover:underline max-xs:hidden"
      >
        {counted(said.leads, form.leads)}
      </Link>
      <span
        className={`rounded-full px-2.5 py-0.5 text-xs font-semibold whitespace-nowrap ${form.open ? 'bg-good-soft text-good' : 'bg-sunken text-ink-soft'}`}
      >
        {form.open ? said.open : said.closed}
      </span>
    </li>
  );
}
