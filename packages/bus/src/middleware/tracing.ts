import type { DeliveredEvent } from '../delivered-event.ts';
import type { HandlerContext } from '../handler-context.ts';
import type { Middleware } from '../middleware.ts';

/** Where spans come from, OpenTelemetry for instance. What it throws is logged and keeps no event from its handler. */
export interface TracingHook {
  /** Begins a span, or returns nothing for an event that is not traced. `event.traceparent` is its parent. */
  start(event: DeliveredEvent, context: HandlerContext & { readonly group: string }): HandlerSpan | undefined;
}

export interface HandlerSpan {
  /** Calls `work` once, with the span as the current one, also after its first `await`. */
  run(work: () => unknown): unknown;
  /** The event was handled, or failed with this. */
  end(failure?: { readonly error: unknown }): void;
}

/** Runs what stands inside it in a span of the hook; without a hook it is not there at all. */
export function tracing(hook: TracingHook | undefined): Middleware {
  return (next, { group, logger }) => {
    if (hook === undefined) return next;

    function attempt<T>(doing: string, work: () => T): T | undefined {
      try {
        return work();
      } catch (err) {
        logger.warn({ group, err }, `The tracing hook of group ${group} failed to ${doing}`);
        return undefined;
      }
    }

    return async (event, context) => {
      const span = attempt('start a span', () => hook.start(event, context));
      if (span === undefined) return next(event, context);
      try {
        await inSpan(span, async () => next(event, context), attempt);
      } catch (error) {
        attempt('end a span', () => span.end({ error }));
        throw error;
      }
      attempt('end a span', () => span.end());
      return undefined;
    };
  };
}

async function inSpan(
  span: HandlerSpan,
  work: () => Promise<void>,
  attempt: (doing: string, work: () => unknown) => unknown,
): Promise<void> {
  let handled: Promise<void> | undefined;
  const once = () => {
    handled ??= work();
    return handled;
  };
  attempt('run a span', () => {
    const answer = span.run(once);
    // It is the handler's own promise that counts; what the hook makes of it must not be an unhandled rejection.
    if (answer instanceof Promise) answer.catch(() => {});
  });
  await once();
}
