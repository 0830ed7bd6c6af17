import { type Codec, mediaType } from './codec.ts';
import type { DataOf, Definition, InputOf } from './definition.ts';
import { decodePayload, type EncodedPayload, encodePayload } from './payload.ts';
import {
  type DefinitionKind,
  UnknownCodecError,
  UnknownEventTypeError,
  UnknownTypeError,
} from './registry-errors.ts';

type ByType<D extends Definition, Type> = Extract<D, { readonly type: Type }>;

/** The definitions of one kind, by name. */
export interface Catalog<D extends Definition> {
  readonly kind: DefinitionKind;
  /** In the order of their definition. */
  readonly types: readonly D['type'][];
  has(type: string): type is D['type'];
  /** @throws UnknownTypeError (UnknownEventTypeError for events) */
  get<Type extends D['type']>(type: Type): ByType<D, Type>;
  /**
   * Validates and encodes a payload, and proves that it can be read again: `data` is what readers will get.
   *
   * Refused with a path is also what schema and codec together would lose: a `NaN` in JSON, a `Map`, a transform that
   * changes its own result.
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
   * @throws UnknownTypeError, UnknownCodecError, UnknownSchemaVersionError, MalformedBytesError, InvalidPayloadError,
   * UpcastError, AsyncSchemaError
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
    encode: (type: string, data: unknown) => encodePayload(definitionOf(type), data),
    decode: (type: string, payload: EncodedPayload) =>
      decodePayload(definitionOf(type), codecOf(payload.contentType), payload),
  };
  return catalog as unknown as Catalog<D>;
}
