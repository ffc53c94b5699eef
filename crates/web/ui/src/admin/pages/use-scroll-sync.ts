import { type RefObject, useRef } from 'react';
import { marksOf, matching } from './scroll-sync';

/** Keeps text and preview at the same place, whichever of them is scrolled. */
export function useScrollSync(
  field: RefObject<HTMLTextAreaElement | null>,
  preview: RefObject<HTMLElement | null>,
) {
  // The one that was moved from here says so, too, and must not move the other back.
  const moved = useRef<HTMLElement | null>(null);
  const known = useRef({ key: '', marks: { field: [0], preview: [0] } });

  const marks = (text: HTMLTextAreaElement, shown: HTMLElement) => {
    const key = [text.clientWidth, text.scrollHeight, shown.scrollHeight, text.value.length].join();
    if (known.current.key !== key) known.current = { key, marks: marksOf(text, shown) };
    return known.current.marks;
  };

  const follow = (leader: 'field' | 'preview') => {
    const [text, shown] = [field.current, preview.current];
    if (!text || !shown) return;
    const [from, to] = leader === 'field' ? [text, shown] : [shown, text];
    if (moved.current === from) {
      moved.current = null;
      return;
    }
    const both = marks(text, shown);
    const [here, there] =
      leader === 'field' ? [both.field, both.preview] : [both.preview, both.field];
    const top = Math.round(matching(from.scrollTop, here, there));
    if (Math.abs(to.scrollTop - top) < 2) return;
    moved.current = to;
    to.scrollTop = top;
  };
  return { onFieldScroll: () => follow('field'), onPreviewScroll: () => follow('preview') };
}
