import {
  type Catalog,
  currentTrace,
  type EncodedPayload,
  type EventDefinition,
  type EventDraft,
  type NewEvent,
} from '@pipit/types-registry';
import { v7 as uuidv7 } from 'uuid';
import type { Aggregate } from '../aggregate.ts';
import { InvalidArgumentError } from '../invalid-argument.ts';

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
  const { data, ...payload } = catalog.encode(type, input);
  return { ...completeDraft(context, event, payload), data };
}

/** Fills in id, time and the trace of the handler this runs in. */
export function completeDraft(
  { clock = () => new Date(), newId = uuidv7 }: DraftContext,
  { type, id, time, metadata, correlationId, causationId, traceparent }: Omit<NewEvent, 'data'>,
  payload: EncodedPayload,
): EventDraft {
  return {
    ...currentTrace(),
    ...(correlationId !== undefined && { correlationId }),
    ...(causationId !== undefined && { causationId }),
    ...(traceparent !== undefined && { traceparent }),
    id: id ?? newId(),
    type,
    time: time ?? clock(),
    metadata: metadata ?? {},
    payload,
  };
}
