import { useState } from 'react';
import { isApiError } from '../../api/problem';
import {
  createPage,
  type Draft,
  deletePage,
  discardDraft,
  draftOf,
  fetchPage,
  publishPage,
  type SavedPage,
  sameDraft,
  unpublishPage,
  updatePage,
} from './saved-page';

export type Step = 'save' | 'publish' | 'discard' | 'unpublish' | 'delete';

/** Changes the page beside its text, on top of what the server last confirmed. What it refuses is the caller's to show. */
export type Apply = (work: (base: SavedPage) => Promise<SavedPage>) => Promise<SavedPage>;

/** What was done: `before` is what the server had when it began, with what was typed since. */
export type Done = { step: Step; sent: Draft; before: SavedPage | null; byItself: boolean };

type Hooks = {
  initial: SavedPage | null;
  /** After each answer of the server. */
  onSaved: (saved: SavedPage, done: Done) => void;
  onDeleted: (page: SavedPage) => void;
  onFailed: (error: unknown, byItself: boolean) => void;
};

/**
 * The life of one page in the editor: what the server last confirmed, what is under way, and the conflict when
 * someone else saved in between. The text itself belongs to the form and is never touched from here.
 */
export function usePageDocument({ initial, onSaved, onDeleted, onFailed }: Hooks) {
  const [saved, setSaved] = useState(initial);
  const [sent, setSent] = useState<Draft | null>(null);
  const [running, setRunning] = useState<Step | null>(null);
  const [conflict, setConflict] = useState<Step | null>(null);
  // Somebody else saved, and it was not decided yet what becomes of it.
  const [behind, setBehind] = useState(false);

  async function perform(step: Step, draft: Draft, base: SavedPage | null, byItself: boolean) {
    let current = base;
    const keep = (next: SavedPage) => {
      current = next;
      setSaved(next);
    };
    // Each answer is kept at once: when publishing fails after saving, the next attempt starts from the new version.
    // What is discarded or deleted is saved before, so that the way back leads to all of it.
    if (!current && step !== 'delete') keep(await createPage(draft));
    else if (current && step !== 'unpublish' && !sameDraft(draft, draftOf(current.page))) {
      keep(await updatePage(current, draft, byItself));
    }
    setSent(draft);
    if (!current) return;
    const before = current;
    if (step === 'delete') {
      await deletePage(before);
      onDeleted(before);
      return;
    }
    if (step === 'publish') keep(await publishPage(before));
    if (step === 'discard') keep(await discardDraft(before));
    if (step === 'unpublish') keep(await unpublishPage(before));
    onSaved(current, { step, sent: draft, before, byItself });
  }

  /** Whether it was done. */
  async function attempt(step: Step, work: () => Promise<void>, byItself = false) {
    if (running) return false;
    setRunning(step);
    setConflict(null);
    try {
      await work();
      setBehind(false);
      return true;
    } catch (error) {
      if (isApiError(error, 'precondition-failed')) {
        setConflict(step);
        setBehind(true);
      } else onFailed(error, byItself);
      return false;
    } finally {
      setRunning(null);
    }
  }

  const apply: Apply = async work => {
    if (!saved || running) throw new Error('the page is not saved, or is being saved');
    setRunning('save');
    try {
      const next = await work(saved);
      setSaved(next);
      setSent(null);
      return next;
    } catch (error) {
      if (isApiError(error, 'precondition-failed')) setConflict('save');
      throw error;
    } finally {
      setRunning(null);
    }
  };

  return {
    apply,
    saved,
    running,
    conflict,
    behind,
    /** Whether the server has this; it may have tidied it. */
    has: (draft: Draft) =>
      sameDraft(draft, draftOf(saved?.page)) || (sent !== null && sameDraft(draft, sent)),
    run: (step: Step, draft: Draft, byItself = false) =>
      attempt(step, () => perform(step, draft, saved, byItself), byItself),
    /** Does what was refused on top of the other person's version. */
    overwrite: (draft: Draft) =>
      attempt(conflict ?? 'save', async () => {
        if (!saved || !conflict) return;
        const theirs = await fetchPage(saved.page.id);
        setSaved(theirs);
        await perform(conflict, draft, theirs, false);
      }),
    /** Takes over what the server has by now; the caller fills the form with it. */
    load: (fill: (now: SavedPage) => void, fetch = fetchPage) =>
      attempt('save', async () => {
        if (!saved) return;
        const now = await fetch(saved.page.id);
        setSaved(now);
        setSent(null);
        fill(now);
      }),
    dismissConflict: () => setConflict(null),
  };
}
