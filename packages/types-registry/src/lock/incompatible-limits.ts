import { isDeepStrictEqual } from 'node:util';

type Keywords = { readonly [keyword: string]: unknown };

/** Keywords that say how little there may be, and what they say where they are absent. */
const lower = ['minimum', 'minLength', 'minItems', 'minProperties'] as const;
const upper = ['maximum', 'maxLength', 'maxItems', 'maxProperties'] as const;
/** Compared elsewhere, or of no effect on what is taken. */
const structure = new Set([
  ...['type', 'enum', 'const', 'properties', 'required', 'additionalProperties', 'items', 'prefixItems'],
  ...['title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly'],
  ...['$defs', 'definitions', '$id', '$schema', '$comment', 'id'],
]);

/** What a reader limits that was not limited like that when it was written. */
export function limitProblems(written: Keywords, reader: Keywords): readonly string[] {
  const values = 'const' in written ? [written['const']] : written['enum'];
  if (Array.isArray(values)) return values.flatMap((value) => valueProblems(value, reader));
  const problems: string[] = [];
  for (const keyword of lower) {
    const limit = lowerLimit(reader, keyword);
    if (limit > lowerLimit(written, keyword)) problems.push(`${keyword} is ${limit} now`);
  }
  for (const keyword of upper) {
    const limit = upperLimit(reader, keyword);
    if (limit < upperLimit(written, keyword)) problems.push(`${keyword} is ${limit} now`);
  }
  for (const [keyword, value] of Object.entries(reader)) {
    if (structure.has(keyword) || isLimit(keyword) || isDeepStrictEqual(written[keyword], value)) continue;
    // Every key of a JSON object is a string, so this says nothing.
    if (keyword === 'propertyNames' && isDeepStrictEqual(value, { type: 'string' })) continue;
    problems.push(`${keyword} is ${JSON.stringify(value)} now, which cannot be compared with what it was`);
  }
  return problems;
}

/** Values that were written one by one, so that a limit can be tried on them. */
function valueProblems(value: unknown, reader: Keywords): readonly string[] {
  const shown = JSON.stringify(value);
  const tooSmall = (keyword: (typeof lower)[number], size: number) => size < lowerLimit(reader, keyword);
  const tooLarge = (keyword: (typeof upper)[number], size: number) => size > upperLimit(reader, keyword);
  if (typeof value === 'number' && (tooSmall('minimum', value) || tooLarge('maximum', value)))
    return [`the value ${shown} is out of the limits now`];
  if (typeof value !== 'string') return [];
  // Characters, as JSON Schema counts them.
  const length = [...value].length;
  if (tooSmall('minLength', length) || tooLarge('maxLength', length))
    return [`the value ${shown} has no fitting length now`];
  const pattern = reader['pattern'];
  if (typeof pattern === 'string' && !new RegExp(pattern, 'u').test(value))
    return [`the value ${shown} does not match ${pattern}, which is demanded now`];
  return [];
}

function isLimit(keyword: string): boolean {
  return [...lower, ...upper, 'exclusiveMinimum', 'exclusiveMaximum'].includes(keyword);
}

/** An exclusive limit is counted as one that is a little tighter. */
function lowerLimit(schema: Keywords, keyword: (typeof lower)[number]): number {
  const limit = Number(schema[keyword] ?? Number.NEGATIVE_INFINITY);
  const exclusive = schema['exclusiveMinimum'];
  if (keyword === 'minimum' && typeof exclusive === 'number')
    return Math.max(limit, next(schema, exclusive, 1));
  return keyword === 'minimum' ? limit : Math.max(0, limit);
}

function upperLimit(schema: Keywords, keyword: (typeof upper)[number]): number {
  const limit = Number(schema[keyword] ?? Number.POSITIVE_INFINITY);
  const exclusive = schema['exclusiveMaximum'];
  if (keyword === 'maximum' && typeof exclusive === 'number')
    return Math.min(limit, next(schema, exclusive, -1));
  return limit;
}

function next(schema: Keywords, limit: number, direction: 1 | -1): number {
  if (schema['type'] === 'integer') return Math.floor(limit) === limit ? limit + direction : limit;
  return limit + direction * Number.EPSILON * Math.max(1, Math.abs(limit));
}
