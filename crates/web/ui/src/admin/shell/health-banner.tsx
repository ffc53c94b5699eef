import { useQuery } from '@tanstack/react-query';
import type { Feature } from '../../api/types';
import { fill } from '../../i18n/language';
import { otherNameOfFeature } from '../operations/names';
import { featuresQuery } from '../queries';
import { words } from '../words/words';

/** What does not work at the moment, for those who would otherwise find out by trying. Nothing while all is well. */
export function HealthBanner() {
  const { data } = useQuery(featuresQuery);
  const troubled = data?.features.filter(feature => feature.availability !== 'available') ?? [];
  // There from the beginning: a region that comes with its text is not read out by every screen reader.
  return (
    <div role="status" className="px-4 lg:px-8">
      {troubled.length > 0 && (
        <div className="mt-4 rounded-xl border border-danger/25 bg-danger-soft px-4 py-3 text-[0.9375rem]">
          <p className="font-semibold text-danger">{words().features.title}</p>
          <ul className="text-ink-soft">
            {troubled.map(feature => (
              <li key={feature.id}>{inWords(feature)}</li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

function inWords({ id, title, availability, still_works }: Feature): string {
  const said = words().features;
  const feature = otherNameOfFeature(id) ?? title;
  if (availability === 'unavailable') return fill(said.unavailable, { feature });
  const works = still_works?.join('; ');
  return works ? fill(said.still, { feature, works }) : fill(said.degraded, { feature });
}
