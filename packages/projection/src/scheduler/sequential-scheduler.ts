import { createScheduler, type SchedulerOptions } from './create-scheduler.ts';
import type { Scheduler } from './scheduler.ts';

/**
 * Runs one task at a time, in the order in which they are due, those due at the same time in the order in which they
 * were scheduled. A task with all its attempts ends before the next begins; one that never ends keeps all others
 * waiting, also where it was aborted.
 *
 * @throws InvalidSchedulerError
 */
export function createSequentialScheduler(options: SchedulerOptions = {}): Scheduler {
  return createScheduler({ max: 1, slotTimeout: Number.POSITIVE_INFINITY }, options);
}
