import type { AggregateRef, EventDraft, StoredMessage } from '@pipit/types-registry';
import type { ExpectedRevision } from './expected-revision.ts';

/**
 * What a store stands on: an ordered log of undecoded events, guarded per aggregate. `createEventStore` makes a typed
 * store of one. Implementations: `store/jetstream`, `store/memory`; both run the suite of `store/testing`.
 */
export interface EventLog {
  readonly name: string;
  /**
   * Stores all drafts with the revisions that follow the aggregate's last one, in a row, or none of them. Of several
   * writers that saw the same revision one wins. An append that repeats one (the same ids, in the same order, on the
   * same aggregate) writes nothing and answers as the first did, as long as the log remembers ids: at least two minutes.
   *
   * @throws ConflictError, DuplicateEventIdError, PayloadTooLargeError, AppendRejectedError, AppendInDoubtError,
   * TimeoutError, ConnectionError
   */
  append(request: AppendRequest): Promise<Appended>;
  /** The aggregate's events in the order of revisions, up to its last at the moment of the call; none if unknown. */
  readAggregate(aggregate: AggregateRef): AsyncIterable<StoredMessage>;
  /** The aggregate's last revision, 0 if unknown; as new as anything the log has confirmed to anybody. */
  revision(aggregate: AggregateRef): Promise<number>;
  /** Events in the order of positions, up to the last at the moment of the call. */
  read(query: LogQuery): AsyncIterable<StoredMessage>;
  /**
   * Like `read`, and goes on with what is appended after, until the signal aborts: then it ends without an error.
   * Batches are never held back to fill up. The first arrives at once, empty where there is nothing to read.
   */
  follow(query: LogQuery & { readonly signal?: AbortSignal }): AsyncIterable<StoredBatch>;
  /** The position of the last event in the log; 0 while it is empty. */
  position(): Promise<number>;
  /** Ends every `follow`; appends under way are finished. The connection stays its owner's. */
  close(): Promise<void>;
}

export interface AppendRequest {
  readonly aggregate: AggregateRef;
  readonly expected: ExpectedRevision;
  /** At least one, with distinct ids. */
  readonly drafts: readonly EventDraft[];
  /** Whether ids were chosen by the user, so that this may be a repetition. */
  readonly mayRepeat: boolean;
  /** Milliseconds after which the append gives up. */
  readonly timeout: number;
}

export interface Appended {
  /** The revision of the last event. */
  readonly revision: number;
  /** The positions of the events, in their order. */
  readonly positions: readonly number[];
  /** The events as they were found in the log, where they had been stored before this append was answered. */
  readonly stored?: readonly StoredMessage[];
}

export interface LogQuery {
  /** Types of aggregates; all where there is none. */
  readonly aggregateTypes?: readonly string[];
  /** Inclusive; default 1, the beginning. */
  readonly fromPosition?: number;
}

export interface StoredBatch {
  readonly messages: readonly StoredMessage[];
  /** Up to here the log has been seen, whether or not the events fit the query. */
  readonly position: number;
  /** Whether this was the end of the log when the batch was made. */
  readonly caughtUp: boolean;
}
