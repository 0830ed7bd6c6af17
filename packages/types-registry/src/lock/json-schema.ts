import type { StandardSchemaV1 } from '@standard-schema/spec';
import { PipitError } from '../pipit-error.ts';
import { isAnnotation, type JsonSchema } from './schema-parts.ts';
import { markZod } from './zod-marks.ts';

export type { JsonSchema };

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

  constructor(eventType: string, schemaVersion: number, vendor: string, cause?: unknown) {
    const failed = cause === undefined ? '' : ` (${cause instanceof Error ? cause.message : String(cause)})`;
    super(
      `Event ${eventType} version ${schemaVersion} has a ${vendor} schema without a JSON Schema of it${failed}. Use a ` +
        'library with Standard JSON Schema (https://standardschema.dev/json-schema; zod 4.2 or newer is one), or give ' +
        'toJsonSchema.',
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
 * The JSON Schema of one side of a version's schema (Standard JSON Schema 1), in one spelling and without annotations.
 *
 * @throws NoJsonSchemaError
 */
export function jsonSchemaOf(
  eventType: string,
  { version, schema }: { readonly version: number; readonly schema: StandardSchemaV1 },
  side: Side,
  { toJsonSchema }: JsonSchemaOptions,
): JsonSchema {
  const { vendor, jsonSchema } = schema['~standard'] as {
    readonly vendor: string;
    readonly jsonSchema?: Converter;
  };
  try {
    if (toJsonSchema !== undefined) return normal(toJsonSchema(schema, side));
    if (jsonSchema !== undefined) return normal(jsonSchema[side](optionsFor(vendor, side)));
  } catch (cause) {
    throw new NoJsonSchemaError(eventType, version, vendor, cause);
  }
  throw new NoJsonSchemaError(eventType, version, vendor);
}

function optionsFor(vendor: string, side: Side): object {
  const target = 'draft-2020-12';
  if (vendor !== 'zod') return { target };
  return { target, libraryOptions: { unrepresentable: 'any', override: markZod(side) } };
}

/** As it will be read from a file, so that the two can be compared. */
function normal(schema: JsonSchema): JsonSchema {
  const text = JSON.stringify(schema) as string | undefined;
  const plain: unknown = text === undefined ? undefined : JSON.parse(text);
  if (isJsonSchema(plain)) return normalSchema(plain) as JsonSchema;
  throw new TypeError(`it is ${text ?? 'nothing'}, which is no JSON Schema`);
}

export function isJsonSchema(value: unknown): value is JsonSchema {
  return typeof value === 'boolean' || (typeof value === 'object' && value !== null && !Array.isArray(value));
}

/** Keywords whose keys are names, not keywords. */
const named = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);
const kept = new Set(['$defs', 'definitions']);
const valued = new Set(['const', 'enum', 'required', 'type', 'dependentRequired']);
const unordered = new Set(['enum', 'required', 'type']);

function normalSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(normalSchema);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema)
    .filter(([keyword]) => kept.has(keyword) || !isAnnotation(keyword))
    .map(([keyword, value]): [string, unknown] => {
      if (unordered.has(keyword) && Array.isArray(value)) return [keyword, value.toSorted(byText)];
      if (valued.has(keyword)) return [keyword, value];
      if (!named.has(keyword)) return [keyword, normalSchema(value)];
      const children = Object.entries(value as object).map(
        ([key, child]) => [key, normalSchema(child)] as const,
      );
      return [keyword, Object.fromEntries(inOrder(children))];
    });
  return Object.fromEntries(inOrder(entries));
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

/** So that the same schema is the same text. */
function inOrder<Value>(entries: readonly (readonly [string, Value])[]): (readonly [string, Value])[] {
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
}
