import { InvalidCommandOptionError } from '../command-errors.ts';
import type { RequestContext, RequestKind } from '../commands.ts';

/** A handler's call, as middleware sees it. */
export interface RequestCall {
  readonly kind: RequestKind;
  readonly type: string;
  readonly data: unknown;
  readonly context: RequestContext;
}

/**
 * Behaviour around the handlers of commands and queries, within the sender's trace: to log, measure, trace or refuse.
 *
 * ```ts
 * const timed: RequestMiddleware = async ({ type }, next) => {
 *   const begun = performance.now();
 *   const answer = await next();
 *   await measured(type, performance.now() - begun);
 *   return answer;
 * };
 * ```
 *
 * `next` does what stands inside, down to the handler. What this returns or throws, or what the promise it returns comes
 * to, is taken for the handler's own: where it does not call `next`, the handler does not run. The sender's deadline
 * goes for all of it, as `context.signal` tells.
 */
export type RequestMiddleware = (call: RequestCall, next: () => unknown) => unknown;

/**
 * One for all of them, the first outermost; nothing where there are none, so that a call costs no more than its handler.
 *
 * @throws InvalidCommandOptionError
 */
export function composeRequestMiddleware(use: readonly RequestMiddleware[]): RequestMiddleware | undefined {
  for (const [index, middleware] of use.entries()) {
    if (typeof middleware !== 'function') {
      throw new InvalidCommandOptionError(`use[${index}]`, 'is not a function');
    }
  }
  if (use.length === 0) return undefined;
  return use.reduceRight((inner, outer) => (call, next) => outer(call, () => inner(call, next)));
}
