import type { DeliveredItem } from './delivered-item.ts';

/** The deliveries that this process has and has not ended, whose leases it renews. */
export interface InHand {
  readonly size: number;
  /** Of their payloads. */
  readonly bytes: number;
  has(position: number): boolean;
  add(item: DeliveredItem): void;
  delete(item: DeliveredItem): void;
  /** Renews the leases that have gone on for longer than this, in milliseconds. */
  renew(olderThan: number): void;
}

export function inHand(): InHand {
  const held = new Map<number, DeliveredItem>();
  let bytes = 0;
  return {
    get size() {
      return held.size;
    },
    get bytes() {
      return bytes;
    },
    has: (position) => held.has(position),
    add(item) {
      held.set(item.position, item);
      bytes += item.body.length;
    },
    delete(item) {
      if (held.delete(item.position)) bytes -= item.body.length;
    },
    renew(olderThan) {
      const now = performance.now();
      for (const item of held.values()) if (now - item.renewedAt >= olderThan) item.renew(now);
    },
  };
}
