import { type Logger, noteEvent } from '@pipit/types-registry';
import { InvalidSubscriptionError } from './bus-errors.ts';
import type { DeliveredEvent } from './delivered-event.ts';
import type { HandlerContext } from './handler-context.ts';

/**
 * Handles one event: a handler with the middleware around it. Fulfilled when the event is handled; what it rejects with
 * is the failure that the event comes again for.
 */
export type HandleEvent = (event: DeliveredEvent, context: HandlerContext) => Promise<void>;

/**
 * Behaviour around handlers: takes what comes next and returns what is to be done instead. It is called once for each
 * handler when a subscription begins, and what it returns once per delivery, so it can keep what it needs in between.
 *
 * ```ts
 * const audit: Middleware = (next, { group }) => async (event, context) => {
 *   await next(event, context);
 *   await write(group, event.id);
 * };
 * ```
 *
 * What it throws counts as the handler's failure. Where it does not call `next`, the handler does not run and the event
 * counts as handled; where it calls it twice, the handler runs twice. It may hand on another context, with a signal
 * that aborts earlier for instance.
 */
export type Middleware = (next: HandleEvent, place: MiddlewarePlace) => HandleEvent;

/** Where a middleware stands. */
export interface MiddlewarePlace {
  readonly group: string;
  /** The bus's own; it does not throw. */
  readonly logger: Logger;
}

/**
 * Puts middleware around a handler, the first outermost. Nothing is put together per event: without middleware an event
 * costs no more than the handler.
 *
 * @throws InvalidSubscriptionError where something in the list is no middleware
 */
export function composeMiddleware(
  use: readonly Middleware[],
  handler: (event: DeliveredEvent, context: HandlerContext) => unknown,
  place: MiddlewarePlace,
): HandleEvent {
  const innermost: HandleEvent = async (event, context) => {
    try {
      await handler(event, context);
    } catch (error) {
      // Middleware may log it before the bus does.
      noteEvent(error, event);
      throw error;
    }
  };
  const outermost = use.reduceRight<HandleEvent>((next, middleware, index) => {
    const option = `use[${index}]`;
    if (typeof middleware !== 'function') throw new InvalidSubscriptionError(option, 'is not a function');
    const handle: unknown = middleware(next, place);
    if (typeof handle === 'function') return handle as HandleEvent;
    throw new InvalidSubscriptionError(option, 'returns no function to handle events with');
  }, innermost);
  if (use.length === 0) return innermost;
  // One written without types may throw before it returns a promise, or return none.
  return async (event, context) => {
    await outermost(event, context);
  };
}
