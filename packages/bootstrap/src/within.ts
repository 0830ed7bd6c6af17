import { TimeoutError } from '@pipit/types-registry';

/**
 * Waits for work no longer than `timeout` milliseconds. The work itself goes on: who starts it knows how to end it. How
 * it ends is not heard any more: that it was late has been thrown.
 */
export async function within<Result>(
  {
    timeout,
    operation,
    advice,
    signal,
  }: {
    readonly timeout: number;
    readonly operation: string;
    readonly advice: string;
    /** Ends the waiting before its time. */
    readonly signal?: AbortSignal;
  },
  work: () => Result | Promise<Result>,
): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  // A timer of more would ring at once.
  const bounded = Math.min(timeout, 2 ** 31 - 1);
  const timer = setTimeout(() => reject(new TimeoutError({ operation, timeout, advice })), bounded);
  const giveUp = () => reject(signal?.reason);
  signal?.addEventListener('abort', giveUp);
  try {
    return await Promise.race([(async () => work())(), promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}
