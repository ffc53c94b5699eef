import { Download } from 'lucide-react';
import { buttonClass } from '../../ui/button-class';
import { words } from '../words/words';

/** The site as a folder, to be taken along: what a backup is not. */
export function SiteExport() {
  const said = words().operations.site_export;
  return (
    <section className="mt-6 flex flex-wrap items-center justify-between gap-x-6 gap-y-3 rounded-xl border border-line bg-surface px-5 py-4 shadow-card">
      <div className="min-w-0 flex-1 basis-64">
        <h2 className="font-semibold">{said.title}</h2>
        <p className="mt-0.5 text-ink-soft">{said.about}</p>
      </div>
      <a className={buttonClass()} href="/api/v1/admin/export" download>
        <Download aria-hidden /> {said.download}
      </a>
    </section>
  );
}
