import { describe, expect, it } from 'vitest';
import { ApiError, inWords, NetworkError } from './problem';
import { fieldProblems } from './problem-places';

const refused = (status: number, body: unknown, headers = {}) =>
  new ApiError(new Response(null, { status, headers }), body);

describe('inWords', () => {
  it('prefers the sentence of the server', () => {
    const words = inWords(
      refused(409, { code: 'media-in-use', detail: 'The file is shown on: Home.' }),
    );
    expect(words).toEqual({
      title: 'This file is in use',
      detail: 'The file is shown on: Home.',
      canRetry: false,
    });
  });

  it('says how long to wait', () => {
    expect(inWords(refused(429, null, { 'retry-after': '1' })).detail).toBe(
      'Try again in 1 second.',
    );
    expect(inWords(refused(429, null, { 'retry-after': '300' })).detail).toBe(
      'Try again in 5 minutes.',
    );
    expect(inWords(refused(429, null)).detail).toBe('Wait a little and try again.');
  });

  it('blames nobody for a failure of the server, and names the request', () => {
    const words = inWords(refused(500, { code: 'internal', detail: 'secret', request_id: '01JD' }));
    expect(words.detail).toContain('Reference: 01JD');
    expect(words.detail).not.toContain('secret');
    expect(words.canRetry).toBe(true);
  });

  it('survives an answer that is no problem document, as proxies give it', () => {
    expect(inWords(refused(502, '<html>Bad gateway</html>')).title).toBe(
      'The server had a problem',
    );
    expect(inWords(refused(404, undefined)).title).toBe('Not found');
  });

  it('tells a missing network from everything else', () => {
    expect(inWords(new NetworkError()).title).toBe('The server cannot be reached');
    expect(inWords(new Error('bug')).title).toBe('Something went wrong');
  });
});

describe('fieldProblems', () => {
  const error = refused(422, {
    code: 'invalid',
    errors: [
      { pointer: '/slug', detail: 'Taken.' },
      { pointer: '#/title', detail: 'Too long.' },
      { pointer: '/weather', detail: 'Too bad.' },
    ],
  });

  it('gives each field its own and keeps the rest', () => {
    expect(fieldProblems(error, ['title', 'slug'])).toEqual({
      fields: [
        { field: 'slug', detail: 'Taken.' },
        { field: 'title', detail: 'Too long.' },
      ],
      rest: ['Too bad.'],
    });
  });
});
