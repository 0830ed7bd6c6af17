import type { Aggregate } from '@pipit/store';
import type { EventDefinition, RecordedEvent } from '@pipit/types-registry';

export interface AggregateReadOptions {
  /** Events that cannot be read end the reading (`stop`, the default), or are left out, counted and logged (`skip`). */
  readonly unreadable?: 'stop' | 'skip';
  readonly signal?: AbortSignal;
}

/**
 * One aggregate. Type and id are always given; to the compiler they may be missing, and the type may be a list, only so
 * that an `EventStore`, which reads more than this, is a reader as well.
 */
export interface AggregateSelection extends AggregateReadOptions {
  readonly aggregate?: Aggregate | readonly Aggregate[];
  readonly id?: string | undefined;
  /** Only events of these types. Default: all. */
  readonly events?: readonly EventDefinition[];
}

/** Events of aggregates, which are read each time that it is iterated over. */
export interface AggregateEvents<Event> extends AsyncIterable<Event> {
  /** How many were left out so far because they could not be read. */
  readonly skipped: number;
}

/** Reads aggregates rather than a log. Every `EventStore` of `@pipit/store` is one. */
export interface AggregateReader<Event extends RecordedEvent = RecordedEvent> {
  /** Of the store, for messages. */
  readonly name: string;
  /** The events of one aggregate in the order of revisions, up to its last at the moment of the call. */
  read(selection?: AggregateSelection): AggregateEvents<Event>;
  /**
   * The last event of each aggregate of a type: the one at the moment of the call, or a later one. An aggregate may come
   * again, with a later event.
   */
  latest(aggregate: Aggregate, options?: AggregateReadOptions): AggregateEvents<Event>;
}
