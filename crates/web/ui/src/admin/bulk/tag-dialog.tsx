import { X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { TextField } from '../../ui/field';
import { words } from '../words/words';

type Props = {
  title: string;
  /** The tags that some of the chosen things have. */
  had: string[];
  onAdd: (tag: string) => void;
  onRemove: (tag: string) => void;
  onClose: () => void;
};

/** Gives many things a tag, or takes one away. */
export function TagDialog({ title, had, onAdd, onRemove, onClose }: Props) {
  const said = words().bulk;
  const [tag, setTag] = useState('');
  const [error, setError] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = tag.trim();
    if (wanted === '' || wanted.length > 50 || wanted.includes(',')) setError(said.bad_tag);
    else onAdd(wanted);
  };
  return (
    <Dialog isOpen title={title} onClose={onClose}>
      <form onSubmit={submit} noValidate className="mt-4 grid gap-4">
        <TextField
          label={said.new_tag}
          value={tag}
          autoComplete="off"
          autoFocus
          error={error || undefined}
          onChange={event => {
            setTag(event.target.value);
            setError('');
          }}
        />
        <Button type="submit" tone="primary">
          {said.add_tag}
        </Button>
      </form>
      {had.length > 0 && (
        <>
          <p className="mt-5 text-sm font-medium">{said.take_away}</p>
          <ul className="mt-2 flex flex-wrap gap-2">
            {had.map(one => (
              <li key={one}>
                <Button
                  size="small"
                  aria-label={fill(said.take_away_tag, { tag: one })}
                  onPress={() => onRemove(one)}
                >
                  {one} <X aria-hidden />
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
    </Dialog>
  );
}

/** The tags that some of these have, in order. */
export const tagsOf = (things: { tags: string[] }[]): string[] =>
  [...new Set(things.flatMap(({ tags }) => tags))].sort();
