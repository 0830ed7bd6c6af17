import type { RowChange } from '../repository.ts';
import { checkKey } from '../rows/check-key.ts';
import type { Claim } from './claim.ts';
import type { Statements } from './database.ts';
import type { PostgresView } from './postgres-view.ts';
import { rowBatches } from './row-batches.ts';
import { searchVector } from './search-vector.ts';
import type { Tables } from './tables.ts';

/** @throws RowMismatchError; InvalidKeyError */
export function changeBatches<Row>(
  { name, guard }: PostgresView<Row>,
  version: number,
  changes: readonly RowChange<Row>[],
): readonly string[] {
  const byKey = new Map<string, string>();
  for (const { key, row, position, createdAt, updatedAt } of changes) {
    checkKey(name, key);
    const data = row === undefined ? 'null' : JSON.stringify(guard.in(version, key, row));
    const facts = JSON.stringify({ key, position, created_at: createdAt, updated_at: updatedAt });
    byKey.set(key, `${facts.slice(0, -1)},"data":${data}}`);
  }
  return rowBatches(byKey.values());
}

/**
 * Moves the checkpoint and writes rows in one statement, which is one transaction and one round trip. Writes nothing for
 * who is the owner no more, or where the shard is as far already.
 */
export async function writeFencedBatch<Row>(
  { name, tables }: PostgresView<Row>,
  statements: Statements,
  { version, shard, epoch }: Claim,
  checkpoint: number,
  batch: string,
): Promise<boolean> {
  const written = await statements.query(
    // Waits for a claim that is under way, and then sees its epoch.
    `WITH owned AS (
      UPDATE ${tables.shards} SET checkpoint = $6::bigint
      WHERE view = $1::text AND version = $2::integer AND shard = $4::integer AND epoch = $5::bigint
        AND checkpoint < $6::bigint
      RETURNING shard
    ), ${writing(tables, 'EXISTS (SELECT FROM owned)')}
    SELECT shard FROM owned`,
    [name, version, batch, shard, epoch, checkpoint],
  );
  return written.length > 0;
}

/** Writes rows on the lock that a fenced write of the same transaction has. */
export async function writeBatch<Row>(
  { name, tables }: PostgresView<Row>,
  transaction: Statements,
  version: number,
  batch: string,
): Promise<void> {
  await transaction.query(`WITH ${writing(tables, 'true')} SELECT 1`, [name, version, batch]);
}

function writing({ rows, views }: Tables, condition: string): string {
  return `input AS MATERIALIZED (
      SELECT * FROM json_to_recordset($3::json)
        AS i(key text, position bigint, created_at timestamptz, updated_at timestamptz, data jsonb)
      WHERE ${condition}
    ), gone AS (
      DELETE FROM ${rows} r USING input i
      WHERE i.data IS NULL AND r.view = $1::text AND r.version = $2::integer AND r.key = i.key
    ), kept AS (
      INSERT INTO ${rows} AS r (view, version, key, position, created_at, updated_at, data, search)
      SELECT $1::text, $2::integer, i.key, i.position, i.created_at, i.updated_at, i.data,
        ${searchVector('i.data', 'v.search')}
      FROM input i, (SELECT search FROM ${views} WHERE view = $1::text) v WHERE i.data IS NOT NULL
      ON CONFLICT (view, version, key) DO UPDATE SET
        position = excluded.position, created_at = excluded.created_at, updated_at = excluded.updated_at,
        data = excluded.data, search = excluded.search
    )`;
}
