import type { VersionRows } from '../repository.ts';
import { UnknownVersionError } from '../version-errors.ts';
import { ownedShard } from './owned-shard.ts';
import type { PostgresView } from './postgres-view.ts';

/** @param made of the version that was opened; one that was made later under the same number is another */
export function versionRows<Row>(view: PostgresView<Row>, version: number, made: string): VersionRows<Row> {
  const { name, tables } = view;
  const known = `SELECT 1 FROM ${tables.versions}
    WHERE view = $1::text AND version = $2::integer AND made = $3::bigint`;

  async function checkpoint(shard: number): Promise<number> {
    const [found] = await view.query<{ checkpoint: string }>(
      `SELECT checkpoint::text FROM ${tables.shards}
      WHERE view = $1::text AND version = $2::integer AND shard = $4::integer AND EXISTS (${known})`,
      [name, version, made, shard],
    );
    if (found === undefined) throw new UnknownVersionError(name, version);
    return Number(found.checkpoint);
  }

  return {
    checkpoint,
    async attend(owner, lease) {
      const attends = [name, version, made, owner, lease];
      const [found] = await view.query<{ others: number; known: boolean }>(
        `WITH known AS (${known}),
        gone AS (
          DELETE FROM ${tables.attendants} WHERE view = $1::text AND version = $2::integer
            AND CASE WHEN owner = $4::text THEN $5::float8 <= 0 ELSE leased_until <= clock_timestamp() END
        ), here AS (
          INSERT INTO ${tables.attendants} AS a (view, version, owner, leased_until)
          SELECT $1::text, $2::integer, $4::text, clock_timestamp() + $5::float8 * interval '1 millisecond'
          FROM known WHERE $5::float8 > 0
          ON CONFLICT (view, version, owner) DO UPDATE SET leased_until = excluded.leased_until
        )
        SELECT EXISTS (SELECT FROM known) AS known, (SELECT count(*)::integer FROM ${tables.attendants}
          WHERE view = $1::text AND version = $2::integer AND owner <> $4::text
            AND leased_until > clock_timestamp()) AS others`,
        attends,
      );
      if (found?.known !== true) throw new UnknownVersionError(name, version);
      return found.others + (lease > 0 ? 1 : 0);
    },
    async claim(shard, owner, lease) {
      const [claim] = await view.query<{ epoch: string; checkpoint: string }>(
        `UPDATE ${tables.shards} SET
          epoch = nextval($7::text::regclass), owner = $5::text,
          leased_until = clock_timestamp() + $6::float8 * interval '1 millisecond'
        WHERE view = $1::text AND version = $2::integer AND shard = $4::integer AND EXISTS (${known})
          AND (leased_until IS NULL OR leased_until <= clock_timestamp())
        RETURNING epoch::text, checkpoint::text`,
        [name, version, made, shard, owner, lease, tables.claims],
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
