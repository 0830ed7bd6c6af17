import type { Lag } from './lag.ts';

export interface WaitOptions {
  /** Milliseconds; default 5,000. */
  readonly timeout?: number;
}

/** `standby`: other processes own all shards at the moment. */
export type ProjectionStatus = 'catching-up' | 'live' | 'standby' | 'stopped' | 'failed';

export interface RunningProjection {
  readonly name: string;
  readonly version: number;
  readonly status: ProjectionStatus;
  /** Up to here the log has been seen and its events are in the rows, as far as this process knows. */
  readonly position: number;
  /** The shards that this process takes events into at the moment. */
  readonly shards: readonly number[];
  /** How many events this process has left out because they cannot be read; 0 unless `unreadable` is `skip`. */
  readonly skipped: number;
  /**
   * How far the rows are behind the log, of all shards, whichever processes have them.
   *
   * @throws RepositoryError, what the reader throws
   */
  lag(): Promise<Lag>;
  /**
   * Waits until the rows show everything up to a position: what an append returned, for example. A projection that
   * has ended answers at once, also for what it had seen by then.
   *
   * @throws ProjectionBehindError when the time is up; ProjectionFailedError, ProjectionStoppedError
   */
  waitFor(position: number | { readonly position: number }, options?: WaitOptions): Promise<void>;
  /**
   * Waits until the rows show everything that is in the log now, and, where this is a version that takes the place of
   * another, until it has. Without a `timeout` as long as it takes.
   *
   * @throws as `waitFor`; what the reader throws when it cannot tell where the log ends
   */
  caughtUp(options?: WaitOptions): Promise<void>;
  /** Settles when the projection has ended: with an error when it failed. The failure has been logged as well. */
  readonly closed: Promise<void>;
  /**
   * Ends after the batch that is being written, and gives up the shards; a repository that does not answer can hold it up
   * for half a minute. Does not throw when the projection has failed.
   */
  stop(): Promise<void>;
}
