import {
  type AggregateRef,
  type Catalog,
  defineRegistry,
  defineState,
  type Logger,
  type StateDefinition,
} from '@pipit/types-registry';
import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import type { Aggregate } from '../aggregate.ts';
import { orAborted } from '../or-aborted.ts';
import { type KnownState, readSnapshot, writeSnapshot } from './snapshot-format.ts';
import type { SnapshotStore } from './snapshot-store.ts';

/** Snapshots that are written at the same time. */
const writersAtOnce = 2;
/** About 100 bytes each. */
const rememberedRevisions = 10_000;
/** Makes any policy take another one. */
const mustBeReplaced = Number.NEGATIVE_INFINITY;
/** A load of few events was slow for another reason than their number. */
const fewestEvents = 10;

export interface Snapshots {
  /**
   * The newest snapshot that can be read, where the aggregate's type has any.
   *
   * @throws the signal's reason once it aborts
   */
  find(aggregate: Aggregate, ref: AggregateRef, signal?: AbortSignal): Promise<KnownState | undefined>;
  /** Has one taken in the background, if the policy of the aggregate's type says so. */
  consider(aggregate: Aggregate, ref: AggregateRef, state: KnownState, work: LoadWork): void;
  /** What `find` gave is of no use, and has to be replaced. */
  reject(aggregate: Aggregate, ref: AggregateRef, reason: UselessSnapshot): void;
  /** Which snapshots there are is not known any more. */
  forget(): void;
  /** Resolves when no snapshot is being taken any more. */
  idle(): Promise<void>;
}

/** Why a snapshot that could be read is of no use. */
export interface UselessSnapshot {
  /** As in `a snapshot … is not of this stream`. */
  readonly is: string;
  readonly err?: unknown;
}

/** What it took to get at a state. */
export interface LoadWork {
  readonly events: number;
  readonly milliseconds: number;
}

export function openSnapshots(
  store: string,
  kept: SnapshotStore,
  aggregates: readonly Aggregate[],
  logger: Logger,
): Snapshots {
  const catalogs = new Map(aggregates.map((aggregate) => [aggregate.type, catalogOf(aggregate)]));
  const limit = pLimit(writersAtOnce);
  const running = new Map<string, Promise<void>>();
  /** Types of which a state could not be written: said once. */
  const told = new Set<string>();
  /** The revisions of the snapshots that are there, as far as this process knows. */
  const revisions = new LRUCache<string, number>({ max: rememberedRevisions });

  function warn(ref: AggregateRef, err: unknown, message: string): void {
    logger.warn({ store, aggregate: ref, err }, message);
  }

  async function take(aggregate: Aggregate, ref: AggregateRef, state: KnownState): Promise<void> {
    const version = aggregate.snapshot?.version ?? 1;
    let bytes: Uint8Array;
    try {
      bytes = writeSnapshot(catalogs.get(aggregate.type) as Catalog<StateDefinition>, state);
    } catch (error) {
      // Another aggregate's state may be fine, and so may this one's after some more events.
      revisions.set(keyOf(ref), state.revision);
      if (told.has(aggregate.type)) return;
      told.add(aggregate.type);
      const message = `No snapshot of ${aggregate.type} is taken where its state cannot be written; this is said once`;
      warn(ref, error, message);
      return;
    }
    try {
      await kept.save({ aggregate: ref, version }, bytes);
      revisions.set(keyOf(ref), state.revision);
    } catch (error) {
      // What could not be read either has been told of already.
      if (revisions.get(keyOf(ref)) === mustBeReplaced) return;
      warn(ref, error, `A snapshot of ${aggregate.type} could not be saved; loads go on without it`);
    }
  }

  return {
    async find(aggregate, ref, signal) {
      const { snapshot, type } = aggregate;
      if (snapshot === undefined) return undefined;
      const key = { aggregate: ref, version: snapshot.version };
      try {
        const bytes = await orAborted(kept.load(key), signal);
        if (bytes === undefined) {
          revisions.delete(keyOf(ref));
          return undefined;
        }
        const found = readSnapshot(catalogs.get(type) as Catalog<StateDefinition>, bytes);
        revisions.set(keyOf(ref), found.revision);
        return found;
      } catch (error) {
        signal?.throwIfAborted();
        revisions.set(keyOf(ref), mustBeReplaced);
        warn(ref, error, `A snapshot of ${type} cannot be read; all events are read instead`);
        return undefined;
      }
    },
    reject(aggregate, ref, { is, err }) {
      if (aggregate.snapshot === undefined) return;
      revisions.set(keyOf(ref), mustBeReplaced);
      warn(ref, err, `A snapshot of ${aggregate.type} ${is}; all events are read instead`);
    },
    consider(aggregate, ref, state, { events, milliseconds }) {
      const { snapshot } = aggregate;
      if (snapshot === undefined) return;
      const { every = 100, slowerThan = 100 } = snapshot;
      const key = keyOf(ref);
      const due = state.revision - (revisions.get(key) ?? 0) >= every;
      const slow = milliseconds > slowerThan && events >= fewestEvents;
      if (!(due || slow) || running.has(key)) return;
      // Later, so that whoever waits for the load or the append does not wait for this.
      const taken = limit(() => take(aggregate, ref, state)).finally(() => running.delete(key));
      running.set(key, taken);
    },
    forget: () => revisions.clear(),
    async idle() {
      await Promise.all(running.values());
    },
  };
}

function keyOf({ type, id }: AggregateRef): string {
  return JSON.stringify([type, id]);
}

function catalogOf({ type, snapshot }: Aggregate): Catalog<StateDefinition> {
  const definition = snapshot?.state ?? defineState(type, anything);
  return defineRegistry({ states: [definition] }).states as Catalog<StateDefinition>;
}

/** Where the user gives no schema: that a state comes back as it was is proved when it is written. */
const anything = {
  '~standard': { version: 1 as const, vendor: 'pipit', validate: (value: unknown) => ({ value }) },
};
