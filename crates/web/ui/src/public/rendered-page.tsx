import { useEffect, useRef } from 'react';
import { useNavigate } from 'react-router';
import { decoded } from '../ui/decoded';
import { innerPath } from '../ui/inner-path';
import { ServerHtml } from '../ui/server-html';

type Props = { html: string; lang: string | undefined };

/** The body of a published page. Links to other pages of the site are followed without loading everything anew. */
export function RenderedPage({ html, lang }: Props) {
  const ref = useRef<HTMLDivElement>(null);
  const navigate = useNavigate();

  useEffect(() => {
    const body = ref.current;
    const follow = (event: MouseEvent) => {
      const path = innerPath(event);
      if (path === null) return;
      event.preventDefault();
      navigate(path);
    };
    body?.addEventListener('click', follow);
    return () => body?.removeEventListener('click', follow);
  }, [navigate]);

  // The browser looked for the anchor before the text was there.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each text
  useEffect(() => {
    const id = decoded(location.hash.slice(1));
    if (id) document.getElementById(id)?.scrollIntoView();
  }, [html]);

  return <ServerHtml ref={ref} className="prose" lang={lang} html={html} />;
}
