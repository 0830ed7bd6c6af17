import { expect, it } from 'vitest';
import { ConflictError } from './store-errors.ts';

it.each([
  ['none', 1, 'was expected not to exist yet, and is at revision 1.', /choose another id/],
  [0, 2, 'was expected not to exist yet, and is at revision 2.', /choose another id/],
  ['exists', 0, 'was expected to exist, and has no events.', /check its type and id/],
  [3, 0, 'was expected to be at revision 3, and has no events.', /check its type and id/],
  [9, 2, 'was expected to be at revision 9, and has come to 2 only.', /of this very aggregate/],
  [1, 2, 'was expected to be at revision 1, and another writer has brought it to 2.', /load it again/],
  [
    'any',
    2,
    'was expected to stay as it was loaded, and another writer has brought it to 2.',
    /load it again/,
  ],
] as const)('a conflict of %s with %s says what is so, and what helps', (expected, actual, says, advice) => {
  const { message } = new ConflictError({ type: 'account', id: 'ada' }, expected, actual);
  expect(message).toContain(`account "ada" ${says} Nothing was written: `);
  expect(message).toMatch(advice);
});

it('a conflict after the last retry says how often it was tried', () => {
  const used = (retries: number) => new ConflictError({ type: 'account', id: 'ada' }, 4, 5, retries).message;
  expect(used(5)).toMatch(
    /^Deciding on account "ada" was tried 6 times \(retries: 5\), .* is at revision 5 now\./,
  );
  expect(used(0)).toMatch(/was tried once \(retries: 0\)/);
});
