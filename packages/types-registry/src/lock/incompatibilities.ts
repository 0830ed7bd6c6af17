import { isDeepStrictEqual } from 'node:util';
import { limitProblems } from './incompatible-limits.ts';
import type { JsonSchema } from './json-schema.ts';

/** Something that may have been written and is not taken any more. */
export interface Incompatibility {
  /** Keys from the payload down to the field; `*` stands for every item or every other key. */
  readonly path: readonly string[];
  readonly reason: string;
}

type Keywords = { readonly [keyword: string]: unknown };

interface Comparison {
  readonly writtenRoot: JsonSchema;
  readonly readerRoot: JsonSchema;
  /** Pairs of references that are being compared already: a recursive schema is compared once. */
  readonly open: readonly string[];
}

/**
 * Where a payload that one JSON Schema admits is not admitted by another. What cannot be compared (patterns, formats,
 * conditions) counts as refused unless it is the same on both sides: a schema is compatible only if that is proved.
 *
 * @param written of what was written
 * @param reader of what is read now
 */
export function incompatibilities(written: JsonSchema, reader: JsonSchema): readonly Incompatibility[] {
  return compare(written, reader, [], { writtenRoot: written, readerRoot: reader, open: [] });
}

function compare(
  written: JsonSchema,
  reader: JsonSchema,
  path: readonly string[],
  context: Comparison,
): readonly Incompatibility[] {
  if (reader === true || written === false || isAnything(reader)) return [];
  const problem = (reason: string) => [{ path, reason }];
  if (reader === false) return problem('nothing is taken here any more');
  if (written === true) return problem('anything may have been written, and not all of it is taken now');
  if (isReference(written) || isReference(reader)) return compareReferences(written, reader, path, context);

  const ways = alternatives(written);
  if (ways !== undefined) return unique(ways.flatMap((way) => compare(way, reader, path, context)));
  const all = reader['allOf'];
  if (Array.isArray(all)) {
    const parts = [...(all as JsonSchema[]), without(reader, ['allOf'])];
    return unique(parts.flatMap((part) => compare(written, part, path, context)));
  }
  const merged = mergedAllOf(written);
  if (merged !== written) return compare(merged, reader, path, context);
  const choices = alternatives(reader);
  if (choices !== undefined) {
    const failed = choices.map((choice) => compare(written, choice, path, context));
    if (failed.some((problems) => problems.length === 0)) return [];
    const nearest = failed.toSorted((a, b) => (b[0]?.path.length ?? 0) - (a[0]?.path.length ?? 0))[0] ?? [];
    return failed.length === 1 ? nearest : [...problem('none of the alternatives takes it now'), ...nearest];
  }
  if (isAnything(written)) return problem('anything may have been written, and not all of it is taken now');
  return [
    ...typeProblems(written, reader).map((reason) => ({ path, reason })),
    ...limitProblems(written, reader).map((reason) => ({ path, reason })),
    ...arrayProblems(written, reader, path, context),
    ...objectProblems(written, reader, path, context),
  ];
}

function compareReferences(
  written: Keywords,
  reader: Keywords,
  path: readonly string[],
  context: Comparison,
): readonly Incompatibility[] {
  const pair = JSON.stringify([written['$ref'] ?? written, reader['$ref'] ?? reader]);
  if (context.open.includes(pair)) return [];
  const open = { ...context, open: [...context.open, pair] };
  return compare(resolved(written, context.writtenRoot), resolved(reader, context.readerRoot), path, open);
}

