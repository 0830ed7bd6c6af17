import type { AggregateRef, EventDraft, StoredMessage } from '@pipit/types-registry';
import type { ExpectedRevision } from './expected-revision.ts';

/**
 * What a store stands on: an ordered log of undecoded events, guarded per aggregate. `createEventStore` makes a typed
 * store of one. Implementations: `store/jetstream`, `store/memory`; both run the suite of `store/testing`.
 */
export interface EventLog {
  readonly name: string;
  /** The events that one append can store at once. */
  readonly maxBatch: number;
  /**
   * Stores the drafts of all parts, or none of them: each part with the revisions that follow its aggregate's last one,
   * all parts at positions in a row. Of several writers that saw the same revision one wins. An append that repeats one
   * (the same ids, in the same order, on the same aggregates) writes nothing and answers as the first did, as long as
   * the log remembers ids: at least two minutes.
   *
   * @throws ConflictError, DuplicateEventIdError, PayloadTooLargeError, AppendRejectedError, AppendInDoubtError,
   * TimeoutError, ConnectionError
   */
  append(request: AppendRequest): Promise<Appended>;
  /**
   * The aggregate's events in the order of revisions, up to its last at the moment of the call; none if unknown.
   *
   * @throws ReadFailedError, ConnectionError; the signal's reason once it aborts
   */
  readAggregate(aggregate: AggregateRef, range?: AggregateRange): AsyncIterable<readonly StoredMessage[]>;
  /**
   * The aggregate's last revision, 0 if unknown; as new as anything the log has confirmed to anybody, and so is what
   * `readAggregate` reads from then on.
   *
   * @throws ReadFailedError, ConnectionError; the signal's reason once it aborts
   */
  revision(aggregate: AggregateRef, signal?: AbortSignal): Promise<number>;
  /** Events in the order of positions, up to the last at the moment of the call; ends and fails like `readAggregate`. */
  read(query: LogQuery): AsyncIterable<readonly StoredMessage[]>;
  /**
   * Like `read`, and goes on with what is appended after, until the signal aborts: then it ends without an error.
   * Batches are never held back to fill up. The first arrives at once, empty where there is nothing to read.
   */
  follow(query: LogQuery): AsyncIterable<StoredBatch>;
  /**
   * The last event of each aggregate of a type, in the order of positions: those there are at the moment of the call, or
   * later ones. An aggregate that is appended to meanwhile may come again, with a later event. Ends and fails like `read`.
   */
  latest(aggregateType: string, signal?: AbortSignal): AsyncIterable<readonly StoredMessage[]>;
  /**
   * The ids of all aggregates of a type that have events, each once, in pages; from an index, not from the events.
   *
   * @throws ReadFailedError; the signal's reason once it aborts
   */
  ids(aggregateType: string, signal?: AbortSignal): AsyncIterable<readonly string[]>;
  /** How many those are. */
  count(aggregateType: string): Promise<number>;
  /** The position of the last event in the log; 0 while it is empty. */
  position(): Promise<number>;
  /**
   * Tells when the log turns out to be another one under the same name, so that all that was remembered of it is void.
   * For logs to which that can happen; it is noticed at the latest before something is written to it for a second time.
   */
  onReplaced?(listener: () => void): void;
  /** Ends every `follow`; appends under way are finished. The connection stays its owner's. */
  close(): Promise<void>;
}

export interface AppendRequest {
  /** At least one; no two of one aggregate. */
  readonly parts: readonly AppendPart[];
  /** Whether ids were chosen by the user, so that this may be a repetition. */
  readonly mayRepeat: boolean;
  /** Milliseconds after which the append gives up. */
  readonly timeout: number;
}

/** What an append does to one aggregate. */
export interface AppendPart {
  readonly aggregate: AggregateRef;
  readonly expected: ExpectedRevision;
  /** At least one; ids are distinct in the whole append. */
  readonly drafts: readonly EventDraft[];
}

export interface Appended {
  /** As the parts of the request. */
  readonly parts: readonly AppendedPart[];
}

export interface AppendedPart {
  /** The revision of the last event. */
  readonly revision: number;
  /** The positions of the events, in their order. */
  readonly positions: readonly number[];
  /** The events as they were found in the log, where they had been stored before this append was answered. */
  readonly stored?: readonly StoredMessage[];
}

export interface AggregateRange {
  /** The position of an event of this aggregate, known to have been stored; it and what follows is read. */
  readonly fromPosition?: number;
  readonly signal?: AbortSignal;
}

export interface LogQuery {
  /** Types of aggregates; all where there is none. */
  readonly aggregateTypes?: readonly string[];
  /** Inclusive; default 1, the beginning. */
  readonly fromPosition?: number;
  /** Only what was stored at this time or later, by the log's own clock. */
  readonly fromTime?: Date;
  readonly signal?: AbortSignal;
}

export interface StoredBatch {
  readonly messages: readonly StoredMessage[];
  /** Up to here the log has been seen, whether or not the events fit the query. */
  readonly position: number;
  /** Whether this was the end of the log when the batch was made. */
  readonly caughtUp: boolean;
}
