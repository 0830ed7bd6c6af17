import { InvalidQueryError } from '../repository-errors.ts';
import { isKey, isStorableText } from '../rows/check-key.ts';
import { type RowTest, rowTests } from './row-test.ts';

/** A page as every implementation looks for it. */
export interface PageRequest {
  readonly tests: readonly RowTest[];
  readonly order: RowOrder;
  readonly limit: number;
  readonly after: Place | undefined;
}

export interface RowOrder {
  /** `undefined`: by keys. */
  readonly field: string | undefined;
  readonly descending: boolean;
}

/** Where a row stands in an order. */
export interface Place {
  /** Of the field that is sorted by; `undefined` where it is neither number nor text. */
  readonly value: string | number | undefined;
  readonly key: string;
}

const mostRows = 1_000;

/** @throws InvalidQueryError */
export function pageRequest(
  view: string,
  query: {
    readonly where?: unknown;
    readonly orderBy?: unknown;
    readonly direction?: unknown;
    readonly limit?: unknown;
    readonly after?: unknown;
  },
): PageRequest {
  const { where, orderBy, direction = 'ascending', after } = query;
  if (orderBy !== undefined && (typeof orderBy !== 'string' || !isStorableText(orderBy))) {
    throw new InvalidQueryError(view, 'orderBy', 'must be the name of a field');
  }
  if (direction !== 'ascending' && direction !== 'descending') {
    throw new InvalidQueryError(view, 'direction', "must be 'ascending' or 'descending'");
  }
  const order: RowOrder = { field: orderBy, descending: direction === 'descending' };
  return {
    tests: rowTests(view, where),
    order,
    limit: pageLimit(view, query.limit),
    after: after === undefined ? undefined : placeAfter(view, order, after),
  };
}

/** @throws InvalidQueryError */
export function pageLimit(view: string, limit: unknown = 100): number {
  if (Number.isInteger(limit) && (limit as number) >= 1 && (limit as number) <= mostRows)
    return limit as number;
  throw new InvalidQueryError(
    view,
    'limit',
    `must be a whole number from 1 to ${mostRows}, not ${String(limit)}`,
  );
}

/** The text that a caller hands back to get the rows after this one. */
export function cursorOf(order: RowOrder, { value, key }: Place): string {
  return Buffer.from(JSON.stringify([orderName(order), key, value])).toString('base64url');
}

/** @throws InvalidQueryError */
export function placeAfter(view: string, order: RowOrder, cursor: unknown): Place {
  const parts = partsOf(cursor);
  const [name, key, value] = parts ?? [];
  const isValue =
    value === null || typeof value === 'number' || (typeof value === 'string' && isStorableText(value));
  if (parts?.length !== 3 || typeof name !== 'string' || !isKey(key) || !isValue) {
    throw new InvalidQueryError(view, 'after', 'is not the `next` of a page');
  }
  if (name !== orderName(order)) {
    throw new InvalidQueryError(
      view,
      'after',
      'is of a page in another order: ask for all pages with the same query',
    );
  }
  return { key, value: value ?? undefined };
}

function partsOf(cursor: unknown): readonly unknown[] | undefined {
  if (typeof cursor !== 'string') return undefined;
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parts) ? parts : undefined;
  } catch {
    return undefined;
  }
}

function orderName({ field, descending }: RowOrder): string {
  return `${descending ? '-' : '+'}${field ?? ''}`;
}
