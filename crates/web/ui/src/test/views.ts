import type { PageCard, View } from '../api/types';

/** A view as the server answers it. */
export function viewOf(content: View['content'], fields: Partial<View> = {}): View {
  return {
    status: 200,
    title: '',
    description: '',
    language: 'en',
    canonical: '',
    noindex: false,
    feeds: '',
    menu: [],
    site: { title: 'Site', description: 'About it', language: 'en', languages: [] },
    content,
    ...fields,
  };
}

export const cardOf = (title: string, excerpt: string | null = null): PageCard => ({
  slug: title.toLowerCase(),
  title,
  summary: '',
  author: null,
  published_at: '2026-11-01T12:00:00Z',
  updated_at: '2026-11-01T12:00:00Z',
  tags: [],
  excerpt,
});

export const listOf = (...titles: string[]) => ({
  items: titles.map(title => cardOf(title)),
  next_cursor: null,
});
