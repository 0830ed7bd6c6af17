import { isDeepStrictEqual } from 'node:util';
import { conditionProblems } from './conditions.ts';
import { isLengthTaken, uncomparable } from './incompatible-limits.ts';
import { isNumberTaken } from './incompatible-numbers.ts';
import { type JsonSchema, type Keywords, namedValues, typeMark, typeOf, typesOf } from './schema-parts.ts';

/** Why a value that was written is not taken. */
export function valueProblems(value: unknown, written: Keywords, reader: Keywords): readonly string[] {
  const shown = `the value ${JSON.stringify(value)}`;
  const allowed = namedValues(reader);
  if (allowed !== undefined && !allowed.some((one) => isDeepStrictEqual(one, value)))
    return [`${shown} is not among those taken now`];
  const types = typesOf(reader);
  const type = typeOf(value);
  if (types !== undefined && !types.includes(type) && !(type === 'integer' && types.includes('number')))
    return [`${shown} was written, and only ${types.join(' or ')} is taken now`];
  if (reader[typeMark] !== undefined)
    return [`${shown} was written, and ${reader[typeMark]} is demanded now`];
  const isFitting =
    typeof value === 'string'
      ? isLengthTaken(value, reader)
      : typeof value !== 'number' || isNumberTaken(value, reader);
  if (!isFitting) return [`${shown} is out of the limits now`];
  const { pattern } = reader;
  if (typeof value === 'string' && typeof pattern === 'string' && !matches(value, pattern))
    return [`${shown} does not match ${pattern}, which is demanded now`];
  const blind = uncomparable(reader, type).filter((keyword) => keyword !== 'pattern');
  return [
    ...blind.map((keyword) => `${keyword} is demanded now, which cannot be tried on ${shown}`),
    ...conditionProblems(written, reader),
  ];
}

function matches(value: string, pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(value);
  } catch {
    // No pattern of this dialect: nothing is proved.
    return false;
  }
}

/** The schema of one value, to be compared like any other. */
export function exactly(value: unknown): JsonSchema {
  if (Array.isArray(value)) {
    const size = value.length;
    return { type: 'array', prefixItems: value.map(exactly), items: false, minItems: size, maxItems: size };
  }
  if (typeof value !== 'object' || value === null) return { const: value };
  const properties = Object.entries(value).map(([key, child]) => [key, exactly(child)]);
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    required: Object.keys(value),
    additionalProperties: false,
  };
}
