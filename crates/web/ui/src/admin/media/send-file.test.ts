import { expect, it } from 'vitest';
import { isWorthAnother } from './send-file';

const refused = (status: number, code = '') => ({
  originalResponse: {
    getStatus: () => status,
    getBody: () => JSON.stringify({ code }),
    getHeader: () => '',
    getUnderlyingObject: () => null,
  },
});
const NO_ANSWER = { originalResponse: null };

it('tries again for hours where nothing answers', () => {
  expect(isWorthAnother(NO_ANSWER, 0)).toBe(true);
  expect(isWorthAnother(NO_ANSWER, 1_000)).toBe(true);
});

it.each([423, 429, 500, 502, 503])('tries a few times after %i', status => {
  expect([isWorthAnother(refused(status), 0), isWorthAnother(refused(status), 100)]).toEqual([
    true,
    false,
  ]);
});

it('asks where to go on when the server has more or less than was thought', () => {
  expect(isWorthAnother(refused(409, 'upload-offset'), 0)).toBe(true);
  expect(isWorthAnother(refused(409, 'media-replaced'), 0)).toBe(false);
});

it.each([400, 401, 404, 413, 415, 507])('takes %i for an answer', status => {
  expect(isWorthAnother(refused(status), 0)).toBe(false);
});
