import { words } from '../words/words';

/**
 * A letter as programs show it that show HTML: with its own looks and none of the page's, whether that is light or dark.
 * Its links open beside the page.
 */
export function LetterPaper({ html }: { html: string }) {
  return (
    <iframe
      title={words().outbox.letter}
      sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
      srcDoc={undressed(html)}
      onLoad={event => dress(event.currentTarget)}
      className="mt-4 block w-full rounded-lg border border-line bg-[white]"
    />
  );
}

/*
 * The page's content security policy holds in here as well, and knows no styles that stand with the elements: letters
 * have nothing else. They wait under another name, and are put on through the CSSOM, which the policy lets scripts do.
 */
const WAITING = 'data-style';

/** In a text of people the quote would be escaped, so this finds attributes only. */
const undressed = (html: string) => html.replaceAll(' style="', ` ${WAITING}="`);

function dress(frame: HTMLIFrameElement) {
  const inside = frame.contentDocument;
  if (!inside) return;
  for (const element of inside.querySelectorAll<HTMLElement>(`[${WAITING}]`)) {
    element.style.cssText = element.getAttribute(WAITING) ?? '';
  }
  for (const link of inside.links) {
    link.target = '_blank';
    link.rel = 'noopener';
  }
  const border = frame.offsetHeight - frame.clientHeight;
  frame.style.height = `${inside.documentElement.scrollHeight + border}px`;
}
