import type { Item } from '../delivery/item.ts';
import type { FedEvent } from './memory-feed.ts';

export interface MemoryItemEnds {
  ack(): void;
  giveBack(delay: number): void;
}

/** An event on its way to a handler. Its first end counts. */
export function memoryItem(event: FedEvent, deliveryCount: number, ends: MemoryItemEnds): Item {
  let ended = false;
  const once = (end: () => void) => {
    if (!ended) end();
    ended = true;
  };
  return {
    ...event,
    deliveryCount,
    ack: () => once(ends.ack),
    buried: () => once(ends.ack),
    giveBack: (delay = 0) => once(() => ends.giveBack(delay)),
  };
}
