import type { Database } from './database.ts';
import { searchVector } from './search-vector.ts';
import type { Tables } from './tables.ts';

/**
 * Makes a view known, and its rows searchable by these fields: where they were searched by others, the words of all rows
 * are gathered anew, and writers wait meanwhile. `undefined` leaves the fields as they are.
 */
export async function prepareView(
  database: Database,
  { views, rows }: Tables,
  view: string,
  search: readonly string[] | undefined,
): Promise<void> {
  const [known] = await database.query<{ readonly same: boolean }>(
    `SELECT $2::text[] IS NULL OR search IS NOT DISTINCT FROM $2::text[] AS same FROM ${views} WHERE view = $1::text`,
    [view, search ?? null],
  );
  if (known?.same) return;
  await database.transaction(async (transaction) => {
    await transaction.query(`INSERT INTO ${views} (view) VALUES ($1::text) ON CONFLICT DO NOTHING`, [view]);
    if (search === undefined) return;
    // A write that began before would gather the words of the fields that were.
    await transaction.query(`LOCK TABLE ${rows} IN SHARE ROW EXCLUSIVE MODE`);
    const changed = await transaction.query(
      `UPDATE ${views} SET search = $2::text[]
      WHERE view = $1::text AND search IS DISTINCT FROM $2::text[] RETURNING view`,
      [view, search],
    );
    if (changed.length === 0) return;
    await transaction.query(
      `UPDATE ${rows} r SET search = ${searchVector('r.data', 'v.search')}
      FROM ${views} v WHERE v.view = $1::text AND r.view = $1::text`,
      [view],
    );
  });
}
