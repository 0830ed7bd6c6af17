import {
  type Catalog,
  currentTrace,
  type EncodedPayload,
  type EventDefinition,
  type EventDraft,
  type NewEvent,
} from '@pipit/types-registry';
import type { Aggregate } from '../aggregate.ts';
import { InvalidArgumentError } from '../invalid-argument.ts';
import { newEventId } from './new-event-id.ts';

export interface DraftContext {
  readonly catalog: Catalog<EventDefinition>;
  readonly clock?: () => Date;
  readonly newId?: () => string;
}

/** Validates a new event and fills in what its author left out; `data` is what readers will get. */
export function draftEvent(
  context: DraftContext,
  aggregate: Aggregate,
  event: NewEvent,
): EventDraft & { readonly data: unknown } {
  const { catalog } = context;
  const { type, data: input } = event;
  if (catalog.has(type) && !aggregate.events.some((definition) => definition.type === type)) {
    throw new InvalidArgumentError(
      'events',
      `has a ${type}, which is no event of aggregate ${aggregate.type}`,
    );
  }
  const { data, contentType, schemaVersion, bytes } = catalog.encode(type, input);
  return Object.assign(completeDraft(context, event, { contentType, schemaVersion, bytes }), { data });
}

/** Fills in id, time and the trace of the handler this runs in. */
export function completeDraft(
  { clock = () => new Date(), newId = newEventId }: DraftContext,
  { type, id, time, metadata, correlationId, causationId, traceparent }: Omit<NewEvent, 'data'>,
  payload: EncodedPayload,
): EventDraft {
  const inherited = currentTrace();
  // Copies: the event is handed back as it is stored, whatever its author does with what he gave.
  return {
    id: id ?? newId(),
    type,
    time: copyOf(time ?? clock()),
    metadata: copyOf(metadata ?? {}),
    payload,
    correlationId: correlationId ?? inherited.correlationId,
    causationId: causationId ?? inherited.causationId,
    traceparent: traceparent ?? inherited.traceparent,
  };
}

/** Of what an event can carry; what it cannot is refused when it is written. Keys without a value are not stored. */
function copyOf<T>(value: T, depth?: number): T;
function copyOf(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth > deepest) return value;
  if (value instanceof Date) return new Date(value);
  if (Array.isArray(value)) return value.map((part) => copyOf(part, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  const parts = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(parts.map(([key, part]) => [key, copyOf(part, depth + 1)]));
}

/** Beyond it lies what holds itself, which has no JSON form. */
const deepest = 200;
