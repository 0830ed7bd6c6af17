import type { Task } from './task.ts';

export type TaskStatusName = 'waiting' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'expired';

/** How a task, or one run of a periodic one, was when it was asked for. */
export interface TaskStatus {
  readonly id: string;
  readonly name: string;
  /**
   * - `waiting`: for its time, or for a slot.
   * - `running`: until it has really ended, and while it waits for its next attempt.
   * - `succeeded`, `failed`: its last attempt returned, or threw.
   * - `cancelled`: by `cancel` or `close`, whether or not it had begun.
   * - `expired`: it was due, and waited too long for a slot.
   */
  readonly status: TaskStatusName;
  readonly scheduledAt: Date;
  /** When it has to begin; of a periodic task that is running, when this run had to. */
  readonly dueAt: Date;
  /** `undefined` until it begins. */
  readonly startedAt: Date | undefined;
  /** `undefined` until it has ended. */
  readonly endedAt: Date | undefined;
  /** Begun so far. */
  readonly attempts: number;
  /** What the last attempt threw that failed; also while it runs on, or waits for the next one. */
  readonly error: unknown;
  /** Only of periodic tasks. */
  readonly periodic: PeriodicStatus | undefined;
}

export interface PeriodicStatus {
  /** When it is due the next time; `undefined` when it never will be again. */
  readonly next: Date | undefined;
  /** How many runs have ended, those included that expired. */
  readonly runs: number;
  /** How often it was due while the run before was still under way or waiting for a slot. */
  readonly skipped: number;
  readonly lastRun: TaskRun | undefined;
}

/** A run of a periodic task that has ended. */
export interface TaskRun {
  readonly status: 'succeeded' | 'failed' | 'cancelled' | 'expired';
  readonly dueAt: Date;
  readonly startedAt: Date | undefined;
  readonly endedAt: Date;
  readonly attempts: number;
  readonly error: unknown;
}

export interface ScheduledTask<Result> {
  readonly id: string;
  readonly name: string;
  /** As it is now; also of a task that the scheduler remembers no more. */
  readonly status: TaskStatus;
  /**
   * What the task returned, as soon as it has ended. A periodic one ends when its expression has no further time, with
   * the last run, or when it is cancelled.
   *
   * @throws TaskFailedError, TaskCancelledError, TaskExpiredError
   */
  result(): Promise<Result>;
}

export interface CloseOptions {
  /** Milliseconds until the tasks that are running are aborted; default 10,000. */
  readonly timeout?: number;
  /** Milliseconds that they have to end when they have been aborted; default 1,000. */
  readonly grace?: number;
}

export interface ClosedScheduler {
  /** Tasks that have not ended: they ignore their signals, and may be at work still. */
  readonly unfinished: readonly TaskStatus[];
}

/**
 * Runs tasks of this process: at once, at a time, or again and again. Nothing is kept elsewhere: what had not ended
 * when the process dies is not run again. What a task throws ends neither the process nor another task.
 *
 * Implementations: `createSequentialScheduler`, `createConcurrentScheduler`; both run `testScheduler` of
 * `projection/testing`.
 */
export interface Scheduler {
  /**
   * Takes up a task. It begins when it is due and there is a slot, never before this has returned; of several that wait
   * for a slot the one that was due first, then the one that was scheduled first. Its slot is its own until it has
   * really ended, between its attempts too.
   *
   * @throws InvalidTaskError, SchedulerClosedError
   */
  schedule<Result>(task: Task<Result>): ScheduledTask<Result>;
  /**
   * Ends a task: one that waits at once, one that runs by its signal. That one stays `running` until it has ended; then
   * it is `cancelled`, whatever it returned.
   *
   * @returns whether it did: not where there is no such task, or it has ended or was cancelled before
   */
  cancel(id: string): boolean;
  /** `undefined` for a task that there is not, or that ended too long ago to be remembered. */
  get(id: string): TaskStatus | undefined;
  /** Tasks that have ended and are remembered, in the order of their ends; then the others, as they were scheduled. */
  list(): readonly TaskStatus[];
  /**
   * Refuses further tasks with a SchedulerClosedError, cancels those that wait, waits for those that run, and aborts
   * them when the time is up. Calling it again waits for the same.
   */
  close(options?: CloseOptions): Promise<ClosedScheduler>;
}
