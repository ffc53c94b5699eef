import { words } from '../words/words';

/* Passkeys: what the browser does with the device, from what the server asks to what it is answered. */

/** Whether this browser can make and use passkeys; only over https, and on localhost. */
export const hasPasskeys = (): boolean =>
  typeof PublicKeyCredential === 'function' && 'parseRequestOptionsFromJSON' in PublicKeyCredential;

/** Asks the device for a new key. */
export async function makePasskey(options: object): Promise<Record<string, never>> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as PublicKeyCredentialCreationOptionsJSON,
  );
  return asJson(await navigator.credentials.create({ publicKey }));
}

/** Asks the device to sign, with whichever key its owner chooses. */
export async function signWithPasskey(options: object): Promise<Record<string, never>> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as PublicKeyCredentialRequestOptionsJSON,
  );
  return asJson(await navigator.credentials.get({ publicKey }));
}

/** The API's description says of it only that it is an object. */
function asJson(credential: Credential | null): Record<string, never> {
  return (credential as PublicKeyCredential).toJSON() as Record<string, never>;
}

/** What to say when the browser or the device did not do it; none where something else failed. */
export function deviceProblem(error: unknown): string | undefined {
  if (!(error instanceof DOMException)) return undefined;
  const sentences: Record<string, string> = words().door.device;
  return sentences[error.name] ?? error.message;
}
