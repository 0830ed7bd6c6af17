import type { VersionRows } from '../repository.ts';
import { UnknownVersionError } from '../version-errors.ts';
import { ownedShard } from './owned-shard.ts';
import type { PostgresView } from './postgres-view.ts';

export function versionRows<Row>(view: PostgresView<Row>, version: number): VersionRows<Row> {
  const { name, tables } = view;

  async function checkpoint(shard: number): Promise<number> {
    const [found] = await view.query<{ checkpoint: string }>(
      `SELECT checkpoint::text FROM ${tables.shards}
      WHERE view = $1::text AND version = $2::integer AND shard = $3::integer`,
      [name, version, shard],
    );
    if (found === undefined) throw new UnknownVersionError(name, version);
    return Number(found.checkpoint);
  }

  return {
    checkpoint,
    async claim(shard, owner, lease) {
      const [claim] = await view.query<{ epoch: string; checkpoint: string }>(
        `UPDATE ${tables.shards} SET
          epoch = nextval($6::text::regclass), owner = $4::text,
          leased_until = clock_timestamp() + $5::float8 * interval '1 millisecond'
        WHERE view = $1::text AND version = $2::integer AND shard = $3::integer
          AND (leased_until IS NULL OR leased_until <= clock_timestamp())
        RETURNING epoch::text, checkpoint::text`,
        [name, version, shard, owner, lease, tables.claims],
      );
      if (claim !== undefined) {
        const { epoch } = claim;
        return ownedShard(view, { version, shard, owner, epoch, checkpoint: Number(claim.checkpoint) });
      }
      // Tells one that is owned from one that is not there.
      await checkpoint(shard);
      return undefined;
    },
  };
}
