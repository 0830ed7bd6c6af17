import { PipitError } from '@pipit/types-registry';
import type { Logger } from 'pino';
import { reasonOf } from './reason-of.ts';
import { within } from './within.ts';

export type Stop = () => unknown;

/** Parts that were not stopped in good order; the others were. */
export class StopError extends PipitError {
  readonly code = 'STOP';
  readonly failures: readonly { readonly part: string; readonly error: unknown }[];

  constructor(failures: StopError['failures']) {
    const list = failures.map(({ part, error }) => `${part}: ${reasonOf(error)}`);
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
  /** A part that is added after everything has stopped is stopped at once, in a time of its own: nothing stays behind. */
  add(part: string, stop: Stop): void;
  /**
   * Stops every part, last one first, also those after one that failed. All share the time: a part may take what is left,
   * but for a little that is kept for each after it. The second call returns what the first did, and waits for what was added
   * meanwhile.
   *
   * @throws StopError
   */
  stop(): Promise<void>;
  /** Stops every part as `stop` does, for who has another error to tell: what did not stop well is only logged. */
  release(): Promise<void>;
  /** Milliseconds within which a part being stopped now ends by itself, before it is left behind. */
  timeLeft(): number;
  /** Aborts, with a StartInterruptedError, when stopping begins. */
  readonly stopping: AbortSignal;
}

/** Milliseconds that are kept for each part still to be stopped, half of what is left at most. */
const kept = 500;
const advice = 'It was left behind; the others are stopped all the same.';

export function createLifecycle(logger: Logger, timeout: number): Lifecycle {
  const parts: { readonly part: string; readonly stop: Stop }[] = [];
  const failures: { part: string; error: unknown }[] = [];
  let deadline = 0;
  const stopping = new AbortController();
  let ending: Promise<void> | undefined;
  let stopped = false;
  let stopError: StopError | undefined;

  const share = () => {
    const left = Math.max(deadline - Date.now(), 1);
    return Math.ceil(left - Math.min(parts.length * kept, left / 2));
  };

  async function stopOne(part: string, stop: Stop): Promise<void> {
    const started = Date.now();
    try {
      await within({ timeout: share(), operation: `Stopping ${part}`, advice }, stop);
      logger.debug({ part, ms: Date.now() - started }, 'stopped');
    } catch (error) {
      failures.push({ part, error });
      logger.error({ part, err: error }, 'did not stop in good order');
    }
  }

  async function stopParts(): Promise<void> {
    deadline = Date.now() + timeout;
    stopping.abort(new StartInterruptedError());
    for (let next = parts.pop(); next !== undefined; next = parts.pop()) {
      await stopOne(next.part, next.stop);
    }
    stopped = true;
  }

  const release = () => {
    ending ??= stopParts();
    return ending;
  };

  return {
    add(part, stop) {
      parts.push({ part, stop });
      if (!stopped) return;
      stopped = false;
      ending = stopParts();
    },
    release,
    async stop() {
      await release();
      if (failures.length > 0) {
        stopError ??= new StopError([...failures]);
        throw stopError;
      }
    },
    timeLeft: () => Math.ceil(share() * 0.9),
    stopping: stopping.signal,
  };
}
