import type { SpanContext } from '@opentelemetry/api';
import type { RunOptions } from '@pipit/projection';
import type { RecordedEvent } from '@pipit/types-registry';
import { attributesOf, attributesOfEvent, destinationOf, errorType, operation } from './attributes.ts';
import { type Instruments, since } from './instruments.ts';
import { linksTo, type OpenTelemetryApi, type Tracing } from './tracing.ts';

/** Milliseconds: what is older is read by a rebuild, which is no part of the traces of then. */
const longestAgo = 60 * 60 * 1_000;
/** As many as an SDK keeps of a span by default. */
const mostLinks = 128;

/**
 * Each batch of a projection in a span, which begins a trace because its events may be of several; and each event of it
 * in a span of its own trace, with the times of the batch.
 */
export function tracedBatches(
  { ROOT_CONTEXT, SpanKind, TraceFlags }: OpenTelemetryApi,
  { tracer, originOf, contextAfter, spanned, fail }: Tracing,
  { consumed, handling }: Instruments,
  store: string,
  projection: string,
): NonNullable<RunOptions['aroundBatch']> {
  const processing = operation('process');
  const consumer = { 'messaging.consumer.group.name': projection };
  const kind = SpanKind.CONSUMER;

  function showEvents(traced: readonly TracedEvent[], { batch, from, to, failure }: Taken): void {
    for (const { event, origin } of traced) {
      const failed = failure !== undefined && event.position >= failure.position;
      // Those behind one that has stopped the projection were not taken in.
      if (failed && event.position > failure.position) return;
      const destination = destinationOf(store, event.aggregate);
      const span = tracer.startSpan(
        `process ${destination.template}`,
        {
          kind,
          startTime: from,
          links: linksTo(origin, batch),
          attributes: {
            ...processing,
            ...consumer,
            ...attributesOf(destination),
            ...attributesOfEvent(event),
          },
        },
        contextAfter(origin),
      );
      if (failed) fail(span, failure.error);
      span.end(to);
    }
  }

  return async ({ events }, take) => {
    const oldest = Date.now() - longestAgo;
    const traced: TracedEvent[] = [];
    for (const event of events) {
      if (event.traceparent === undefined || event.time.getTime() < oldest) continue;
      const origin = originOf(event.traceparent);
      const isSampled = origin !== undefined && (origin.traceFlags & TraceFlags.SAMPLED) !== 0;
      if (isSampled) traced.push({ event, origin });
    }
    const place = { ...processing, ...consumer, 'messaging.destination.name': store };
    const attributes = { ...place, 'messaging.batch.message_count': events.length };
    const links = linksTo(...traced.slice(0, mostLinks).map(({ origin }) => origin));
    const begun = performance.now();
    const from = now();
    let batch: SpanContext | undefined;
    let failure: Failure | undefined;
    try {
      await spanned(`process ${store}`, { kind, attributes, links }, ROOT_CONTEXT, (span) => {
        batch = span.spanContext();
        return take();
      });
    } catch (error) {
      failure = { error, position: positionOf(error) ?? events[0]?.position ?? 0 };
      throw error;
    } finally {
      const measured = { ...place, ...(failure && { 'error.type': errorType(failure.error) }) };
      consumed.add(events.length, measured);
      handling.record(since(begun), measured);
      showEvents(traced, { batch, from, to: now(), failure });
    }
  };
}

interface TracedEvent {
  readonly event: RecordedEvent;
  readonly origin: SpanContext;
}

interface Taken {
  readonly batch: SpanContext | undefined;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly failure: Failure | undefined;
}

interface Failure {
  readonly error: unknown;
  /** Of the event that could not be taken in, or the first of those that may be it. */
  readonly position: number;
}

/** Milliseconds since 1970 and parts of them, by the clock that spans are timed by. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

function positionOf(error: unknown): number | undefined {
  return (error as { readonly event?: Partial<RecordedEvent> }).event?.position;
}
