import { InvalidArgumentError } from './invalid-argument.ts';

/**
 * What an aggregate must be for an append to happen: at `any` revision, not there at all (`none`), there (`exists`),
 * or at exactly a revision (0 means `none`).
 */
export type ExpectedRevision = 'any' | 'none' | 'exists' | number;

/** @param actual the aggregate's revision, 0 where it does not exist */
export function isExpected(expected: ExpectedRevision, actual: number): boolean {
  if (expected === 'any') return true;
  if (expected === 'none') return actual === 0;
  if (expected === 'exists') return actual > 0;
  return actual === expected;
}

/** @throws InvalidArgumentError for what callers without types may pass */
export function checkExpected(expected: ExpectedRevision): void {
  if (expected === 'any' || expected === 'none' || expected === 'exists') return;
  if (Number.isSafeInteger(expected) && expected >= 0) return;
  throw new InvalidArgumentError(
    'expected',
    `must be 'any', 'none', 'exists' or a revision from 0, not ${String(expected)}`,
  );
}
