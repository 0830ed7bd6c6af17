import { ringAfter } from './alarm.ts';
import type { ClosedScheduler, CloseOptions } from './scheduler.ts';
import { InvalidSchedulerError } from './task-errors.ts';
import { statusOf, type TaskRecord } from './task-record.ts';

/** What closing needs to know of a scheduler. */
export interface Closing {
  /** All that have not ended. */
  tasks(): Iterable<TaskRecord>;
  isRunning(record: TaskRecord): boolean;
  cancel(record: TaskRecord): void;
  /** Runs what is under way, and never again. */
  endAfterRun(record: TaskRecord): void;
}

export async function closeScheduler(
  { tasks, isRunning, cancel, endAfterRun }: Closing,
  { timeout, grace }: Required<CloseOptions>,
): Promise<ClosedScheduler> {
  for (const record of [...tasks()]) {
    if (isRunning(record)) endAfterRun(record);
    else cancel(record);
  }
  await allEnded([...tasks()], timeout);
  const late = [...tasks()];
  for (const record of late) cancel(record);
  await allEnded(late, grace);
  return { unfinished: Array.from(tasks(), (record) => statusOf(record)) };
}

/** @throws InvalidSchedulerError */
export function closeOptions({ timeout = 10_000, grace = 1_000 }: CloseOptions = {}): Required<CloseOptions> {
  for (const [option, value] of Object.entries({ timeout, grace })) {
    if (typeof value === 'number' && value >= 0) continue;
    throw new InvalidSchedulerError(option, `must be a number of milliseconds from 0, not ${String(value)}`);
  }
  return { timeout, grace };
}

async function allEnded(records: readonly TaskRecord[], timeout: number): Promise<void> {
  if (records.length === 0) return;
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const stop = ringAfter(timeout, resolve);
  await Promise.race([Promise.all(records.map(({ ended }) => ended.promise)), late]);
  stop();
}
