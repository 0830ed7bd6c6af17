import type { JsonSchema } from './json-schema.ts';

type Keywords = { readonly [keyword: string]: unknown };

const mostSamples = 24;
const deepest = 6;

/** Texts of the formats that libraries check. */
const texts: Readonly<Record<string, string>> = {
  email: 'ada@example.com',
  uuid: '018f3c2e-7b1a-7cc0-8000-000000000000',
  'date-time': '2026-01-02T03:04:05Z',
  date: '2026-01-02',
  time: '03:04:05',
  uri: 'https://example.com/',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
};

/**
 * Some values that a JSON Schema admits, the same ones every time: everything there, only what must be there, and each
 * alternative once. Not all of them need be valid: patterns and conditions are not looked at.
 */
export function samplesOf(schema: JsonSchema): readonly unknown[] {
  const values = variants(schema, schema, 0);
  const seen = new Map(values.map((value) => [JSON.stringify(value), value]));
  return [...seen.values()].slice(0, mostSamples);
}

function variants(schema: JsonSchema, root: JsonSchema, depth: number): readonly unknown[] {
  if (typeof schema === 'boolean' || depth > deepest) return [null];
  const reference = schema['$ref'];
  if (typeof reference === 'string') return variants(target(reference, root), root, depth + 1);
  if ('const' in schema) return [schema['const']];
  if (Array.isArray(schema['enum'])) return schema['enum'];
  for (const keyword of ['anyOf', 'oneOf']) {
    const ways = schema[keyword];
    if (Array.isArray(ways)) return (ways as JsonSchema[]).flatMap((way) => variants(way, root, depth + 1));
  }
  const types = [schema['type'] ?? 'null'].flat() as string[];
  return types.flatMap((type) => variantsOf(type, schema, root, depth));
}

function variantsOf(type: string, schema: Keywords, root: JsonSchema, depth: number): readonly unknown[] {
  switch (type) {
    case 'object':
      return objects(schema, root, depth);
    case 'array':
      return arrays(schema, root, depth);
    case 'string':
      return [text(schema)];
    case 'integer':
    case 'number':
      return [number(schema)];
    case 'boolean':
      return [true, false];
    default:
      return [null];
  }
}

function objects(schema: Keywords, root: JsonSchema, depth: number): readonly unknown[] {
  const properties = Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>);
  const required = new Set((schema['required'] ?? []) as readonly string[]);
  const choices = properties.map(([key, property]) => [key, variants(property, root, depth + 1)] as const);
  const whole = choices.map(([key, values]) => [key, values[0]] as const);
  const others = schema['additionalProperties'];
  const more =
    typeof others === 'object' ? [['key', variants(others as JsonSchema, root, depth + 1)[0]]] : [];
  const varied = choices.flatMap(([key, values], index) =>
    values.slice(1).map((value) => Object.fromEntries(whole.with(index, [key, value]))),
  );
  return [
    Object.fromEntries([...whole, ...more]),
    Object.fromEntries(whole.filter(([key]) => required.has(key))),
    ...varied,
  ];
}

function arrays(schema: Keywords, root: JsonSchema, depth: number): readonly unknown[] {
  const places = ((schema['prefixItems'] ?? []) as readonly JsonSchema[]).map(
    (place) => variants(place, root, depth + 1)[0],
  );
  const items = schema['items'];
  if (items === undefined || items === false) return [places];
  const least = Math.max(1, Number(schema['minItems'] ?? 0) - places.length);
  const filled = variants(items as JsonSchema, root, depth + 1).map((item) => [
    ...places,
    ...Array.from({ length: least }, () => item),
  ]);
  return Number(schema['minItems'] ?? 0) > places.length ? filled : [...filled, places];
}

function text(schema: Keywords): string {
  const known = texts[String(schema['format'])];
  if (known !== undefined) return known;
  return 'text'.padEnd(Number(schema['minLength'] ?? 0), 'x').slice(0, Number(schema['maxLength'] ?? 1_000));
}

function number(schema: Keywords): number {
  const low =
    schema['minimum'] ??
    (schema['exclusiveMinimum'] === undefined ? undefined : Number(schema['exclusiveMinimum']) + 1);
  const high =
    schema['maximum'] ??
    (schema['exclusiveMaximum'] === undefined ? undefined : Number(schema['exclusiveMaximum']) - 1);
  const step = Number(schema['multipleOf'] ?? 1);
  const wanted = Math.min(Math.max(step, Number(low ?? step)), Number(high ?? Number.POSITIVE_INFINITY));
  return Math.ceil(wanted / step) * step;
}

function target(reference: string, root: JsonSchema): JsonSchema {
  let found: unknown = root;
  for (const token of reference.replace(/^#\/?/, '').split('/')) {
    if (token !== '' && typeof found === 'object' && found !== null) found = (found as Keywords)[token];
  }
  return (found ?? true) as JsonSchema;
}
