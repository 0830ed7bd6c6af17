import { cursorOf, pageRequest } from '../query/page-request.ts';
import { sortValue } from '../query/query-rows.ts';
import { rowTests } from '../query/row-test.ts';
import type { Page, ReadRepository } from '../repository.ts';
import { isKey } from '../rows/check-key.ts';
import type { Statements } from './database.ts';
import type { PostgresView } from './postgres-view.ts';
import { parameters, rowCondition, rowOrder } from './row-condition.ts';

/** A row as the database hands it out. Only texts, so that nobody's parser of types changes it on the way. */
export interface FoundRow {
  readonly version: number;
  readonly key: string;
  readonly data: string;
}

/** Each is one statement, so that it sees one version. */
export function readRows<Row>(view: PostgresView<Row>, statements: Statements): ReadRepository<Row> {
  const { name, tables, guard } = view;
  const select = `SELECT r.version, r.key, r.data::text FROM ${tables.rows} r
    WHERE r.view = $1::text AND r.version = (SELECT active FROM ${tables.views} WHERE view = $1::text)`;
  const rowOf = ({ version, key, data }: FoundRow) => guard.out(version, key, JSON.parse(data));

  return {
    async get(key) {
      if (!isKey(key)) return undefined;
      const [found] = await statements.query<FoundRow>(`${select} AND r.key = $2::text`, [name, key]);
      return found === undefined ? undefined : rowOf(found);
    },
    async getMany(keys) {
      const found = await statements.query<FoundRow>(`${select} AND r.key = ANY ($2::text[])`, [
        name,
        keys.filter(isKey),
      ]);
      return new Map(found.map((row) => [row.key, rowOf(row)]));
    },
    async find(where) {
      const { values, parameter } = parameters();
      values.push(name);
      const condition = rowCondition(rowTests(name, where), parameter);
      const found = await statements.query<FoundRow>(`${select} AND ${condition} ORDER BY r.key`, values);
      return found.map(rowOf);
    },
    async page(query = {}) {
      const { tests, order, limit, after } = pageRequest(name, query);
      const { values, parameter } = parameters();
      values.push(name);
      const passing = rowCondition(tests, parameter);
      const { by, condition } = rowOrder(order, after, parameter);
      const found = await statements.query<FoundRow>(
        `${select} AND ${passing} AND ${condition} ORDER BY ${by} LIMIT ${parameter(limit + 1, 'integer')}`,
        values,
      );
      return pageOfFound(found, limit, rowOf, (last) =>
        cursorOf(order, { key: last.key, value: sortValue(JSON.parse(last.data), order) }),
      );
    },
  };
}

/** @param found one more than there is place for, where there are more */
export function pageOfFound<Found, Row>(
  found: readonly Found[],
  limit: number,
  rowOf: (found: Found) => Row,
  cursor: (last: Found) => string,
): Page<Row> {
  const last = found.length > limit ? found[limit - 1] : undefined;
  return { rows: found.slice(0, limit).map(rowOf), next: last === undefined ? undefined : cursor(last) };
}
