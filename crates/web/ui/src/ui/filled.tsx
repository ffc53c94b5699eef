import { Fragment, type ReactNode } from 'react';

/** As `fill`, with elements in the places. */
export function Filled({ text, values }: { text: string; values: Record<string, ReactNode> }) {
  const parts = text.split(/\{(\w+)\}/);
  // Texts and names alternate, and each stands where it stands.
  return parts.map((part, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: see above
    <Fragment key={at}>{at % 2 === 1 ? values[part] : part}</Fragment>
  ));
}
