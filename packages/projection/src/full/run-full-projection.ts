import type { Aggregate } from '@pipit/store';
import { guardLogger, type Logger, processWarnings } from '@pipit/types-registry';
import type { Projection } from '../define-projection.ts';
import { SourceMismatchError } from '../version-errors.ts';
import { FullProjectionFailedError, FullProjectionRefusedError } from './full-projection-errors.ts';
import { countProgress, type FullProjectionProgress } from './full-projection-progress.ts';
import {
  AggregateFailure,
  type AggregateSink,
  type FullReader,
  projectEvery,
  projectLatest,
} from './project-aggregates.ts';
import { batchedRows } from './save-in-batches.ts';

export interface FullProjectionOptions {
  /**
   * `every`, the default: all events of each aggregate, in the order of revisions. `latest`: the last event of each
   * aggregate and nothing else; where the projection has no function for that one, the aggregate is skipped.
   */
  readonly mode?: 'every' | 'latest';
  /** How many aggregates are read at a time in mode `every`; default 32. */
  readonly concurrency?: number;
  /** How many rows are saved at a time; default 500. */
  readonly batch?: number;
  /** Events that cannot be read stop it (`stop`, the default), or are left out, counted and logged (`skip`). */
  readonly unreadable?: 'stop' | 'skip';
  /** Told after each batch of rows, and at the end. What it throws stops the projection. */
  readonly onProgress?: (progress: FullProjectionProgress) => void;
  /** Ends it with its reason. What has been saved stays. */
  readonly signal?: AbortSignal;
  /** Default: problems become process warnings. */
  readonly logger?: Logger;
}

/**
 * Makes every row of a projection anew from the aggregates there are: lists them from the index, reads the events of
 * each, projects and saves. Every row is as its aggregate was when that was read, on replicas a moment before, so all rows
 * together show no one moment; aggregates that begin meanwhile may be missing. Rows of other keys stay.
 *
 * Where the store's stream is missing there is nothing to project: that is logged as a warning.
 *
 * @returns how far it came, which is to the end
 * @throws FullProjectionRefusedError for a projection that is not made of one type of aggregate with a row for each, and
 * for a repository that `runProjection` keeps, or another store's full projections; FullProjectionFailedError;
 * RepositoryError where the repository cannot be asked; the signal's reason once it aborts
 */
export async function runFullProjection<Row>(
  reader: FullReader,
  projection: Projection<Row>,
  options: FullProjectionOptions = {},
): Promise<FullProjectionProgress> {
  const { name, repository } = projection;
  const { mode = 'every', concurrency = 32, batch = 500, unreadable = 'stop', onProgress } = options;
  const { signal = new AbortController().signal } = options;
  const logger = guardLogger(options.logger ?? processWarnings);
  const aggregate = aggregateOf(projection);
  requireCount(name, 'concurrency', concurrency);
  requireCount(name, 'batch', batch);
  signal.throwIfAborted();
  await claimRows(reader.name, projection);

  const { counts, now } = countProgress();
  let hasBegun = false;
  const rows = batchedRows(repository, batch, signal, (saved, gone) => {
    counts.saved += saved;
    counts.gone += gone;
    onProgress?.(now());
  });
  const sink: AggregateSink<Row> = {
    began() {
      if (!hasBegun) void countThem();
      hasBegun = true;
    },
    take: rows.take,
    nothing() {
      counts.skipped += 1;
    },
    events(read, left) {
      counts.events += read;
      counts.unreadable += left;
    },
  };

  async function countThem(): Promise<void> {
    try {
      counts.of = await reader.count?.(aggregate);
    } catch (err) {
      logger.warn(
        { projection: name, store: reader.name, err },
        'It is not known how many aggregates there are',
      );
    }
  }

  try {
    const source = { reader, projection, aggregate, options: { unreadable, signal } };
    if (mode === 'latest') await projectLatest(source, sink);
    else await projectEvery(source, concurrency, sink);
    await rows.flush();
  } catch (error) {
    signal.throwIfAborted();
    if (hasBegun || !isMissing(error)) throw failure(error);
    const message = 'There is no stream to project: its store reads as empty';
    logger.warn({ projection: name, store: reader.name, err: error }, message);
  }
  // All of them were listed; to count them again may take longer than all of this.
  counts.of ??= now().done;
  return now();

  function failure(error: unknown): FullProjectionFailedError {
    const at = error instanceof AggregateFailure ? error : new AggregateFailure(undefined, undefined, error);
    const { position, type, cause } = at;
    const facts = { projection: name, store: reader.name, aggregate: at.aggregate, saved: counts.saved };
    return new FullProjectionFailedError({ ...facts, position, type, cause });
  }
}

function aggregateOf<Row>({ name, aggregates = [], byAggregate }: Projection<Row>): Aggregate {
  const [aggregate, ...others] = aggregates;
  if (aggregate === undefined || others.length > 0)
    throw new FullProjectionRefusedError(name, 'its source is not one type of aggregate. Use runProjection');
  if (!byAggregate)
    throw new FullProjectionRefusedError(
      name,
      'it has a key of its own, not that of aggregates. Use runProjection',
    );
  return aggregate;
}

/** Rows that show no position and rows that events are applied to by position must not be the same: some would count twice. */
async function claimRows<Row>(store: string, { name, repository }: Projection<Row>): Promise<void> {
  const { name: view, versions } = repository;
  const { version = 1, checkpoints = [0] } = (await versions.list()).find(({ active }) => active) ?? {};
  try {
    await versions.open(version, {
      shards: checkpoints.length,
      source: `full projections of store ${store}`,
    });
  } catch (cause) {
    if (!(cause instanceof SourceMismatchError)) throw cause;
    const reason = `the rows of view ${view} are built from ${cause.actual}, and events would count twice in them`;
    throw new FullProjectionRefusedError(name, `${reason}. Give it a repository of its own`, cause);
  }
}

function requireCount(projection: string, option: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new FullProjectionRefusedError(
    projection,
    `${option} must be a whole number from 1, not ${String(value)}`,
  );
}

/** As a ReadFailedError of `@pipit/store` says it. */
function isMissing(error: unknown): boolean {
  return error instanceof Error && 'missing' in error && error.missing === true;
}
