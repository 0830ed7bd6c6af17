import { guardLogger, type Logger, processWarnings, UnreadableEventError } from '@pipit/types-registry';
import type { Projection } from '../define-projection.ts';
import type { EventBatch, EventReader, EventSelection } from '../event-reader.ts';
import { InvalidProjectionError, ProjectionFailedError } from '../projection-errors.ts';
import { becomeActive } from './become-active.ts';
import { inTime } from './in-time.ts';
import { type Lag, measureLag } from './lag.ts';
import { checkpointsOf, openVersion } from './open-version.ts';
import { announceProgress } from './progress-of.ts';
import { type ProjectionPart, projectionPart } from './projection-part.ts';
import { rate } from './rate.ts';
import { reportLag } from './report-lag.ts';
import type { RunningProjection } from './running-projection.ts';
import { EventFailure } from './shard-writer.ts';
import { together } from './together.ts';
import { versionProgress } from './version-progress.ts';
import { checkTimeout, positionAwaited } from './wait-arguments.ts';

export interface RunOptions {
  /** Stops the projection like `stop`. */
  readonly signal?: AbortSignal;
  /** Default: problems become process warnings. */
  readonly logger?: Logger;
  /** What to do with an event that cannot be read: stop there (`stop`, the default), or leave it out, log and count it. */
  readonly unreadable?: 'stop' | 'skip';
  /**
   * When a version takes the place of an earlier one: as soon as its rows show the whole log (`caught-up`, the default),
   * or when `repository.versions.activate` is called (`by-hand`).
   */
  readonly activate?: 'caught-up' | 'by-hand';
  /**
   * Milliseconds after which another process may take over the shards of one that is not heard of any more; default 5,000,
   * at least 100. It is renewed three times as often.
   */
  readonly lease?: number;
  /** Rows that are kept in memory, those used last, so that they need not be loaded; default 10,000. */
  readonly cachedRows?: number;
  /**
   * Surrounds the taking in of each batch that holds events, tries again included: with a span, for instance. Call `take`
   * once, and return what it does. Where one event cannot be taken in, those before it are, and `take` rejects with an error
   * whose `event` it is.
   */
  readonly aroundBatch?: (batch: EventBatch, take: () => Promise<void>) => Promise<void>;
  /** Told every `lagEvery` milliseconds how far the projection is behind; for metrics. */
  readonly onLag?: (lag: Lag) => void;
  /** Default: 10,000. */
  readonly lagEvery?: number;
}

/**
 * Builds the rows of a projection from where their checkpoint is, then follows the log live. Rows and checkpoint are
 * written together, so that each event has its effect once, whatever dies in between. Several processes that run the same
 * projection share its shards, and take over those of one that dies.
 *
 * What passes, of the log or the repository, is tried again for as long as it takes, and logged. An event that cannot be
 * read, or a function that throws, stops the projection there: rows are late, never wrong.
 *
 * @throws InvalidProjectionError for options that make no sense
 */
