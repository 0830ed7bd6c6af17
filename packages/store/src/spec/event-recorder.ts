import {
  decodeEvent,
  defineRegistry,
  encodeToken,
  eventHeaders,
  type NewEvent,
  type RecordedEvent,
  revisionHeader,
} from '@pipit/types-registry';
import type { Aggregate } from '../aggregate.ts';
import { draftEvent } from '../append/draft-event.ts';
import { InvalidArgumentError } from '../invalid-argument.ts';

export interface RecorderOptions {
  readonly id: string;
  readonly clock: () => Date;
  readonly newId: () => string;
}

/** Gives an event the next revision. */
export type EventRecorder = (event: NewEvent) => RecordedEvent;

const store = 'spec';

/** Takes events the way into a log and out again: they are refused, or read, as by a store with this one aggregate. */
export function eventRecorder(aggregate: Aggregate, { id, clock, newId }: RecorderOptions): EventRecorder {
  encodeToken('aggregate id', id);
  const { events: catalog } = defineRegistry({ events: aggregate.events });
  const ids = new Set<string>();

  return (event) => {
    const draft = draftEvent({ catalog, clock, newId }, aggregate, event);
    if (ids.has(draft.id)) throw new InvalidArgumentError('events', `has two events with the id ${draft.id}`);
    ids.add(draft.id);
    const revision = ids.size;
    const headers = new Map([...eventHeaders(store, draft), [revisionHeader, String(revision)]]);
    return decodeEvent(catalog, {
      store,
      position: revision,
      aggregate: { type: aggregate.type, id },
      storedAt: draft.time,
      header: (name) => headers.get(name),
      headerNames: () => [...headers.keys()],
      body: draft.payload.bytes,
    });
  };
}
