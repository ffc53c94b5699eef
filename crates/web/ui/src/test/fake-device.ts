import { vi } from 'vitest';

type Answer = Record<string, unknown> | DOMException;

/** Stands in for the browser's passkeys: what it is asked is kept, and it gives `answer` or fails with it. */
export function fakeDevice(answer: Answer) {
  const asked: unknown[] = [];
  const give = async ({ publicKey }: { publicKey: unknown }) => {
    asked.push(publicKey);
    if (answer instanceof DOMException) throw answer;
    return { toJSON: () => answer };
  };
  const same = (options: unknown) => options;
  const parsers = { parseCreationOptionsFromJSON: same, parseRequestOptionsFromJSON: same };
  vi.stubGlobal(
    'PublicKeyCredential',
    Object.assign(() => undefined, parsers),
  );
  vi.stubGlobal('navigator', { ...navigator, credentials: { create: give, get: give } });
  return asked;
}
