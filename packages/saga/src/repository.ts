import type { EventDefinition, RecordedEvent } from '@pipit/types-registry';
import type { Saga } from './define-saga.ts';
import type { Effect } from './effect.ts';
import type { SagaChange, StoredChange } from './saga-change.ts';
import type { SagaState } from './saga-state.ts';

/** An instance as it is kept. */
export interface StoredSaga {
  readonly state: SagaState;
  /** How many changes it has had; 0 where it was not started. */
  readonly revision: number;
}

/** The last that happened to an instance. */
export interface LastChange extends StoredChange {
  readonly id: string;
}

/**
 * Keeps instances, sees to it that each is driven by one process at a time, and wakes them.
 *
 * Not promised: that a load shows what another process has written a moment ago. Writes find out.
 */
export interface SagaRepository {
  /**
   * @param known a revision that the instance has for sure. Default: 0
   * @throws SagaBehindError where nobody who has that answers
   */
  load(saga: Saga, id: string, known?: number): Promise<StoredSaga>;
  /** Whether an instance has been started, asked where it cannot be missed. */
  exists(saga: Saga, id: string): Promise<boolean>;
  /**
   * Adds changes to an instance, and to other aggregates what goes with them: all or nothing.
   *
   * @param revision the instance has to be at
   * @returns the instance after it, and the position of the last event where it is kept in a log
   * @throws SagaMovedError; NoEventsError where effects cannot be kept; what an effect's `decide` throws, and what the
   * store throws for its events
   */
  append(
    saga: Saga,
    id: string,
    before: StoredSaga,
    changes: readonly SagaChange[],
    effects?: readonly Effect[],
  ): Promise<StoredSaga & { readonly position?: number }>;
  /** The last change of each instance. */
  latest(saga: Saga, signal?: AbortSignal): AsyncIterable<LastChange>;
  /**
   * Calls `wake` of a driver at the time or later, at least once, also where no process has run meanwhile. Each timer of
   * an instance rings for itself: a process that was frozen and sets one that is obsolete takes none away.
   */
  wakeAt(saga: Saga, id: string, timer: number, time: Date): Promise<void>;
  /** Hands the instances of a saga over to be driven, to one driver of all processes at a time. */
  run(saga: Saga, driver: SagaDriver, options: RunOptions): RunningSaga;
  /** For the deadlines it sets. */
  now(): Date;
}

/** What is done for instances. Each is called again where it fails, or its process dies before it returns. */
export interface SagaDriver {
  /**
   * An instance has come to a revision: goes on with it, for as long as there is something to do.
   *
   * @throws what the repository does, and SagaVersionError: then it is handed over again
   */
  drive(instance: HandedInstance, signal: AbortSignal): Promise<void>;
  /** The time of a timer has come. */
  wake(id: string, timer: number): Promise<void>;
  /**
   * One of the saga's events has come.
   *
   * @param isPatient whether it comes again where this fails: SagaNotStartedError says that it may be too early
   */
  receive(event: RecordedEvent, isPatient: boolean): Promise<void>;
}

export interface HandedInstance {
  readonly id: string;
  /** A revision that it has. */
  readonly revision: number;
  /** The instance, where it is known and nothing is likely to have happened since. */
  readonly latest?: StoredSaga | undefined;
  /** Another process may have been at it, and died before it could say so. */
  readonly isAgain: boolean;
}

export interface RunOptions {
  /** How many instances are driven at a time. */
  readonly concurrency: number;
  /** What `receive` is called for: the events of all versions that are registered. */
  readonly events: readonly EventDefinition[];
}

export interface RunningSaga {
  /** Fulfilled when instances are handed over. */
  readonly ready: Promise<void>;
  /** Takes no more, and waits for those under way, for so many milliseconds; then their signal aborts. */
  stop(options: { readonly timeout: number }): Promise<void>;
}
