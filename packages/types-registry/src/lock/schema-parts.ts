/** A JSON Schema, draft 2020-12, of which nothing is assumed. */
export type JsonSchema = boolean | Keywords;

export type Keywords = { readonly [keyword: string]: unknown };

/**
 * What no JSON Schema expresses and is locked beside it: `x-type`, a type that JSON has not (a date, bytes), and
 * `x-checks`, a list of the conditions and transforms of a value.
 */
export const typeMark = 'x-type';
export const checksMark = 'x-checks';

const withoutEffect = new Set([
  ...['title', 'description', 'default', 'examples', 'example', 'deprecated', 'readOnly', 'writeOnly'],
  ...['$defs', 'definitions', '$id', '$schema', '$comment', 'id', 'personal'],
]);

/** Whether a keyword decides nothing: annotations, where things are, and extensions. */
export function isAnnotation(keyword: string): boolean {
  if (keyword === typeMark || keyword === checksMark) return false;
  return withoutEffect.has(keyword) || keyword.startsWith('x-');
}

export function isAnything(schema: JsonSchema): boolean {
  if (typeof schema === 'boolean') return schema;
  return Object.keys(schema).every(isAnnotation);
}

export function isNothing(schema: JsonSchema): boolean {
  if (typeof schema === 'boolean') return !schema;
  const { not } = schema as { readonly not?: JsonSchema };
  return not !== undefined && isAnything(not);
}

export function without(schema: Keywords, ...keywords: readonly string[]): Keywords {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !keywords.includes(keyword)));
}

/** The values that a schema names one by one. */
export function namedValues(schema: Keywords): readonly unknown[] | undefined {
  if (Object.hasOwn(schema, 'const')) return [schema['const']];
  return Array.isArray(schema['enum']) ? schema['enum'] : undefined;
}

/** The same, also where the type has but a few. */
export function fewValues(schema: Keywords): readonly unknown[] | undefined {
  const named = namedValues(schema);
  if (named !== undefined) return named;
  if (schema['type'] === 'null') return [null];
  return schema['type'] === 'boolean' ? [false, true] : undefined;
}

/** `undefined` where any type fits. */
export function typesOf(schema: Keywords): readonly string[] | undefined {
  const { type } = schema as { readonly type?: string | readonly string[] };
  if (type !== undefined) return [type].flat();
  const values = namedValues(schema);
  return values === undefined ? undefined : [...new Set(values.map(typeOf))];
}

export function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

export function mayBe(schema: Keywords, type: string): boolean {
  const types = typesOf(schema);
  if (types === undefined) return schema[typeMark] === undefined;
  return types.includes(type) || (type === 'number' && types.includes('integer'));
}

export function propertiesOf(
  schema: Keywords,
  keyword: 'properties' | 'patternProperties',
): ReadonlyMap<string, JsonSchema> {
  return new Map(Object.entries((schema[keyword] ?? {}) as Readonly<Record<string, JsonSchema>>));
}

export function requiredOf(schema: Keywords): readonly string[] {
  return (schema['required'] ?? []) as readonly string[];
}

/** The schemas of which a value has to fit one; what stands beside them holds for each. */
export function alternatives(schema: Keywords): readonly JsonSchema[] | undefined {
  for (const keyword of ['anyOf', 'oneOf']) {
    const ways = schema[keyword];
    if (!Array.isArray(ways)) continue;
    const beside = without(schema, keyword);
    return (ways as JsonSchema[]).map((way) => (isAnything(beside) ? way : { allOf: [beside, way] }));
  }
  return undefined;
}

/** One schema for each type of a list of types. */
export function typeByType(schema: Keywords): readonly Keywords[] | undefined {
  const { type } = schema;
  return Array.isArray(type) && type.length > 1 ? type.map((one) => ({ ...schema, type: one })) : undefined;
}

/** Whether a schema holds no others: then it can be compared apart from those that it stands beside. */
export function isLeaf(schema: JsonSchema): boolean {
  if (typeof schema === 'boolean') return true;
  if (schema['additionalProperties'] !== undefined || schema['items'] !== undefined) return false;
  return Object.values(schema).every(
    (value) => typeof value !== 'object' || value === null || isNames(value),
  );
}

function isNames(value: object): boolean {
  return Array.isArray(value) && value.every((one) => typeof one !== 'object');
}

/** One schema for each value of several that are named. */
export function valueByValue(schema: Keywords): readonly Keywords[] | undefined {
  const values = namedValues(schema);
  if (values === undefined || values.length === 1) return undefined;
  return values.map((value) => ({ ...without(schema, 'enum'), const: value }));
}

/** Whether an object in it has no other keys than those it names. */
export function closesKeys(fragment: unknown): boolean {
  if (typeof fragment !== 'object' || fragment === null) return false;
  return Object.entries(fragment).some(
    ([keyword, value]) => (keyword === 'additionalProperties' && value === false) || closesKeys(value),
  );
}
