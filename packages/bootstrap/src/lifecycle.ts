import { PipitError } from '@pipit/types-registry';
import type { Logger } from 'pino';
import { within } from './within.ts';

export type Stop = () => unknown;

/** Parts that were not stopped in good order; the others were. */
export class StopError extends PipitError {
  readonly code = 'STOP';
  readonly failures: readonly { readonly part: string; readonly error: unknown }[];

  constructor(failures: StopError['failures']) {
    const list = failures.map(
      ({ part, error }) => `${part}: ${error instanceof Error ? error.message : error}`,
    );
    super(`Not everything stopped in good order. ${list.join('; ')}`, {
      cause: new AggregateError(failures.map(({ error }) => error)),
    });
    this.failures = failures;
  }
}

/** The application was stopped, by a signal perhaps, before it had started. */
export class StartInterruptedError extends PipitError {
  readonly code = 'START_INTERRUPTED';

  constructor() {
    super('The application was stopped while it started.');
  }
}

/** What was started, to be stopped the other way round. */
export interface Lifecycle {
  /** A part that is added after everything has stopped is stopped at once, so that nothing stays behind. */
  add(part: string, stop: Stop): void;
  /**
   * Stops every part, last one first, also those after one that failed. All share the time; when it is up, what is left
   * is still told to stop, and waited for half a second each. The second call returns what the first did.
   *
   * @throws StopError
   */
  stop(): Promise<void>;
  /** Milliseconds that a part being stopped now may take. */
  timeLeft(): number;
  /** Aborts, with a StartInterruptedError, when stopping begins. */
  readonly stopping: AbortSignal;
}

const atLeast = 500;
const advice = 'It was left behind; the others are stopped all the same.';

export function createLifecycle(logger: Logger, timeout: number): Lifecycle {
  const parts: { readonly part: string; readonly stop: Stop }[] = [];
  const failures: { part: string; error: unknown }[] = [];
  let deadline = 0;
  const stopping = new AbortController();
  let ending: Promise<void> | undefined;
  let stopped = false;

  const timeLeft = () => Math.max(deadline - Date.now(), atLeast);

  async function stopOne(part: string, stop: Stop): Promise<void> {
    const started = Date.now();
    try {
      await within({ timeout: timeLeft(), operation: `Stopping ${part}`, advice }, stop);
      logger.debug({ part, ms: Date.now() - started }, 'stopped');
    } catch (error) {
      failures.push({ part, error });
      logger.error({ part, err: error }, 'did not stop in good order');
    }
  }

  async function stopAll(): Promise<void> {
    deadline = Date.now() + timeout;
    stopping.abort(new StartInterruptedError());
    for (let next = parts.pop(); next !== undefined; next = parts.pop()) {
      await stopOne(next.part, next.stop);
    }
    stopped = true;
    if (failures.length > 0) throw new StopError(failures);
  }

  return {
    add(part, stop) {
      if (stopped) void stopOne(part, stop);
      else parts.push({ part, stop });
    },
    stop: () => {
      ending ??= stopAll();
      return ending;
    },
    timeLeft,
    stopping: stopping.signal,
  };
}
