import { SingleKeysField } from '../palette/single-keys-field';
import { words } from '../words/words';
import { Section } from './section';

/** Which keys are heard, in this browser. */
export function KeyboardSection() {
  return (
    <Section title={words().palette.shortcuts}>
      <SingleKeysField />
    </Section>
  );
}
