import type { AggregateRef, CommandOf, EventOf, NewMessageOf } from '@pipit/types-registry';
import type { Aggregate, CommandDefinitionOf, Decision, DefinitionOf, StateOf } from './aggregate.ts';
import type { EventBatch, FollowOptions, LatestOptions, Reading, ReadOptions } from './read-options.ts';
import type {
  AppendAllOptions,
  AppendAllResult,
  AppendOptions,
  AppendResult,
  Change,
  DecisionContext,
  ExecuteOptions,
  ExecuteResult,
  Items,
  Loaded,
  LoadOptions,
} from './write-options.ts';

export type * from './read-options.ts';
export type * from './write-options.ts';

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

/** The events of a store's aggregates, as a union to switch on `type`. */
export type StoreEvent<A> = EventOf<DefinitionOf<A>>;
/** The commands of an aggregate as its `decide` gets them. */
export type AggregateCommand<A> = CommandOf<CommandDefinitionOf<A>>;
