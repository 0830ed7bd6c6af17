import { createScheduler, type SchedulerOptions } from './create-scheduler.ts';
import type { Scheduler } from './scheduler.ts';
import { InvalidSchedulerError } from './task-errors.ts';

export interface ConcurrentSchedulerOptions extends SchedulerOptions {
  /** How many tasks run at once at most. */
  readonly max: number;
  /**
   * Milliseconds that a task which is due may wait for a slot; then it is `expired`. 0: only at once. Default: as long
   * as it takes.
   */
  readonly slotTimeout?: number;
}

/**
 * Runs several tasks at a time. A task has its slot until it has really ended, also where it was aborted and does not
 * listen.
 *
 * @throws InvalidSchedulerError
 */
export function createConcurrentScheduler({
  max,
  slotTimeout = Number.POSITIVE_INFINITY,
  ...options
}: ConcurrentSchedulerOptions): Scheduler {
  if (!Number.isSafeInteger(max) || max < 1)
    throw new InvalidSchedulerError('max', `must be a whole number of tasks from 1, not ${String(max)}`);
  if (typeof slotTimeout !== 'number' || !(slotTimeout >= 0))
    throw new InvalidSchedulerError(
      'slotTimeout',
      `must be a number of milliseconds from 0, not ${String(slotTimeout)}`,
    );
  return createScheduler({ max, slotTimeout }, options);
}
