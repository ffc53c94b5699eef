import { Copy } from 'lucide-react';
import { Button } from '../ui/button';
import { say } from '../ui/toast';
import { words } from './words/words';

/** Something to be taken elsewhere, exactly so: a command into a terminal, a link into a letter. */
export function Copyable({ text }: { text: string }) {
  const said = words().copying;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      say(said.copied);
    } catch {
      // Only over https and on localhost.
      say(said.not_copied, 'danger');
    }
  };
  return (
    <div translate="no" className="flex items-center gap-2 rounded-lg bg-sunken py-1 pr-1 pl-3">
      <code className="min-w-0 flex-1 text-sm break-all">{text}</code>
      <Button
        tone="quiet"
        size="icon"
        aria-label={`${said.copy}: ${text}`}
        onPress={() => void copy()}
      >
        <Copy aria-hidden />
      </Button>
    </div>
  );
}
