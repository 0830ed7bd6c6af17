import { isDeepStrictEqual } from 'node:util';
import type { EventDefinition } from '../define-event.ts';
import { type JsonSchema, type JsonSchemaOptions, jsonSchemaOf } from './json-schema.ts';
import { samplesFor } from './locked-samples.ts';
import { writtenSchema } from './written-schema.ts';

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
  /** Payloads that the schema wrote; base64 where they are not JSON, none where the codec is not built in. */
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
    const schema = writtenSchema(output, jsonSchemaOf(type, version, 'input', options));
    const samples = samplesFor(definition, version, schema);
    return [String(version.version), [{ contentType: codec.contentType, schema, samples }]];
  });
  return { versions: Object.fromEntries(forms) };
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
