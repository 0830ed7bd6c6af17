import type { DeliveredEvent } from '@pipit/bus';
import { topicsStream } from '@pipit/bus';
import { type AggregateRef, encodeToken, PipitError } from '@pipit/types-registry';

/**
 * Names and values of OpenTelemetry's conventions for messaging (in development, 1.36 and later), and Pipit's own where
 * those have none: https://opentelemetry.io/docs/specs/semconv/messaging/
 */
export const system = { 'messaging.system': 'nats' } as const;

/** An operation, as metrics and spans call it. */
export function operation(type: 'send' | 'process', name: string = type) {
  return { ...system, 'messaging.operation.type': type, 'messaging.operation.name': name } as const;
}

/** Where messages go: with a number of values that does not grow, and in full. */
export interface Destination {
  readonly template: string;
  readonly name: string;
}

/** The subject of an aggregate; in layout `event`, that of its events without their types. */
export function destinationOf(store: string, { type, id }: AggregateRef): Destination {
  const prefix = `${store}.${encodeToken('aggregate type', type)}`;
  return { template: `${prefix}.{id}`, name: `${prefix}.${encodeToken('aggregate id', id)}` };
}

export function destinationOfEvent(event: DeliveredEvent): Destination {
  if (!('topic' in event)) return destinationOf(event.store, event.aggregate);
  const prefix = `${topicsStream(event.store)}.${encodeToken('topic', event.topic)}`;
  return { template: `${prefix}.{key}`, name: `${prefix}.${encodeToken('key', event.key)}` };
}

export function attributesOf({ template, name }: Destination) {
  return { 'messaging.destination.template': template, 'messaging.destination.name': name } as const;
}

/** Of a span about one event. */
export function attributesOfEvent({ id, type, position, correlationId }: DeliveredEvent) {
  return {
    'messaging.message.id': id,
    'messaging.message.conversation_id': correlationId,
    'pipit.event.type': type,
    'pipit.event.position': position,
  } as const;
}

/** An error's kind, of which there are few: Pipit's codes, else the name. Also of what is kept of an error elsewhere. */
export function errorType(error: unknown): string {
  if (error instanceof PipitError) return error.code;
  if (error instanceof Error) return error.name;
  const { code, name } = (error ?? {}) as { readonly code?: unknown; readonly name?: unknown };
  return [code, name].find((kind) => typeof kind === 'string') ?? '_OTHER';
}
