import { inspect } from 'node:util';

/** Anything can be thrown, also what throws again when it is looked at. */
export function toError(thrown: unknown): Error {
  try {
    if (thrown instanceof Error && typeof thrown.message === 'string') return thrown;
    return new Error(`not an Error was thrown: ${inspect(thrown)}`, { cause: thrown });
  } catch {
    return new Error('what was thrown cannot be shown');
  }
}
