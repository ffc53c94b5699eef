import type { Ref } from 'react';

type Props = {
  html: string;
  className?: string;
  lang?: string | undefined;
  ref?: Ref<HTMLDivElement>;
};

/**
 * The only door for HTML that did not come from React. The server renders and sanitises it (pages, previews and
 * search excerpts alike), and the content security policy is the second wall.
 */
export function ServerHtml({ html, ...rest }: Props) {
  // biome-ignore lint/security/noDangerouslySetInnerHtml: see above
  return <div {...rest} dangerouslySetInnerHTML={{ __html: html }} />;
}
