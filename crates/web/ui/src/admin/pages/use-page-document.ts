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

type Hooks = {
  initial: SavedPage | null;
  /** After each answer of the server; `sent` is what was asked to be saved. */
  onSaved: (saved: SavedPage, sent: Draft, step: Step) => void;
  onDeleted: () => void;
  onFailed: (error: unknown) => void;
};

/**
 * The life of one page in the editor: what the server last confirmed, what is under way, and the conflict when
 * someone else saved in between. The text itself belongs to the form and is never touched from here.
 */
export function usePageDocument({ initial, onSaved, onDeleted, onFailed }: Hooks) {
  const [saved, setSaved] = useState(initial);
  const [running, setRunning] = useState<Step | null>(null);
  const [conflict, setConflict] = useState<Step | null>(null);

  async function perform(step: Step, draft: Draft, base: SavedPage | null) {
    if (step === 'delete') {
      if (base) await deletePage(base);
      onDeleted();
      return;
    }
    let current = base;
    const keep = (next: SavedPage) => {
      current = next;
      setSaved(next);
    };
    // Each answer is kept at once: when publishing fails after saving, the next attempt starts from the new version.
    if (step === 'save' || step === 'publish') {
      if (!current) keep(await createPage(draft));
      else if (!sameDraft(draft, draftOf(current.page))) keep(await updatePage(current, draft));
    }
    if (current && step === 'publish') keep(await publishPage(current));
    if (current && step === 'discard') keep(await discardDraft(current));
    if (current && step === 'unpublish') keep(await unpublishPage(current));
    if (current) onSaved(current, draft, step);
  }

  async function attempt(step: Step, work: () => Promise<void>) {
    if (running) return;
    setRunning(step);
    setConflict(null);
    try {
      await work();
    } catch (error) {
      if (isApiError(error, 'precondition-failed')) setConflict(step);
      else onFailed(error);
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
    run: (step: Step, draft: Draft) => attempt(step, () => perform(step, draft, saved)),
    /** Does what was refused on top of the other person's version. */
    overwrite: (draft: Draft) =>
      attempt(conflict ?? 'save', async () => {
        if (!saved || !conflict) return;
        const theirs = await fetchPage(saved.page.id);
        setSaved(theirs);
        await perform(conflict, draft, theirs);
      }),
    /** Takes over the other person's version; the caller fills the form with it. */
    loadTheirs: (fill: (theirs: SavedPage) => void) =>
      attempt('save', async () => {
        if (!saved) return;
        const theirs = await fetchPage(saved.page.id);
        setSaved(theirs);
        fill(theirs);
      }),
    dismissConflict: () => setConflict(null),
  };
}
