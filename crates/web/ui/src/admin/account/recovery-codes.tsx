import { Button } from '../../ui/button';

type Props = { codes: string[]; onKept: () => void };

/** Codes for the day on which phone or passkey is gone. They are shown this once. */
export function RecoveryCodes({ codes, onKept }: Props) {
  return (
    <div role="status">
      <p>
        Keep these codes where you find them without your phone. Each signs you in once, together
        with your password. They are not shown again.
      </p>
      <ul className="my-4 grid max-w-xs grid-cols-2 gap-x-6 gap-y-1 font-mono">
        {codes.map(code => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <Button onPress={onKept}>I kept them</Button>
    </div>
  );
}
