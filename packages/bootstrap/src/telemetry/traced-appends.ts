import { ConflictError, type EventStore, type EventStoreOptions } from '@pipit/store';
import { PipitError } from '@pipit/types-registry';
import { attributesOf, destinationOf, errorType, operation } from './attributes.ts';
import { type Instruments, since } from './instruments.ts';
import type { OpenTelemetryApi, Tracing } from './tracing.ts';

/** Errors that come of something that was sent, or may have been. */
const sendingErrors = new Set([
  'APPEND_IN_DOUBT',
  'APPEND_REJECTED',
  'CONFLICT',
  'CONNECTION',
  'DUPLICATE_EVENT_ID',
  'TIMEOUT',
]);

/** Each append in a span that its events carry, so that whoever handles them goes on with the trace. */
export function tracedAppends(
  { SpanKind }: OpenTelemetryApi,
  { here, spanned }: Tracing,
  { sent, operations, conflicts }: Instruments,
  store: string,
): NonNullable<EventStoreOptions['aroundAppend']> {
  const sending = operation('send');

  return async (changes, work) => {
    const [first, ...others] = changes;
    const one =
      first !== undefined && others.length === 0 ? destinationOf(store, first.aggregate) : undefined;
    const count = changes.reduce((sum, { events }) => sum + events, 0);
    const place = one === undefined ? { 'messaging.destination.name': store } : attributesOf(one);
    const low = one === undefined ? place : ({ 'messaging.destination.template': one.template } as const);
    const batch = count > 1 ? { 'messaging.batch.message_count': count } : {};
    const begun = performance.now();

    function measure(error?: unknown): void {
      const attributes = {
        ...sending,
        ...low,
        ...(error !== undefined && { 'error.type': errorType(error) }),
      };
      const isSent = error === undefined || (error instanceof PipitError && sendingErrors.has(error.code));
      if (isSent) sent.add(count, attributes);
      operations.record(since(begun), attributes);
      if (error instanceof ConflictError) conflicts.add(1, { 'pipit.aggregate.type': error.aggregate.type });
    }

    try {
      const results = await spanned(
        `send ${one?.template ?? store}`,
        { kind: SpanKind.PRODUCER, attributes: { ...sending, ...place, ...batch } },
        here(),
        async (span) => {
          const results = await work();
          const [event, ...more] = results.flatMap(({ events }) => events);
          if (event !== undefined) {
            span.setAttribute('messaging.message.conversation_id', event.correlationId);
            span.setAttribute('pipit.event.position', results.at(-1)?.position ?? 0);
            if (more.length === 0) span.setAttribute('messaging.message.id', event.id);
          }
          return results;
        },
      );
      measure();
      return results;
    } catch (error) {
      measure(error);
      throw error;
    }
  };
}

/** To load and decide may take longer than to append, and be done more than once. */
export function tracedStore<S extends Pick<EventStore, 'execute'>>(
  { SpanKind }: OpenTelemetryApi,
  { here, spanned }: Tracing,
  store: S,
): S {
  const execute: EventStore['execute'] = (aggregate, id, ...rest) => {
    const attributes = { 'pipit.aggregate.type': aggregate.type, 'pipit.aggregate.id': id };
    return spanned(`execute ${aggregate.type}`, { kind: SpanKind.INTERNAL, attributes }, here(), () =>
      store.execute(aggregate, id, ...rest),
    );
  };
  return { ...store, execute };
}
