import {
  type AggregateRef,
  decodeEvent,
  defineRegistry,
  type EventDefinition,
  encodeToken,
  eventTypeOf,
  InvalidRegistryError,
  type Message,
  type NewEvent,
  type RecordedEvent,
  type StoredMessage,
} from '@pipit/types-registry';
import type { Aggregate, Decision } from './aggregate.ts';
import { type DraftContext, draftEvent } from './draft-event.ts';
import type { EventLog } from './event-log.ts';
import type {
  AppendOptions,
  AppendResult,
  DecisionContext,
  EventBatch,
  EventStore,
  ExecuteOptions,
  ExecuteResult,
  FollowOptions,
  Loaded,
  LoadOptions,
  ReadOptions,
} from './event-store.ts';
import { checkExpected, isExpected } from './expected-revision.ts';
import { InvalidArgumentError } from './invalid-argument.ts';
import { ConflictError, MissingRevisionError } from './store-errors.ts';

export interface EventStoreOptions<A extends Aggregate = Aggregate> {
  /** The types of aggregates whose events the store holds. */
  readonly aggregates: readonly A[];
  /** Default: the system's clock. */
  readonly clock?: () => Date;
  /** Default: UUIDv7 (RFC 9562). */
  readonly newId?: () => string;
}

const defaultTimeout = 10_000;
const defaultRetries = 5;

