import {
  type AggregateRef,
  type Catalog,
  type EventDefinition,
  encodeToken,
  eventHeaders,
  type RecordedEvent,
} from '@pipit/types-registry';
import type { Item, Original } from '../delivery/item.ts';

export interface MemoryItemEnds {
  ack(): void;
  giveBack(delay: number): void;
}

/** An event of a store on its way to a handler. Its first end counts. */
export function memoryItem(
  events: Catalog<EventDefinition>,
  event: RecordedEvent,
  deliveryCount: number,
  ends: MemoryItemEnds,
): Item {
  let ended = false;
  const once = (end: () => void) => {
    if (!ended) end();
    ended = true;
  };
  return {
    position: event.position,
    key: keyOf(event.aggregate),
    deliveryCount,
    aggregate: event.aggregate,
    storedAt: event.time,
    type: () => event.type,
    event: () => event,
    original(): Original {
      const payload = events.encode(event.type, event.data);
      const headers = eventHeaders(event.store, { ...event, payload });
      return { headers: new Map([...headers, ['ce-revision', String(event.revision)]]), body: payload.bytes };
    },
    ack: () => once(ends.ack),
    buried: () => once(ends.ack),
    giveBack: (delay = 0) => once(() => ends.giveBack(delay)),
  };
}

function keyOf({ type, id }: AggregateRef): string {
  return `${encodeToken('aggregate type', type)}.${encodeToken('aggregate id', id)}`;
}
