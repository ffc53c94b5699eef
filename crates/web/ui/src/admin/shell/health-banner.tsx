import { useQuery } from '@tanstack/react-query';
import { featuresQuery } from '../queries';

/** What does not work at the moment, for those who would otherwise find out by trying. Nothing while all is well. */
export function HealthBanner() {
  const { data } = useQuery(featuresQuery);
  const troubled = data?.features.filter(feature => feature.availability !== 'available') ?? [];
  // There from the beginning: a region that comes with its text is not read out by every screen reader.
  return (
    <div role="status" className="px-4 lg:px-8">
      {troubled.length > 0 && (
        <div className="mt-4 rounded-xl border border-danger/25 bg-danger-soft px-4 py-3 text-[0.9375rem]">
          <p className="font-semibold text-danger">Something is not working at the moment</p>
          <ul className="text-ink-soft">
            {troubled.map(({ id, title, availability, still_works }) => (
              <li key={id}>
                {title}: {availability === 'unavailable' ? 'not possible' : 'partly'}
                {still_works && still_works.length > 0 && ` (${still_works.join('; ')})`}
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
