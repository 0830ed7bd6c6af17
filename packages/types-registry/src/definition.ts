import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type Codec, json } from './codec.ts';
import type { DefinitionKind } from './registry-errors.ts';
import { encodeToken } from './subject-token.ts';

/** One version of a payload, and how a payload of the version before it becomes one of this. */
export interface SchemaVersion {
  /** From 1. */
  readonly version: number;
  readonly schema: StandardSchemaV1;
  /** Absent in version 1 only. Runs at once; what it throws becomes an `UpcastError`. */
  readonly upcast?: (previous: unknown) => unknown;
}

/**
 * A name with the schema of its payload and every earlier version of it. `Input` is what the user gives, `Data` what
 * the schema makes of it and what readers get.
 */
export interface Definition<
  Kind extends DefinitionKind = DefinitionKind,
  Type extends string = string,
  Input = unknown,
  Data = unknown,
  Version extends number = number,
> {
  readonly kind: Kind;
  readonly type: Type;
  /** The current version of the payload, the one that is written. */
  readonly schemaVersion: Version;
  readonly schema: StandardSchemaV1<Input, Data>;
  readonly codec: Codec;
  /** Oldest first; the last is the current one. */
  readonly versions: readonly SchemaVersion[];
}

/** What the user gives: the input of the current version's schema. */
export type InputOf<D> = D extends Definition<DefinitionKind, string, infer Input> ? Input : never;
/** What readers get: the output of the current version's schema. */
export type DataOf<D> = D extends Definition<DefinitionKind, string, unknown, infer Data> ? Data : never;

export interface DefinitionOptions {
  /** Default: JSON. A type keeps its codec for new payloads; old ones are read with the codec they name. */
  readonly codec?: Codec;
}

/** The version after `Version`; written out so that a gap is a compile error. */
export type NextVersion<
  Version extends number,
  Count extends readonly 0[] = [],
> = Count['length'] extends Version ? [...Count, 0]['length'] & number : NextVersion<Version, [...Count, 0]>;

/** The part of a definition that its versions make up. */
export interface Versioned {
  readonly schemaVersion: number;
  readonly schema: StandardSchemaV1;
  readonly codec: Codec;
  readonly versions: readonly SchemaVersion[];
}

export function firstVersion(
  kind: DefinitionKind,
  type: string,
  schema: StandardSchemaV1,
  options: DefinitionOptions,
): Versioned {
  encodeToken(`${kind} name`, type);
  return { schemaVersion: 1, schema, codec: options.codec ?? json, versions: [{ version: 1, schema }] };
}

export function laterVersion(
  before: Versioned,
  version: number,
  schema: StandardSchemaV1,
  upcast: (previous: never) => unknown,
): Versioned {
  const next: SchemaVersion = { version, schema, upcast: upcast as (previous: unknown) => unknown };
  return { ...before, schemaVersion: version, schema, versions: [...before.versions, next] };
}
