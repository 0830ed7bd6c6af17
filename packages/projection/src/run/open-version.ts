import pRetry from 'p-retry';
import type { Projection } from '../define-projection.ts';
import type { EventReader } from '../event-reader.ts';
import { CheckpointAheadError } from '../projection-errors.ts';
import type { VersionRows, ViewVersion } from '../repository.ts';
import { inTime } from './in-time.ts';
import { passesInTime } from './passes-in-time.ts';
import { untilAborted } from './until-aborted.ts';

/**
 * Opens the rows of a projection's version, and makes sure that the log is the one they show. What passes is tried again
 * until the signal aborts.
 *
 * @throws ShardsMismatchError, SourceMismatchError, InvalidVersionError, CheckpointAheadError; the signal's reason
 */
export async function openVersion<Row>(
  reader: EventReader,
  projection: Projection<Row>,
  signal: AbortSignal,
  onRetry: (error: unknown, pause: number) => void,
): Promise<VersionRows<Row>> {
  const { name, version, shards, repository } = projection;

  async function open(): Promise<VersionRows<Row>> {
    const source = `projection ${name} of store ${reader.name}`;
    const rows = await inTime(repository.name, repository.versions.open(version, { shards, source }));
    const checkpoint = Math.max(
      ...(await inTime(repository.name, checkpointsOf(repository.versions, version))),
    );
    // An empty version can show any log.
    const position = checkpoint === 0 ? 0 : await reader.position();
    if (checkpoint <= position) return rows;
    throw new CheckpointAheadError({ projection: name, version, store: reader.name, checkpoint, position });
  }

  const opened = pRetry(open, {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: 50,
    maxTimeout: 5_000,
    signal,
    shouldRetry: ({ error }) => passesInTime(error),
    onFailedAttempt: ({ error, retryDelay }) => {
      if (!signal.aborted && passesInTime(error)) onRetry(error, retryDelay);
    },
  });
  return await untilAborted(opened, signal);
}

/** Up to where each shard of a version shows the log; none where the version is not there. */
export async function checkpointsOf(
  versions: { list(): Promise<readonly ViewVersion[]> },
  version: number,
): Promise<readonly number[]> {
  return (await versions.list()).find((found) => found.version === version)?.checkpoints ?? [];
}
