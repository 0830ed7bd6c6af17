import type { Bus, OperationRecorder } from '@pipit/bus';
import { errorType, operation, system } from './attributes.ts';
import type { Instruments } from './instruments.ts';
import { linksTo, type OpenTelemetryApi, type Tracing } from './tracing.ts';

/** Counts what becomes of attempts, where it is known, and shows dead letters in the trace of their events. */
export function tracedOutcomes(
  { SpanKind }: OpenTelemetryApi,
  { tracer, originOf, contextAfter }: Tracing,
  { attempts, deadLetters }: Instruments,
  store: string,
  recorder: OperationRecorder,
): OperationRecorder {
  const letters = `${store}_dead`;
  return {
    appended: (events) => recorder.appended(events),
    handled(handling) {
      const { event, group, outcome, error } = handling;
      const consumer = { 'messaging.consumer.group.name': group };
      attempts.add(1, { ...consumer, 'pipit.outcome': outcome });
      if (outcome === 'dead-lettered') {
        const type = errorType(error);
        deadLetters.add(1, { ...consumer, 'error.type': type });
        const origin = originOf(event.traceparent);
        tracer
          .startSpan(
            `send ${letters}`,
            {
              kind: SpanKind.PRODUCER,
              links: linksTo(origin),
              attributes: {
                ...operation('send'),
                ...consumer,
                'messaging.destination.name': letters,
                'messaging.message.id': event.id,
                'messaging.message.conversation_id': event.correlationId,
                'pipit.event.type': event.type,
                'pipit.event.position': event.position,
                'pipit.delivery.count': handling.attempt,
                'pipit.dead_letter.cause': type,
              },
            },
            contextAfter(origin),
          )
          .end();
      }
      recorder.handled(handling);
    },
  };
}

/** Whoever has a dead letter handled again, or gives it up, is linked with the trace of its event. */
export function tracedDeadLetters<B extends Pick<Bus, 'deadLetters'>>(
  { SpanKind }: OpenTelemetryApi,
  { here, originOf, spanned }: Tracing,
  store: string,
  bus: B,
): B {
  const { deadLetters } = bus;
  const kind = SpanKind.INTERNAL;

  async function decide(decision: 'redrive' | 'discard', id: string): Promise<void> {
    const letter = await deadLetters.get(id);
    const origin = originOf(letter?.message.headers['traceparent']);
    const attributes = {
      ...system,
      'messaging.operation.name': decision,
      'messaging.destination.name': `${store}_dead`,
      ...(letter && { 'messaging.consumer.group.name': letter.group }),
      ...(letter?.eventId !== undefined && { 'messaging.message.id': letter.eventId }),
    };
    await spanned(`${decision} ${store}_dead`, { kind, attributes, links: linksTo(origin) }, here(), () =>
      deadLetters[decision](id),
    );
  }

  return {
    ...bus,
    deadLetters: {
      ...deadLetters,
      redrive: (id) => decide('redrive', id),
      discard: (id) => decide('discard', id),
    },
  };
}
