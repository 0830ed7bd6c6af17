import pRetry from 'p-retry';
import { GroupMismatchError } from '../bus-errors.ts';
import { isMissingStream } from './open-store.ts';

/**
 * Asks the server until there is an answer, or nobody waits for it any more.
 *
 * @throws GroupMismatchError, the client's error where the stream is missing or it is over
 */
export function insist<T>(ask: () => Promise<T>, isOver: () => boolean): Promise<T> {
  return pRetry(ask, {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: 100,
    maxTimeout: 5_000,
    shouldRetry: ({ error }) =>
      !isOver() && !isMissingStream(error) && !(error instanceof GroupMismatchError),
  });
}
