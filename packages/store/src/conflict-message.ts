import type { ExpectedRevision } from './expected-revision.ts';

/** What was expected, what is so, and what to do about it: not the same where an aggregate exists or does not. */
export function conflictMessage(name: string, expected: ExpectedRevision, actual: number): string {
  if (expected === 'none' || expected === 0)
    return (
      `${name} was expected not to exist yet, and is at revision ${actual}. Nothing was written: ` +
      "choose another id, or load it and decide on what is there; expected: 'any' appends to it all the same."
    );
  if (actual === 0) {
    const wanted = expected === 'exists' ? 'to exist' : `to be at revision ${expected}`;
    return (
      `${name} was expected ${wanted}, and has no events. Nothing was written: ` +
      "check its type and id; expected: 'none' begins a new one."
    );
  }
  if (typeof expected === 'number' && actual < expected)
    return (
      `${name} was expected to be at revision ${expected}, and has come to ${actual} only. Nothing was written: ` +
      'take the revision from a load of this very aggregate.'
    );
  const wanted = typeof expected === 'number' ? `to be at revision ${expected}` : 'to stay as it was loaded';
  return (
    `${name} was expected ${wanted}, and another writer has brought it to ${actual}. Nothing was written: ` +
    'load it again, decide again on what has changed, and append at the revision that was loaded.'
  );
}

/** What `execute` says when other writers came first each time it decided. */
export function usedUp(name: string, retries: number, actual: number): string {
  const tries = retries === 0 ? 'once' : `${retries + 1} times`;
  return (
    `Deciding on ${name} was tried ${tries} (retries: ${retries}), and each time another writer came first; it is at ` +
    `revision ${actual} now. Nothing was written: execute it again, or give it more retries.`
  );
}
