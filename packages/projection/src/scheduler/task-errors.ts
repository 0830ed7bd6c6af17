import { PipitError } from '@pipit/types-registry';

/** A task makes no sense like this; it was not taken up. */
export class InvalidTaskError extends PipitError {
  readonly code = 'INVALID_TASK';
  readonly task: unknown;
  /** What of the task is wrong: `delay`, `cron`, `retry.attempts` … */
  readonly option: string;

  constructor(task: unknown, option: string, reason: string, cause?: unknown) {
    const name = typeof task === 'string' ? JSON.stringify(task) : String(task);
    super(`Task ${name} cannot be scheduled: ${option} ${reason}.`, { cause });
    this.task = task;
    this.option = option;
  }
}

/** A scheduler cannot be made, or closed, like this. */
export class InvalidSchedulerError extends PipitError {
  readonly code = 'INVALID_SCHEDULER';
  readonly option: string;

  constructor(option: string, reason: string) {
    super(`A scheduler cannot do that: ${option} ${reason}.`);
    this.option = option;
  }
}

/** The scheduler takes no tasks any more. */
export class SchedulerClosedError extends PipitError {
  readonly code = 'SCHEDULER_CLOSED';
  readonly task: string;

  constructor(task: string) {
    super(
      `Task ${JSON.stringify(task)} was not taken up: the scheduler is closed. Make another one, or close it later.`,
    );
    this.task = task;
  }
}

/** The last attempt of a task threw; `cause` is what. */
export class TaskFailedError extends PipitError {
  readonly code = 'TASK_FAILED';
  readonly id: string;
  readonly task: string;
  readonly attempts: number;

  constructor(id: string, task: string, attempts: number, cause: unknown) {
    const said = (cause instanceof Error ? cause.message : String(cause)).replace(/[.\s]+$/, '');
    const tries = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
    super(
      `Task ${JSON.stringify(task)} failed after ${tries}: ${said}. Correct the cause and schedule it again.`,
      {
        cause,
      },
    );
    this.id = id;
    this.task = task;
    this.attempts = attempts;
  }
}

/** An attempt took too long and was aborted. `cause` is what it threw then, where that is something else. */
export class TaskTimeoutError extends PipitError {
  readonly code = 'TASK_TIMEOUT';
  readonly task: string;
  readonly attempt: number;
  /** Milliseconds. */
  readonly timeout: number;

  constructor(task: string, attempt: number, timeout: number, cause?: unknown) {
    super(
      `Attempt ${attempt} of task ${JSON.stringify(task)} took longer than ${timeout} ms and was aborted. ` +
        'Give it more time, or less to do.',
      { cause },
    );
    this.task = task;
    this.attempt = attempt;
    this.timeout = timeout;
  }
}

/** A task was cancelled, or its scheduler closed; also the reason of its signal. */
export class TaskCancelledError extends PipitError {
  readonly code = 'TASK_CANCELLED';
  readonly id: string;
  readonly task: string;
  readonly by: 'cancel' | 'close';

  constructor(id: string, task: string, by: 'cancel' | 'close') {
    const what = by === 'cancel' ? 'was cancelled' : 'was cancelled because its scheduler was closed';
    super(`Task ${JSON.stringify(task)} ${what}. Schedule it again where it still has to be done.`);
    this.id = id;
    this.task = task;
    this.by = by;
  }
}

/** A task that was due got no slot in time; it was not begun. */
export class TaskExpiredError extends PipitError {
  readonly code = 'TASK_EXPIRED';
  readonly id: string;
  readonly task: string;
  /** Milliseconds. */
  readonly slotTimeout: number;

  constructor(id: string, task: string, slotTimeout: number) {
    super(
      `Task ${JSON.stringify(task)} was due and got no slot within ${slotTimeout} ms, so it was not begun. ` +
        'Schedule it again, or give the scheduler more slots or a longer slotTimeout.',
    );
    this.id = id;
    this.task = task;
    this.slotTimeout = slotTimeout;
  }
}
