import { TimeoutError } from '@pipit/types-registry';

export interface Deadline {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** What was given, for the error. */
  readonly timeout: number;
  /** What is to be done in time, for the error. */
  readonly operation: string;
  /** What has happened by then, and what to do. */
  readonly advice: string;
}

export const unanswered = 'Nothing was written. Check that the server is up, or give it a longer timeout.';

/**
 * Hands out a signal that aborts at the deadline.
 *
 * @throws TimeoutError where the work fails for that reason
 */
export async function untilDeadline<T>(
  { at, timeout, operation, advice }: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const signal = AbortSignal.timeout(Math.max(1, at - Date.now()));
  try {
    return await work(signal);
  } catch (cause) {
    if (!signal.aborted || cause !== signal.reason) throw cause;
    throw new TimeoutError({ operation, timeout, advice, cause });
  }
}
