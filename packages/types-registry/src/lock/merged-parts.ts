import { isDeepStrictEqual } from 'node:util';
import { conditionsOf, missingFrom } from './conditions.ts';
import {
  alternatives,
  checksMark,
  isAnything,
  isNothing,
  type JsonSchema,
  type Keywords,
  propertiesOf,
  requiredOf,
  typeMark,
  typesOf,
  without,
} from './schema-parts.ts';
import { resolved } from './schema-reference.ts';

/** The schemas that a value has to fit all: none of them a reference or an `allOf`, and none of them twice. */
export function partsOf(schema: JsonSchema, root: JsonSchema): readonly JsonSchema[] {
  const parts: JsonSchema[] = [];
  const references = new Set<unknown>();
  const collect = (part: JsonSchema): void => {
    if (typeof part === 'boolean') {
      if (!part) parts.push(part);
    } else if (typeof part['$ref'] === 'string') {
      // A schema that is a part of itself says no more than once.
      if (references.has(JSON.stringify(part))) return;
      references.add(JSON.stringify(part));
      collect(resolved(part, root) ?? true);
    } else if (Array.isArray(part['allOf'])) {
      collect(without(part, 'allOf'));
      for (const one of part['allOf'] as readonly JsonSchema[]) collect(one);
    } else if (!isAnything(part) && !parts.some((one) => isDeepStrictEqual(one, part))) parts.push(part);
  };
  collect(schema);
  return parts;
}

/** The schemas of which a value fits one, where a part of it has alternatives; the other parts hold for each. */
export function alternativesOfParts(parts: readonly JsonSchema[]): readonly JsonSchema[] | undefined {
  for (const part of parts) {
    const ways = typeof part === 'boolean' ? undefined : alternatives(part);
    if (ways !== undefined)
      return ways.map((way) => ({ allOf: [...parts.filter((one) => one !== part), way] }));
  }
  return undefined;
}

/** Keywords whose meaning hangs on those beside them, so that they cannot be taken from one schema to another. */
const dependent = [
  ...['if', 'then', 'else', 'contains', 'minContains', 'maxContains'],
  ...['unevaluatedProperties', 'unevaluatedItems'],
];

/**
 * One schema that admits at least what all parts do together. Libraries describe what an intersection writes as several
 * objects of which each closes its keys: so a key is open where one part has it open, and a part says nothing of keys
 * that only others name.
 */
export function mergedParts(all: readonly JsonSchema[]): JsonSchema {
  if (all.some(isNothing)) return false;
  const parts = all.filter((part) => typeof part !== 'boolean');
  const flat = parts.flatMap((part) => Object.entries(without(part, ...dependent, 'propertyNames')));
  const types = sharedTypes(parts);
  if (types?.length === 0) return false;
  const required = [...new Set(parts.flatMap(requiredOf))];
  const checks = parts.reduce<readonly string[]>((sum, part) => atLeastBoth(sum, conditionsOf(part)), []);
  return Object.fromEntries([
    ...flat,
    ...mergedKeys(parts),
    ...mergedItems(parts),
    ...(types === undefined ? [] : [['type', types.length === 1 ? types[0] : types]]),
    ...(required.length > 0 ? [['required', required]] : []),
    ...(checks.length > 0 ? [[checksMark, checks]] : []),
  ]);
}

function mergedKeys(parts: readonly Keywords[]): readonly (readonly [string, unknown])[] {
  const keys = [...new Set(parts.flatMap((part) => [...propertiesOf(part, 'properties').keys()]))];
  const properties = keys.map((key): [string, JsonSchema] => [
    key,
    both(parts.flatMap((part) => fieldOf(part, key))),
  ]);
  const patterns = parts.flatMap((part) => [...propertiesOf(part, 'patternProperties')]);
  const patternNames = [...new Set(patterns.map(([pattern]) => pattern))];
  const byPattern = patternNames.map((name): [string, JsonSchema] => [
    name,
    both(patterns.filter(([one]) => one === name).map(([, schema]) => schema)),
  ]);
  const others = parts.map(othersOf).filter((one) => one !== undefined);
  const open = others.filter((one) => one !== false);
  const keyNames = parts.map((part) => part['propertyNames']);
  const isSameName = keyNames.every((one) => isDeepStrictEqual(one, keyNames[0]));
  return [
    ...(keys.length > 0 ? [['properties', Object.fromEntries(properties)] as const] : []),
    ...(patternNames.length > 0 ? [['patternProperties', Object.fromEntries(byPattern)] as const] : []),
    ...(others.length > 0 ? [['additionalProperties', open.length > 0 ? both(open) : false] as const] : []),
    ...(isSameName && keyNames[0] !== undefined ? [['propertyNames', keyNames[0]] as const] : []),
  ];
}

/** The types that all parts admit, where one of them says any. */
function sharedTypes(parts: readonly Keywords[]): readonly string[] | undefined {
  const lists = parts.map(typesOf).filter((types) => types !== undefined);
  const has = (types: readonly string[], type: string) =>
    types.includes(type) || (type === 'integer' && types.includes('number'));
  const all = [...new Set(lists.flat())].filter((type) => lists.every((types) => has(types, type)));
  return lists.length === 0 ? undefined : all;
}

/** What a type that JSON has not writes is anything. */
function othersOf(part: Keywords): JsonSchema | undefined {
  return part[typeMark] === undefined ? (part['additionalProperties'] as JsonSchema | undefined) : true;
}

function fieldOf(part: Keywords, key: string): readonly JsonSchema[] {
  const property = propertiesOf(part, 'properties').get(key);
  if (property !== undefined) return [property];
  const others = part['patternProperties'] === undefined ? othersOf(part) : undefined;
  return others === undefined || others === false ? [] : [others];
}

function mergedItems(parts: readonly Keywords[]): readonly (readonly [string, unknown])[] {
  const lists = parts.filter((part) => part['items'] !== undefined || part['prefixItems'] !== undefined);
  const placesOf = (part: Keywords) => (part['prefixItems'] ?? []) as readonly JsonSchema[];
  const count = Math.max(0, ...lists.map((part) => placesOf(part).length));
  const places = Array.from({ length: count }, (_, index) =>
    both(lists.map((part) => placesOf(part)[index] ?? ((part['items'] ?? true) as JsonSchema))),
  );
  const rest = lists.flatMap((part) => (part['items'] === undefined ? [] : [part['items'] as JsonSchema]));
  return [
    ...(count > 0 ? [['prefixItems', places] as const] : []),
    ...(rest.length > 0 ? [['items', both(rest)] as const] : []),
  ];
}

function both(schemas: readonly JsonSchema[]): JsonSchema {
  const distinct = schemas.filter(
    (schema, index) => schemas.findIndex((one) => isDeepStrictEqual(one, schema)) === index,
  );
  return distinct.length === 1 ? (distinct[0] as JsonSchema) : { allOf: distinct };
}

/** The conditions of two descriptions of one value, each as often as one of them has it. */
function atLeastBoth(a: readonly string[], b: readonly string[]): readonly string[] {
  return [...a, ...missingFrom(a, b)];
}
