import { type Keywords, mayBe } from './schema-parts.ts';

/** One end of a range. Counted from zero outwards in its direction: a larger `at` is tighter. */
interface Bound {
  readonly at: number;
  readonly isExclusive: boolean;
  readonly keyword: string;
}

/** Numbers that were written and that a reader does not take. */
export function numberProblems(written: Keywords, reader: Keywords): readonly string[] {
  if (!mayBe(written, 'number')) return [];
  const isWhole = written['type'] === 'integer';
  const tighter = ([1, -1] as const).flatMap((direction) => {
    const was = bound(written, direction, isWhole);
    const now = bound(reader, direction, isWhole);
    return isTighter(now, was) ? [now.keyword] : [];
  });
  const step = isMultiple(written, reader) ? [] : ['multipleOf'];
  return [...tighter, ...step].map((keyword) => `${keyword} is ${reader[keyword]} now`);
}

export function isNumberTaken(value: number, reader: Keywords): boolean {
  const written = { type: 'number', minimum: value, maximum: value };
  const step = reader['multipleOf'];
  return (
    numberProblems({ ...written, multipleOf: step }, reader).length === 0 &&
    (typeof step !== 'number' || value % step === 0)
  );
}

function bound(schema: Keywords, direction: 1 | -1, isWhole: boolean): Bound {
  const keywords = direction === 1 ? ['minimum', 'exclusiveMinimum'] : ['maximum', 'exclusiveMaximum'];
  const [inclusive, exclusive] = keywords.map((keyword, index): Bound => {
    const limit = schema[keyword];
    const at = typeof limit === 'number' ? limit * direction : Number.NEGATIVE_INFINITY;
    if (!isWhole) return { at, isExclusive: index === 1, keyword };
    // The nearest whole number that is inside.
    return { at: index === 1 ? Math.floor(at) + 1 : Math.ceil(at), isExclusive: false, keyword };
  }) as [Bound, Bound];
  return isTighter(exclusive, inclusive) ? exclusive : inclusive;
}

function isTighter(a: Bound, b: Bound): boolean {
  if (a.at === Number.NEGATIVE_INFINITY) return false;
  return a.at > b.at || (a.at === b.at && a.isExclusive && !b.isExclusive);
}

/** Steps are compared where they are whole numbers: a fraction cannot be divided exactly. */
function isMultiple(written: Keywords, reader: Keywords): boolean {
  const step = reader['multipleOf'];
  if (step === undefined || step === written['multipleOf']) return true;
  const was = written['multipleOf'] ?? (written['type'] === 'integer' ? 1 : undefined);
  return Number.isInteger(step) && Number.isInteger(was) && Number(was) % Number(step) === 0;
}
