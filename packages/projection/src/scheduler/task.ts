export interface TaskContext {
  /**
   * Aborts when the attempt takes longer than the task's `timeout`, when the task is cancelled, and when the scheduler
   * is closed and has waited long enough. A task that does not listen goes on and keeps its slot.
   */
  readonly signal: AbortSignal;
  /** From 1. */
  readonly attempt: number;
}

export interface TaskRetry {
  /** How often it is tried at most, the first time included. */
  readonly attempts: number;
  /** Milliseconds before the second attempt; default 1,000. Random time is added to each pause, up to as much again. */
  readonly pause?: number;
  /** What each pause is multiplied by for the next one; default 2. */
  readonly factor?: number;
  /** The longest pause in milliseconds; default 60,000. */
  readonly longestPause?: number;
}

export interface TaskWork<Result> {
  /** For people. */
  readonly name: string;
  readonly run: (context: TaskContext) => Promise<Result> | Result;
  /** Default: one attempt. Whatever it throws, it is tried again. */
  readonly retry?: TaskRetry;
  /**
   * Milliseconds that an attempt may take; default: any. Then its signal aborts, and the attempt has failed with a
   * TaskTimeoutError, whatever it does then. The next attempt begins when this one has really ended.
   */
  readonly timeout?: number;
}

interface AtOnce {
  readonly at?: undefined;
  readonly delay?: undefined;
  readonly cron?: undefined;
  readonly timeZone?: undefined;
}

interface AtTime extends Omit<AtOnce, 'at'> {
  /** When it is due, by the system's clock; at once where that has passed. */
  readonly at: Date;
}

interface AfterDelay extends Omit<AtOnce, 'delay'> {
  /** Milliseconds after which it is due. */
  readonly delay: number;
}

interface Periodic extends Omit<AtOnce, 'cron' | 'timeZone'> {
  /**
   * When it is due, again and again: five fields from minute to day of week, or six with seconds before them, or one of
   * `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`. A time that comes while the run before has not ended is
   * skipped and counted. Times that pass while the process cannot run are not made up for.
   */
  readonly cron: string;
  /** An IANA name such as `Europe/Berlin`; default `UTC`. */
  readonly timeZone?: string;
}

/** What to run, and when: at most one of `at`, `delay` and `cron`; at once where there is none. */
export type Task<Result> = TaskWork<Result> & (AtOnce | AtTime | AfterDelay | Periodic);
