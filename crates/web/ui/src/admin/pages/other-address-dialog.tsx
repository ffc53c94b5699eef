import { type FormEvent, useState } from 'react';
import type { TrashedPage } from '../../api/types';
import { fill } from '../../i18n/language';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { TextField } from '../../ui/field';
import { words } from '../words/words';

type Props = {
  page: TrashedPage;
  /** Why the address that was asked for last cannot be had. */
  problem: string | undefined;
  isBusy: boolean;
  onChosen: (slug: string) => void;
  onClose: () => void;
};

/** Asks where a page comes back that cannot have the address it had. */
export function OtherAddressDialog({ page, problem, isBusy, onChosen, onClose }: Props) {
  const said = words().pages.trashed;
  const [typed, setTyped] = useState(page.slug);
  const [asked, setAsked] = useState(page.slug);
  const slug = typed.trim();
  const refusal = slug === asked ? problem : undefined;
  const canAsk = !isBusy && slug !== '' && !refusal;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!canAsk) return;
    setAsked(slug);
    onChosen(slug);
  };
  return (
    <Dialog isOpen title={fill(said.elsewhere_title, { title: page.title })} onClose={onClose}>
      <form onSubmit={submit} noValidate className="grid gap-4">
        <p>{said.elsewhere_text}</p>
        <TextField
          label={said.address}
          maxLength={200}
          autoComplete="off"
          autoFocus
          value={typed}
          error={refusal}
          onChange={event => setTyped(event.target.value)}
        />
        <div className="flex justify-end gap-2">
          <Button onPress={onClose}>{words().asking.cancel}</Button>
          <Button type="submit" tone="primary" isDisabled={!canAsk}>
            {said.bring_back}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