export function runProjection<Row>(
  reader: EventReader,
  projection: Projection<Row>,
  options: RunOptions = {},
): RunningProjection {
  const { name, version, shards, repository } = projection;
  const { lease = 5_000, cachedRows = 10_000, lagEvery = 10_000, activate = 'caught-up' } = options;
  checkWhole(name, 'lease', lease, 100);
  checkWhole(name, 'cachedRows', cachedRows, 1);
  checkWhole(name, 'lagEvery', lagEvery, 1);

  const logger = guardLogger(options.logger ?? processWarnings);
  const facts = { projection: name, version, store: reader.name };
  const warn = (message: string, more: object) => logger.warn({ ...facts, ...more }, message);
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  const signal =
    options.signal === undefined ? stopping.signal : AbortSignal.any([options.signal, stopping.signal]);
  const selection: EventSelection = {
    ...(projection.aggregates && { aggregate: projection.aggregates }),
    ...(projection.events && { events: projection.events }),
    unreadable: options.unreadable ?? 'stop',
  };
  const speed = rate();
  const checkpoints = () => inTime(repository.name, checkpointsOf(repository.versions, version));
  const progress = versionProgress({
    projection: name,
    shards,
    local: (shard) => part?.positionOf(shard),
    checkpoints,
  });
  const withdraw = announceProgress(repository, version, progress);
  let part: ProjectionPart | undefined;
  let ending: 'stopped' | 'failed' | undefined;
  /** Resolves when readers get this version, or need not. */
  const read = Promise.withResolvers<void>();

  async function run(): Promise<void> {
    const rows = await openVersion(reader, projection, signal, (err, pause) =>
      warn('projection could not be opened, and tries again', { pause, err }),
    );
    part = projectionPart({
      reader,
      projection,
      rows,
      selection,
      lease,
      cachedRows,
      signal,
      logger,
      facts,
      ...(options.aroundBatch && { aroundBatch: options.aroundBatch }),
      onAdvance() {
        progress.advance();
        speed.sample(progress.position);
      },
    });
    const reports = reportLag({
      every: lagEvery,
      signal,
      measure: lag,
      report: tellLag,
      onFailure: (err) => warn('projection could not measure its lag', { err }),
    });
    const activation =
      activate === 'by-hand'
        ? Promise.resolve()
        : becomeActive(projection, reader, progress, signal, { logger, facts });
    await together([...part.begin(), activation.then(read.resolve), reports], signal, stop);
  }

  function lag(): Promise<Lag> {
    return measureLag({
      reader,
      selection,
      async positions() {
        const stored = await checkpoints();
        return Array.from({ length: shards }, (_, shard) => {
          const local = part?.positionOf(shard);
          return { position: local ?? stored[shard] ?? 0, isOwned: local !== undefined };
        });
      },
      perSecond: speed.perSecond,
    });
  }

  function tellLag(measured: Lag): unknown {
    const { position, end, perSecond, remaining } = measured;
    if (part?.status === 'catching-up')
      logger.info({ ...facts, position, end, perSecond, remaining }, 'projection catches up');
    return options.onLag?.(measured);
  }

  function failureOf(error: unknown): ProjectionFailedError {
    const cause = error instanceof EventFailure ? error.cause : error;
    const { position, type } =
      error instanceof EventFailure ? error.event : error instanceof UnreadableEventError ? error : {};
    return new ProjectionFailedError({ projection: name, store: reader.name, position, type, cause });
  }

  const closed = run()
    .catch((error: unknown) => {
      // It was stopped before it had begun.
      if (!signal.aborted || error !== signal.reason) throw error;
    })
    .finally(stop)
    .then(
      () => {
        ending = 'stopped';
        // Others may go on; after a failure, who waits is told of it.
        withdraw();
        progress.close();
      },
      (error: unknown) => {
        const failure = failureOf(error);
        ending = 'failed';
        progress.close(failure);
        logger.error({ ...facts, position: failure.position, err: failure }, 'projection failed');
        throw failure;
      },
    );
  // It has been logged; whoever wants to act on it awaits `closed` or is told by `waitFor`.
  const ended = closed.catch((failure: unknown) => failure);

  return {
    name,
    version,
    get status() {
      return ending ?? part?.status ?? 'catching-up';
    },
    get position() {
      return progress.position;
    },
    get shards() {
      return ending === undefined ? (part?.shards ?? []) : [];
    },
    get skipped() {
      return part?.skipped ?? 0;
    },
    lag,
    async waitFor(target, { timeout = 5_000 } = {}) {
      checkTimeout(name, timeout);
      await progress.waitFor(positionAwaited(name, target), timeout);
    },
    async caughtUp({ timeout = Number.POSITIVE_INFINITY } = {}) {
      checkTimeout(name, timeout);
      await progress.waitFor(async () => {
        const end = await reader.position();
        await read.promise;
        return end;
      }, timeout);
    },
    closed,
    async stop() {
      stop();
      await ended;
    },
  };
}

function checkWhole(projection: string, option: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new InvalidProjectionError(
    projection,
    `cannot run: its ${option} is ${value}, which is no whole number from ${least}`,
  );
}
