import { isDeepStrictEqual } from 'node:util';
import { createCatalog } from '../catalog.ts';
import { builtInCodecs, json } from '../codec.ts';
import type { EventDefinition } from '../define-event.ts';
import { isAnything } from './incompatibilities.ts';
import { type JsonSchema, type JsonSchemaOptions, jsonSchemaOf } from './json-schema.ts';
import { samplesOf } from './samples.ts';

/** Everything that has been written, as far as schemas tell: for each event, version and form of that version. */
export interface SchemaLock {
  /** Of this file. */
  readonly format: 1;
  readonly events: { readonly [type: string]: LockedEvent };
}

export interface LockedEvent {
  readonly versions: { readonly [version: string]: readonly LockedForm[] };
}

/** What payloads of a version looked like when they were written. A version that was widened has several. */
export interface LockedForm {
  readonly contentType: string;
  /** JSON Schema, draft 2020-12. */
  readonly schema: JsonSchema;
  /** Payloads that the schema took; only of JSON events. */
  readonly samples: readonly unknown[];
}

/**
 * The lock of what these events write now, for every version they have.
 *
 * @throws NoJsonSchemaError
 */
export function schemaLock(events: readonly EventDefinition[], options: JsonSchemaOptions = {}): SchemaLock {
  const locked = [...new Set(events)]
    .toSorted((a, b) => (a.type < b.type ? -1 : 1))
    .map((definition): [string, LockedEvent] => [definition.type, lockedEvent(definition, options)]);
  return { format: 1, events: Object.fromEntries(locked) };
}

function lockedEvent(definition: EventDefinition, options: JsonSchemaOptions): LockedEvent {
  const { type, versions, codec } = definition;
  const forms = versions.map((version): [string, readonly LockedForm[]] => {
    const output = jsonSchemaOf(type, version, 'output', options);
    const schema = filled(output, jsonSchemaOf(type, version, 'input', options));
    const isJson = codec.contentType === json.contentType;
    const samples = isJson ? samplesOf(schema).filter(isTaken(definition, version.version)) : [];
    return [String(version.version), [{ contentType: codec.contentType, schema, samples }]];
  });
  return { versions: Object.fromEntries(forms) };
}

/**
 * Where a library cannot express what a schema makes of a payload, such as a transform, what it takes stands for it:
 * nothing is written that is not taken back.
 */
function filled(output: JsonSchema, input: JsonSchema): JsonSchema {
  if (isAnything(output)) return input;
  if (typeof output === 'boolean' || typeof input === 'boolean') return output;
  const both: Record<string, unknown> = { ...output };
  const child = (schema: unknown, counterpart: unknown) =>
    filled(schema as JsonSchema, (counterpart ?? true) as JsonSchema);
  for (const keyword of ['items', 'additionalProperties']) {
    if (typeof output[keyword] === 'object') both[keyword] = child(output[keyword], input[keyword]);
  }
  const taken = new Map(Object.entries((input['properties'] ?? {}) as object));
  const properties = Object.entries((output['properties'] ?? {}) as object).map(([key, property]) => [
    key,
    child(property, taken.get(key)),
  ]);
  if (properties.length > 0) both['properties'] = Object.fromEntries(properties);
  return both;
}

/** Refinements say nothing in a JSON Schema: whether a sample passes them is tried. */
function isTaken(definition: EventDefinition, schemaVersion: number): (sample: unknown) => boolean {
  const catalog = createCatalog('event', [definition], builtInCodecs);
  const { contentType } = json;
  return (sample) => {
    try {
      catalog.decode(definition.type, { contentType, schemaVersion, bytes: json.encode(sample) });
      return true;
    } catch {
      // Not a payload that could have been written: there is nothing to keep.
      return false;
    }
  };
}

/** What is locked already, and what these events write beside it. Nothing that was ever written is left out. */
export function mergedLock(before: SchemaLock, now: SchemaLock): SchemaLock {
  const types = [...new Set([...Object.keys(before.events), ...Object.keys(now.events)])].toSorted();
  const events = types.map((type): [string, LockedEvent] => {
    const was = versionsOf(before, type);
    const is = versionsOf(now, type);
    const numbers = [...new Set([...was.keys(), ...is.keys()])].toSorted((a, b) => Number(a) - Number(b));
    const versions = numbers.map((number): [string, readonly LockedForm[]] => {
      const known = was.get(number) ?? [];
      const fresh = (is.get(number) ?? []).filter((form) => !known.some((one) => isSameForm(one, form)));
      return [number, [...known, ...fresh]];
    });
    return [type, { versions: Object.fromEntries(versions) }];
  });
  return { format: 1, events: Object.fromEntries(events) };
}

export function versionsOf(lock: SchemaLock, type: string): ReadonlyMap<string, readonly LockedForm[]> {
  const event = Object.hasOwn(lock.events, type) ? lock.events[type] : undefined;
  return new Map(Object.entries(event?.versions ?? {}));
}

export function isSameForm(a: LockedForm, b: LockedForm): boolean {
  return a.contentType === b.contentType && isDeepStrictEqual(a.schema, b.schema);
}
