import type { StandardSchemaV1 } from '@standard-schema/spec';
import { PipitError } from '../pipit-error.ts';

/** A JSON Schema, draft 2020-12, of which nothing is assumed. */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown };

/** Which side of a schema: what it makes of a payload and what is written, or what it takes when that is read. */
export type Side = 'input' | 'output';

export interface JsonSchemaOptions {
  /** For schemas of a library without Standard JSON Schema: the JSON Schema (draft 2020-12) of one side of a schema. */
  readonly toJsonSchema?: (schema: StandardSchemaV1, side: Side) => JsonSchema;
}

/** A schema says nothing of itself that could be compared. */
export class NoJsonSchemaError extends PipitError {
  readonly code = 'NO_JSON_SCHEMA';
  readonly eventType: string;
  readonly schemaVersion: number;

  constructor(eventType: string, schemaVersion: number, cause?: unknown) {
    super(
      `Event ${eventType} version ${schemaVersion} has a schema without a JSON Schema of it. Use a library with Standard ` +
        'JSON Schema (https://standardschema.dev/json-schema; zod 4.2 or newer is one), or give toJsonSchema.',
      { cause },
    );
    this.eventType = eventType;
    this.schemaVersion = schemaVersion;
  }
}

interface Converter {
  readonly input: (options: object) => JsonSchema;
  readonly output: (options: object) => JsonSchema;
}

/**
 * The JSON Schema of one side of a version's schema (Standard JSON Schema 1). What a library cannot express becomes
 * `{}`, where the library can be told so.
 *
 * @throws NoJsonSchemaError
 */
export function jsonSchemaOf(
  eventType: string,
  { version, schema }: { readonly version: number; readonly schema: StandardSchemaV1 },
  side: Side,
  { toJsonSchema }: JsonSchemaOptions,
): JsonSchema {
  try {
    if (toJsonSchema !== undefined) return plain(toJsonSchema(schema, side));
    const { jsonSchema } = schema['~standard'] as { readonly jsonSchema?: Converter };
    const options = { target: 'draft-2020-12', libraryOptions: { unrepresentable: 'any' } };
    if (jsonSchema !== undefined) return plain(jsonSchema[side](options));
  } catch (cause) {
    throw new NoJsonSchemaError(eventType, version, cause);
  }
  throw new NoJsonSchemaError(eventType, version);
}

/** As it will be read from a file, so that the two can be compared; the dialect is the same everywhere. */
function plain(schema: JsonSchema): JsonSchema {
  if (typeof schema === 'boolean') return schema;
  const { $schema: _, ...rest } = JSON.parse(JSON.stringify(schema)) as Record<string, unknown>;
  return sorted(rest) as JsonSchema;
}

/** With its keys in order, so that the same schema is the same text. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, child]) => [key, sorted(child)]));
}
