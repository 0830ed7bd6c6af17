import type { RetryOptions } from '../bus.ts';
import { InvalidSubscriptionError } from '../bus-errors.ts';
import { longestDelay } from '../longest-delay.ts';

/** When an event that failed is tried again, and when no more. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly when: (error: Error) => boolean;
  /** Milliseconds to wait after the attempt of this number, from 1, has failed. */
  delayAfter(attempt: number): number;
}

const longestBackoff = 60_000;

/**
 * @param random from 0 to below 1
 * @throws InvalidSubscriptionError
 */
export function retryPolicy(options: RetryOptions = {}, random: () => number = Math.random): RetryPolicy {
  const { attempts = 5, backoff = 1_000, jitter = 0.2, when = () => true } = options;
  if (!Number.isInteger(attempts) || attempts < 1) {
    throw new InvalidSubscriptionError('retry.attempts', `must be a whole number from 1, not ${attempts}`);
  }
  if (typeof backoff !== 'function' && !(backoff >= 0 && backoff <= longestDelay)) {
    throw new InvalidSubscriptionError(
      'retry.backoff',
      `must be milliseconds or a function, not ${String(backoff)}`,
    );
  }
  if (!(jitter >= 0 && jitter <= 1)) {
    throw new InvalidSubscriptionError('retry.jitter', `must be a number from 0 to 1, not ${String(jitter)}`);
  }
  if (typeof when !== 'function') throw new InvalidSubscriptionError('retry.when', 'is not a function');
  const wait =
    typeof backoff === 'function'
      ? backoff
      : (attempt: number) => Math.min(backoff * 2 ** (attempt - 1), Math.max(backoff, longestBackoff));

  return {
    attempts,
    when,
    delayAfter(attempt) {
      const delay = numberFrom(wait, attempt);
      const spread = Number.isNaN(delay) ? longestBackoff : delay * (1 - jitter * random());
      return Math.round(Math.min(Math.max(spread, 0), longestDelay));
    },
  };
}

/** NaN where the function throws: it must not keep a failure from being counted. */
function numberFrom(wait: (attempt: number) => number, attempt: number): number {
  try {
    return Number(wait(attempt));
  } catch {
    return Number.NaN;
  }
}
