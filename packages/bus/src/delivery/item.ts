import type { AggregateRef } from '@pipit/types-registry';
import type { DeliveredEvent } from '../delivered-event.ts';

/** One event on its way to a handler of a group, and how it ends. Only the first end counts. */
export interface Item {
  readonly position: number;
  /** What order is kept by: the aggregate, as tokens of a subject. */
  readonly key: string;
  /** 1 for the first delivery to the group. */
  readonly deliveryCount: number;
  /** It comes from the dead letters, where it stays until it has been handled. */
  readonly isLetter?: true;
  readonly aggregate: AggregateRef;
  /** By the store's clock. */
  readonly storedAt: Date;
  /** @throws UnreadableEventError */
  type(): string;
  /** Read once. @throws UnreadableEventError */
  event(): DeliveredEvent;
  /** As it was stored. */
  original(): Original;
  /** It has been handled, or there is nothing to handle. */
  ack(): void;
  /** It has been kept as a dead letter. */
  buried(): void;
  /** @param delay milliseconds until it comes again; default: at once */
  giveBack(delay?: number): void;
}

export interface Original {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}
