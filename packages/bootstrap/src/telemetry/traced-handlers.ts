import type { TracingHook } from '@pipit/bus';
import { attributesOf, attributesOfEvent, destinationOfEvent, errorType, operation } from './attributes.ts';
import { type Instruments, since } from './instruments.ts';
import { linksTo, type OpenTelemetryApi, type Tracing } from './tracing.ts';

/** Each attempt to handle an event in a span, in the trace that the event was appended in. */
export function tracedHandlers(
  { SpanKind }: OpenTelemetryApi,
  { tracer, originOf, contextAfter, within, fail }: Tracing,
  { consumed, handling, delay }: Instruments,
): TracingHook {
  const processing = operation('process');

  return {
    start(event, { group, deliveryCount, signal }) {
      const origin = originOf(event.traceparent);
      const parent = contextAfter(origin);
      const destination = destinationOfEvent(event);
      const consumer = { 'messaging.consumer.group.name': group };
      const span = tracer.startSpan(
        `process ${destination.template}`,
        {
          kind: SpanKind.CONSUMER,
          links: linksTo(origin),
          attributes: {
            ...processing,
            ...consumer,
            ...attributesOf(destination),
            ...attributesOfEvent(event),
            'pipit.delivery.count': deliveryCount,
          },
        },
        parent,
      );
      const begun = performance.now();
      // Writers' clocks differ.
      delay.record(Math.max(0, Date.now() - event.time.getTime()) / 1_000, consumer);
      let isOver = false;

      function end(failure?: { readonly error: unknown }): void {
        if (isOver) return;
        isOver = true;
        signal.removeEventListener('abort', giveUp);
        const attributes = {
          ...processing,
          ...consumer,
          'messaging.destination.template': destination.template,
          ...(failure && { 'error.type': errorType(failure.error) }),
        };
        if (failure) fail(span, failure.error);
        span.end();
        consumed.add(1, attributes);
        handling.record(since(begun), attributes);
      }

      // One that is not waited for any longer has failed, though it may go on.
      const giveUp = () => end({ error: signal.reason });
      signal.addEventListener('abort', giveUp);
      return { run: (work) => within(span, parent, work), end };
    },
  };
}
