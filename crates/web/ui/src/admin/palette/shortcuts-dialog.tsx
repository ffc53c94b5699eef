import { useQuery } from '@tanstack/react-query';
import { Dialog } from '../../ui/dialog';
import { accountQuery, may } from '../session/account';
import { PLACES } from '../shell/places';
import { words } from '../words/words';
import { COMMAND_KEY } from './shortcuts';
import { SingleKeysField } from './single-keys-field';

/** Every key there is to know. */
export function ShortcutsDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { shortcuts, shortcuts_of: said } = words().palette;
  const { data: account } = useQuery(accountQuery);
  const everywhere: [string, string[]][] = [
    [said.palette, [COMMAND_KEY, 'K']],
    [said.shortcuts, ['?']],
    [said.close, ['Esc']],
  ];
  const editor: [string, string[]][] = [
    [said.save, [COMMAND_KEY, 'S']],
    [said.bold, [COMMAND_KEY, 'B']],
    [said.italic, [COMMAND_KEY, 'I']],
    [said.link, [COMMAND_KEY, 'K']],
  ];
  const places = PLACES.filter(({ least }) => may(account?.role, least)).map(
    ({ label, key }): [string, string[]] => [words().shell.places[label], ['G', key.toUpperCase()]],
  );
  return (
    <Dialog wide title={shortcuts} isOpen={isOpen} onClose={onClose}>
      <div className="grid gap-x-10 gap-y-6 sm:grid-cols-2">
        <div className="grid content-start gap-6">
          <Keys title={said.everywhere} keys={everywhere} />
          <Keys title={said.editor} keys={editor} />
        </div>
        <Keys title={said.go} keys={places} />
      </div>
      <div className="mt-6 border-t border-line pt-5">
        <SingleKeysField />
      </div>
    </Dialog>
  );
}

function Keys({ title, keys }: { title: string; keys: [string, string[]][] }) {
  return (
    <section>
      <h3 className="mb-1 text-sm font-semibold text-ink">{title}</h3>
      <dl>
        {keys.map(([what, pressed]) => (
          <div key={what} className="flex items-center justify-between gap-4 py-1.5">
            <dt className="min-w-0">{what}</dt>
            <dd className="flex shrink-0 gap-1">
              {pressed.map(key => (
                <kbd
                  key={key}
                  className="min-w-7 rounded-md border border-line-strong bg-sunken px-1.5 py-0.5 text-center font-sans text-sm text-ink"
                >
                  {key}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
