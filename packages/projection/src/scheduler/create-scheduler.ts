import { guardLogger, type Logger, processWarnings } from '@pipit/types-registry';
import { ringAt } from './alarm.ts';
import { checkTask } from './check-task.ts';
import { closeOptions, closeScheduler } from './close-scheduler.ts';
import { dueTasks } from './due-tasks.ts';
import { type FinishedTasksOptions, finishedTasks } from './finished-tasks.ts';
import { runRecord } from './run-record.ts';
import type { ClosedScheduler, ScheduledTask, Scheduler } from './scheduler.ts';
import type { Task } from './task.ts';
import { SchedulerClosedError, TaskCancelledError } from './task-errors.ts';
import {
  beforeRun,
  type CancelledBy,
  type Outcome,
  runOf,
  scheduledTask,
  statusOf,
  type TaskRecord,
  taskRecord,
} from './task-record.ts';

export interface SchedulerOptions {
  /** Which tasks that have ended are remembered for `get` and `list`. */
  readonly finished?: FinishedTasksOptions;
  /** Told of attempts and tasks that fail, and of runs that expire or are skipped. Default: process warnings. */
  readonly logger?: Logger;
}

interface Slots {
  readonly max: number;
  /** Milliseconds, or `Infinity`. */
  readonly slotTimeout: number;
}

export function createScheduler(slots: Slots, options: SchedulerOptions): Scheduler {
  const { max, slotTimeout } = slots;
  const logger = guardLogger(options.logger ?? processWarnings);
  const finished = finishedTasks(options.finished);
  /** All that have not ended, by id. */
  const tasks = new Map<string, TaskRecord>();
  const due = dueTasks();
  /** Runs that are due and wait for a slot, and until when; the one that has waited longest first. */
  const queue = new Map<TaskRecord, number>();
  const running = new Set<TaskRecord>();
  let stopAlarm = () => {};
  let closing: Promise<ClosedScheduler> | undefined;

  /** Moves on whatever can be: what is due into the queue, from there into slots, or out where it waited too long. */
  function advance(): void {
    const now = Date.now();
    for (let next = due.take(now); next !== undefined; next = due.take(now))
      becomeDue(next.record, next.at, now);
    for (const [record, until] of queue) {
      if (running.size >= max) break;
      // Its alarm is late where a task kept the process busy.
      if (until < now) continue;
      queue.delete(record);
      start(record);
    }
    for (const [record, until] of queue) {
      if (until > now) break;
      queue.delete(record);
      logger.warn({ ...factsOf(record), slotTimeout }, 'A task expired: it got no slot in time');
      finish(record, { status: 'expired', slotTimeout });
    }
    setAlarm();
  }

  function setAlarm(): void {
    stopAlarm();
    const [expiry = Number.POSITIVE_INFINITY] = queue.values();
    stopAlarm = ringAt(Math.min(due.first, expiry), advance);
  }

  function becomeDue(record: TaskRecord, at: number, now: number): void {
    const { periodic } = record;
    if (periodic !== undefined) {
      periodic.next = periodic.after(Math.max(at, now));
      if (periodic.next !== undefined) due.add(record, periodic.next);
      if (running.has(record) || queue.has(record)) {
        periodic.skipped += 1;
        const facts = { ...factsOf(record), due: new Date(at), skipped: periodic.skipped };
        logger.warn(facts, 'A task was due and skipped: its run before has not ended');
        return;
      }
    }
    queue.set(record, now + slotTimeout);
  }

  function start(record: TaskRecord): void {
    running.add(record);
    void runRecord(record, logger).then((outcome) => {
      running.delete(record);
      finish(record, outcome);
      advance();
    });
  }

  /** A run has ended; the task too, unless it will be due again. */
  function finish(record: TaskRecord, outcome: Outcome): void {
    const now = Date.now();
    const { periodic } = record;
    if (periodic !== undefined) {
      periodic.runs += 1;
      periodic.lastRun = runOf(record, outcome, now);
    }
    if (periodic?.next === undefined || outcome.status === 'cancelled') end(record, outcome, now);
    else Object.assign(record, beforeRun(periodic.next));
  }

  function end(record: TaskRecord, outcome: Outcome, now: number): void {
    neverAgain(record);
    tasks.delete(record.id);
    record.status = outcome.status;
    const status = statusOf(record, now);
    finished.add(status);
    record.ended.resolve({ outcome, status });
  }

  function neverAgain(record: TaskRecord): void {
    due.remove(record);
    if (record.periodic !== undefined) record.periodic.next = undefined;
  }

  function cancel(record: TaskRecord, by: CancelledBy): boolean {
    if (record.cancelledBy !== undefined) return false;
    record.cancelledBy = by;
    queue.delete(record);
    if (running.has(record)) {
      neverAgain(record);
      record.stopping.abort(new TaskCancelledError(record.id, record.task.name, by));
    } else end(record, { status: 'cancelled', by }, Date.now());
    setAlarm();
    return true;
  }

  return {
    schedule<Result>(task: Task<Result>): ScheduledTask<Result> {
      const now = Date.now();
      const timing = checkTask(task, now);
      if (closing !== undefined) throw new SchedulerClosedError(task.name);
      const record = taskRecord(task, timing, now);
      tasks.set(record.id, record);
      due.add(record, timing.at);
      advance();
      return scheduledTask<Result>(record);
    },
    cancel(id) {
      const record = tasks.get(id);
      return record !== undefined && cancel(record, 'cancel');
    },
    get(id) {
      const record = tasks.get(id);
      return record === undefined ? finished.get(id) : statusOf(record);
    },
    list: () => [...finished.list(), ...Array.from(tasks.values(), (record) => statusOf(record))],
    async close(given) {
      const limits = closeOptions(given);
      closing ??= closeScheduler(
        {
          tasks: () => tasks.values(),
          isRunning: (record) => running.has(record),
          cancel: (record) => cancel(record, 'close'),
          endAfterRun: neverAgain,
        },
        limits,
      );
      return closing;
    },
  };
}

function factsOf({ id, task }: TaskRecord) {
  return { task: task.name, id };
}
