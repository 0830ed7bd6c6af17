import { setTimeout as delay } from 'node:timers/promises';
import { PipitError } from '@pipit/types-registry';
import { orAborted } from '../or-aborted.ts';
import { ReadFailedError } from '../store-errors.ts';
import { closedConnection, type JetStreamApi } from './api.ts';
import type { Link } from './link.ts';
import { permissionViolation } from './permission.ts';
import { isStreamNotFound } from './stream-not-found.ts';

/** How long a question may take. */
export interface Pace {
  /** Milliseconds that the first one waits for its answer; each further one waits twice as long as the one before. */
  readonly firstSilence: number;
  /** Milliseconds after which all asking is given up. */
  readonly patience: number;
}

const usualPace: Pace = { firstSilence: 1_000, patience: 10_000 };
const firstPause = 25;
const longestPause = 500;
/** How often the wait for an answer is doubled. */
const mostDoublings = 5;
/** Milliseconds after which it is looked again whether the connection is up. */
const longestOutage = 60_000;

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
  { firstSilence, patience }: Pace = usualPace,
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
      if (isOver) throw new ReadFailedError(stream, doing, cause, isStreamNotFound(cause));
      await delay(Math.min(firstPause * 2 ** attempt, longestPause));
    }
  }

  async function askOnce(attempt: number): Promise<T> {
    await link.restored(Math.min(deadline, Date.now() + longestOutage));
    return ask(silenceOf(attempt));
  }

  function silenceOf(attempt: number): number {
    const silence = firstSilence * 2 ** Math.min(attempt, mostDoublings);
    return Math.max(1, Math.min(silence, deadline - Date.now()));
  }
}
