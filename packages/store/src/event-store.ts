import type {
  AggregateRef,
  CommandOf,
  EventDefinition,
  EventOf,
  NewEventOf,
  NewMessageOf,
} from '@pipit/types-registry';
import type { Aggregate, CommandDefinitionOf, Decision, DefinitionOf, StateOf } from './aggregate.ts';
import type { KeyChange } from './append/unique-key.ts';
import type { ExpectedRevision } from './expected-revision.ts';

/** An event store: the log of everything that happened to the aggregates it was opened with. */
export interface EventStore<A extends Aggregate = Aggregate> {
  readonly name: string;

  /**
   * Appends events to one aggregate, all or none. Fills in ids (UUIDv7) and times, validates the payloads, and guards
   * on the aggregate's revision, so that of several writers who saw the same one exactly one wins. A lost answer is
   * looked up. When it returns, the events are stored; durability is the stream's (replicas, sync interval).
   *
   * Events whose ids you choose make an append repeatable for as long as the store remembers ids (two minutes by
   * default): the repetition writes nothing and returns what the first did. `reserve` and `release` beside the events
   * take and give up unique keys together with them. At most 1,000 events and keys fit into one append.
   *
   * @throws ConflictError, KeyTakenError, InvalidPayloadError, InvalidSubjectTokenError, InvalidEventError, PayloadTooLargeError,
   * DuplicateEventIdError, AppendRejectedError, TimeoutError, AppendInDoubtError, ConnectionError, StoreClosedError;
   * UnreadableEventError and ReadFailedError where the end of the aggregate, or of a key, has to be read first
   */
  append<T extends A>(
    aggregate: T,
    id: string,
    events: Items<DefinitionOf<T>>,
    options?: AppendOptions,
  ): Promise<AppendResult<EventOf<DefinitionOf<T>>>>;

  /**
   * Appends to several aggregates, all or none, as `append` does to one: every aggregate at the revision it is expected
   * at, or nothing is written. The results are in the order of the changes, their positions in a row.
   *
   * @throws as `append`; a ConflictError names the aggregate
   */
  appendAll<const T extends readonly A[]>(
    changes: { readonly [K in keyof T]: Change<T[K]> },
    options?: AppendAllOptions,
  ): Promise<AppendAllResult<{ readonly [K in keyof T]: AppendResult<EventOf<DefinitionOf<T[K]>>> }>>;

  /**
   * The state of an aggregate from its events, up to the last at the moment of the call. An aggregate that does not
   * exist has its initial state, revision 0 and position 0. On replicas the state may be older than other processes'
   * latest appends; for the 10,000 aggregates that this store used last, never than its own. `revision` and
   * `position` say what it saw, and a guarded append finds out. States are frozen: one that is in use here may be handed out again.
   *
   * @throws UnreadableEventError, MissingRevisionError, InvalidSubjectTokenError, ReadFailedError, ConnectionError,
   * StoreClosedError
   */
  load<T extends A>(aggregate: T, id: string, options?: LoadOptions): Promise<Loaded<StateOf<T>>>;

  /**
   * Loads, decides and appends, guarded on what was loaded. `decide` is a pure function of the state, or a command
   * for the aggregate's own `decide`; it runs again on a fresh state when that turned out not to be the latest, or
   * another writer came first. Calls of this store for one aggregate decide one after the other. Returning no event
   * appends nothing. What it throws on the latest state is passed on.
   *
   * @throws as `load` and `append`, UnreadableEventError and ReadFailedError among them; ConflictError when `expected`
   * does not hold, or the retries are used up; TimeoutError, also while it loads; EvolveFailedError when `evolve` throws
   * on what was decided, before anything is written.
   */
  execute<T extends A>(
    aggregate: T,
    id: string,
    decide:
      | ((state: StateOf<T>, context: DecisionContext) => Decision<DefinitionOf<T>>)
      | NewMessageOf<CommandDefinitionOf<T>>,
    options?: ExecuteOptions,
  ): Promise<ExecuteResult<StateOf<T>, EventOf<DefinitionOf<T>>>>;

  /**
   * Events in the order of positions (those of one aggregate: of revisions), up to the last at the moment of the call.
   * It never waits for new ones. At most 2,048 events or 8 MB are in memory at once, or one event that is larger; where
   * one aggregate is read, 1,024 or 4 MB, in layout `event` of each type of event.
   *
   * The server sends the aggregates of the selected types, or the selected one, and of that every revision up to the
   * last one that is asked for; events are selected by their types here.
   *
   * @throws UnreadableEventError at the event that cannot be read, unless `unreadable` is `skip`; MissingRevisionError
   * where one aggregate is read; ReadFailedError; the signal's reason once it aborts
   */
  read<T extends A, D extends DefinitionOf<T> = DefinitionOf<T>>(
    options?: ReadOptions<T, D>,
  ): Reading<EventOf<D>>;

  /**
   * Like `read`, then goes on live without a gap or a repetition until `signal` aborts, which ends it without an
   * error. Batches are never held back to fill up; the first arrives at once, empty where there is nothing to read.
   * A batch, and what waits in memory while the caller works on it, are at most 2,048 events or 8 MB together, or one
   * event that is larger.
   *
   * The server sends the whole store, whatever is selected, so that `position` also passes what is not. While catching
   * up, batches without an event only tell of every 1,024 positions or so, and of the end.
   *
   * @throws UnreadableEventError behind the events before it, unless `unreadable` is `skip`; ReadFailedError
   */
  follow<T extends A, D extends DefinitionOf<T> = DefinitionOf<T>>(
    options?: FollowOptions<T, D>,
  ): AsyncIterable<EventBatch<EventOf<D>>>;

