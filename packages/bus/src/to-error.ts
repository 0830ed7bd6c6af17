import { inspect, types } from 'node:util';

/** Anything can be thrown, also what throws again when it is looked at. */
export function toError(thrown: unknown): Error {
  try {
    // A proxy may throw the next time.
    const isPlain = thrown instanceof Error && typeof thrown.message === 'string' && !types.isProxy(thrown);
    if (isPlain) return thrown;
    return new Error(`not an Error was thrown: ${inspect(thrown)}`, { cause: thrown });
  } catch {
    return new Error('what was thrown cannot be shown');
  }
}
