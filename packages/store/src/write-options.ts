import type { AggregateRef, EventDefinition, NewEventOf } from '@pipit/types-registry';
import type { DefinitionOf } from './aggregate.ts';
import type { KeyChange } from './append/unique-key.ts';
import type { ExpectedRevision } from './expected-revision.ts';

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
