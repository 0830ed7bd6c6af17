import type { Page } from '../repository.ts';
import { compareTexts } from './compare-texts.ts';
import { cursorOf, type PageRequest, type Place, type RowOrder } from './page-request.ts';
import type { Bound, RowTest } from './row-test.ts';

/** Rows by key that are all at hand, for implementations whose store cannot be asked for them. */
export type KeyedRow<Row> = readonly [key: string, row: Row];

export function passes(row: unknown, tests: readonly RowTest[]): boolean {
  return tests.every((test) => {
    const value = fieldOf(row, test.field);
    if ('bounds' in test) return test.bounds.every((bound) => lies(value, bound));
    return value === undefined ? test.orNone : test.oneOf.some((wanted) => wanted === value);
  });
}

/** @param rows in the order of their keys */
export function pageOf<Row>(rows: Iterable<KeyedRow<Row>>, request: PageRequest): Page<Row> {
  const { tests, order, limit, after } = request;
  const found: (readonly [Place, Row])[] = [];
  for (const [key, row] of rows) {
    if (!passes(row, tests)) continue;
    const place = { key, value: sortValue(row, order) };
    if (after === undefined || comparePlaces(order, place, after) > 0) found.push([place, row]);
    // In the order of keys there is nothing to be sorted: the first that fit are the page.
    if (order.field === undefined && !order.descending && found.length > limit) break;
  }
  if (order.field !== undefined) found.sort(([one], [other]) => comparePlaces(order, one, other));
  else if (order.descending) found.reverse();
  const last = found.length > limit ? found[limit - 1] : undefined;
  return {
    rows: found.slice(0, limit).map(([, row]) => row),
    next: last === undefined ? undefined : cursorOf(order, last[0]),
  };
}

/** `null` and what is missing are the same. A field is the row's own, whatever its name. */
function fieldOf(row: unknown, field: string): unknown {
  if (typeof row !== 'object' || row === null || !Object.hasOwn(row, field)) return undefined;
  return (row as Readonly<Record<string, unknown>>)[field] ?? undefined;
}

function lies(value: unknown, bound: Bound): boolean {
  if (typeof value !== typeof bound.value) return false;
  const difference = compareValues(value as string | number, bound.value);
  switch (bound.kind) {
    case 'atLeast':
      return difference >= 0;
    case 'above':
      return difference > 0;
    case 'atMost':
      return difference <= 0;
    case 'below':
      return difference < 0;
  }
}

export function sortValue(row: unknown, { field }: RowOrder): string | number | undefined {
  const value = field === undefined ? undefined : fieldOf(row, field);
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}

/** Numbers, then texts, or the other way round; then rows that have neither. Rows with the same stand by their keys. */
function comparePlaces({ field, descending }: RowOrder, one: Place, other: Place): number {
  const sign = descending ? -1 : 1;
  if (field === undefined) return sign * compareTexts(one.key, other.key);
  if (one.value === undefined || other.value === undefined) {
    if (one.value !== other.value) return one.value === undefined ? 1 : -1;
  } else {
    const difference = compareValues(one.value, other.value);
    if (difference !== 0) return sign * difference;
  }
  return compareTexts(one.key, other.key);
}

function compareValues(one: string | number, other: string | number): number {
  if (typeof one === 'number') return typeof other === 'number' ? one - other : -1;
  return typeof other === 'number' ? 1 : compareTexts(one, other);
}
