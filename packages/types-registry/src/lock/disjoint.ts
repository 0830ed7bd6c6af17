import { isDeepStrictEqual } from 'node:util';
import type { Roots } from './comparison.ts';
import { alternativesOfParts, mergedParts, partsOf } from './merged-parts.ts';
import {
  alternatives,
  isNothing,
  type JsonSchema,
  type Keywords,
  namedValues,
  propertiesOf,
  requiredOf,
  typeByType,
  typeMark,
  typesOf,
} from './schema-parts.ts';

/** Discriminated unions differ near the surface. */
const deepest = 8;
const mostComparisons = 2_000;

/** Whether no value fits both: proved by types, by values, or by a field that one of them always has. */
export function areDisjoint(written: JsonSchema, reader: JsonSchema, roots: Roots): boolean {
  let left = mostComparisons;
  return areApart(written, reader, 0);

  function areApart(before: JsonSchema, after: JsonSchema, depth: number): boolean {
    left -= 1;
    const was = wholeOf(before, roots.written);
    const now = wholeOf(after, roots.reader);
    if (isNothing(was) || isNothing(now)) return true;
    if (typeof was === 'boolean' || typeof now === 'boolean' || depth > deepest || left < 0) return false;
    const apart = (a: JsonSchema, b: JsonSchema) => areApart(a, b, depth + 1);
    const ways = alternatives(was) ?? typeByType(was);
    if (ways !== undefined) return ways.every((way) => apart(way, now));
    const choices = alternatives(now) ?? typeByType(now);
    if (choices !== undefined) return choices.every((choice) => apart(was, choice));
    return differInType(was, now) || differInValue(was, now) || differInField(was, now, apart);
  }
}

/**
 * Whether a choice is made for another kind than what was written: a field that both have always names other values in
 * each.
 */
export function isOtherKind(written: JsonSchema, reader: JsonSchema, roots: Roots): boolean {
  const was = wholeOf(written, roots.written);
  const now = wholeOf(reader, roots.reader);
  if (typeof was === 'boolean' || typeof now === 'boolean') return false;
  return requiredOf(was).some((key) => {
    const fields = [fieldOf(was, key), fieldOf(now, key)] as const;
    return (
      fields.every((field) => typeof field === 'object') && differInValue(...(fields as [Keywords, Keywords]))
    );
  });
}

/** Each alternative of one side meets each of the other. */
const wholes = new WeakMap<Keywords, { readonly root: JsonSchema; readonly whole: JsonSchema }>();

/** Without references and `allOf`. */
function wholeOf(schema: JsonSchema, root: JsonSchema): JsonSchema {
  if (typeof schema === 'boolean') return schema;
  const known = wholes.get(schema);
  if (known?.root === root) return known.whole;
  const parts = partsOf(schema, root);
  const ways = parts.length > 1 ? alternativesOfParts(parts) : undefined;
  const whole = ways === undefined ? mergedParts(parts) : { anyOf: ways };
  wholes.set(schema, { root, whole });
  return whole;
}

function differInType(a: Keywords, b: Keywords): boolean {
  // A type that JSON has not may be anything once it is written.
  if (a[typeMark] !== undefined || b[typeMark] !== undefined) return false;
  const types = typesOf(a)?.map(numeric);
  const others = typesOf(b)?.map(numeric);
  if (types === undefined || others === undefined) return false;
  return !types.some((type) => others.includes(type));
}

function numeric(type: string): string {
  return type === 'integer' ? 'number' : type;
}

function differInValue(a: Keywords, b: Keywords): boolean {
  const values = namedValues(a);
  const others = namedValues(b);
  if (values === undefined || others === undefined) return false;
  return !values.some((value) => others.some((other) => isDeepStrictEqual(value, other)));
}

function differInField(
  a: Keywords,
  b: Keywords,
  disjoint: (a: JsonSchema, b: JsonSchema) => boolean,
): boolean {
  const areObjects = [a, b].every((schema) => typesOf(schema)?.every((type) => type === 'object'));
  if (!areObjects) return false;
  return [...requiredOf(a), ...requiredOf(b)].some((key) => disjoint(fieldOf(a, key), fieldOf(b, key)));
}

function fieldOf(schema: Keywords, key: string): JsonSchema {
  const property = propertiesOf(schema, 'properties').get(key);
  if (property !== undefined) return property;
  if (schema['patternProperties'] !== undefined) return true;
  return (schema['additionalProperties'] ?? true) as JsonSchema;
}
