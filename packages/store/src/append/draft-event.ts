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
  return {
    id: id ?? newId(),
    type,
    time: time ?? clock(),
    metadata: metadata ?? {},
    payload,
    correlationId: correlationId ?? inherited.correlationId,
    causationId: causationId ?? inherited.causationId,
    traceparent: traceparent ?? inherited.traceparent,
  };
}
