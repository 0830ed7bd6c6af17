import type { Compare, Incompatibility } from './comparison.ts';
import {
  isNothing,
  type JsonSchema,
  type Keywords,
  mayBe,
  propertiesOf,
  requiredOf,
} from './schema-parts.ts';

interface Shape {
  readonly properties: ReadonlyMap<string, JsonSchema>;
  /** By the pattern that a key matches. */
  readonly patterns: ReadonlyMap<string, JsonSchema>;
  /** Of keys that are no property and match no pattern. */
  readonly rest: JsonSchema;
}

/** Fields that were not always written, or hold what is not taken. */
export function objectProblems(
  written: Keywords,
  reader: Keywords,
  path: readonly string[],
  compare: Compare,
): readonly Incompatibility[] {
  if (!mayBe(written, 'object')) return [];
  const was = shapeOf(written);
  const now = shapeOf(reader);
  const always = new Set(requiredOf(written));
  const missing = requiredOf(reader)
    .filter((key) => !always.has(key))
    .map((key) => ({ path: [...path, key], reason: 'it is required now, and was not always written' }));
  const keys = [...new Set([...was.properties.keys(), ...now.properties.keys()])];
  const fields = keys.flatMap((key) =>
    sourcesOf(was, key).flatMap((source) =>
      targetsOf(now, key).flatMap((target) => compare(source, target, [...path, key])),
    ),
  );
  return [
    ...missing,
    ...fields,
    ...otherProblems(was, now, [...path, '*'], compare),
    ...nameProblems(written, reader, [...path, '*'], compare),
  ];
}

function shapeOf(schema: Keywords): Shape {
  return {
    properties: propertiesOf(schema, 'properties'),
    patterns: propertiesOf(schema, 'patternProperties'),
    rest: (schema['additionalProperties'] ?? true) as JsonSchema,
  };
}

/** What may stand under a key: for a key that is no property, any pattern may be the one that it matches. */
function sourcesOf(shape: Shape, key: string): readonly JsonSchema[] {
  const property = shape.properties.get(key);
  return property === undefined ? [...shape.patterns.values(), shape.rest] : [property];
}

/** Everything that has to take what stands under a key: a pattern that cannot be tried counts as matching. */
function targetsOf(shape: Shape, key: string): readonly JsonSchema[] {
  const property = shape.properties.get(key);
  const patterns = [...shape.patterns].map(([pattern, schema]) => ({
    schema,
    isMatch: matches(pattern, key),
  }));
  const matching = patterns.filter(({ isMatch }) => isMatch !== false).map(({ schema }) => schema);
  const isCovered = property !== undefined || patterns.some(({ isMatch }) => isMatch === true);
  return [...(property === undefined ? [] : [property]), ...matching, ...(isCovered ? [] : [shape.rest])];
}

/** Keys that neither side names. Patterns are the same where their text is; otherwise any key may match any of them. */
function otherProblems(
  was: Shape,
  now: Shape,
  path: readonly string[],
  compare: Compare,
): readonly Incompatibility[] {
  const patterned = [...was.patterns].flatMap(([pattern, source]) => {
    const rest = now.patterns.has(pattern) ? [] : [now.rest];
    return [...now.patterns.values(), ...rest].flatMap((target) => compare(source, target, path));
  });
  const fresh = [...now.patterns]
    .filter(([pattern]) => !was.patterns.has(pattern))
    .map(([, schema]) => schema);
  return [...patterned, ...[...fresh, now.rest].flatMap((target) => compare(was.rest, target, path))];
}

/** What keys are called, where the reader cares. */
function nameProblems(
  written: Keywords,
  reader: Keywords,
  path: readonly string[],
  compare: Compare,
): readonly Incompatibility[] {
  const now = reader['propertyNames'] as JsonSchema | undefined;
  if (now === undefined) return [];
  return compare(namesOf(written), now, path).map((problem) => ({
    path: problem.path,
    reason: `of the key: ${problem.reason}`,
  }));
}

function namesOf(written: Keywords): JsonSchema {
  const { properties, patterns, rest } = shapeOf(written);
  const isClosed = isNothing(rest) && patterns.size === 0;
  const names = (written['propertyNames'] ?? true) as JsonSchema;
  if (isClosed) return { enum: [...properties.keys()] };
  return { allOf: [names, { type: 'string' }] };
}

function matches(pattern: string, key: string): boolean | undefined {
  try {
    return new RegExp(pattern, 'u').test(key);
  } catch {
    return undefined;
  }
}
