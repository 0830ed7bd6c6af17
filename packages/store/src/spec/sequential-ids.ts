import { InvalidArgumentError } from '../invalid-argument.ts';

/**
 * Makes ids that are the same in every run: `id-000001`, `id-000002` … They fit every `newId` option, and sort as text
 * in the order they were made, up to 999,999 of them. Two makers with the same prefix make the same ids, which one
 * store refuses: give it one maker.
 *
 * @throws InvalidArgumentError for a prefix that no event id can have: half of a surrogate pair
 */
export function sequentialIds(prefix = 'id'): () => string {
  if (!prefix.isWellFormed())
    throw new InvalidArgumentError('prefix', 'holds half of a surrogate pair, which no event id can');
  let made = 0;
  return () => {
    made += 1;
    return `${prefix}-${String(made).padStart(6, '0')}`;
  };
}
