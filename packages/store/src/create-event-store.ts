import {
  type AggregateRef,
  defineRegistry,
  encodeToken,
  guardLogger,
  type Logger,
  type Message,
  processWarnings,
  type RecordedEvent,
} from '@pipit/types-registry';
import type { Aggregate } from './aggregate.ts';
import { appendChanges, type GivenChange } from './append/append-events.ts';
import type { AroundAppend } from './append/around-append.ts';
import { givenItems, type Item } from './append/given-items.ts';
import { uniqueKey } from './append/unique-key.ts';
import { keyOwner } from './append/unique-key-parts.ts';
import { checkAggregates } from './check-aggregates.ts';
import type { EventLog } from './event-log.ts';
import type {
  AppendOptions,
  Change,
  EventStore,
  ExecuteOptions,
  FollowOptions,
  LatestOptions,
  LoadOptions,
  ReadOptions,
} from './event-store.ts';
import type { ExpectedRevision } from './expected-revision.ts';
import { InvalidArgumentError } from './invalid-argument.ts';
import { countOperations } from './operations.ts';
import { followEvents, readEvents } from './read-events.ts';
import { readLatest } from './read-latest.ts';
import { decisionLines } from './state/decision-lines.ts';
import { commandDecider, type Decide, execute } from './state/execute.ts';
import { load } from './state/load.ts';
import type { SnapshotStore } from './state/snapshot-store.ts';
import { openSnapshots } from './state/snapshots.ts';
import { warmStates } from './state/warm-states.ts';
import { StoreClosedError } from './store-errors.ts';

export interface EventStoreOptions<A extends Aggregate = Aggregate> {
  /** The types of aggregates whose events the store holds. */
  readonly aggregates: readonly A[];
  /** Default: the system's clock. */
  readonly clock?: () => Date;
  /** Default: UUIDv7 (RFC 9562). */
  readonly newId?: () => string;
  /** How many aggregates' recent states are kept in memory, so that only what came after is read; default 1,000. */
  readonly warm?: number | false;
  /**
   * Told of the events that each append here has stored, also where it repeats one, before the append resolves: to
   * record them elsewhere, as operations of `@pipit/bus` do. Not told of one whose process died meanwhile. What it
   * throws is logged.
   */
  readonly onAppended?: (events: readonly RecordedEvent[]) => void;
  /** Surrounds every append, with a span for instance. */
  readonly aroundAppend?: AroundAppend;
  /** Told of skipped events and of snapshots that do not work. Default: process warnings. */
  readonly logger?: Logger;
}

const defaultTimeout = 10_000;
const defaultWarm = 1_000;

type Items = Item | readonly Item[];

