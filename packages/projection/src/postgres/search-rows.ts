import { cursorOf, pageLimit, placeAfter, type RowOrder } from '../query/page-request.ts';
import type { Page } from '../repository.ts';
import { InvalidQueryError } from '../repository-errors.ts';
import { isStorableText } from '../rows/check-key.ts';
import type { PostgresView } from './postgres-view.ts';
import { type FoundRow, pageOfFound } from './read-rows.ts';
import { parameters } from './row-condition.ts';

export interface SearchOptions {
  /** Rows at most, from 1 to 1,000. Default: 100. */
  readonly limit?: number;
  /** The `next` of the page before, of the same words. */
  readonly after?: string;
}

interface RankedRow extends FoundRow {
  readonly rank: string;
}

/** @throws InvalidQueryError */
export async function searchRows<Row>(
  view: PostgresView<Row>,
  words: string,
  { limit: asked, after }: SearchOptions,
): Promise<Page<Row>> {
  const { name, tables, guard } = view;
  if (typeof words !== 'string' || !isStorableText(words)) {
    throw new InvalidQueryError(
      name,
      'words',
      'must be a text without NUL that is not cut within a character',
    );
  }
  const limit = pageLimit(name, asked);
  const order: RowOrder = { field: `words ${words}`, descending: true };
  const place = after === undefined ? undefined : placeAfter(name, order, after);

  const { values, parameter } = parameters();
  values.push(name, words);
  const rank = 'ts_rank(r.search, q)::float8';
  let condition = 'true';
  if (place !== undefined) {
    const last = parameter(String(place.value), 'float8');
    condition = `(${rank} < ${last} OR (${rank} = ${last} AND r.key > ${parameter(place.key, 'text')}))`;
  }
  const found = await view.query<RankedRow>(
    `SELECT r.version, r.key, r.data::text, (${rank})::text AS rank
    FROM ${tables.rows} r, websearch_to_tsquery('simple', $2::text) AS q
    WHERE r.search @@ q AND r.view = $1::text
      AND r.version = (SELECT active FROM ${tables.views} WHERE view = $1::text) AND ${condition}
    ORDER BY ${rank} DESC, r.key LIMIT ${parameter(limit + 1, 'integer')}`,
    values,
  );
  return pageOfFound(
    found,
    limit,
    ({ version, key, data }) => guard.out(version, key, JSON.parse(data)),
    (last) => cursorOf(order, { key: last.key, value: Number(last.rank) }),
  );
}
