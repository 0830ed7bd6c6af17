import { longestDelay } from '../longest-delay.ts';
import type { Middleware } from '../middleware.ts';
import { PausedError } from '../paused-error.ts';
import { requireWhole } from './invalid-middleware-error.ts';
import { type StartWindow, startWindow } from './start-window.ts';

export interface ThrottleOptions {
  /** How many events may begin in any `interval`; at most 100,000. */
  readonly limit: number;
  /** Milliseconds. */
  readonly interval: number;
  /**
   * Milliseconds that an event waits for its turn in its handler's time; where it would take longer, the group is
   * paused until its turn instead, and the event comes again. Keep it below the subscription's `timeout`. Default:
   * 10,000.
   */
  readonly longestWait?: number;
  /** Milliseconds from any beginning that do not jump. Default: `performance.now`. */
  readonly clock?: () => number;
}

/**
 * Lets `limit` events begin in any `interval`, counted per group in this process: three instances let three times as
 * many begin. Subscriptions of one group that are given the same `throttle(…)` share its count. An event whose signal
 * aborts gives its turn to the next.
 *
 * @throws InvalidMiddlewareError
 */
export function throttle(options: ThrottleOptions): Middleware {
  const { limit, interval, longestWait = 10_000, clock = () => performance.now() } = options;
  requireWhole('throttle', 'limit', limit, 100_000);
  requireWhole('throttle', 'interval', interval);
  if (longestWait !== 0) requireWhole('throttle', 'longestWait', longestWait);
  const windows = new Map<string, StartWindow>();

  return (next, { group }) => {
    const turns = windows.get(group) ?? startWindow(limit, interval, clock);
    windows.set(group, turns);
    return async (event, context) => {
      const wait = turns.wait();
      if (wait > longestWait) {
        const reason = `group ${group} handles ${limit} events in ${interval} ms, and the next turn is in ${Math.ceil(wait)} ms`;
        throw new PausedError({ for: Math.min(wait, longestDelay), reason });
      }
      await turns.take(context.signal);
      await next(event, context);
    };
  };
}
