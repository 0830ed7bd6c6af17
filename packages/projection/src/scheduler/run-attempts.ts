import pRetry from 'p-retry';
import { ringAfter } from './alarm.ts';
import type { TaskWork } from './task.ts';
import { TaskTimeoutError } from './task-errors.ts';

export interface AttemptWatcher {
  began(attempt: number): void;
  /** The time of an attempt is up and it was aborted; it may go on for a while. */
  tooLate(error: TaskTimeoutError): void;
  /** An attempt has failed and ended. */
  failed(error: unknown): void;
  /** There will be another attempt after so many milliseconds. */
  retrying(pause: number): void;
}

/**
 * Runs a task as often as it may be tried, one attempt after the other. When it settles, nothing of the task runs any
 * more that it has not left behind itself.
 *
 * @throws what the last attempt threw; the signal's reason once it aborts
 */
export async function runAttempts<Result>(
  task: TaskWork<Result>,
  signal: AbortSignal,
  watcher: AttemptWatcher,
): Promise<Result> {
  const { attempts = 1, pause = 1_000, factor = 2, longestPause = 60_000 } = task.retry ?? {};
  try {
    return await pRetry((attempt) => wrapped(attempt), {
      retries: attempts - 1,
      minTimeout: pause,
      factor,
      maxTimeout: longestPause,
      randomize: true,
      signal,
      onFailedAttempt({ retriesLeft, retryDelay }) {
        if (retriesLeft > 0) watcher.retrying(retryDelay);
      },
    });
  } catch (error) {
    throw error instanceof FailedAttempt ? error.cause : error;
  }

  async function wrapped(attempt: number): Promise<Result> {
    watcher.began(attempt);
    try {
      return await attemptOnce(task, attempt, signal, watcher);
    } catch (error) {
      watcher.failed(error);
      throw new FailedAttempt(error);
    }
  }
}

/** The library does not try again after a TypeError and takes only errors: it gets to see only this. */
class FailedAttempt extends Error {
  constructor(cause: unknown) {
    super('The attempt failed', { cause });
  }
}

async function attemptOnce<Result>(
  task: TaskWork<Result>,
  attempt: number,
  signal: AbortSignal,
  watcher: AttemptWatcher,
): Promise<Result> {
  const { name, timeout = Number.POSITIVE_INFINITY } = task;
  const tooLate = new AbortController();
  const stop = ringAfter(timeout, () => {
    const error = new TaskTimeoutError(name, attempt, timeout);
    watcher.tooLate(error);
    tooLate.abort(error);
  });
  try {
    const result = await task.run({ signal: AbortSignal.any([signal, tooLate.signal]), attempt });
    tooLate.signal.throwIfAborted();
    return result;
  } catch (error) {
    const { aborted, reason } = tooLate.signal;
    if (!aborted) throw error;
    throw error === reason ? reason : new TaskTimeoutError(name, attempt, timeout, error);
  } finally {
    stop();
  }
}
