import type { StandardSchemaV1 } from '@standard-schema/spec';
import {
  type Definition,
  type DefinitionOptions,
  firstVersion,
  laterVersion,
  type NextVersion,
  type Versioned,
} from './definition.ts';
import type { NewEvent, NewEventOptions, RecordedEvent } from './event.ts';

/** A type of event: its name, its payload's schema, and every earlier version of that. */
export interface EventDefinition<
  Type extends string = string,
  Input = unknown,
  Data = unknown,
  Version extends number = number,
> extends Definition<'event', Type, Input, Data, Version> {
  /** An event to append. Only types are checked here; the schema is when the event is appended. */
  create(data: Input, options?: NewEventOptions): NewEvent<Type, Input>;
  /**
   * The same event with a new payload. Events of the version before are read through `upcast`, which gets what that
   * version's schema made of them and returns what `schema` takes. Versions are never removed while events have them.
   */
  version<Next extends NextVersion<Version>, Schema extends StandardSchemaV1>(
    version: Next,
    schema: Schema,
    upcast: (previous: Data) => StandardSchemaV1.InferInput<Schema>,
  ): EventDefinition<Type, StandardSchemaV1.InferInput<Schema>, StandardSchemaV1.InferOutput<Schema>, Next>;
}

/** The events of a definition as readers get them: a union to switch on `type` where there are several. */
export type EventOf<D> =
  D extends EventDefinition<infer Type, infer _Input, infer Data> ? RecordedEvent<Type, Data> : never;

/** The events of a definition as they are given to an append. */
export type NewEventOf<D> =
  D extends EventDefinition<infer Type, infer Input> ? NewEvent<Type, Input> : never;

/**
 * Defines an event once; its TypeScript types follow from the schema.
 *
 * @param type any non-empty name of at most 128 bytes encoded, by habit in the past tense: `post-published`.
 * @param schema any Standard Schema that validates synchronously: zod, valibot, arktype …
 * @throws InvalidSubjectTokenError for a name that no subject can hold.
 */
export function defineEvent<const Type extends string, Schema extends StandardSchemaV1>(
  type: Type,
  schema: Schema,
  options: DefinitionOptions = {},
): EventDefinition<Type, StandardSchemaV1.InferInput<Schema>, StandardSchemaV1.InferOutput<Schema>, 1> {
  return eventDefinition(type, firstVersion('event', type, schema, options)) as never;
}

function eventDefinition(type: string, versioned: Versioned): EventDefinition {
  return {
    kind: 'event',
    type,
    ...versioned,
    create: (data, options) => ({ ...options, type, data }),
    version: (version: number, schema: StandardSchemaV1, upcast: (previous: never) => unknown) =>
      eventDefinition(type, laterVersion(versioned, version, schema, upcast)) as never,
  };
}