/** Makes a typed store of a log. `jetStreamStore` and `memoryStore` do it for you. */
export function createEventStore<A extends Aggregate>(
  log: EventLog,
  { snapshotStore, ...options }: EventStoreOptions<A> & { readonly snapshotStore: SnapshotStore },
): EventStore<A> {
  const { aggregates, warm: warmOption = defaultWarm, logger: given = processWarnings } = options;
  const byType = new Map<string, Aggregate>(aggregates.map((aggregate) => [aggregate.type, aggregate]));
  checkAggregates(aggregates);
  checkWarm(warmOption);
  const { events: catalog } = defineRegistry({ events: aggregates.flatMap(({ events }) => events) });
  const logger = guardLogger(given);
  const warm = warmStates(warmOption === false ? 0 : warmOption);
  const snapshots = openSnapshots(log.name, snapshotStore, aggregates, logger);
  log.onReplaced?.(() => {
    warm.clear();
    snapshots.forget();
    const message =
      `Store ${log.name} is on another stream than before, or on one that lost its end: deleted and made anew, restored, ` +
      'or not synced before a power failure. What was kept of it in memory is dropped; open it again where in doubt';
    logger.warn({ store: log.name }, message);
  });
  const closing = new AbortController();
  const { counted, idle } = countOperations();
  const inLine = decisionLines();
  const drafting = { catalog, ...options };
  const { onAppended: told, aroundAppend } = options;
  const onAppended =
    told &&
    ((events: readonly RecordedEvent[]) => {
      try {
        told(events);
      } catch (err) {
        logger.error(
          { store: log.name, err },
          `onAppended of store ${log.name} threw; the events are stored`,
        );
      }
    });
  const context = {
    log,
    catalog,
    logger,
    warm,
    snapshots,
    drafting,
    checkSelected,
    onAppended,
    aroundAppend,
  };

  function checkOpen(): void {
    closing.signal.throwIfAborted();
  }

  function checkKnown(aggregate: Aggregate): void {
    checkOpen();
    if (byType.get(aggregate.type) === aggregate) return;
    throw new InvalidArgumentError(
      'aggregate',
      `${aggregate.type} is not one that store ${log.name} was opened with`,
    );
  }

  function refOf(aggregate: Aggregate, id: string): AggregateRef {
    checkKnown(aggregate);
    encodeToken('aggregate id', id);
    return { type: aggregate.type, id };
  }

  function checkSelected(aggregate: Aggregate | readonly Aggregate[] | undefined, id?: string): void {
    checkOpen();
    for (const one of [aggregate ?? []].flat() as readonly Aggregate[]) checkKnown(one);
    if (id !== undefined) encodeToken('aggregate id', id);
  }

  function changeOf(
    aggregate: Aggregate,
    id: string,
    events: Items,
    expected?: ExpectedRevision,
  ): GivenChange {
    const ref = refOf(aggregate, id);
    return { aggregate, ref, items: givenItems('events', events), expected: expected ?? 'any' };
  }

  /** Readers are not waited for, since they go on as slowly as their callers: closing ends them. */
  function untilClosed<O extends { readonly signal?: AbortSignal }>(options: O): O {
    const { signal } = options;
    return {
      ...options,
      signal: signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]),
    };
  }

  const store = {
    name: log.name,
    append: counted(async (aggregate: Aggregate, id: string, events: Items, options: AppendOptions = {}) => {
      const { timeout = defaultTimeout, expected } = options;
      const change = changeOf(aggregate, id, events, expected);
      const [appended] = await appendChanges(context, [change], timeout);
      warm.outdated(change.ref);
      return appended;
    }),
    appendAll: counted(
      async (
        changes: readonly Change<Aggregate>[],
        { timeout = defaultTimeout }: { timeout?: number } = {},
      ) => {
        if (changes.length === 0) throw new InvalidArgumentError('changes', 'is empty: give at least one');
        const complete = changes.map(({ aggregate, id, events, expected }) =>
          changeOf(aggregate, id, events, expected),
        );
        const results = await appendChanges(context, complete, timeout);
        for (const { ref } of complete) warm.outdated(ref);
        return { position: results.at(-1)?.position ?? 0, results };
      },
    ),
    load: counted(async (aggregate: Aggregate, id: string, options?: LoadOptions) => {
      const { state, revision, position } = await load(context, aggregate, refOf(aggregate, id), options);
      return { state, revision, position };
    }),
    execute: counted(
      async (
        aggregate: Aggregate,
        id: string,
        decide: Decide | Message,
        { timeout = defaultTimeout, ...options }: ExecuteOptions = {},
      ) => {
        const ref = refOf(aggregate, id);
        const decider = typeof decide === 'function' ? decide : commandDecider(aggregate, decide);
        const deadline = Date.now() + timeout;
        return inLine(`${aggregate.type}/${id}`, () =>
          execute(context, aggregate, ref, decider, { ...options, timeout, deadline }),
        );
      },
    ),
    read(options: ReadOptions<Aggregate, never> = {}) {
      return readEvents(context, untilClosed(options));
    },
    follow(options: FollowOptions<Aggregate, never> = {}) {
      return followEvents(context, untilClosed(options));
    },
    latest(aggregate: Aggregate, options: LatestOptions = {}) {
      return readLatest(context, aggregate, untilClosed(options));
    },
    async *ids(aggregate: Aggregate, options: { readonly signal?: AbortSignal } = {}) {
      checkKnown(aggregate);
      const { signal = closing.signal } = untilClosed(options);
      signal.throwIfAborted();
      for await (const page of log.ids(aggregate.type, signal)) {
        for (const id of page) {
          signal.throwIfAborted();
          yield id;
        }
      }
    },
    count: counted(async (aggregate: Aggregate) => {
      checkKnown(aggregate);
      return log.count(aggregate.type);
    }),
    exists: counted(async (aggregate: Aggregate, id: string) => {
      return (await log.revision(refOf(aggregate, id))) > 0;
    }),
    keyOwner: counted(async (name: string, value: string) => {
      checkOpen();
      return keyOwner(log, uniqueKey(name, value));
    }),
    position: counted(async () => {
      checkOpen();
      return log.position();
    }),
    async close() {
      closing.abort(new StoreClosedError(log.name));
      await idle();
      await snapshots.idle();
      await log.close();
    },
  };
  return store as unknown as EventStore<A>;
}

function checkWarm(warm: number | false): void {
  if (warm === false || (Number.isSafeInteger(warm) && warm >= 0)) return;
  throw new InvalidArgumentError('warm', `must be a number of aggregates, or false, not ${warm}`);
}
