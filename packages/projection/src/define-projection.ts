import type { Aggregate, DefinitionOf } from '@pipit/store';
import type { EventDefinition, EventOf, RecordedEvent } from '@pipit/types-registry';
import { InvalidProjectionError } from './projection-errors.ts';
import type { Projector } from './projector.ts';
import type { Repository } from './repository.ts';

/** A read model: which events it is made of, how, and where its rows are. */
export interface Projection<Row = unknown> extends Projector<Row> {
  readonly name: string;
  /** Goes up when the same events shall make other rows. */
  readonly version: number;
  /** Parts that processes share its rows in. */
  readonly shards: number;
  readonly aggregates: readonly Aggregate[] | undefined;
  readonly events: readonly EventDefinition[] | undefined;
  /** Whether an event changes the row of its aggregate and no other. */
  readonly byAggregate: boolean;
  readonly repository: Repository<Row>;
}

type Source = Aggregate | EventDefinition;
type DefinedIn<S> = S extends EventDefinition ? S : S extends Aggregate ? DefinitionOf<S> : never;
type OfType<S, Type> = EventOf<Extract<DefinedIn<S>, { readonly type: Type }>>;
type Handler<Row, Event> = (row: Row | undefined, event: Event, key: string) => NoInfer<Row> | undefined;
type Keys = string | readonly string[] | undefined;

/** Events that were named one by one all need a function; of an aggregate's events, those that matter. */
type Handlers<S, Row> = {
  readonly [Type in Extract<S, EventDefinition>['type']]: Handler<Row, OfType<S, Type>>;
} & {
  readonly [Type in DefinitionOf<Exclude<S, EventDefinition>>['type']]?: Handler<Row, OfType<S, Type>>;
};

interface ProjectionSpec<S extends Source, Row> {
  readonly name: string;
  /** A whole number from 1, the default. A higher one is built beside the one that is read, and then takes its place. */
  readonly version?: number;
  /**
   * In how many parts processes share the rows, from 1, the default, to 1,024: each part has one owner at a time. It
   * stays as it is for as long as the version does.
   */
  readonly shards?: number;
  /** Types of aggregates, or events: what the rows are made of. */
  readonly from: readonly S[];
  /**
   * The key of the row an event changes, or the keys of several; `undefined` for none. Default: the id of its aggregate.
   * It must always say the same of the same event.
   */
  readonly key?: (event: EventOf<DefinedIn<S>>) => Keys;
  /**
   * One pure function per event: it gets the row there is and returns the next, or `undefined` to have none. It may be
   * called more than once for one event, and only the row it returns has an effect.
   */
  readonly on: Handlers<S, Row>;
  readonly into: Repository<Row>;
}

/**
 * Defines a projection; the types of rows and events follow from `into` and `from`.
 *
 * @throws InvalidProjectionError where nothing would ever be projected, or a function is for an event that is not in
 * `from`
 */
export function defineProjection<S extends Source, Row>(spec: ProjectionSpec<S, Row>): Projection<Row> {
  const { name, version = 1, shards = 1, from, into: repository } = spec;
  const on = new Map(Object.entries(spec.on as Readonly<Record<string, Handler<Row, RecordedEvent>>>));
  const sources: readonly Source[] = from;
  const events = sources.filter(isDefinition);
  const aggregates = sources.filter((source): source is Aggregate => !isDefinition(source));

  const defined = [...events, ...aggregates.flatMap((aggregate) => aggregate.events)];
  const handled = defined.filter(({ type }) => on.has(type));
  const strangers = [...on.keys()].filter((type) => !defined.some((definition) => definition.type === type));
  const refuse = (reason: string) => new InvalidProjectionError(name, reason);
  if (name === '') throw refuse('needs a name');
  if (!Number.isSafeInteger(version) || version < 1)
    throw refuse(`has version ${version}, which is no whole number from 1`);
  if (!Number.isInteger(shards) || shards < 1 || shards > 1_024)
    throw refuse(`has ${shards} shards, which is no whole number from 1 to 1024`);
  if (handled.length === 0) throw refuse('has no function for any event of its sources');
  if (strangers.length > 0) throw refuse(`has functions for events not in its sources: ${strangers}`);

  const named = new Set(events.map(({ type }) => type));
  const ofSources = new Set(aggregates.map(({ type }) => type));
  // Aggregates may share a type of event: one that is not a source may have it too.
  const concerns = ({ type, aggregate }: RecordedEvent) =>
    on.has(type) && (named.has(type) || ofSources.has(aggregate.type));
  const keyOf = spec.key as ((event: RecordedEvent) => Keys) | undefined;

  return {
    name,
    version,
    shards,
    aggregates: events.length === 0 ? aggregates : undefined,
    events: handled,
    byAggregate: keyOf === undefined,
    repository,
    keys(event) {
      if (!concerns(event)) return none;
      return keyOf === undefined ? [event.aggregate.id] : listOf(keyOf(event));
    },
    project: (row, event, key) => {
      const handler = on.get(event.type);
      return handler === undefined ? row : handler(row, event, key);
    },
  };
}

const none: readonly string[] = [];

function listOf(keys: Keys): readonly string[] {
  if (keys === undefined) return none;
  if (typeof keys === 'string') return [keys];
  return keys.length < 2 ? keys : [...new Set(keys)];
}

function isDefinition(source: Source): source is EventDefinition {
  return 'kind' in source;
}
