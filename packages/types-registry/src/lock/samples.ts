import {
  type JsonSchema,
  type Keywords,
  namedValues,
  propertiesOf,
  requiredOf,
  typeMark,
} from './schema-parts.ts';
import { resolved } from './schema-reference.ts';

const mostSamples = 24;
const deepest = 5;

/** Texts of the formats that libraries check, and some that common patterns take. */
const texts: Readonly<Record<string, string>> = {
  email: 'ada@example.com',
  uuid: '018f3c2e-7b1a-7cc0-8000-000000000000',
  'date-time': '2026-01-02T03:04:05Z',
  date: '2026-01-02',
  time: '03:04:05',
  duration: 'P1D',
  uri: 'https://example.com/',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  base64: 'AAH/',
};

/**
 * Some values that a JSON Schema admits, the same ones every time: everything there, only what must be there, each
 * alternative, each end of a limit. Not all of them need be valid: patterns and conditions are not looked at.
 */
export function samplesOf(schema: JsonSchema): readonly unknown[] {
  return variants(schema, schema, 0);
}

function variants(schema: JsonSchema, root: JsonSchema, depth: number): readonly unknown[] {
  if (typeof schema === 'boolean' || depth > deepest) return [null];
  if (typeof schema['$ref'] === 'string') return variants(resolved(schema, root) ?? true, root, depth + 1);
  return variantsHere(schema, root, depth).slice(0, mostSamples);
}

function variantsHere(schema: Keywords, root: JsonSchema, depth: number): readonly unknown[] {
  const values = namedValues(schema);
  if (values !== undefined) return values;
  for (const keyword of ['anyOf', 'oneOf', 'allOf']) {
    const ways = schema[keyword] as readonly JsonSchema[] | undefined;
    if (ways !== undefined) return inTurns(ways.map((way) => variants(way, root, depth + 1)));
  }
  if (schema[typeMark] !== undefined) return strangers;
  const types = [schema['type'] ?? ['null', 'string']].flat() as string[];
  return inTurns(types.map((type) => variantsOf(type, schema, root, depth)));
}

/** For a type that JSON has not: the schema decides which of them it takes. */
const strangers: readonly unknown[] = [
  ...['2026-01-02T03:04:05.000Z', 'text', '', 0],
  ...[new Uint8Array([0, 1, 255]), new Uint8Array(), new Date('2026-01-02T03:04:05.000Z')],
];

/** The first of each, then the second of each: none is left out for the many of another. */
function inTurns(lists: readonly (readonly unknown[])[]): readonly unknown[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, turn) =>
    lists.flatMap((list) => (turn < list.length ? [list[turn]] : [])),
  ).flat();
}

function variantsOf(type: string, schema: Keywords, root: JsonSchema, depth: number): readonly unknown[] {
  switch (type) {
    case 'object':
      return objects(schema, root, depth);
    case 'array':
      return arrays(schema, root, depth);
    case 'string':
      return strings(schema);
    case 'integer':
    case 'number':
      return numbers(schema, type);
    case 'boolean':
      return [true, false];
    default:
      return [null];
  }
}

function objects(schema: Keywords, root: JsonSchema, depth: number): readonly unknown[] {
  const required = new Set(requiredOf(schema));
  const rest = (schema['additionalProperties'] ?? false) as JsonSchema;
  const properties = new Map(propertiesOf(schema, 'properties'));
  // Keys that are demanded without being named, as of a record.
  for (const key of required) if (!properties.has(key)) properties.set(key, rest);
  const choices = [...properties].map(
    ([key, property]) => [key, variants(property, root, depth + 1)] as const,
  );
  const whole = choices.flatMap(([key, values]) => (values.length > 0 ? [[key, values[0]] as const] : []));
  const others =
    typeof rest === 'object' ? variants(rest, root, depth + 1).map((value) => ['key', value]) : [];
  const varied = choices.flatMap(([key, values]) =>
    values.slice(1).map((value) => [...whole.filter(([other]) => other !== key), [key, value]]),
  );
  const extended = others.map((other) => [...whole, other]);
  const least = whole.filter(([key]) => required.has(key));
  return [...extended.slice(0, 1), whole, least, ...varied, ...extended.slice(1)].map((entries) =>
    Object.fromEntries(entries as (readonly [string, unknown])[]),
  );
}

function arrays(schema: Keywords, root: JsonSchema, depth: number): readonly unknown[] {
  const places = ((schema['prefixItems'] ?? []) as readonly JsonSchema[]).map(
    (place) => variants(place, root, depth + 1)[0],
  );
  const items = (schema['items'] ?? false) as JsonSchema;
  const least = Number(schema['minItems'] ?? 0) - places.length;
  if (items === false) return least < 0 ? [places, places.slice(0, least)] : [places];
  const filled = variants(items, root, depth + 1).map((item) => [
    ...places,
    ...Array.from({ length: Math.min(Math.max(1, least), 100) }, () => item),
  ]);
  return least > 0 ? filled : [...filled.slice(0, 1), places, ...filled.slice(1)];
}

function strings(schema: Keywords): readonly string[] {
  const known = texts[String(schema['format'])];
  if (known !== undefined) return [known];
  if (schema['pattern'] !== undefined) return ['text', 'a', 'A', '1', ...Object.values(texts)];
  const shortest = Math.min(Number(schema['minLength'] ?? 0), 1_000);
  const longest = Math.min(Number(schema['maxLength'] ?? 1_000), 1_000);
  const usual = 'text'.padEnd(shortest, 'x').slice(0, longest);
  const ends = [shortest, ...(schema['maxLength'] === undefined ? [] : [longest])];
  return [...new Set([usual, ...ends.map((length) => 'x'.repeat(length))])];
}

function numbers(schema: Keywords, type: string): readonly number[] {
  const step = Number(schema['multipleOf'] ?? 1);
  const ends = (['minimum', 'exclusiveMinimum', 'maximum', 'exclusiveMaximum'] as const).flatMap(
    (keyword) => {
      const limit = schema[keyword];
      if (typeof limit !== 'number') return [];
      if (!keyword.startsWith('exclusive')) return [limit];
      return [keyword === 'exclusiveMinimum' ? limit + step : limit - step];
    },
  );
  const fraction = type === 'number' && schema['multipleOf'] === undefined ? [0.5] : [];
  return [...new Set([step, 0, ...ends, -step, ...fraction])];
}
