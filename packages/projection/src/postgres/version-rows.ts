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
    async attend(owner, lease) {
      const attends = [name, version, owner, lease];
      const [found] = await view.query<{ others: number; known: boolean }>(
        `WITH known AS (SELECT 1 FROM ${tables.versions} WHERE view = $1::text AND version = $2::integer),
        gone AS (
          DELETE FROM ${tables.attendants} WHERE view = $1::text AND version = $2::integer
            AND CASE WHEN owner = $3::text THEN $4::float8 <= 0 ELSE leased_until <= clock_timestamp() END
        ), here AS (
          INSERT INTO ${tables.attendants} AS a (view, version, owner, leased_until)
          SELECT $1::text, $2::integer, $3::text, clock_timestamp() + $4::float8 * interval '1 millisecond'
          FROM known WHERE $4::float8 > 0
          ON CONFLICT (view, version, owner) DO UPDATE SET leased_until = excluded.leased_until
        )
        SELECT EXISTS (SELECT FROM known) AS known, (SELECT count(*)::integer FROM ${tables.attendants}
          WHERE view = $1::text AND version = $2::integer AND owner <> $3::text
            AND leased_until > clock_timestamp()) AS others`,
        attends,
      );
      if (found?.known !== true) throw new UnknownVersionError(name, version);
      return found.others + (lease > 0 ? 1 : 0);
    },
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