/** Makes a typed store of a log. `jetStreamStore` and `memoryStore` do it for you. */
export function createEventStore<A extends Aggregate>(
  log: EventLog,
  options: EventStoreOptions<A>,
): EventStore<A> {
  const aggregates = new Map<string, Aggregate>(
    options.aggregates.map((aggregate) => [aggregate.type, aggregate]),
  );
  const types = options.aggregates.map(({ type }) => type);
  const twice = types.filter((type, index) => types.indexOf(type) !== index);
  if (twice.length > 0)
    throw new InvalidRegistryError(twice.map((type) => `two aggregates are named ${type}`));
  const { events: catalog } = defineRegistry({ events: options.aggregates.flatMap(({ events }) => events) });
  const drafting: DraftContext = { catalog, ...options };
  let closed = false;

  function refOf(aggregate: Aggregate, id: string): AggregateRef {
    if (closed) throw new InvalidArgumentError(`Store ${log.name}`, 'is closed');
    if (aggregates.get(aggregate.type) !== aggregate) {
      throw new InvalidArgumentError(
        'aggregate',
        `${aggregate.type} is not one that store ${log.name} was opened with`,
      );
    }
    encodeToken('aggregate id', id);
    return { type: aggregate.type, id };
  }

  async function append(
    aggregate: Aggregate,
    id: string,
    given: NewEvent | readonly NewEvent[],
    { expected = 'any', timeout = defaultTimeout }: AppendOptions = {},
  ): Promise<AppendResult<RecordedEvent>> {
    const ref = refOf(aggregate, id);
    checkExpected(expected);
    const events = Array.isArray(given) ? (given as readonly NewEvent[]) : [given as NewEvent];
    if (events.length === 0) throw new InvalidArgumentError('events', 'is empty: give at least one event');
    const drafts = events.map((event) => draftEvent(drafting, aggregate, event));
    const ids = new Set(drafts.map((draft) => draft.id));
    if (ids.size < drafts.length) throw new InvalidArgumentError('events', 'has two events with the same id');
    const mayRepeat = events.some((event) => event.id !== undefined);
    checkTimeout(timeout);
    const { revision, positions, stored } = await log.append({
      aggregate: ref,
      expected,
      drafts,
      mayRepeat,
      timeout,
    });
    if (stored !== undefined) {
      const found = stored.map((message): RecordedEvent => decodeEvent(catalog, message));
      return { revision, position: positions.at(-1) ?? 0, events: found };
    }
    const first = revision - drafts.length + 1;
    const recorded = drafts.map((draft, index): RecordedEvent => {
      const { payload, data, correlationId, causationId, traceparent, ...rest } = draft;
      return {
        ...rest,
        data,
        aggregate: ref,
        schemaVersion: payload.schemaVersion,
        correlationId: correlationId ?? draft.id,
        causationId,
        traceparent,
        revision: first + index,
        position: positions[index] ?? 0,
        store: log.name,
      };
    });
    return { revision, position: positions.at(-1) ?? 0, events: recorded };
  }

  async function load(
    aggregate: Aggregate,
    id: string,
    { toRevision = Infinity }: LoadOptions = {},
  ): Promise<Loaded<unknown>> {
    const ref = refOf(aggregate, id);
    if (!(toRevision >= 0))
      throw new InvalidArgumentError('toRevision', `must be a revision from 0, not ${toRevision}`);
    let state = aggregate.initial;
    let revision = 0;
    let position = 0;
    if (toRevision === 0) return { state, revision, position };
    for await (const event of readAggregate(ref)) {
      state = aggregate.evolve(state, event as never);
      ({ revision, position } = event);
      if (revision >= toRevision) break;
    }
    return { state, revision, position };
  }

  async function* readAggregate(ref: AggregateRef): AsyncGenerator<RecordedEvent> {
    let revision = 0;
    for await (const message of log.readAggregate(ref)) {
      const event: RecordedEvent = decodeEvent(catalog, message);
      revision += 1;
      if (event.revision !== revision) {
        throw new MissingRevisionError(log.name, ref, revision, event.revision, event.position);
      }
      yield event;
    }
  }

  async function execute(
    aggregate: Aggregate,
    id: string,
    decide: ((state: unknown, context: DecisionContext) => Decision) | Message,
    { expected = 'any', retries = defaultRetries, timeout = defaultTimeout }: ExecuteOptions = {},
  ): Promise<ExecuteResult<unknown, RecordedEvent>> {
    const ref = refOf(aggregate, id);
    checkExpected(expected);
    const decideOn = typeof decide === 'function' ? decide : commandDecider(aggregate, decide);
    for (let attempt = 0; ; attempt += 1) {
      const loaded = await load(aggregate, id);
      if (!isExpected(expected, loaded.revision)) {
        // What was loaded may be older than what the caller acted upon: a conflict is one when the log confirms it.
        const actual = await log.revision(ref);
        if (attempt > retries || actual === loaded.revision || !isExpected(expected, actual))
          throw new ConflictError(ref, expected, actual);
        continue;
      }
      const decision = decideOn(loaded.state, { aggregate: ref, revision: loaded.revision });
      const events = Array.isArray(decision) ? (decision as readonly NewEvent[]) : [decision as NewEvent];
      if (events.length === 0) return { ...loaded, events: [] };
      try {
        const appended = await append(aggregate, id, events, { expected: loaded.revision, timeout });
        if (appended.revision !== loaded.revision + events.length) {
          // A repetition: its events are in the loaded state already.
          const { state } = await load(aggregate, id, { toRevision: appended.revision });
          return { ...appended, state };
        }
        const state = appended.events.reduce(
          (before, event) => aggregate.evolve(before, event as never),
          loaded.state,
        );
        return { ...appended, state };
      } catch (error) {
        const decideAgain =
          error instanceof ConflictError && typeof expected !== 'number' && attempt < retries;
        if (!decideAgain) throw error;
      }
    }
  }

  async function* read(options: ReadOptions<Aggregate, EventDefinition> = {}): AsyncGenerator<RecordedEvent> {
    const { aggregate, id, fromPosition = 1, fromRevision, toRevision } = options;
    const wanted = wantedTypes(options.events);
    checkFrom('fromPosition', fromPosition);
    if (id === undefined) {
      if (fromRevision !== undefined || toRevision !== undefined) {
        throw new InvalidArgumentError(
          'fromRevision and toRevision',
          'need an id: revisions count within one aggregate',
        );
      }
      for await (const message of log.read({ ...typesOf(aggregate), fromPosition })) {
        if (wanted(message)) yield decodeEvent(catalog, message);
      }
      return;
    }
    if (aggregate === undefined || Array.isArray(aggregate)) {
      throw new InvalidArgumentError('id', 'needs the one type of aggregate it is the id of');
    }
    checkFrom('fromRevision', fromRevision ?? 1);
    for await (const event of readAggregate(refOf(aggregate as Aggregate, id))) {
      if (event.revision > (toRevision ?? Infinity)) return;
      const inRange = event.revision >= (fromRevision ?? 1) && event.position >= fromPosition;
      if (inRange && (options.events === undefined || options.events.some(({ type }) => type === event.type)))
        yield event;
    }
  }

  async function* follow(
    options: FollowOptions<Aggregate, EventDefinition> = {},
  ): AsyncGenerator<EventBatch<RecordedEvent>> {
    const { aggregate, fromPosition = 1, signal } = options;
    const wanted = wantedTypes(options.events);
    checkFrom('fromPosition', fromPosition);
    const query = { ...typesOf(aggregate), fromPosition, ...(signal && { signal }) };
    for await (const { messages, position, caughtUp } of log.follow(query)) {
      const events = messages.filter(wanted).map((message): RecordedEvent => decodeEvent(catalog, message));
      yield { events, position, caughtUp };
    }
  }

  function typesOf(aggregate: Aggregate | readonly Aggregate[] | undefined): {
    readonly aggregateTypes?: readonly string[];
  } {
    if (closed) throw new InvalidArgumentError(`Store ${log.name}`, 'is closed');
    if (aggregate === undefined) return {};
    const types = (
      Array.isArray(aggregate) ? (aggregate as readonly Aggregate[]) : [aggregate as Aggregate]
    ).map(({ type }) => type);
    if (types.length === 0)
      throw new InvalidArgumentError('aggregate', 'is an empty list: leave it out to read all');
    return { aggregateTypes: [...new Set(types)] };
  }

  const store = {
    name: log.name,
    append,
    load,
    execute,
    read,
    follow,
    position: () => log.position(),
    async close() {
      closed = true;
      await log.close();
    },
  };
  return store as unknown as EventStore<A>;
}

function commandDecider(aggregate: Aggregate, message: Message): (state: unknown) => Decision {
  const { commands } = defineRegistry({ commands: aggregate.commands });
  const { data } = commands.encode(message.type, message.data as never);
  return (state) => aggregate.decide({ type: message.type, data } as never, state);
}

function wantedTypes(events: readonly EventDefinition[] | undefined): (message: StoredMessage) => boolean {
  if (events === undefined) return () => true;
  const types = new Set(events.map(({ type }) => type));
  return (message) => types.has(eventTypeOf(message));
}

/** Timers take no more than 2³¹ − 1 milliseconds. */
function checkTimeout(value: number): void {
  if (value >= 1 && value <= 2_147_483_647) return;
  throw new InvalidArgumentError('timeout', `must be from 1 to 2147483647 milliseconds, not ${value}`);
}

function checkFrom(argument: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new InvalidArgumentError(argument, `must be a whole number from 1, not ${value}`);
}
