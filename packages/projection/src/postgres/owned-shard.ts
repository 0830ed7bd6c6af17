import type { OwnedShard, StoredRow } from '../repository.ts';
import { isKey } from '../rows/check-key.ts';
import { StaleOwnerError } from '../version-errors.ts';
import type { Claim } from './claim.ts';
import type { PostgresView } from './postgres-view.ts';
import { type WriteBatch, writeBatch, writeBatches, writeFencedBatch } from './write-rows.ts';

export function ownedShard<Row>(view: PostgresView<Row>, claim: Claim): OwnedShard<Row> {
  const { name, tables, guard } = view;
  const { version, shard, owner, epoch } = claim;
  const stale = () => new StaleOwnerError(name, version, shard, owner);
  const ours = 'view = $1::text AND version = $2::integer AND shard = $3::integer AND epoch = $4::bigint';
  const claimed = [name, version, shard, epoch];
  /** What has been committed. A shard that is not as far was restored, or its server lost the end: it is claimed anew. */
  let reached = claim.checkpoint;

  async function requireOwner(): Promise<void> {
    const found = await view.query(
      `SELECT 1 FROM ${tables.shards} WHERE ${ours} AND checkpoint >= $5::bigint`,
      [...claimed, reached],
    );
    if (found.length === 0) throw stale();
  }

  return {
    checkpoint: claim.checkpoint,
    async load(keys) {
      const found = await view.query<LoadedRow>(
        `SELECT key, data::text, position::text,
          (extract(epoch FROM created_at) * 1000)::text AS created, (extract(epoch FROM updated_at) * 1000)::text AS updated
        FROM ${tables.rows} WHERE view = $1::text AND version = $2::integer AND key = ANY ($3::text[])`,
        [name, version, keys.filter(isKey)],
      );
      return new Map(
        found.map(({ key, data, position, created, updated }): [string, StoredRow<Row>] => [
          key,
          {
            row: guard.out(version, key, JSON.parse(data)),
            position: Number(position),
            createdAt: new Date(Number(created)),
            updatedAt: new Date(Number(updated)),
            revision: undefined,
          },
        ]),
      );
    },
    async write(changes, checkpoint) {
      const interval = [reached, checkpoint] as const;
      const [first = nothing, ...others] = writeBatches(view, version, changes);
      const written =
        others.length === 0
          ? await writeFencedBatch(view, view, claim, interval, first)
          : await view.transaction(async (transaction) => {
              if (!(await writeFencedBatch(view, transaction, claim, interval, first))) return false;
              for (const batch of others) await writeBatch(view, transaction, version, batch);
              return true;
            });
      // Nothing was written: it had been before, or this is the owner no more.
      if (written) reached = checkpoint;
      else await requireOwner();
      return undefined;
    },
    async renew(lease) {
      const renewed = await view.query(
        `UPDATE ${tables.shards} SET leased_until = clock_timestamp() + $5::float8 * interval '1 millisecond'
        WHERE ${ours} AND checkpoint >= $6::bigint RETURNING shard`,
        [...claimed, lease, reached],
      );
      if (renewed.length === 0) throw stale();
    },
    async release() {
      await view.query(
        `UPDATE ${tables.shards} SET epoch = 0, owner = NULL, leased_until = NULL WHERE ${ours}`,
        claimed,
      );
    },
  };
}

const nothing: WriteBatch = { kept: [], gone: [] };

interface LoadedRow {
  readonly key: string;
  readonly data: string;
  readonly position: string;
  readonly created: string;
  readonly updated: string;
}
