import type { RecordedEvent } from '@pipit/types-registry';
import type { Saga } from './define-saga.ts';
import type { SagaStatus } from './saga-change.ts';
import type { SagaDetails, SagaSummary } from './saga-details.ts';
import type { SagaRef } from './saga-errors.ts';

/** Starts sagas, drives them, and tells how far they are. */
export interface Sagas {
  /** Fulfilled when instances are driven here. Rejects where that cannot be, and is logged then. */
  readonly ready: Promise<void>;
  /**
   * Starts an instance; it is driven from now on, here or by another process. Starting it again with the same input does
   * nothing.
   *
   * @param id of the instance: any text that takes at most 128 bytes as a subject token
   * @throws InvalidInputError, SagaExistsError, InvalidSubjectTokenError; what the repository throws: then it may have been
   * started, and starting it again is safe
   */
  start<Input>(saga: Saga<string, Input>, id: string, input: Input): Promise<StartedSaga>;
  /**
   * Hands an event to the instances it starts or belongs to. A repository in an event store does so by itself with the
   * events of that store.
   */
  deliver(event: RecordedEvent): Promise<void>;
  /** `undefined` where there is none. @throws UnknownSagaError; what the repository throws */
  get(saga: SagaRef): Promise<SagaDetails | undefined>;
  /**
   * Instances that fit, in no order that can be relied on; ended ones as well. The last event of every instance of the
   * named saga, or of all, is read for it.
   *
   * @throws UnknownSagaError; what the repository throws
   */
  list(query?: SagaQuery): AsyncIterable<SagaSummary>;
  /**
   * Tries a compensation that has failed for good again, from its first attempt.
   *
   * @throws NoAttentionNeededError, SagaNotFoundError, UnknownSagaError; what the repository throws
   */
  retry(saga: SagaRef, by?: string): Promise<void>;
  /** Goes on with the compensation after it, as if it were done: somebody has done it by hand. @throws as `retry` */
  skip(saga: SagaRef, by?: string): Promise<void>;
  /** Undoes nothing more. @throws as `retry` */
  abandon(saga: SagaRef, by?: string): Promise<void>;
  /**
   * Takes no instances any more, and waits for those that are being driven; once the time is up their steps are told by
   * their signal, and another process, or the next one, tries them again.
   *
   * @param options milliseconds, default 10,000
   */
  stop(options?: { readonly timeout?: number }): Promise<void>;
}

export interface StartedSaga extends SagaRef {
  /** Whether this call has started it. */
  readonly isNew: boolean;
  /** Of its first event, where it is kept in an event store and is new. */
  readonly position: number | undefined;
}

export interface SagaQuery {
  /** Of the saga. Default: all that are registered. */
  readonly name?: string;
  readonly state?: SagaStatus | readonly SagaStatus[];
  /** Only those whose last change was before this time. */
  readonly older?: Date;
  readonly signal?: AbortSignal;
}
