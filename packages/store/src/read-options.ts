import type { AggregateRef, EventDefinition } from '@pipit/types-registry';

/** One aggregate, or those of one type or several; all of the store where there is none. */
type Selected<T> = OneAggregate<T> | SeveralAggregates<T>;

interface OneAggregate<T> {
  readonly aggregate: T;
  readonly id: string;
}

interface SeveralAggregates<T> {
  /** Only aggregates of this type or these types. Default: all. */
  readonly aggregate?: T | readonly T[];
  /** Takes one `aggregate` type. */
  readonly id?: undefined;
}

interface Narrowing<D extends EventDefinition> {
  /** Only events of these types. Default: all. */
  readonly events?: readonly D[];
  /** The first position to read, inclusive. Default: 1. */
  readonly fromPosition?: number;
  /** Only what was stored at this time or later, by the server's clock. */
  readonly fromTime?: Date;
  /** Events that cannot be read end the reading (`stop`, the default), or are left out, counted and logged (`skip`). */
  readonly unreadable?: 'stop' | 'skip';
  readonly signal?: AbortSignal;
}

export type LatestOptions = Pick<Narrowing<never>, 'unreadable' | 'signal'>;

interface RevisionRange {
  /** The first and the last revision to read, inclusive. */
  readonly fromRevision?: number;
  readonly toRevision?: number;
}

interface NoRevisionRange {
  /** Only with `id`: several aggregates have no revisions in common. */
  readonly fromRevision?: undefined;
  readonly toRevision?: undefined;
}

export type ReadOptions<T, D extends EventDefinition> = Narrowing<D> & {
  /** Only what was stored up to this time, by the server's clock. */
  readonly asOf?: Date;
} & ((OneAggregate<T> & RevisionRange) | (SeveralAggregates<T> & NoRevisionRange));

/** Reads the store each time it is iterated over. */
export interface Reading<Event> extends AsyncIterable<Event> {
  /** How many events were left out so far because they could not be read; 0 unless `unreadable` is `skip`. */
  readonly skipped: number;
}

export type FollowOptions<T, D extends EventDefinition> = Narrowing<D> &
  Selected<T> & {
    /**
     * Asked for the aggregate of each event before it is decoded: those it is not true for are left out, also where they
     * cannot be read. For processes that share the aggregates.
     */
    readonly only?: (aggregate: AggregateRef) => boolean;
  };

export interface EventBatch<Event> {
  readonly events: readonly Event[];
  /** Up to here the store has been seen, whether or not the events fit the options. */
  readonly position: number;
  /** Whether this was the end of the store when the batch was made. */
  readonly caughtUp: boolean;
  /** How many events of the batch were left out because they cannot be read; 0 unless `unreadable` is `skip`. */
  readonly skipped: number;
}
