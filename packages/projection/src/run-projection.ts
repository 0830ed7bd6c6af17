import { setTimeout as delay } from 'node:timers/promises';
import {
  guardLogger,
  type Logger,
  PipitError,
  processWarnings,
  type RecordedEvent,
  UnreadableEventError,
} from '@pipit/types-registry';
import type { Projection } from './define-projection.ts';
import type { EventReader, EventSelection } from './event-reader.ts';
import { ProjectionFailedError } from './projection-errors.ts';
import type { ProjectionStatus, RunningProjection } from './running-projection.ts';
import { waitingRoom } from './waiting-room.ts';
import { becomeWriter } from './writer.ts';

export interface RunOptions {
  /** Stops the projection like `stop`. */
  readonly signal?: AbortSignal;
  /** Default: problems become process warnings. */
  readonly logger?: Logger;
}

const firstPause = 50;
const longestPause = 5_000;
/** Errors of reading that pass: the server is away for a while. */
const passing = new Set(['READ_FAILED', 'CONNECTION', 'TIMEOUT']);

/**
 * Builds the rows from the beginning of the log, then follows it live. Events are applied in the order of positions,
 * one after the other, each once per run. A run begins with an empty repository, so a restart ends with the same rows.
 * An event that cannot be read, or a function that throws, stops the projection there: rows are late, never wrong.
 *
 * @throws RepositoryInUseError while another projection, or this one, is running into the same repository
 */
export function runProjection<Row>(
  reader: EventReader,
  projection: Projection<Row>,
  options: RunOptions = {},
): RunningProjection {
  const { name, repository } = projection;
  const logger = guardLogger(options.logger ?? processWarnings);
  const stopping = new AbortController();
  const signal =
    options.signal === undefined ? stopping.signal : AbortSignal.any([options.signal, stopping.signal]);
  const waiting = waitingRoom(name);
  let status: ProjectionStatus = 'catching-up';

  async function run(): Promise<void> {
    await before;
    for (let failures = 0; !signal.aborted; failures += 1) {
      const start = waiting.position;
      try {
        await follow();
      } catch (error) {
        if (isFinal(error)) throw error;
        status = 'catching-up';
        if (waiting.position > start) failures = 0;
        const pause = Math.min(firstPause * 2 ** failures, longestPause);
        logger.warn(
          { projection: name, store: reader.name, position: waiting.position, pause, err: error },
          'projection reads again',
        );
        await pauseUnlessStopped(pause);
      }
    }
  }

  function selection(): EventSelection {
    const { aggregates, events } = projection;
    return {
      ...(aggregates && { aggregate: aggregates }),
      ...(events && { events }),
      fromPosition: waiting.position + 1,
    };
  }

  async function follow(): Promise<void> {
    try {
      for await (const batch of reader.follow({ ...selection(), signal })) {
        for (const event of batch.events) await apply(event);
        waiting.advance(batch.position);
        if (batch.caughtUp && status === 'catching-up') {
          status = 'live';
          logger.info(
            { projection: name, store: reader.name, position: batch.position },
            'projection is live',
          );
        }
        if (signal.aborted) return;
      }
    } catch (error) {
      if (error instanceof UnreadableEventError) await applyWhatCanBeRead();
      throw error;
    }
    if (!signal.aborted) throw new Error(`Following ${reader.name} ended, and nobody had stopped it.`);
  }

  /** A batch with an event that cannot be read did not arrive: what stands before it is read one by one. */
  async function applyWhatCanBeRead(): Promise<void> {
    for await (const event of reader.read(selection())) {
      if (signal.aborted) return;
      await apply(event);
      waiting.advance(event.position);
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

  const { promise: written, resolve: endWriting } = Promise.withResolvers<void>();
  const before = becomeWriter(repository, {
    projection: name,
    ending: () => signal.aborted || status === 'failed',
    ended: written,
  });
  const closed = run()
    .finally(endWriting)
    .then(
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
      await waiting.waitFor(() => reader.position(), timeout);
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
