import type { Media } from '../../api/types';
import { formatBytes } from '../../ui/format';
import { useWords } from '../words/words';

/** The sizes that a picture comes in: what visitors download. */
export function VariantList({ media }: { media: Media }) {
  const said = useWords().library;
  const { variants, variants_state, variants_reason } = media;
  const rows = [
    ...variants.map(({ preset, ...rest }) => ({ name: preset, ...rest })),
    { ...media, name: said.variant_original, cropped: false },
  ];
  return (
    <>
      {variants_state === 'queued' && <p className="mb-2 text-ink-soft">{said.variants_queued}</p>}
      {variants_state === 'failed' && (
        <p className="mb-2 text-danger">
          {said.variants_failed} {variants_reason}
        </p>
      )}
      <table className="w-full text-sm">
        <tbody className="divide-y divide-line">
          {rows.map(({ name, url, width, height, size_bytes, cropped }) => (
            <tr key={url}>
              <th scope="row" className="py-1.5 text-left font-medium">
                <a href={url} target="_blank" rel="noreferrer" className="hover:underline">
                  {name}
                </a>
                {cropped && (
                  <span className="ml-2 font-normal text-ink-faint">{said.variant_cropped}</span>
                )}
              </th>
              <td className="px-3 text-right text-ink-soft tabular-nums">
                {width && height ? `${width} × ${height}` : ''}
              </td>
              <td className="text-right text-ink-soft tabular-nums">{formatBytes(size_bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
