import { randomUUID } from 'node:crypto';
import type { Timing } from './check-task.ts';
import type { ScheduledTask, TaskRun, TaskStatus, TaskStatusName } from './scheduler.ts';
import type { Task } from './task.ts';
import { TaskCancelledError, TaskExpiredError, TaskFailedError } from './task-errors.ts';

/** A task that has not ended, as the scheduler has it. Times are in milliseconds since 1970. */
export interface TaskRecord {
  readonly id: string;
  readonly task: Task<unknown>;
  readonly scheduledAt: number;
  readonly periodic: PeriodicRecord | undefined;
  readonly ended: PromiseWithResolvers<Ending>;
  status: TaskStatusName;
  dueAt: number;
  startedAt: number | undefined;
  attempts: number;
  error: unknown;
  /** Who has cancelled the run that is under way, and how it is told. */
  cancelledBy: CancelledBy | undefined;
  stopping: AbortController;
}

interface PeriodicRecord {
  readonly after: (time: number) => number | undefined;
  next: number | undefined;
  runs: number;
  skipped: number;
  lastRun: TaskRun | undefined;
}

export type CancelledBy = 'cancel' | 'close';

/** How a run, and with it perhaps the task, has ended. */
export type Outcome =
  | { readonly status: 'succeeded'; readonly result: unknown }
  | { readonly status: 'failed'; readonly error: unknown }
  | { readonly status: 'cancelled'; readonly by: CancelledBy }
  | { readonly status: 'expired'; readonly slotTimeout: number };

interface Ending {
  readonly outcome: Outcome;
  readonly status: TaskStatus;
}

export function taskRecord(task: Task<unknown>, { at, after }: Timing, now: number): TaskRecord {
  return {
    id: randomUUID(),
    task,
    scheduledAt: now,
    periodic: after && { after, next: at, runs: 0, skipped: 0, lastRun: undefined },
    ended: Promise.withResolvers(),
    ...beforeRun(at),
  };
}

/** What is so of each run before it begins. */
export function beforeRun(dueAt: number) {
  return {
    status: 'waiting',
    dueAt,
    startedAt: undefined,
    attempts: 0,
    error: undefined,
    cancelledBy: undefined,
    stopping: new AbortController(),
  } as const;
}

export function statusOf(record: TaskRecord, endedAt?: number): TaskStatus {
  const { id, task, status, attempts, error, periodic } = record;
  return {
    id,
    name: task.name,
    status,
    scheduledAt: new Date(record.scheduledAt),
    dueAt: new Date(record.dueAt),
    startedAt: dateOf(record.startedAt),
    endedAt: dateOf(endedAt),
    attempts,
    error,
    periodic: periodic && {
      next: dateOf(periodic.next),
      runs: periodic.runs,
      skipped: periodic.skipped,
      lastRun: periodic.lastRun,
    },
  };
}

export function runOf(record: TaskRecord, { status }: Outcome, endedAt: number): TaskRun {
  const { dueAt, startedAt, attempts, error } = record;
  return {
    status,
    dueAt: new Date(dueAt),
    startedAt: dateOf(startedAt),
    endedAt: new Date(endedAt),
    attempts,
    error,
  };
}

/** What its scheduler gives to whoever scheduled it. */
export function scheduledTask<Result>(record: TaskRecord): ScheduledTask<Result> {
  const { id, task, ended } = record;
  let last: TaskStatus | undefined;
  void ended.promise.then(({ status }) => {
    last = status;
  });
  return {
    id,
    name: task.name,
    get status() {
      return last ?? statusOf(record);
    },
    async result() {
      const { outcome } = await ended.promise;
      if (outcome.status === 'succeeded') return outcome.result as Result;
      throw errorOf(record, outcome);
    },
  };
}

function errorOf(
  { id, task, attempts }: TaskRecord,
  outcome: Exclude<Outcome, { readonly status: 'succeeded' }>,
): Error {
  if (outcome.status === 'failed') return new TaskFailedError(id, task.name, attempts, outcome.error);
  if (outcome.status === 'cancelled') return new TaskCancelledError(id, task.name, outcome.by);
  return new TaskExpiredError(id, task.name, outcome.slotTimeout);
}

function dateOf(time: number | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time);
}
