import { ApiError, inWords, translated } from './problem';

/* Where a failure is shown: in one line, or beside a field. Visitors who only read never need it. */

/** The same in one line, for places that have no room for a heading. */
export function inOneLine(error: unknown): string {
  const { title, detail } = inWords(error);
  return [title, detail]
    .filter(Boolean)
    .map(sentence => sentence.replace(/([^.!?])$/, '$1.'))
    .join(' ');
}

/** Sorts the entries of a 422 into those a form can show beside a field, and the rest. */
export function fieldProblems<Field extends string>(
  error: unknown,
  known: readonly Field[],
): { fields: { field: Field; detail: string }[]; rest: string[] } {
  const fields: { field: Field; detail: string }[] = [];
  const rest: string[] = [];
  if (!(error instanceof ApiError)) return { fields, rest };
  for (const problem of error.fields) {
    const field = known.find(name => name === problem.field);
    if (field) fields.push({ field, detail: translated(problem.detail) });
    else rest.push(translated(problem.detail));
  }
  return { fields, rest };
}
