import { TimeoutError } from '@pipit/types-registry';
import type { Middleware } from '../middleware.ts';
import { requireWhole } from './invalid-middleware-error.ts';

/**
 * Gives what stands inside it this many milliseconds; then `context.signal` aborts and the event fails with a
 * TimeoutError. Where that does not end on its signal it goes on running, unheard, while the event comes again: put
 * `inbox` inside of it, never around it. The subscription's own time limit stays the outermost.
 *
 * @throws InvalidMiddlewareError
 */
export function timeout(milliseconds: number): Middleware {
  requireWhole('timeout', 'time', milliseconds);
  return (next, { group }) =>
    async (event, context) => {
      const tooLate = new AbortController();
      const signal = AbortSignal.any([context.signal, tooLate.signal]);
      const { promise: late, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(() => {
        const error = new TimeoutError({
          operation: `The handling of ${event.type} ${event.id} by group ${group}`,
          timeout: milliseconds,
          advice:
            'Its signal was aborted, though the handler may still be running: make it end ' +
            'on its signal, or raise the time of the timeout middleware.',
        });
        // First, so that what the handler rejects with on its signal does not hide why.
        reject(error);
        tooLate.abort(error);
      }, milliseconds);
      try {
        await Promise.race([next(event, { ...context, signal }), late]);
      } finally {
        clearTimeout(timer);
      }
    };
}
