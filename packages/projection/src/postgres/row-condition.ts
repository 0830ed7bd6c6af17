import type { Place, RowOrder } from '../query/page-request.ts';
import type { Bound, RowTest } from '../query/row-test.ts';

/** The values of a statement as it is put together. Returns the name of one in the text. */
export type Parameter = (value: unknown, type: string) => string;

/** Collects values, so that nothing that comes from outside becomes part of the text. */
export function parameters(): { readonly values: unknown[]; readonly parameter: Parameter } {
  const values: unknown[] = [];
  return { values, parameter: (value, type) => `$${values.push(value)}::${type}` };
}

/** What holds of rows that pass, the same as `passes` says of a row at hand. */
export function rowCondition(tests: readonly RowTest[], parameter: Parameter): string {
  return ['true', ...tests.map((test) => fieldCondition(test, parameter))].join(' AND ');
}

const operators: Record<Bound['kind'], string> = { atLeast: '>=', above: '>', atMost: '<=', below: '<' };

function fieldCondition(test: RowTest, parameter: Parameter): string {
  const field = `(r.data -> ${parameter(test.field, 'text')})`;
  if ('bounds' in test) {
    return test.bounds
      .map(
        ({ kind, value }) =>
          `${comparable(field, typeof value)} ${operators[kind]} ${bound(value, parameter)}`,
      )
      .join(' AND ');
  }
  const equal = `coalesce(${field} = ANY (ARRAY(SELECT jsonb_array_elements(${parameter(JSON.stringify(test.oneOf), 'jsonb')}))), false)`;
  return test.orNone ? `(${equal} OR coalesce(jsonb_typeof(${field}), 'null') = 'null')` : equal;
}

function bound(value: string | number, parameter: Parameter): string {
  return typeof value === 'number' ? parameter(String(value), 'numeric') : parameter(value, 'text');
}

/** The field as a value that compares as in JavaScript, by number or by byte; null where it is of another type. */
function comparable(field: string, type: string): string {
  return type === 'number'
    ? `(CASE WHEN jsonb_typeof(${field}) = 'number' THEN ${field}::numeric END)`
    : `((CASE WHEN jsonb_typeof(${field}) = 'string' THEN ${field} #>> '{}' END) COLLATE "C")`;
}

/** The order of a page, and what holds of rows that come after a place in it. */
export function rowOrder(
  { field, descending }: RowOrder,
  after: Place | undefined,
  parameter: Parameter,
): { readonly by: string; readonly condition: string } {
  const [direction, beyond] = descending ? (['DESC', '<'] as const) : (['ASC', '>'] as const);
  if (field === undefined) {
    return {
      by: `r.key ${direction}`,
      condition: after === undefined ? 'true' : `r.key ${beyond} ${parameter(after.key, 'text')}`,
    };
  }
  const value = `(r.data -> ${parameter(field, 'text')})`;
  const types = descending ? ['string', 'number'] : ['number', 'string'];
  const rank = `coalesce(array_position(${parameter(types, 'text[]')}, jsonb_typeof(${value})), 3)`;
  const by = [
    rank,
    ...['number', 'string'].map((type) => `${comparable(value, type)} ${direction}`),
    'r.key',
  ].join(', ');
  return { by, condition: after === undefined ? 'true' : afterPlace(after) };

  function afterPlace({ value: last, key }: Place): string {
    const later = `r.key > ${parameter(key, 'text')}`;
    if (last === undefined) return `(${rank} = 3 AND ${later})`;
    const lastRank = types.indexOf(typeof last) + 1;
    const own = comparable(value, typeof last);
    const limit = bound(last, parameter);
    return `(${rank} > ${lastRank} OR ${own} ${beyond} ${limit} OR (${own} = ${limit} AND ${later}))`;
  }
}
