import type { RowChange } from '../repository.ts';
import { checkKey } from '../rows/check-key.ts';
import type { Claim } from './claim.ts';
import type { Statements } from './database.ts';
import type { PostgresView } from './postgres-view.ts';
import { rowBatches } from './row-batches.ts';
import { searchVector } from './search-vector.ts';
import type { Tables } from './tables.ts';

/** What one statement writes: rows, and the keys of those that are no more. */
export interface WriteBatch {
  readonly kept: readonly KeptRow[];
  readonly gone: readonly string[];
}

interface KeptRow extends Pick<RowChange<unknown>, 'key' | 'position' | 'createdAt' | 'updatedAt'> {
  /** JSON. */
  readonly data: string;
}

/** @throws RowMismatchError; InvalidKeyError */
export function writeBatches<Row>(
  { name, guard }: PostgresView<Row>,
  version: number,
  changes: readonly RowChange<Row>[],
): readonly WriteBatch[] {
  const kept = new Map<string, KeptRow>();
  const gone = new Set<string>();
  for (const { key, row, position, createdAt, updatedAt } of changes) {
    checkKey(name, key);
    if (row === undefined) {
      kept.delete(key);
      gone.add(key);
      continue;
    }
    const data = JSON.stringify(guard.in(version, key, row));
    gone.delete(key);
    kept.set(key, { key, position, createdAt, updatedAt, data });
  }
  return rowBatches(kept.values(), ({ data }) => data.length).map((batch, index) => ({
    kept: batch,
    gone: index === 0 ? [...gone] : [],
  }));
}

/**
 * Moves the checkpoint and writes rows in one statement, which is one transaction and one round trip. Writes nothing for
 * who is the owner no more, where the shard is as far already, and where it is not even as far as it has been.
 *
 * @param interval from where the shard is known to be, to the new checkpoint
 */
export async function writeFencedBatch<Row>(
  { name, tables }: PostgresView<Row>,
  statements: Statements,
  { version, shard, epoch }: Claim,
  [from, checkpoint]: readonly [from: number, to: number],
  { kept, gone }: WriteBatch,
): Promise<boolean> {
  const written = await statements.query(
    // Waits for a claim that is under way, and then sees its epoch.
    `WITH owned AS (
      UPDATE ${tables.shards} SET checkpoint = $11::bigint
      WHERE view = $1::text AND version = $2::integer AND shard = $9::integer AND epoch = $10::bigint
        AND checkpoint >= $12::bigint AND checkpoint < $11::bigint
      RETURNING shard
    ), ${writing(tables, 'EXISTS (SELECT FROM owned)')}
    SELECT shard FROM owned`,
    [name, version, gone, ...columnsOf(kept), shard, epoch, checkpoint, from],
  );
  return written.length > 0;
}

/** Writes rows on the lock that a fenced write of the same transaction has. */
export async function writeBatch<Row>(
  { name, tables }: PostgresView<Row>,
  transaction: Statements,
  version: number,
  { kept, gone }: WriteBatch,
): Promise<void> {
  await transaction.query(`WITH ${writing(tables, 'true')} SELECT 1`, [
    name,
    version,
    gone,
    ...columnsOf(kept),
  ]);
}

/** A list for each column, which costs PostgreSQL two thirds of what reading records of JSON does. */
function columnsOf(rows: readonly KeptRow[]): readonly (readonly string[])[] {
  return [
    rows.map(({ key }) => key),
    rows.map(({ position }) => String(position)),
    rows.map(({ createdAt }) => createdAt.toISOString()),
    rows.map(({ updatedAt }) => updatedAt.toISOString()),
    rows.map(({ data }) => data),
  ];
}

function writing({ rows, views }: Tables, condition: string): string {
  // Keys that are gone come as a list: a join with rows of unknown number would read the whole table.
  return `gone AS (
      DELETE FROM ${rows} r
      WHERE ${condition} AND r.view = $1::text AND r.version = $2::integer AND r.key = ANY ($3::text[])
    ), kept AS (
      INSERT INTO ${rows} AS r (view, version, key, position, created_at, updated_at, data, search)
      SELECT $1::text, $2::integer, i.key, i.position, i.created_at, i.updated_at, i.data,
        ${searchVector('i.data', 'v.search')}
      FROM unnest($4::text[], $5::bigint[], $6::timestamptz[], $7::timestamptz[], $8::jsonb[])
          AS i(key, position, created_at, updated_at, data),
        (SELECT search FROM ${views} WHERE view = $1::text) v
      WHERE ${condition}
      ON CONFLICT (view, version, key) DO UPDATE SET
        position = excluded.position, created_at = excluded.created_at, updated_at = excluded.updated_at,
        data = excluded.data, search = excluded.search
    )`;
}
