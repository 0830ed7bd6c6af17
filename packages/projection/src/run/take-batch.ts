import type { Projection } from '../define-projection.ts';
import type { EventBatch } from '../event-reader.ts';
import { StaleOwnerError } from '../version-errors.ts';
import type { KeyedEvent } from './fold-events.ts';
import { shardOf } from './shard-of.ts';
import { EventFailure, type ShardWriter } from './shard-writer.ts';

/**
 * Gives each writer the events of its shard, and waits until all have taken them in. What stands before an
 * event that fails is taken in.
 *
 * @throws EventFailure; the signal's reason
 */
export async function takeBatch<Row>(
  projection: Pick<Projection<Row>, 'keys' | 'shards'>,
  writers: readonly ShardWriter[],
  batch: Pick<EventBatch, 'events' | 'position'>,
  onLost: (error: StaleOwnerError) => void,
): Promise<void> {
  const { shards } = projection;
  const work = new Map(writers.map(({ shard }) => [shard, [] as KeyedEvent[]]));
  let to = batch.position;
  let failure: EventFailure | undefined;
  for (const event of batch.events) {
    try {
      const keys = projection.keys(event);
      if (keys.length === 1 || shards === 1) {
        if (keys.length > 0) work.get(shardOf(keys[0] ?? '', shards))?.push({ event, keys });
      } else {
        for (const [shard, ofShard] of Map.groupBy(keys, (key) => shardOf(key, shards)))
          work.get(shard)?.push({ event, keys: ofShard });
      }
    } catch (cause) {
      failure = new EventFailure(event, cause);
      to = event.position - 1;
      break;
    }
  }
  const results = await Promise.allSettled(
    writers.map((writer) => writer.write(work.get(writer.shard) ?? [], to)),
  );
  for (const result of results) {
    if (result.status === 'fulfilled') continue;
    if (!(result.reason instanceof StaleOwnerError)) throw result.reason;
    onLost(result.reason);
  }
  if (failure !== undefined) throw failure;
}
