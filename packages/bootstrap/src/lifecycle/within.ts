import { TimeoutError } from '@pipit/types-registry';
import { longestDelay } from './longest-delay.ts';

export interface Limit {
  /** Milliseconds. */
  readonly timeout: number;
  readonly operation: string;
  readonly advice: string;
  /** Ends the waiting, by its reason, before the time is up. */
  readonly signal?: AbortSignal;
}

/**
 * Waits for work no longer than its limit. The work itself goes on: who starts it knows how to end it. How it ends is not
 * heard any more: why nobody waits has been thrown.
 */
export async function within<Result>(
  { timeout, operation, advice, signal }: Limit,
  work: () => Result | Promise<Result>,
): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const bounded = Math.min(timeout, longestDelay);
  const timer = setTimeout(() => reject(new TimeoutError({ operation, timeout, advice })), bounded);
  const onAbort = () => reject(signal?.reason);
  signal?.addEventListener('abort', onAbort);
  try {
    signal?.throwIfAborted();
    return await Promise.race([(async () => work())(), promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
