import type { Aggregate } from '@pipit/store';
import type { AggregateRef, EventDefinition, RecordedEvent } from '@pipit/types-registry';

/** What a projection wants to see of a log. */
export interface EventSelection {
  /** Only aggregates of this type or these types. Default: all. */
  readonly aggregate?: Aggregate | readonly Aggregate[];
  /** Only events of these types. Default: all. */
  readonly events?: readonly EventDefinition[];
  /** The first position, inclusive. Default: 1. */
  readonly fromPosition?: number;
  /** Events that cannot be read end the reading (`stop`, the default), or are left out, counted and logged (`skip`). */
  readonly unreadable?: 'stop' | 'skip';
}

export interface FollowSelection extends EventSelection {
  /** Asked for the aggregate of each event before it is decoded: those it is not true for are left out. */
  readonly only?: (aggregate: AggregateRef) => boolean;
  readonly signal?: AbortSignal;
}

export interface EventBatch<Event extends RecordedEvent = RecordedEvent> {
  readonly events: readonly Event[];
  /** Up to here the log has been seen, whether or not the events were selected. */
  readonly position: number;
  /** Whether this was the end of the log when the batch was made. */
  readonly caughtUp: boolean;
  /** How many events of the batch were left out because they cannot be read. */
  readonly skipped: number;
}

/** A log that can be read in the order of positions. Every `EventStore` of `@pipit/store` is one. */
export interface EventReader<Event extends RecordedEvent = RecordedEvent> {
  readonly name: string;
  /** Events up to the last at the moment of the call. */
  read(selection?: EventSelection): AsyncIterable<Event>;
  /**
   * Events, and then what is appended after, without a gap or a repetition, until the signal aborts; then it ends
   * without an error. The first batch arrives at once, empty where there is nothing to read. The position of a batch
   * goes on also past events that were not selected. What stands before an event that cannot be read arrives before the
   * error does.
   */
  follow(options?: FollowSelection): AsyncIterable<EventBatch<Event>>;
  /** The position of the last event in the log; 0 while it is empty. */
  position(): Promise<number>;
}
