import { type RefObject, useLayoutEffect, useMemo, useRef } from 'react';

type Props = {
  html: string;
  className?: string;
  lang?: string | undefined;
  ref?: RefObject<HTMLDivElement | null>;
};

/**
 * The only door for HTML that did not come from React. The server renders and sanitises it (pages, previews and
 * search excerpts alike), and the content security policy is the second wall.
 */
export function ServerHtml({ html, ref, ...rest }: Props) {
  const own = useRef<HTMLDivElement>(null);
  const box = ref ?? own;
  // React writes the HTML anew for each new object, even when the text in it is the same.
  const inner = useMemo(() => ({ __html: html }), [html]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each text
  useLayoutEffect(() => {
    if (box.current) makeReachable(box.current);
  }, [html, box]);

  // biome-ignore lint/security/noDangerouslySetInnerHtml: see above
  return <div {...rest} ref={box} dangerouslySetInnerHTML={inner} />;
}

/** What Markdown cannot say: wide blocks scroll by keyboard, and the box of a task is named by its line. */
function makeReachable(box: HTMLElement) {
  for (const block of box.querySelectorAll<HTMLElement>('pre, table')) {
    if (block.scrollWidth > block.clientWidth) block.tabIndex = 0;
  }
  for (const task of box.querySelectorAll('li > input')) {
    task.setAttribute('aria-label', task.parentElement?.textContent.trim() ?? '');
  }
}
