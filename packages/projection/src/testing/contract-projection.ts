import { defineProjection, type Projection } from '../define-projection.ts';
import type { Repository } from '../repository.ts';
import { type ContractEvent, Counted, Removed, Toggled } from './contract-log.ts';
import type { ContractRow } from './contract-row.ts';

/** Rows in the shape of the suite's: `count` is the sum, `list` the positions that made it, so that nothing cancels out. */
export function contractProjection(
  into: Repository<ContractRow>,
  options: { readonly version?: number; readonly shards?: number; readonly text?: string } = {},
): Projection<ContractRow> {
  const { text = 'row', ...more } = options;
  return defineProjection({
    ...more,
    name: 'counts',
    from: [Counted, Removed, Toggled],
    key: ({ type, data }) => (type === 'counted' ? data.keys : data.key),
    on: {
      counted: (row, { data, position }, key) => ({
        text: `${text} ${key}`,
        count: (row?.count ?? 0) + data.by,
        list: [...(row?.list ?? []), position],
      }),
      removed: () => undefined,
      toggled: (row, { position }, key) => (row ? undefined : { text: `${text} ${key}`, list: [position] }),
    },
    into,
  });
}

/** What the rows are to be after the events up to a position. */
export function expectedRows(
  events: readonly ContractEvent[],
  position = Number.POSITIVE_INFINITY,
  text = 'row',
): ReadonlyMap<string, ContractRow> {
  const rows = new Map<string, ContractRow>();
  for (const event of events) {
    if (event.position > position) break;
    if (event.type !== 'counted') {
      const { key } = event.data;
      if (!rows.delete(key) && event.type === 'toggled')
        rows.set(key, { text: `${text} ${key}`, list: [event.position] });
      continue;
    }
    for (const key of new Set(event.data.keys)) {
      const { count = 0, list = [] } = rows.get(key) ?? {};
      rows.set(key, {
        text: `${text} ${key}`,
        count: count + event.data.by,
        list: [...list, event.position],
      });
    }
  }
  return rows;
}
