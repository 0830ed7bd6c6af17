import { setTimeout as delay } from 'node:timers/promises';
import { PipitError } from '@pipit/types-registry';
import { orAborted } from '../or-aborted.ts';
import { ReadFailedError } from '../store-errors.ts';
import { closedConnection, type JetStreamApi } from './api.ts';
import type { Link } from './link.ts';
import { permissionViolation } from './permission.ts';
import { isStreamNotFound } from './stream-not-found.ts';

/** Milliseconds that the first question waits for its answer, and after which all asking is given up. */
const firstSilence = 1_000;
const patience = 10_000;
const firstPause = 25;
const longestPause = 500;

export interface Asking {
  readonly api: JetStreamApi;
  readonly link: Link;
  readonly stream: string;
}

/**
 * Asks again until there is an answer: the connection may have been lost, the server be starting, or the stream be
 * without a leader for a moment.
 *
 * @param doing what fails, as in `could not …`
 * @param ask given the milliseconds that it may wait for its answer; a later answer is left alone
 * @throws ReadFailedError, ConnectionError; the signal's reason once it aborts
 */
export async function untilAnswered<T>(
  { api, link, stream }: Asking,
  doing: string,
  ask: (timeout: number) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const deadline = Date.now() + patience;
  for (let attempt = 0; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      return await orAborted(link.up ? ask(silenceOf(attempt)) : askOnce(attempt), signal);
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof PipitError) throw cause;
      if (api.connection.isClosed()) throw closedConnection(api, cause);
      const isOver =
        isStreamNotFound(cause) || permissionViolation(cause) !== undefined || Date.now() >= deadline;
      if (isOver) throw new ReadFailedError(stream, doing, cause);
      await delay(Math.min(firstPause * 2 ** attempt, longestPause));
    }
  }

  async function askOnce(attempt: number): Promise<T> {
    await link.restored(deadline);
    return ask(silenceOf(attempt));
  }

  function silenceOf(attempt: number): number {
    return Math.max(1, Math.min(firstSilence * 2 ** attempt, deadline - Date.now()));
  }
}
