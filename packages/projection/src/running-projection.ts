export interface WaitOptions {
  /** Milliseconds; default 5,000. */
  readonly timeout?: number;
}

export type ProjectionStatus = 'catching-up' | 'live' | 'stopped' | 'failed';

export interface RunningProjection {
  readonly name: string;
  readonly status: ProjectionStatus;
  /** Up to here the log has been seen and its events are in the rows. */
  readonly position: number;
  /**
   * Waits until the rows show everything up to a position: what an append returned, for example. A projection that
   * has ended answers at once, also for what it had seen by then.
   *
   * @throws ProjectionBehindError when the time is up; ProjectionFailedError, ProjectionStoppedError
   */
  waitFor(position: number | { readonly position: number }, options?: WaitOptions): Promise<void>;
  /**
   * Waits until the rows show everything that is in the log now. Without a `timeout` as long as it takes.
   *
   * @throws as `waitFor`; what the reader throws when it cannot tell where the log ends
   */
  caughtUp(options?: WaitOptions): Promise<void>;
  /** Settles when the projection has ended: with an error when it failed. The failure has been logged as well. */
  readonly closed: Promise<void>;
  /** Ends after the batch that is being written. Does not throw when the projection has failed. */
  stop(): Promise<void>;
}
