/** An address in readable form. What is no valid escape stays as it was typed: `100%` is an address like any other. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
