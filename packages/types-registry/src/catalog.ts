import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type Codec, mediaType } from './codec.ts';
import type { DataOf, Definition, InputOf, SchemaVersion } from './definition.ts';
import {
  type DefinitionKind,
  InvalidPayloadError,
  MalformedBytesError,
  UnknownCodecError,
  UnknownEventTypeError,
  UnknownSchemaVersionError,
  UnknownTypeError,
  UpcastError,
  type ValidationPhase,
} from './registry-errors.ts';
import { lostInRoundTrip } from './round-trip.ts';
import { validate } from './validate.ts';

/** A payload as bytes, with what it takes to read them. */
export interface EncodedPayload {
  readonly contentType: string;
  readonly schemaVersion: number;
  readonly bytes: Uint8Array;
}

type ByType<D extends Definition, Type> = Extract<D, { readonly type: Type }>;

/** The definitions of one kind, by name. */
export interface Catalog<D extends Definition> {
  readonly kind: DefinitionKind;
  readonly types: readonly D['type'][];
  has(type: string): type is D['type'];
  /** @throws UnknownTypeError (UnknownEventTypeError for events) */
  get<Type extends D['type']>(type: Type): ByType<D, Type>;
  /**
   * Validates and encodes a payload, and proves that it can be read again: `data` is what readers will get.
   *
   * @throws UnknownTypeError, InvalidPayloadError, AsyncSchemaError
   */
  encode<Type extends D['type']>(
    type: Type,
    data: InputOf<ByType<D, Type>>,
  ): EncodedPayload & { readonly data: DataOf<ByType<D, Type>> };
  /**
   * Decodes a payload, brings it up to the current version and validates it.
   *
   * @throws UnknownTypeError, UnknownCodecError, UnknownSchemaVersionError, MalformedBytesError, InvalidPayloadError, UpcastError
   */
  decode<Type extends D['type']>(type: Type, payload: EncodedPayload): DataOf<ByType<D, Type>>;
}

export function createCatalog<D extends Definition>(
  kind: DefinitionKind,
  definitions: readonly D[],
  codecs: readonly Codec[],
): Catalog<D> {
  const byType = new Map<string, D>(definitions.map((definition) => [definition.type, definition]));
  const byContentType = new Map(codecs.map((codec) => [mediaType(codec.contentType), codec]));

  function definitionOf(type: string): D {
    const definition = byType.get(type);
    if (definition !== undefined) return definition;
    const known = [...byType.keys()];
    throw kind === 'event' ? new UnknownEventTypeError(type, known) : new UnknownTypeError(kind, type, known);
  }

  function codecOf(contentType: string): Codec {
    const codec = byContentType.get(contentType) ?? byContentType.get(mediaType(contentType));
    if (codec === undefined) throw new UnknownCodecError(contentType, [...byContentType.keys()]);
    return codec;
  }

  const catalog = {
    kind,
    types: [...byType.keys()],
    has: (type: string) => byType.has(type),
    get: definitionOf,
    encode(type: string, input: unknown) {
      const definition = definitionOf(type);
      const { codec, schemaVersion } = definition;
      const written = check(definition, definition.schema, schemaVersion, 'write', input);
      const bytes = encodeBytes(definition, written);
      const data = readBack(definition, codec, bytes, written);
      return { contentType: codec.contentType, schemaVersion, bytes, data };
    },
    decode(type: string, { contentType, schemaVersion, bytes }: EncodedPayload) {
      const definition = definitionOf(type);
      return upcast(definition, schemaVersion, decodeBytes(codecOf(contentType), bytes));
    },
  };
  return catalog as unknown as Catalog<D>;
}

function check(
  definition: Definition,
  schema: StandardSchemaV1,
  schemaVersion: number,
  phase: ValidationPhase,
  value: unknown,
): unknown {
  const result = validate(schema, value);
  if (result.ok) return result.value;
  throw new InvalidPayloadError({
    kind: definition.kind,
    type: definition.type,
    schemaVersion,
    phase,
    issues: result.issues,
  });
}

function encodeBytes(definition: Definition, value: unknown): Uint8Array {
  try {
    return definition.codec.encode(value);
  } catch (cause) {
    throw unreadable(definition, `cannot be written as ${definition.codec.name}: ${String(cause)}`, cause);
  }
}

/** A payload that its own schema refuses, or changes, when it is read would be lost: better not to write it. */
function readBack(definition: Definition, codec: Codec, bytes: Uint8Array, written: unknown): unknown {
  let decoded: unknown;
  try {
    decoded = codec.decode(bytes);
  } catch (cause) {
    throw unreadable(definition, `cannot be read again from ${codec.name}: ${String(cause)}`, cause);
  }
  const data = check(definition, definition.schema, definition.schemaVersion, 'read-back', decoded);
  const lost = lostInRoundTrip(written, data);
  if (lost === undefined) return data;
  throw new InvalidPayloadError({ ...factsOf(definition), phase: 'read-back', issues: [lost] });
}

function unreadable(definition: Definition, message: string, cause: unknown): InvalidPayloadError {
  return new InvalidPayloadError({
    ...factsOf(definition),
    phase: 'read-back',
    issues: [{ path: [], message }],
    cause,
  });
}

function factsOf({ kind, type, schemaVersion }: Definition) {
  return { kind, type, schemaVersion };
}

function decodeBytes(codec: Codec, bytes: Uint8Array): unknown {
  try {
    return codec.decode(bytes);
  } catch (cause) {
    throw new MalformedBytesError(codec.name, bytes.byteLength, cause);
  }
}

/** Checks a payload against the version it was written in, then takes it one version at a time to the current one. */
function upcast(definition: Definition, from: number, value: unknown): unknown {
  const { versions } = definition;
  const start = versions.findIndex(({ version }) => version === from);
  const written = versions[start];
  if (written === undefined) {
    throw new UnknownSchemaVersionError(
      definition.type,
      from,
      versions.map(({ version }) => version),
    );
  }
  let data = check(definition, written.schema, from, 'read', value);
  for (const next of versions.slice(start + 1)) {
    data = check(definition, next.schema, next.version, 'read', step(definition, next, data));
  }
  return data;
}

function step(definition: Definition, next: SchemaVersion, data: unknown): unknown {
  try {
    return next.upcast?.(data);
  } catch (cause) {
    throw new UpcastError(definition.type, next.version - 1, next.version, cause);
  }
}
