import { nuid } from '@nats-io/nats-core';
import pLimit from 'p-limit';
import type { OwnedShard, StoredRow } from '../repository.ts';
import { RepositoryError } from '../repository-errors.ts';
import { isKey } from '../rows/check-key.ts';
import { StaleOwnerError } from '../version-errors.ts';
import { type Entry, entryBody, readEntry } from './entry.ts';
import { storedRow } from './kept-row.ts';
import type { KvApi } from './kv-api.ts';
import { isMissingBucket, RowsChangedError } from './kv-failure.ts';
import { type KvView, shardKey } from './kv-view.ts';
import { loadAtFence } from './load-rows.ts';
import { batches, changeWrites } from './row-writes.ts';
import type { Claim, ShardEntry } from './shard-entry.ts';
import { type BucketWrite, writeBatch } from './write-batch.ts';

/**
 * A shard as its owner sees it. All it writes goes with the shard's entry, on the condition that this is as its owner left
 * it: another's claim changes the entry, and from then on the server refuses everything.
 */
export function ownedShard<Row>(view: KvView<Row>, claim: Claim): OwnedShard<Row> {
  const { name, guard, attempt } = view;
  const { bucket, version, shard, owner, epoch } = claim;
  const key = shardKey(shard);
  let { revision, checkpoint, lease } = claim;
  let isInDoubt = false;
  /** Each write is on the condition of the one before. */
  const inTurn = pLimit(1);

  /** The entry as it is. @throws StaleOwnerError where it is another's, has gone back, or the version was dropped */
  async function ownEntry(api: KvApi): Promise<Entry<ShardEntry>> {
    const entry = await readEntry<ShardEntry>(api, bucket, key).catch((error: unknown) => {
      if (isMissingBucket(error)) return undefined;
      throw error;
    });
    // One that is not as far as it has been was restored, or its server lost the end: it is claimed anew.
    if (entry?.value.epoch !== epoch || entry.value.checkpoint < checkpoint)
      throw new StaleOwnerError(name, version, shard, owner);
    return entry;
  }

  /** Writes rows together with the entry. @returns the revision of the entry; those of the rows follow one by one */
  async function commit(entry: ShardEntry, rows: readonly BucketWrite[]): Promise<number> {
    const batch = nuid.next();
    const body = entryBody({ ...entry, batch });
    const writes = [{ key, body, expected: revision }, ...rows];
    isInDoubt = true;
    revision = await attempt(async (api) => {
      let failure: unknown = new RepositoryError(name, 'busy', new RowsChangedError(name));
      try {
        const written = await writeBatch(api, bucket, writes);
        if (written !== undefined) return written;
      } catch (error) {
        failure = error;
      }
      // Refused, or in doubt: the entry tells what became of it.
      const found = await ownEntry(api);
      if (found.value.batch === batch) return found.revision;
      throw failure;
    });
    checkpoint = entry.checkpoint;
    isInDoubt = false;
    return revision;
  }

  /** After a write that failed: it may have happened all the same. */
  async function settle(): Promise<void> {
    if (!isInDoubt) return;
    const entry = await attempt(ownEntry);
    revision = entry.revision;
    checkpoint = entry.value.checkpoint;
    isInDoubt = false;
  }

  return {
    checkpoint,
    async load(keys) {
      const fence = { key, revision };
      const loaded = await attempt((api) => loadAtFence(api, bucket, keys.filter(isKey), fence));
      return new Map(
        Array.from(loaded, ([of, { kept, revision: at }]): [string, StoredRow<Row>] => [
          of,
          storedRow(guard, version, of, kept, at),
        ]),
      );
    },
    write: (changes, upTo) =>
      inTurn(async () => {
        const writes = changeWrites(view, version, changes);
        await settle();
        if (upTo <= checkpoint) {
          await attempt(ownEntry);
          return undefined;
        }
        const revisions = new Map<string, number>();
        const parts = batches(writes.values(), 1);
        for (const [index, rows] of parts.entries()) {
          const isLast = index === parts.length - 1;
          const entry = { checkpoint: isLast ? upTo : checkpoint, epoch, owner, lease };
          const first = await commit(entry, rows);
          for (const [at, row] of rows.entries()) revisions.set(row.key, first + 1 + at);
        }
        return changes.map((change) => revisions.get(writes.get(change.key)?.key ?? ''));
      }),
    renew: (longer) =>
      inTurn(async () => {
        await settle();
        lease = longer;
        await commit({ checkpoint, epoch, owner, lease }, []);
      }),
    release: () =>
      inTurn(async () => {
        try {
          await settle();
          await commit({ checkpoint }, []);
        } catch (error) {
          if (!(error instanceof StaleOwnerError)) throw error;
        }
      }),
  };
}