function resolved(schema: Keywords, root: JsonSchema): JsonSchema {
  const reference = schema['$ref'];
  if (typeof reference !== 'string') return schema;
  let found: unknown = root;
  for (const token of reference.replace(/^#\/?/, '').split('/')) {
    if (token === '') continue;
    const key = decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~');
    found = typeof found === 'object' && found !== null ? (found as Keywords)[key] : undefined;
  }
  const others = without(schema, ['$ref']);
  const target = (found ?? true) as JsonSchema;
  return isAnything(others) ? target : { ...others, allOf: [target] };
}

/** The types of JSON that a schema names; `integer` is a `number`. */
function typeProblems(written: Keywords, reader: Keywords): readonly string[] {
  const values = valuesOf(written);
  const allowed = valuesOf(reader);
  if (values !== undefined && allowed !== undefined) {
    const refused = values.filter((value) => !allowed.some((one) => isDeepStrictEqual(one, value)));
    return refused.map((value) => `the value ${JSON.stringify(value)} is not among those taken now`);
  }
  if (allowed !== undefined)
    return [`only ${allowed.map((value) => JSON.stringify(value)).join(', ')} is taken now`];
  const taken = typesOf(reader);
  if (taken === undefined) return [];
  const given = values?.map(typeOf) ?? typesOf(written);
  if (given === undefined)
    return [`any type may have been written, and only ${taken.join(' or ')} is taken now`];
  const refused = given.filter(
    (type) => !taken.includes(type) && !(type === 'integer' && taken.includes('number')),
  );
  return [...new Set(refused)].map(
    (type) => `${type} was written, and only ${taken.join(' or ')} is taken now`,
  );
}

function arrayProblems(
  written: Keywords,
  reader: Keywords,
  path: readonly string[],
  context: Comparison,
): readonly Incompatibility[] {
  if (!mayBe(written, 'array') || !mayBe(reader, 'array')) return [];
  const places = (schema: Keywords) => (schema['prefixItems'] ?? []) as readonly JsonSchema[];
  const rest = (schema: Keywords) => (schema['items'] ?? true) as JsonSchema;
  const count = Math.max(places(written).length, places(reader).length);
  const fixed = Array.from({ length: count }, (_, index) =>
    compare(
      places(written)[index] ?? rest(written),
      places(reader)[index] ?? rest(reader),
      [...path, String(index)],
      context,
    ),
  );
  return [...fixed.flat(), ...compare(rest(written), rest(reader), [...path, '*'], context)];
}

function objectProblems(
  written: Keywords,
  reader: Keywords,
  path: readonly string[],
  context: Comparison,
): readonly Incompatibility[] {
  if (!mayBe(written, 'object') || !mayBe(reader, 'object')) return [];
  const before = propertiesOf(written);
  const now = propertiesOf(reader);
  const always = new Set((written['required'] ?? []) as readonly string[]);
  const demanded = (reader['required'] ?? []) as readonly string[];
  const others = (schema: Keywords) => (schema['additionalProperties'] ?? true) as JsonSchema;
  const missing = demanded
    .filter((key) => !always.has(key))
    .map((key) => ({ path: [...path, key], reason: 'it is required now, and was not always written' }));
  const keys = [...new Set([...before.keys(), ...now.keys()])];
  const changed = keys.flatMap((key) => {
    const was = before.get(key) ?? (others(written) as JsonSchema);
    return compare(was, now.get(key) ?? others(reader), [...path, key], context);
  });
  return [...missing, ...changed, ...compare(others(written), others(reader), [...path, '*'], context)];
}

function propertiesOf(schema: Keywords): ReadonlyMap<string, JsonSchema> {
  return new Map(Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>));
}

/** Of a schema that is several in one, the one that it amounts to, as far as keywords do not meet. */
function mergedAllOf(schema: Keywords): Keywords {
  const parts = schema['allOf'];
  if (!Array.isArray(parts)) return schema;
  const all = [without(schema, ['allOf']), ...(parts as Keywords[])];
  const flat = all.flatMap((part) => Object.entries(part));
  const required = all.flatMap((part) => (part['required'] ?? []) as readonly string[]);
  const properties = all.flatMap((part) => [...propertiesOf(part)]);
  return Object.fromEntries([
    ...flat,
    ['properties', Object.fromEntries(properties)],
    ['required', required],
  ]);
}

/** `anyOf`, `oneOf` and lists of types are all one of several; what stands beside them holds for each. */
function alternatives(schema: Keywords): readonly JsonSchema[] | undefined {
  for (const keyword of ['anyOf', 'oneOf']) {
    const ways = schema[keyword];
    if (!Array.isArray(ways)) continue;
    const beside = without(schema, [keyword]);
    return (ways as JsonSchema[]).map((way) =>
      isAnything(beside) || typeof way === 'boolean' ? way : { ...beside, ...way },
    );
  }
  return undefined;
}

const annotations = new Set([
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
]);
const elsewhere = new Set(['$defs', 'definitions', '$id', '$schema', '$comment', 'id']);

export function isAnything(schema: JsonSchema): boolean {
  if (typeof schema === 'boolean') return schema;
  return Object.keys(schema).every((keyword) => annotations.has(keyword) || elsewhere.has(keyword));
}

function isReference(schema: Keywords): boolean {
  return typeof schema['$ref'] === 'string';
}

function without(schema: Keywords, keywords: readonly string[]): Keywords {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !keywords.includes(keyword)));
}

function valuesOf(schema: Keywords): readonly unknown[] | undefined {
  if ('const' in schema) return [schema['const']];
  return Array.isArray(schema['enum']) ? schema['enum'] : undefined;
}

function typesOf(schema: Keywords): readonly string[] | undefined {
  const { type } = schema as { readonly type?: string | readonly string[] };
  return type === undefined ? undefined : [type].flat();
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

function mayBe(schema: Keywords, type: string): boolean {
  return typesOf(schema)?.includes(type) ?? valuesOf(schema) === undefined;
}

function unique(problems: readonly Incompatibility[]): readonly Incompatibility[] {
  const seen = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...seen.values()];
}
