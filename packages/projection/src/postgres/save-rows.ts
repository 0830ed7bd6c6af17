import { checkKey } from '../rows/check-key.ts';
import type { Statements } from './database.ts';
import type { PostgresView } from './postgres-view.ts';
import { rowBatches } from './row-batches.ts';
import { searchVector } from './search-vector.ts';
import { ensureVersion } from './versions.ts';

/** Statements that save rows of the active version, each of which has to run in one transaction with the others. */
export function saveBatches<Row>(
  { name, guard }: PostgresView<Row>,
  rows: Iterable<readonly [key: string, row: Row]>,
): readonly string[] {
  const kept = new Map<string, string>();
  for (const [key, row] of rows) {
    checkKey(name, key);
    kept.set(key, JSON.stringify(guard.in(undefined, key, row)));
  }
  // In one order, so that others who save the same rows wait instead of blocking each other.
  const sorted = [...kept].sort(([one], [other]) => (one < other ? -1 : 1));
  const records = sorted.map(([key, data]) => `{"key":${JSON.stringify(key)},"data":${data}}`);
  return rowBatches(records, ({ length }) => length).map((batch) => `[${batch}]`);
}

async function saveBatch<Row>(
  { name, tables }: PostgresView<Row>,
  statements: Statements,
  batch: string,
): Promise<boolean> {
  const { views, rows } = tables;
  // Locked, so that the version is not dropped before the rows are in it.
  const saved = await statements.query(
    `WITH v AS MATERIALIZED (
      SELECT active, search FROM ${views} WHERE view = $1::text AND active IS NOT NULL FOR SHARE
    ), kept AS (
      INSERT INTO ${rows} AS r (view, version, key, position, created_at, updated_at, data, search)
      SELECT $1::text, v.active, i.key, 0, clock.now, clock.now, i.data, ${searchVector('i.data', 'v.search')}
      FROM v, json_to_recordset($2::json) AS i(key text, data jsonb), date_trunc('milliseconds', now()) AS clock(now)
      ON CONFLICT (view, version, key) DO UPDATE SET
        updated_at = excluded.updated_at, data = excluded.data, search = excluded.search
    )
    SELECT active FROM v`,
    [name, batch],
  );
  return saved.length > 0;
}

/** Where there is no version yet, it makes the first. */
export async function saveAll<Row>(
  view: PostgresView<Row>,
  statements: Statements,
  batches: readonly string[],
): Promise<void> {
  for (const batch of batches) {
    if (await saveBatch(view, statements, batch)) continue;
    await ensureVersion(view, statements, 1, { shards: 1 });
    await saveBatch(view, statements, batch);
  }
}
