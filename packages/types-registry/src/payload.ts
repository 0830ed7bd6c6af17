import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Codec } from './codec.ts';
import type { Definition, SchemaVersion } from './definition.ts';
import { pathToUnwritable } from './find-unwritable.ts';
import {
  InvalidPayloadError,
  MalformedBytesError,
  type PayloadIssue,
  UnknownSchemaVersionError,
  UpcastError,
  type ValidationPhase,
} from './registry-errors.ts';
import { lostInRoundTrip } from './round-trip.ts';
import { isPromise, validate } from './validate.ts';

/** A payload as bytes, with what it takes to read them. */
export interface EncodedPayload {
  /** The media type that names the codec; CloudEvents' `datacontenttype`. */
  readonly contentType: string;
  /** The version of the schema the payload was written by, from 1. */
  readonly schemaVersion: number;
  /** Not a copy where the codec makes none (raw bytes): do not change it. */
  readonly bytes: Uint8Array;
}

/** Validates and encodes with the current version's schema and codec; `data` is what readers will get. */
export function encodePayload(definition: Definition, input: unknown): EncodedPayload & { data: unknown } {
  const { codec, schemaVersion, schema } = definition;
  const written = check(definition, schema, schemaVersion, 'write', input);
  const bytes = encodeBytes(definition, written);
  const data = readBack(definition, bytes, written);
  return { contentType: codec.contentType, schemaVersion, bytes, data };
}

/** Decodes, checks against the version it was written in, then takes it one version at a time to the current one. */
export function decodePayload(
  definition: Definition,
  codec: Codec,
  { schemaVersion, bytes }: EncodedPayload,
): unknown {
  const { type, versions } = definition;
  const written = versions[schemaVersion - 1];
  if (written === undefined) {
    const known = versions.map(({ version }) => version);
    throw new UnknownSchemaVersionError(type, schemaVersion, known);
  }
  let data = check(definition, written.schema, schemaVersion, 'read', decodeBytes(codec, bytes));
  for (let index = schemaVersion; index < versions.length; index += 1) {
    const next = versions[index] as SchemaVersion;
    data = check(definition, next.schema, next.version, 'read', upcast(definition, next, data));
  }
  return data;
}

function check(
  definition: Definition,
  schema: StandardSchemaV1,
  schemaVersion: number,
  phase: ValidationPhase,
  value: unknown,
): unknown {
  const { kind, type } = definition;
  const result = validate(schema, value, `${kind} ${type}`);
  if (result.ok) return result.value;
  const { issues, cause } = result;
  throw new InvalidPayloadError({ kind, type, schemaVersion, phase, issues, cause });
}

function encodeBytes(definition: Definition, written: unknown): Uint8Array {
  const { codec } = definition;
  try {
    const bytes: unknown = codec.encode(written);
    if (bytes instanceof Uint8Array) return bytes;
    throw new TypeError(`the codec gave ${typeof bytes} where a Uint8Array is due`);
  } catch (cause) {
    throw refused(definition, `cannot be written as ${codec.name}: ${String(cause)}`, written, cause);
  }
}

/** A payload that its own schema refuses, or changes, when it is read would be lost: better not to write it. */
function readBack(definition: Definition, bytes: Uint8Array, written: unknown): unknown {
  const { codec, schema, schemaVersion } = definition;
  let decoded: unknown;
  try {
    decoded = codec.decode(bytes);
  } catch (cause) {
    throw refused(definition, `cannot be read again from ${codec.name}: ${String(cause)}`, written, cause);
  }
  const data = check(definition, schema, schemaVersion, 'read-back', decoded);
  const lost = lossBetween(written, data);
  if (lost === undefined) return data;
  throw changed(definition, [lost]);
}

function lossBetween(written: unknown, data: unknown): PayloadIssue | undefined {
  try {
    return lostInRoundTrip(written, data);
  } catch (cause) {
    // The comparison runs no code of the payload's, so only the depth of the stack can end it.
    return {
      path: [],
      message: `is nested too deeply to be compared with what is read back: ${String(cause)}`,
    };
  }
}

function refused(
  definition: Definition,
  message: string,
  written: unknown,
  cause: unknown,
): InvalidPayloadError {
  return changed(definition, [{ path: pathToUnwritable(definition.codec, written), message }], cause);
}

function changed(
  definition: Definition,
  issues: readonly PayloadIssue[],
  cause?: unknown,
): InvalidPayloadError {
  const { kind, type, schemaVersion } = definition;
  return new InvalidPayloadError({ kind, type, schemaVersion, phase: 'read-back', issues, cause });
}

function decodeBytes(codec: Codec, bytes: Uint8Array): unknown {
  try {
    return codec.decode(bytes);
  } catch (cause) {
    throw new MalformedBytesError(codec.name, bytes.byteLength, cause);
  }
}

function upcast({ type }: Definition, next: SchemaVersion, data: unknown): unknown {
  try {
    const upcasted = next.upcast?.(data);
    if (!isPromise(upcasted)) return upcasted;
    // Nobody waits for it, and a rejection nobody awaits would end the process.
    upcasted.then(undefined, () => undefined);
    throw new TypeError('it gave a promise, but payloads are read at once: upcasters cannot be asynchronous');
  } catch (cause) {
    throw new UpcastError(type, next.version - 1, next.version, cause);
  }
}