  /**
   * The last event of each aggregate of a type, in the order of positions: the one at the moment of the call, or a later
   * one. An aggregate may come again, with a later event, where it is appended to meanwhile, a replica is behind or the
   * connection is lost. The server sends nothing but these, up to 2,048 or 8 MB of which are in
   * memory at once; in layout `event` it sends the last of each of an aggregate's types of events, and that without
   * payloads as well, and the aggregates' ids and positions are kept meanwhile.
   *
   * @throws UnreadableEventError at the event that cannot be read, unless `unreadable` is `skip`; ReadFailedError; the
   * signal's reason once it aborts
   */
  latest<T extends A>(aggregate: T, options?: LatestOptions): Reading<EventOf<DefinitionOf<T>>>;

  /**
   * The ids of all aggregates of a type that have events, each once, in the order of their subjects' bytes: the same
   * each time, but in layout `event` `a-1` comes before `a`. They come from the server's index of subjects, a page at a
   * time; no event is read. Aggregates that begin or end while it runs may be missing or be there.
   *
   * @throws ReadFailedError; the signal's reason once it aborts
   */
  ids(aggregate: A, options?: { readonly signal?: AbortSignal }): AsyncIterable<string>;

  /**
   * How many aggregates of a type have events, from the same index: 10⁶ take about a second. In layout `event` all ids
   * are listed for it, which takes ten times as long, and up to a minute on a busy server.
   *
   * @throws ReadFailedError, ConnectionError
   */
  count(aggregate: A): Promise<number>;

  /**
   * Whether an aggregate has events; the leader of the stream is asked, so that no replica is behind.
   *
   * @throws InvalidSubjectTokenError, UnreadableEventError for its last event, ReadFailedError, ConnectionError
   */
  exists(aggregate: A, id: string): Promise<boolean>;

  /**
   * The aggregate that holds a unique key, `undefined` where nobody does; the leader of the stream is asked how far the
   * key goes, so that no replica is behind. See `reserve`.
   *
   * @throws UnreadableEventError, ReadFailedError, ConnectionError
   */
  keyOwner(name: string, value: string): Promise<AggregateRef | undefined>;

  /**
   * The position of the last event in the store, 0 while it is empty.
   *
   * @throws ReadFailedError, ConnectionError
   */
  position(): Promise<number>;

  /**
   * Refuses further work with a StoreClosedError, waits for every call under way and for snapshots, each as long as it
   * takes by its own timeout, and ends readers: a `follow` without an error, a `read`, `latest` and `ids` with a StoreClosedError.
   * The connection stays open: it is yours.
   */
  close(): Promise<void>;
}

export interface AppendOptions {
  /** Default: `any`. */
  readonly expected?: ExpectedRevision;
  /** Milliseconds until the append gives up; default 10,000. */
  readonly timeout?: number;
}

export interface AppendAllOptions {
  /** As for `append`. */
  readonly timeout?: number;
}

/** What is appended to one aggregate: an event, or several, and the keys it takes or gives up with them. */
export type Items<D extends EventDefinition> = NewEventOf<D> | readonly (NewEventOf<D> | KeyChange)[];

/** What `appendAll` does to one of its aggregates; each may stand in it once. */
export interface Change<T> {
  readonly aggregate: T;
  readonly id: string;
  readonly events: Items<DefinitionOf<T>>;
  /** Default: `any`. */
  readonly expected?: ExpectedRevision;
}

export interface AppendAllResult<Results> {
  /** The position of the last event appended. */
  readonly position: number;
  readonly results: Results;
}

export interface AppendResult<Event> {
  /** The aggregate's revision after the append. */
  readonly revision: number;
  /** The position of the last event appended. */
  readonly position: number;
  /** The events as they were stored. */
  readonly events: readonly Event[];
}

export interface LoadOptions {
  /** Stop after this revision; an aggregate that has not come so far is loaded to its end. */
  readonly toRevision?: number;
  /**
   * The state as it was at this time: stop before the first event that was stored later, by the server's clock. An
   * event's own `time` plays no part, since writers' clocks differ and it can be given.
   */
  readonly asOf?: Date;
  readonly signal?: AbortSignal;
}

export interface Loaded<State> {
  readonly state: State;
  /** 0 where the aggregate does not exist. */
  readonly revision: number;
  /** The position of the last event in the state; 0 where there is none. */
  readonly position: number;
}

export interface DecisionContext {
  readonly aggregate: AggregateRef;
  readonly revision: number;
}

export interface ExecuteOptions {
  /** The revision the caller acted upon: another one is a conflict at once, without a retry. Default: `any`. */
  readonly expected?: ExpectedRevision;
  /** How often to decide again when another writer came first; default 5. */
  readonly retries?: number;
  /** Milliseconds for all of it, loading and deciding again included; default 10,000. */
  readonly timeout?: number;
}

export interface ExecuteResult<State, Event> extends Loaded<State> {
  /** What was appended; empty where the decision was to do nothing. */
  readonly events: readonly Event[];
}

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

/** The events of a store's aggregates, as a union to switch on `type`. */
export type StoreEvent<A> = EventOf<DefinitionOf<A>>;
/** The commands of an aggregate as its `decide` gets them. */
export type AggregateCommand<A> = CommandOf<CommandDefinitionOf<A>>;
