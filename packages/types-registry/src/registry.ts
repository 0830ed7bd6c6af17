import { type Catalog, createCatalog } from './catalog.ts';
import { builtInCodecs, type Codec, mediaType } from './codec.ts';
import type { EventDefinition } from './define-event.ts';
import type { CommandDefinition, QueryDefinition, StateDefinition } from './define-message.ts';
import type { Definition } from './definition.ts';
import { InvalidRegistryError } from './registry-errors.ts';

/** Everything a process can read and write by name: values are encoded and decoded without a cast. */
export interface Registry<
  Event extends EventDefinition = EventDefinition,
  Command extends CommandDefinition = CommandDefinition,
  Query extends QueryDefinition = QueryDefinition,
  State extends StateDefinition = StateDefinition,
> {
  readonly events: Catalog<Event>;
  readonly commands: Catalog<Command>;
  readonly queries: Catalog<Query>;
  readonly states: Catalog<State>;
}

interface RegistryOptions<Event, Command, Query, State> {
  readonly events?: readonly Event[];
  readonly commands?: readonly Command[];
  readonly queries?: readonly Query[];
  readonly states?: readonly State[];
  /** Codecs beside JSON, MessagePack and raw bytes, needed only to read what no definition here writes any more. */
  readonly codecs?: readonly Codec[];
}

/**
 * Builds a registry. The same definition may be given twice (two modules that share an event); two definitions with
 * one name may not.
 *
 * @throws InvalidRegistryError listing every problem: names used twice, versions with a gap or that turn back, schemas
 * that are no Standard Schema, codecs that claim one content type.
 */
export function defineRegistry<
  Event extends EventDefinition = never,
  Command extends CommandDefinition = never,
  Query extends QueryDefinition = never,
  State extends StateDefinition = never,
>(options: RegistryOptions<Event, Command, Query, State>): Registry<Event, Command, Query, State> {
  const events = [...new Set(options.events ?? [])];
  const commands = [...new Set(options.commands ?? [])];
  const queries = [...new Set(options.queries ?? [])];
  const states = [...new Set(options.states ?? [])];
  const kinds: readonly (readonly Definition[])[] = [events, commands, queries, states];
  const codecs = [
    ...new Set([...builtInCodecs, ...(options.codecs ?? []), ...kinds.flat().map(({ codec }) => codec)]),
  ];

  const problems = [...kinds.flatMap(problemsOf), ...codecProblems(codecs)];
  if (problems.length > 0) throw new InvalidRegistryError(problems);

  return {
    events: createCatalog('event', events, codecs),
    commands: createCatalog('command', commands, codecs),
    queries: createCatalog('query', queries, codecs),
    states: createCatalog('state', states, codecs),
  };
}

function problemsOf(definitions: readonly Definition[]): string[] {
  const [first] = definitions;
  const twice = repeated(definitions.map(({ type }) => type));
  return [
    ...twice.map((type) => `two definitions of kind ${first?.kind} are named ${JSON.stringify(type)}`),
    ...definitions.flatMap(versionProblems),
  ];
}

function versionProblems({ kind, type, versions }: Definition): string[] {
  return versions.flatMap(({ version, schema, upcast }, index) => {
    const expected = index + 1;
    const name = `${kind} ${type}`;
    if (version < expected) return [`${name} goes from version ${index} back to ${version}: a cycle`];
    if (version !== expected) return [`${name} has no version ${expected}: a gap before version ${version}`];
    const problems: string[] = [];
    if (index > 0 && typeof upcast !== 'function') {
      problems.push(`${name} has no upcaster from version ${index} to ${version}`);
    }
    if (typeof schema?.['~standard']?.validate !== 'function') {
      problems.push(
        `${name} has a version ${version} that is no Standard Schema (https://standardschema.dev)`,
      );
    }
    return problems;
  });
}

function codecProblems(codecs: readonly Codec[]): string[] {
  const types = codecs.map(({ contentType }) => mediaType(contentType));
  return [
    ...repeated(types).map((type) => `two codecs have the content type ${type}`),
    ...codecs
      .filter((_, index) => !/^[^\s/]+\/[^\s/]+$/.test(types[index] ?? ''))
      .map(
        ({ name, contentType }) =>
          `codec ${name} has the content type ${JSON.stringify(contentType)}, which is no media type`,
      ),
  ];
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
