import { useId } from 'react';
import type { SocialNetwork } from '../../api/types';
import { FieldNote, INPUT } from '../../ui/field';
import { words } from '../words/words';

const NETWORKS: SocialNetwork[] = ['mastodon', 'linkedin', 'x'];

type NetworksProps = {
  networks: SocialNetwork[];
  error: string | undefined;
  onChange: (networks: SocialNetwork[]) => void;
};

/** Where a post goes. */
export function NetworksField({ networks, error, onChange }: NetworksProps) {
  const id = useId();
  return (
    <fieldset>
      <legend className="mb-1.5 text-sm font-medium text-ink-soft">{words().posts.networks}</legend>
      <div className="flex flex-wrap gap-2">
        {NETWORKS.map(network => (
          <label
            key={network}
            className="flex cursor-pointer items-center gap-2 rounded-lg border border-line-strong px-3 py-1.5 has-checked:border-accent has-checked:bg-accent-soft has-checked:text-accent-strong"
          >
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={networks.includes(network)}
              onChange={event =>
                onChange(
                  NETWORKS.filter(one =>
                    one === network ? event.target.checked : networks.includes(one),
                  ),
                )
              }
            />
            {words().outbox.kinds[network]}
          </label>
        ))}
      </div>
      <FieldNote id={id} error={error} />
    </fieldset>
  );
}

type TextProps = { text: string; error: string | undefined; onChange: (text: string) => void };

/** What a post says. */
export function PostTextField({ text, error, onChange }: TextProps) {
  const said = words().posts;
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block text-sm font-medium text-ink-soft">
        {said.text}
      </label>
      <textarea
        id={id}
        rows={6}
        maxLength={5000}
        placeholder={said.text_hint}
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? `${id}-note` : undefined}
        className={`${INPUT} field-sizing-content min-h-36 py-2`}
        value={text}
        onChange={event => onChange(event.target.value)}
      />
      <FieldNote id={`${id}-note`} error={error} />
    </div>
  );
}
