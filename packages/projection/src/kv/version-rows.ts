import { nuid } from '@nats-io/nats-core';
import type { VersionRows } from '../repository.ts';
import { UnknownVersionError } from '../version-errors.ts';
import { serverTime } from './bucket.ts';
import type { KeptVersion } from './directory.ts';
import { readEntry, writeEntry } from './entry.ts';
import type { KvApi } from './kv-api.ts';
import { isMissingBucket } from './kv-failure.ts';
import { attendantsKey, type KvView, shardKey } from './kv-view.ts';
import { ownedShard } from './owned-shard.ts';
import type { ShardEntry } from './shard-entry.ts';

export async function readCheckpoint(api: KvApi, bucket: string, shard: number): Promise<number> {
  return (await readEntry<ShardEntry>(api, bucket, shardKey(shard)))?.value.checkpoint ?? 0;
}

export function versionRows<Row>(
  view: KvView<Row>,
  version: number,
  { bucket, shards }: KeptVersion,
): VersionRows<Row> {
  /** Once the bucket is gone, so is the version; one made later under the same number has another bucket. */
  function inVersion<T>(work: (api: KvApi) => Promise<T>): Promise<T> {
    return view.attempt((api) =>
      work(api).catch((error: unknown) => {
        throw isMissingBucket(error) ? new UnknownVersionError(view.name, version) : error;
      }),
    );
  }

  function requireShard(shard: number): void {
    if (!(Number.isInteger(shard) && shard >= 0 && shard < shards))
      throw new UnknownVersionError(view.name, version);
  }

  return {
    async checkpoint(shard) {
      requireShard(shard);
      return await inVersion((api) => readCheckpoint(api, bucket, shard));
    },
    async claim(shard, owner, lease) {
      requireShard(shard);
      const epoch = nuid.next();
      const key = shardKey(shard);
      return await inVersion(async (api) => {
        for (;;) {
          const entry = await readEntry<ShardEntry>(api, bucket, key);
          const checkpoint = entry?.value.checkpoint ?? 0;
          const isOurs = entry?.value.epoch === epoch;
          if (!isOurs && entry?.value.epoch !== undefined) {
            const isLeased = entry.writtenAt + (entry.value.lease ?? 0) > (await serverTime(api, bucket));
            if (isLeased) return undefined;
          }
          const claimed: ShardEntry = { checkpoint, epoch, owner, lease };
          // It is ours already where the answer to the write was lost.
          const revision = isOurs
            ? entry.revision
            : await writeEntry(api, bucket, key, claimed, entry?.revision ?? 0);
          if (revision !== undefined)
            return ownedShard(view, { bucket, version, shard, owner, epoch, lease, checkpoint, revision });
        }
      });
    },
    attend: (owner, lease) =>
      inVersion(async (api) => {
        for (;;) {
          const entry = await readEntry<Readonly<Record<string, number>>>(api, bucket, attendantsKey);
          const now = await serverTime(api, bucket);
          const attending = Object.entries(entry?.value ?? {}).filter(
            ([other, until]) => other !== owner && until > now,
          );
          if (lease > 0) attending.push([owner, now + lease]);
          const value = Object.fromEntries(attending);
          const revision = await writeEntry(api, bucket, attendantsKey, value, entry?.revision ?? 0);
          if (revision !== undefined) return attending.length;
        }
      }),
  };
}
