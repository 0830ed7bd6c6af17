import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from '@pipit/types-registry';
import type { Projection } from '../define-projection.ts';
import type { EventBatch, EventReader, EventSelection, FollowSelection } from '../event-reader.ts';
import { CheckpointAheadError } from '../projection-errors.ts';
import type { OwnedShard, VersionRows } from '../repository.ts';
import { followLog } from './follow-log.ts';
import { shardOf } from './shard-of.ts';
import { type ShardOwnership, shardOwnership } from './shard-ownership.ts';
import { type ShardWriter, shardWriter } from './shard-writer.ts';
import { takeBatch } from './take-batch.ts';

/** What one process does for a version: it owns shards, and takes the events of the log into them. */
export interface ProjectionPart {
  readonly status: 'catching-up' | 'live' | 'standby';
  readonly shards: readonly number[];
  readonly skipped: number;
  /** Up to where the rows of a shard show the log; `undefined` where it is not of this process. */
  positionOf(shard: number): number | undefined;
  /** The tasks it consists of, begun; they end when the signal aborts. */
  begin(): readonly Promise<void>[];
}

export interface ProjectionPartOptions<Row> {
  readonly reader: EventReader;
  readonly projection: Projection<Row>;
  readonly rows: VersionRows<Row>;
  readonly selection: EventSelection;
  readonly lease: number;
  readonly cachedRows: number;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly facts: Readonly<Record<string, unknown>>;
  /** Surrounds the taking in of each batch with events. */
  readonly aroundBatch?: (batch: EventBatch, take: () => Promise<void>) => Promise<void>;
  /** Called when its shards got further. */
  onAdvance(): void;
}

export function projectionPart<Row>(options: ProjectionPartOptions<Row>): ProjectionPart {
  const { reader, projection, rows, selection, lease, signal, logger, facts, aroundBatch } = options;
  const { shards, byAggregate } = projection;
  let isLive = false;
  /** Who is given the events that are being read: always from the position on that the least of them has. */
  let writers: readonly ShardWriter[] = [];
  let followed = 0;
  let skipped = 0;
  let restart = new AbortController();

  const ownership: ShardOwnership = shardOwnership({
    view: projection.repository.name,
    rows,
    shards,
    owner: `${hostname()} ${process.pid} ${randomUUID()}`,
    lease,
    signal,
    tell: (level, message, more) => logger[level]({ ...facts, ...more }, message),
    writerOf: (shard: number, owned: OwnedShard<Row>) =>
      shardWriter({
        projection,
        rows,
        shard,
        owned,
        cached: Math.ceil(options.cachedRows / shards),
        signal,
        onRetry(err, pause) {
          isLive = false;
          logger.warn({ ...facts, shard, pause, err }, 'projection could not write, and tries again');
        },
      }),
    onGain: () => restart.abort(),
  });
  const { owned } = ownership;

  async function select(): Promise<FollowSelection | undefined> {
    while (owned.size === 0 && !signal.aborted) await ownership.present();
    if (signal.aborted) return undefined;
    isLive = false;
    restart = new AbortController();
    writers = [...owned.values()];
    const readers = new Set(owned.keys());
    return {
      ...selection,
      fromPosition: Math.min(...writers.map(({ position }) => position)) + 1,
      signal: AbortSignal.any([signal, restart.signal]),
      ...(byAggregate && shards > 1 && { only: ({ id }) => readers.has(shardOf(id, shards)) }),
    };
  }

  async function take(batch: EventBatch): Promise<void> {
    writers = writers.filter((writer) => owned.get(writer.shard) === writer);
    const taking = () => takeBatch(projection, writers, batch, ownership.lost);
    try {
      await (aroundBatch === undefined || batch.events.length === 0 ? taking() : aroundBatch(batch, taking));
    } finally {
      // What stands before an event that failed is in the rows.
      options.onAdvance();
    }
    if (batch.position > followed) skipped += batch.skipped;
    followed = Math.max(followed, batch.position);
    if (owned.size === 0) restart.abort();
    if (!batch.caughtUp || isLive) return;
    isLive = true;
    logger.info({ ...facts, position: batch.position }, 'projection is live');
  }

  return {
    get status() {
      if (ownership.isStandby) return 'standby';
      return isLive ? 'live' : 'catching-up';
    },
    get shards() {
      return [...owned.keys()].sort((one, other) => one - other);
    },
    get skipped() {
      return skipped;
    },
    positionOf: (shard) => owned.get(shard)?.position,
    begin: () => [
      ownership.keep(),
      ownership.keepCheckpoints(),
      followLog({
        reader,
        signal,
        logger,
        facts,
        select,
        take,
        aheadOf: (position, checkpoint) =>
          new CheckpointAheadError({
            projection: projection.name,
            version: projection.version,
            store: reader.name,
            checkpoint,
            position,
          }),
        onRetry() {
          isLive = false;
        },
      }),
    ],
  };
}
