import type { StandardSchemaV1 } from '@standard-schema/spec';
import {
  type Definition,
  type DefinitionOptions,
  firstVersion,
  laterVersion,
  type NextVersion,
  type Versioned,
} from './definition.ts';

/** A command or query that is to be handled. Its payload is validated when it is. */
export interface Message<Type extends string = string, Input = unknown> {
  readonly type: Type;
  readonly data: Input;
}

/** A type of command: something one part asks of another, that may be refused. */
export interface CommandDefinition<
  Type extends string = string,
  Input = unknown,
  Data = unknown,
  Result = unknown,
> extends Definition<'command', Type, Input, Data, 1> {
  /** The schema of the answer; `undefined` where the command answers nothing. The registry does not check answers. */
  readonly result: StandardSchemaV1<unknown, Result> | undefined;
  create(data: Input): Message<Type, Input>;
}

/** A type of query: a question that changes nothing. */
export interface QueryDefinition<
  Type extends string = string,
  Input = unknown,
  Data = unknown,
  Result = unknown,
> extends Definition<'query', Type, Input, Data, 1> {
  /** The schema of the answer. The registry does not check answers. */
  readonly result: StandardSchemaV1<unknown, Result>;
  create(data: Input): Message<Type, Input>;
}

/** A type of state: what is kept of an aggregate, a saga or a view between two events. */
export interface StateDefinition<
  Type extends string = string,
  Input = unknown,
  Data = unknown,
  Version extends number = number,
> extends Definition<'state', Type, Input, Data, Version> {
  /** As for events: states of the version before are read through `upcast`. */
  version<Next extends NextVersion<Version>, Schema extends StandardSchemaV1>(
    version: Next,
    schema: Schema,
    upcast: (previous: Data) => StandardSchemaV1.InferInput<Schema>,
  ): StateDefinition<Type, StandardSchemaV1.InferInput<Schema>, StandardSchemaV1.InferOutput<Schema>, Next>;
}

/** The commands of a definition as a handler gets them. */
export type CommandOf<D> =
  D extends CommandDefinition<infer Type, infer _Input, infer Data> ? Message<Type, Data> : never;

/** The commands or queries of a definition as they are sent. */
export type NewMessageOf<D> =
  D extends Definition<'command' | 'query', infer Type, infer Input> ? Message<Type, Input> : never;

interface ResultOptions<Result extends StandardSchemaV1> extends DefinitionOptions {
  /** The schema of the answer. Default: a command answers nothing. */
  readonly result?: Result;
}

/** Defines a command. @throws InvalidSubjectTokenError for a name that no subject can hold. */
export function defineCommand<
  const Type extends string,
  Schema extends StandardSchemaV1,
  Result extends StandardSchemaV1 = StandardSchemaV1<undefined, undefined>,
>(
  type: Type,
  schema: Schema,
  options: ResultOptions<Result> = {},
): CommandDefinition<
  Type,
  StandardSchemaV1.InferInput<Schema>,
  StandardSchemaV1.InferOutput<Schema>,
  StandardSchemaV1.InferOutput<Result>
> {
  const { result } = options;
  const definition = {
    kind: 'command',
    type,
    ...firstVersion('command', type, schema, options),
    result,
    create: message(type),
  };
  return definition as never;
}

/** Defines a query by what it asks and what it answers. @throws InvalidSubjectTokenError for a bad name. */
export function defineQuery<
  const Type extends string,
  Schema extends StandardSchemaV1,
  Result extends StandardSchemaV1,
>(
  type: Type,
  schema: Schema,
  result: Result,
  options: DefinitionOptions = {},
): QueryDefinition<
  Type,
  StandardSchemaV1.InferInput<Schema>,
  StandardSchemaV1.InferOutput<Schema>,
  StandardSchemaV1.InferOutput<Result>
> {
  const definition = {
    kind: 'query',
    type,
    ...firstVersion('query', type, schema, options),
    result,
    create: message(type),
  };
  return definition as never;
}

/** Defines a state. @throws InvalidSubjectTokenError for a name that no subject can hold. */
export function defineState<const Type extends string, Schema extends StandardSchemaV1>(
  type: Type,
  schema: Schema,
  options: DefinitionOptions = {},
): StateDefinition<Type, StandardSchemaV1.InferInput<Schema>, StandardSchemaV1.InferOutput<Schema>, 1> {
  return stateDefinition(type, firstVersion('state', type, schema, options)) as never;
}

function stateDefinition(type: string, versioned: Versioned): StateDefinition {
  return {
    kind: 'state',
    type,
    ...versioned,
    version: (version: number, schema: StandardSchemaV1, upcast: (previous: never) => unknown) =>
      stateDefinition(type, laterVersion(versioned, version, schema, upcast)) as never,
  };
}

function message(type: string): (data: unknown) => Message {
  return (data) => ({ type, data });
}
