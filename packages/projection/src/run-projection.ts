import { setTimeout as delay } from 'node:timers/promises';
import { PipitError, type RecordedEvent, UnreadableEventError } from '@pipit/types-registry';
import type { Projection } from './define-projection.ts';
import type { EventReader } from './event-reader.ts';
import { ProjectionFailedError } from './projection-errors.ts';
import { waitingRoom } from './waiting-room.ts';

/** Takes pino, and anything shaped like it. */
export interface ProjectionLogger {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface RunOptions {
  /** Stops the projection like `stop`. */
  readonly signal?: AbortSignal;
  /** Default: problems become process warnings. */
  readonly logger?: ProjectionLogger;
}

export interface WaitOptions {
  /** Milliseconds; default 5,000. */
  readonly timeout?: number;
}

export type ProjectionStatus = 'catching-up' | 'live' | 'stopped' | 'failed';

export interface RunningProjection {
  readonly name: string;
  readonly status: ProjectionStatus;
  /** Up to here the log has been seen and its events are in the rows. */
  readonly position: number;
  /**
   * Waits until the rows show everything up to a position: what an append returned, for example.
   *
   * @throws ProjectionBehindError when the time is up; ProjectionFailedError, ProjectionStoppedError
   */
  waitFor(position: number | { readonly position: number }, options?: WaitOptions): Promise<void>;
  /**
   * Waits until the rows show everything that is in the log now. Without a `timeout` as long as it takes.
   *
   * @throws as `waitFor`
   */
  caughtUp(options?: WaitOptions): Promise<void>;
  /** Settles when the projection has ended: with an error when it failed. The failure has been logged as well. */
  readonly closed: Promise<void>;
  /** Ends after the batch that is being written. Does not throw when the projection has failed. */
  stop(): Promise<void>;
}

const firstPause = 50;
const longestPause = 5_000;
/** Errors of reading that pass: the server is away for a while. */
const passing = new Set(['READ_FAILED', 'CONNECTION', 'TIMEOUT']);

/**
 * Builds the rows from the beginning of the log, then follows it live. Events are applied in the order of positions,
 * one after the other, each once per run. A run begins with an empty repository, so a restart ends with the same rows.
 * An event that cannot be read, or a function that throws, stops the projection there: rows are late, never wrong.
 */
export function runProjection<Row>(
  reader: EventReader,
  projection: Projection<Row>,
  options: RunOptions = {},
): RunningProjection {
  const { name, repository } = projection;
  const logger = options.logger ?? processWarnings;
  const stopping = new AbortController();
  const signal =
    options.signal === undefined ? stopping.signal : AbortSignal.any([options.signal, stopping.signal]);
  const waiting = waitingRoom(name);
  let status: ProjectionStatus = 'catching-up';

  async function run(): Promise<void> {
    await repository.clear();
    for (let failures = 0; !signal.aborted; failures += 1) {
      const before = waiting.position;
      try {
        await follow();
      } catch (error) {
        if (isFinal(error)) throw error;
        if (waiting.position > before) failures = 0;
        const pause = Math.min(firstPause * 2 ** failures, longestPause);
        logger.warn(
          { projection: name, store: reader.name, position: waiting.position, pause, err: error },
          'projection reads again',
        );
        await pauseUnlessStopped(pause);
      }
    }
  }

  async function follow(): Promise<void> {
    const { aggregates, events } = projection;
    const selection = { ...(aggregates && { aggregate: aggregates }), ...(events && { events }) };
    for await (const batch of reader.follow({ ...selection, fromPosition: waiting.position + 1, signal })) {
      for (const event of batch.events) await apply(event);
      waiting.advance(batch.position);
      if (batch.caughtUp && status === 'catching-up') {
        status = 'live';
        logger.info({ projection: name, store: reader.name, position: batch.position }, 'projection is live');
      }
      if (signal.aborted) return;
    }
  }

  async function apply(event: RecordedEvent): Promise<void> {
    try {
      const key = projection.key(event);
      if (key === undefined) return;
      const row = projection.project(await repository.get(key), event);
      if (row === undefined) await repository.delete(key);
      else await repository.save(key, row);
    } catch (cause) {
      const { position, type } = event;
      throw new ProjectionFailedError({ projection: name, store: reader.name, position, type, cause });
    }
  }

  async function pauseUnlessStopped(pause: number): Promise<void> {
    try {
      await delay(pause, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  function failureOf(error: unknown): ProjectionFailedError {
    if (error instanceof ProjectionFailedError) return error;
    const { position, type } = error instanceof UnreadableEventError ? error : {};
    return new ProjectionFailedError({ projection: name, store: reader.name, position, type, cause: error });
  }

  const closed = run().then(
    () => {
      status = 'stopped';
      waiting.close();
    },
    (error: unknown) => {
      const failure = failureOf(error);
      status = 'failed';
      waiting.close(failure);
      logger.error(
        { projection: name, store: reader.name, position: failure.position, err: failure },
        'projection failed',
      );
      throw failure;
    },
  );
  // It has been logged; whoever wants to act on it awaits `closed` or is told by `waitFor`.
  const ended = closed.catch((failure: unknown) => failure);

  const running: RunningProjection = {
    name,
    get status() {
      return status;
    },
    get position() {
      return waiting.position;
    },
    waitFor: (position, { timeout = 5_000 } = {}) =>
      waiting.waitFor(typeof position === 'number' ? position : position.position, timeout),
    async caughtUp({ timeout = Number.POSITIVE_INFINITY } = {}) {
      await waiting.waitFor(await reader.position(), timeout);
    },
    closed,
    async stop() {
      stopping.abort();
      await ended;
    },
  };
  return running;
}

function isFinal(error: unknown): boolean {
  return error instanceof PipitError && !passing.has(error.code);
}

const processWarnings: ProjectionLogger = {
  info: () => undefined,
  warn: (facts, message) => warn(facts, message),
  error: (facts, message) => warn(facts, message),
};

function warn(facts: object, message: string): void {
  const { err, ...rest } = facts as { readonly err?: unknown };
  process.emitWarning(`${message} ${JSON.stringify(rest)}: ${String(err)}`, { code: 'PIPIT_PROJECTION' });
}
