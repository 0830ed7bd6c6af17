import type {
  AggregateRef,
  CommandOf,
  EventDefinition,
  EventOf,
  NewEventOf,
  NewMessageOf,
} from '@pipit/types-registry';
import type { Aggregate, CommandDefinitionOf, Decision, DefinitionOf, StateOf } from './aggregate.ts';
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
   * default): the repetition writes nothing and returns what the first did.
   *
   * @throws ConflictError, InvalidPayloadError, InvalidSubjectTokenError, InvalidEventError, PayloadTooLargeError,
   * DuplicateEventIdError, AppendRejectedError, TimeoutError, AppendInDoubtError, ConnectionError
   */
  append<T extends A>(
    aggregate: T,
    id: string,
    events: NewEventOf<DefinitionOf<T>> | readonly NewEventOf<DefinitionOf<T>>[],
    options?: AppendOptions,
  ): Promise<AppendResult<EventOf<DefinitionOf<T>>>>;

  /**
   * The state of an aggregate from its events, up to the last at the moment of the call. An aggregate that does not
   * exist has its initial state, revision 0 and position 0. On replicas the state may be older than other processes'
   * latest appends, never than this store's own; `revision` and `position` say what it saw, and a guarded append
   * finds out.
   *
   * @throws UnreadableEventError, MissingRevisionError, InvalidSubjectTokenError, ConnectionError
   */
  load<T extends A>(aggregate: T, id: string, options?: LoadOptions): Promise<Loaded<StateOf<T>>>;

  /**
   * Loads, decides and appends, guarded on what was loaded. `decide` is a pure function of the state, or a command
   * for the aggregate's own `decide`; it runs again on a fresh state when another writer came first. Returning no
   * event appends nothing. What it throws is passed on.
   *
   * @throws as `load` and `append`; ConflictError when `expected` does not hold, or the retries are used up.
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
   * It never waits for new ones.
   *
   * @throws UnreadableEventError at the event that cannot be read
   */
  read<T extends A, D extends DefinitionOf<T> = DefinitionOf<T>>(
    options?: ReadOptions<T, D>,
  ): AsyncIterable<EventOf<D>>;

  /**
   * Like `read`, then goes on live without a gap or a repetition until `signal` aborts, which ends it without an
   * error. Batches are never held back to fill up; the first arrives at once, empty where there is nothing to read.
   *
   * @throws UnreadableEventError, ReadFailedError
   */
  follow<T extends A, D extends DefinitionOf<T> = DefinitionOf<T>>(
    options?: FollowOptions<T, D>,
  ): AsyncIterable<EventBatch<EventOf<D>>>;

  /**
   * The position of the last event in the store, 0 while it is empty.
   *
   * @throws ReadFailedError, ConnectionError
   */
  position(): Promise<number>;

  /** Ends every `follow` and refuses further work. The connection stays open: it is yours. */
  close(): Promise<void>;
}

export interface AppendOptions {
  /** Default: `any`. */
  readonly expected?: ExpectedRevision;
  /** Milliseconds until the append gives up; default 10,000. */
  readonly timeout?: number;
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
  /** As for `append`. */
  readonly timeout?: number;
}

export interface ExecuteResult<State, Event> extends Loaded<State> {
  /** What was appended; empty where the decision was to do nothing. */
  readonly events: readonly Event[];
}

interface Selection<T, D extends EventDefinition> {
  /** Only aggregates of this type or these types. Default: all. */
  readonly aggregate?: T | readonly T[];
  /** Only events of these types. Default: all. */
  readonly events?: readonly D[];
  /** The first position to read, inclusive. Default: 1. */
  readonly fromPosition?: number;
}

export interface ReadOptions<T, D extends EventDefinition> extends Selection<T, D> {
  /** Only this aggregate; takes one `aggregate` type. */
  readonly id?: string;
  /** The first and the last revision to read, inclusive; only with `id`. */
  readonly fromRevision?: number;
  readonly toRevision?: number;
}

export interface FollowOptions<T, D extends EventDefinition> extends Selection<T, D> {
  readonly signal?: AbortSignal;
}

export interface EventBatch<Event> {
  readonly events: readonly Event[];
  /** Up to here the store has been seen, whether or not the events fit the options. */
  readonly position: number;
  /** Whether this was the end of the store when the batch was made. */
  readonly caughtUp: boolean;
}

/** The events of a store's aggregates, as a union to switch on `type`. */
export type StoreEvent<A> = EventOf<DefinitionOf<A>>;
/** The commands of an aggregate as its `decide` gets them. */
export type AggregateCommand<A> = CommandOf<CommandDefinitionOf<A>>;
