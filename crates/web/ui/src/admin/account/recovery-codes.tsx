import { Button } from '../../ui/button';
import { words } from '../words/words';

type Props = { codes: string[]; onKept: () => void };

/** Codes for the day on which phone or passkey is gone. They are shown this once. */
export function RecoveryCodes({ codes, onKept }: Props) {
  const said = words().account.codes;
  return (
    <div role="status">
      <p>{said.text}</p>
      <ul className="my-4 grid max-w-xs grid-cols-2 gap-x-6 gap-y-1 font-mono">
        {codes.map(code => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <Button onPress={onKept}>{said.kept}</Button>
    </div>
  );
}
