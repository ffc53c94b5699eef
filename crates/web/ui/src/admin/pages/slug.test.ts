import { describe, expect, it } from 'vitest';
import { slugProblem, suggestSlug } from './slug';

describe('suggestSlug', () => {
  it.each([
    ['Über uns & mehr', 'uber-uns-mehr'],
    ['  Straße, Smørrebrød, Łódź ', 'strasse-smorrebrod-lodz'],
    ["What's new?", 'whats-new'],
    ['C’est l’été', 'cest-lete'],
    ['1984', '1984'],
    ['Привет', ''],
    ['—', ''],
  ])('%s → %s', (title, slug) => expect(suggestSlug(title)).toBe(slug));

  it('breaks a long title between words', () => {
    const slug = suggestSlug('word '.repeat(40));
    expect(slug.length).toBeLessThanOrEqual(80);
    expect(slug.endsWith('word')).toBe(true);
  });

  it('cuts one endless word', () => {
    expect(suggestSlug('x'.repeat(200))).toHaveLength(80);
  });
});

describe('slugProblem', () => {
  it.each(['', 'about', 'guides/backup', 'a-b/c-1'])('accepts “%s”', slug =>
    expect(slugProblem(slug)).toBe(true),
  );
  it.each(['About', 'a b', '-a', 'a-', 'a//b', '/a', 'ä'])('refuses “%s”', slug =>
    expect(slugProblem(slug)).toMatch(/small letters/),
  );
  it('keeps away from addresses of the server', () => {
    expect(slugProblem('admin/x')).toMatch(/“admin”/);
    expect(slugProblem('administration')).toBe(true);
  });
});
