import { incompatibilities } from './incompatibilities.ts';
import {
  isAnything,
  type JsonSchema,
  type Keywords,
  propertiesOf,
  requiredOf,
  typeMark,
} from './schema-parts.ts';
import { holdsReference, moved } from './schema-reference.ts';

/**
 * What a schema writes: what it makes of a payload. Nothing is written that is not taken back, so what it takes holds as
 * well, and stands in where what it makes is not said (a transform).
 */
export function writtenSchema(output: JsonSchema, input: JsonSchema): JsonSchema {
  const written = filled(output, input);
  if (incompatibilities(written, input).length === 0) return written;
  return { allOf: [moved(written, '/allOf/0'), moved(input, '/allOf/1')] };
}

function filled(output: JsonSchema, input: JsonSchema): JsonSchema {
  if (isUnsaid(output)) return holdsReference(input) ? output : input;
  if (typeof output === 'boolean' || typeof input === 'boolean') return output;
  const taken = propertiesOf(input, 'properties');
  const properties = [...propertiesOf(output, 'properties')].map(([key, property]) => [
    key,
    filled(property, taken.get(key) ?? true),
  ]);
  const demanded = requiredOf(input);
  const required = requiredOf(output).filter((key) => demanded.includes(key) || isSaid(output, key));
  const places = ['items', 'additionalProperties'].filter((keyword) => typeof output[keyword] === 'object');
  const lists = ['anyOf', 'oneOf', 'allOf', 'prefixItems'].flatMap((keyword) => {
    const [made, from] = [output[keyword], input[keyword]];
    if (!Array.isArray(made) || !Array.isArray(from) || made.length !== from.length) return [];
    return [[keyword, made.map((one, index) => filled(one as JsonSchema, from[index] as JsonSchema))]];
  });
  return Object.fromEntries([
    ...Object.entries(output).filter(([keyword]) => keyword !== 'required'),
    ...lists,
    ...places.map((keyword) => [
      keyword,
      filled(output[keyword] as JsonSchema, (input[keyword] ?? true) as JsonSchema),
    ]),
    ...(properties.length > 0 ? [['properties', Object.fromEntries(properties)]] : []),
    ...(required.length > 0 ? [['required', required]] : []),
  ]);
}

/** Whether a field surely has a value: what nothing is said of may be `undefined`, which is not written. */
function isSaid(schema: Keywords, key: string): boolean {
  const property = propertiesOf(schema, 'properties').get(key) ?? true;
  return !isUnsaid(property) && !alternativesUnsaid(property);
}

function alternativesUnsaid(schema: JsonSchema): boolean {
  if (typeof schema === 'boolean') return false;
  return ['anyOf', 'oneOf'].some((keyword) =>
    ((schema[keyword] ?? []) as readonly JsonSchema[]).some(isUnsaid),
  );
}

function isUnsaid(schema: JsonSchema): boolean {
  return isAnything(schema) || (typeof schema === 'object' && schema[typeMark] !== undefined);
}
