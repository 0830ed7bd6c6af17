import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { PartHealth } from './health.ts';
import { reasonOf } from './reason-of.ts';

export interface SuperviseOptions {
  /** Failures one after the other, after which it is not started again. Default: 10. */
  readonly limit?: number;
  /** Milliseconds before the first restart; each further one takes twice as long, half a minute at most. Default: 200. */
  readonly backoff?: number;
  /** Milliseconds that it has to run so that its earlier failures are forgotten. Default: 60,000. */
  readonly steadyAfter?: number;
}

/** A background process that is started again when it fails. */
export interface Supervised {
  readonly health: PartHealth;
  /** Aborts its signal, and resolves when it has ended. */
  stop(): Promise<void>;
}

const longestBackoff = 30_000;

/**
 * Runs a background process until it is stopped. One that fails is started again, with delays that double and vary, up to
 * a limit; one that resolves has done its work.
 */
export function supervise(
  name: string,
  run: (signal: AbortSignal) => unknown,
  logger: Logger,
  { limit = 10, backoff = 200, steadyAfter = 60_000 }: SuperviseOptions = {},
): Supervised {
  const stopping = new AbortController();
  const { signal } = stopping;
  let health: PartHealth = { name, state: 'ready' };

  /** @returns whether it is to be started again */
  async function goesOnAfter(error: unknown, failures: number): Promise<boolean> {
    const reason = reasonOf(error);
    if (failures >= limit) {
      health = { name, state: 'failed', reason };
      logger.error({ err: error, process: name, failures }, 'a background process has failed for good');
      return false;
    }
    const restartIn = Math.min(backoff * 2 ** (failures - 1), longestBackoff) * (0.75 + Math.random() / 2);
    health = { name, state: 'restarting', reason };
    logger.warn({ err: error, process: name, failures, restartIn }, 'a background process has failed');
    await stoppedWithin(restartIn);
    return !signal.aborted;
  }

  async function stoppedWithin(milliseconds: number): Promise<void> {
    try {
      await delay(milliseconds, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async function keepRunning(): Promise<void> {
    let failures = 0;
    for (let goesOn = !signal.aborted; goesOn; ) {
      const begun = performance.now();
      health = { name, state: 'ready' };
      try {
        await run(signal);
        return;
      } catch (error) {
        if (signal.aborted) {
          if (!isAbort(error))
            logger.warn({ err: error, process: name }, 'a background process failed at its end');
          return;
        }
        failures = performance.now() - begun >= steadyAfter ? 1 : failures + 1;
        goesOn = await goesOnAfter(error, failures);
      }
    }
  }

  /** What a process ends with that was told to. */
  function isAbort(error: unknown): boolean {
    return error === signal.reason || (error instanceof Error && error.name === 'AbortError');
  }

  const running = keepRunning();
  return {
    get health() {
      return health;
    },
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}
