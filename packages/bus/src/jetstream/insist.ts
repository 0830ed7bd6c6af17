import { JetStreamApiError } from '@nats-io/jetstream';
import { ClosedConnectionError } from '@nats-io/nats-core';
import { ConnectionError, PipitError } from '@pipit/types-registry';
import pRetry from 'p-retry';
import { findCause } from './find-cause.ts';
import { isRefused } from './server-failure.ts';

export interface Insistence {
  /** Whether nobody waits for the answer any more. */
  readonly isOver: () => boolean;
  /** Told why there is none yet, once as long as that stays the same. */
  readonly onTrouble?: (error: Error) => void;
}

/**
 * Asks the server until there is an answer, or nobody waits for it any more.
 *
 * @throws what asking again would not change: Pipit's own errors, and what the server refuses
 */
export function insist<T>(ask: () => Promise<T>, { isOver, onTrouble }: Insistence): Promise<T> {
  let said = '';
  return pRetry(ask, {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: 100,
    maxTimeout: 5_000,
    shouldRetry: ({ error }) => !isOver() && isPassing(error),
    onFailedAttempt({ error }) {
      if (isOver() || !isPassing(error) || error.message === said) return;
      said = error.message;
      onTrouble?.(error);
    },
  });
}

function isPassing(error: unknown): boolean {
  if (error instanceof PipitError) return error instanceof ConnectionError && error.reason === 'unreachable';
  // An answer of 500 or more is about the server's state, less is about the question.
  if (error instanceof JetStreamApiError) return error.status >= 500;
  return !isRefused(error) && findCause(ClosedConnectionError, error) === undefined;
}
