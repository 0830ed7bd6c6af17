import {
  type Catalog,
  currentTrace,
  type EventDefinition,
  type EventDraft,
  type NewEvent,
} from '@pipit/types-registry';
import { v7 as uuidv7 } from 'uuid';
import type { Aggregate } from './aggregate.ts';
import { InvalidArgumentError } from './invalid-argument.ts';

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
  const { catalog, clock = () => new Date(), newId = uuidv7 } = context;
  const { type, data: input, id, time, metadata, ...chain } = event;
  if (catalog.has(type) && !aggregate.events.some((definition) => definition.type === type)) {
    throw new InvalidArgumentError(
      'events',
      `has a ${type}, which is no event of aggregate ${aggregate.type}`,
    );
  }
  const { data, ...payload } = catalog.encode(type, input);
  return {
    ...currentTrace(),
    ...chain,
    id: id ?? newId(),
    type,
    time: time ?? clock(),
    metadata: metadata ?? {},
    payload,
    data,
  };
}
