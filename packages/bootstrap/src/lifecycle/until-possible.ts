import pRetry from 'p-retry';
import type { Logger } from 'pino';
import { reasonOf } from './reason-of.ts';
import { within } from './within.ts';

export interface Patience {
  /** What is tried, for logs and errors: `connecting to NATS`. */
  readonly doing: string;
  /** When to give up, as `Date.now()` counts. */
  readonly deadline: number;
  /** Whether waiting may help against an error. */
  readonly mayPass: (error: unknown) => boolean;
  readonly logger: Logger;
  /** Ends it before its time. */
  readonly signal: AbortSignal;
}

const firstDelay = 200;
const longestDelay = 5_000;
const advice = 'Check the server, or give it more time with startTimeout.';

/**
 * Tries again, with delays that double and vary, what may pass by itself; anything else fails at once, and so does the
 * last try before the deadline.
 *
 * @throws the last try's error; TimeoutError where a try does not end by the deadline
 */
export async function untilPossible<Result>(
  attempt: () => Promise<Result>,
  { doing, deadline, mayPass, logger, signal }: Patience,
): Promise<Result> {
  const timeLeft = () => Math.max(deadline - Date.now(), 1);
  const tryOnce = async () => {
    const timeout = timeLeft();
    try {
      // A try that keeps its time has the better error, so it comes first.
      return await within({ timeout: timeout + 500, operation: doing, advice, signal }, attempt);
    } catch (error) {
      throw new FailedTry(error);
    }
  };
  try {
    return await pRetry(tryOnce, {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: firstDelay,
      maxTimeout: longestDelay,
      randomize: true,
      signal,
      maxRetryTime: timeLeft(),
      shouldRetry: ({ error }) => mayPass(thrownIn(error)),
      onFailedAttempt: ({ error, attemptNumber, retryDelay }) => {
        const thrown = thrownIn(error);
        if (!mayPass(thrown) || retryDelay === 0) return;
        logger.warn(
          { attempt: attemptNumber, retryIn: retryDelay, reason: reasonOf(thrown) },
          `${doing} failed, trying again`,
        );
      },
    });
  } catch (error) {
    throw thrownIn(error);
  }
}

/** p-retry has an opinion of TypeErrors, and of what is no error. Whether to try again is for `mayPass` alone to say. */
class FailedTry extends Error {
  readonly thrown: unknown;

  constructor(thrown: unknown) {
    super('A try has failed.');
    this.thrown = thrown;
  }
}

function thrownIn(error: unknown): unknown {
  return error instanceof FailedTry ? error.thrown : error;
}
