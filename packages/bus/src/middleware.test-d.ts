import { expectTypeOf, test } from 'vitest';
import type { DeliveredEvent } from './delivered-event.ts';
import type { HandlerContext } from './handler-context.ts';
import type { Inbox } from './inbox.ts';
import { circuitBreaker } from './middleware/circuit-breaker.ts';
import { inbox } from './middleware/inbox.ts';
import { logging } from './middleware/logging.ts';
import { throttle } from './middleware/throttle.ts';
import { timeout } from './middleware/timeout.ts';
import { tracing } from './middleware/tracing.ts';
import type { Middleware } from './middleware.ts';

declare const place: Inbox;

test('a middleware of one’s own needs no annotation but its type', () => {
  const audit: Middleware =
    (next, { group }) =>
    async (event, context) => {
      expectTypeOf(group).toEqualTypeOf<string>();
      expectTypeOf(event).toEqualTypeOf<DeliveredEvent>();
      expectTypeOf(context).toEqualTypeOf<HandlerContext>();
      await next(event, context);
    };
  expectTypeOf([audit, logging(), timeout(1), tracing(undefined), inbox(place)]).toEqualTypeOf<
    Middleware[]
  >();
});

test('options are spelled right', () => {
  // @ts-expect-error no interval
  throttle({ limit: 1 });
  // @ts-expect-error it is `failures`
  circuitBreaker({ failure: 1 });
  // @ts-expect-error it is 'fail', 'repeat' or 'skip'
  inbox(place, { onDoubt: 'retry' });
});

test('a middleware that hands nothing on does not compile', () => {
  // @ts-expect-error a function of the event is no middleware
  const flat: Middleware = async (event: DeliveredEvent) => void event;
  void flat;
});
