import { beforeEach, expect, it } from 'vitest';
import { innerPath } from './inner-path';

beforeEach(() => history.replaceState(null, '', '/guide'));

function click(html: string, init: MouseEventInit = {}): string | null {
  document.body.innerHTML = html;
  let path: string | null = 'no click';
  document.body.addEventListener(
    'click',
    event => {
      path = innerPath(event);
      event.preventDefault();
    },
    { once: true },
  );
  const target = document.querySelector('b') ?? document.querySelector('a');
  target?.dispatchEvent(
    new MouseEvent('click', { bubbles: true, cancelable: true, button: 0, ...init }),
  );
  return path;
}

it.each([
  ['<a href="/other?x=1#y">a</a>', '/other?x=1#y'],
  ['<a href="other">a</a>', '/other'],
  ['<a href="/other"><b>inside</b></a>', '/other'],
  ['<a href="/guide">the same page</a>', '/guide'],
  ['<a href="#part">a part of this page</a>', null],
  ['<a href="https://example.org/">elsewhere</a>', null],
  ['<a href="/media/ab/file.pdf">a file</a>', null],
  ['<a href="/other" target="_blank">a new tab</a>', null],
  ['<a href="/other" download>a download</a>', null],
  ['<a>no address</a>', null],
])('%s → %s', (html, path) => expect(click(html)).toBe(path));

it('leaves clicks with a modifier to the browser', () => {
  expect(click('<a href="/other">a</a>', { ctrlKey: true })).toBeNull();
  expect(click('<a href="/other">a</a>', { button: 1 })).toBeNull();
});
