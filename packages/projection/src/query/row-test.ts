import { InvalidQueryError } from '../repository-errors.ts';
import { isStorableText } from '../rows/check-key.ts';

/** What a field of a row has to be, as every implementation looks at it. Fields are data: they may have any name. */
export type RowTest = OneOfTest | RangeTest;

export interface OneOfTest {
  readonly field: string;
  readonly oneOf: readonly (string | number | boolean)[];
  /** Whether it may be null or missing, which are the same. */
  readonly orNone: boolean;
}

export interface RangeTest {
  readonly field: string;
  /** All of numbers, or all of texts. What is neither lies in no range. */
  readonly bounds: readonly Bound[];
}

export interface Bound {
  readonly kind: 'atLeast' | 'above' | 'atMost' | 'below';
  readonly value: string | number;
}

const kinds: readonly string[] = ['atLeast', 'above', 'atMost', 'below'] satisfies Bound['kind'][];

/** @throws InvalidQueryError for what the compiler refuses, and for values that no row can have */
export function rowTests(view: string, where: unknown): readonly RowTest[] {
  if (where === undefined) return [];
  if (typeof where !== 'object' || where === null || Array.isArray(where)) {
    throw new InvalidQueryError(view, 'where', 'must be an object of fields and conditions');
  }
  return Object.entries(where).map(([field, condition]) => rowTest(view, field, condition));
}

function rowTest(view: string, field: string, condition: unknown): RowTest {
  const refuse = (reason: string) => new InvalidQueryError(view, `where.${field}`, reason);
  if (!isStorableText(field)) throw refuse('has a name that no field can have');
  if (typeof condition !== 'object' || condition === null) return oneOf(field, [condition], refuse);

  const parts = Object.entries(condition).filter(([, value]) => value !== undefined);
  const [first] = parts;
  if (parts.length === 1 && first?.[0] === 'in') {
    if (!Array.isArray(first[1])) throw refuse('has an `in` that is no list');
    return oneOf(field, first[1], refuse);
  }
  const stranger = parts.find(([kind]) => !kinds.includes(kind));
  if (stranger !== undefined) throw refuse(`has an unknown condition ${JSON.stringify(stranger[0])}`);
  if (first === undefined) throw refuse('is compared with nothing');
  for (const [, value] of parts) {
    if ((typeof value !== 'string' && typeof value !== 'number') || typeof value !== typeof first[1]) {
      throw refuse('has bounds that are neither all numbers nor all texts');
    }
    checkValue(value, refuse);
  }
  return { field, bounds: parts.map(([kind, value]) => ({ kind, value }) as Bound) };
}

type Refuse = (reason: string) => InvalidQueryError;

function oneOf(field: string, values: readonly unknown[], refuse: Refuse): OneOfTest {
  const given = values.filter((value) => value !== null && value !== undefined);
  for (const value of given) checkValue(value, refuse);
  return { field, oneOf: given as (string | number | boolean)[], orNone: given.length < values.length };
}

function checkValue(value: unknown, refuse: Refuse): void {
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return;
  if (typeof value !== 'string')
    throw refuse(`is compared with ${String(value)}, and only scalars compare alike`);
  if (!isStorableText(value))
    throw refuse('is compared with a text that no row can have: it has NUL, or is cut');
}
