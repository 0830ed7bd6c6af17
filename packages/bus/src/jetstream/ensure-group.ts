import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  ReplayPolicy,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import type { StreamDifference } from '@pipit/types-registry';
import { GroupMismatchError } from '../bus-errors.ts';
import type { OpenStore } from './open-store.ts';

export interface GroupSpec {
  readonly group: string;
  /** The name of the consumer. */
  readonly consumer: string;
  readonly filters: readonly string[];
  readonly from: 'start' | 'new';
  /** Milliseconds without a sign of life after which the server gives an event to someone else. */
  readonly lease: number;
}

/** The server's codes for "there is a consumer of that name", with other settings. */
const nameTaken = [10013, 10105, 10148];
const attempts = 10;

/**
 * Creates the group's consumer, or joins the one that is there. Its filters are widened to what is asked for and
 * never narrowed: another member of the group, of an older or newer release, may need the others.
 *
 * @returns the filters that were added to a group that existed.
 * @throws GroupMismatchError, or the client's error
 */
export async function ensureGroup(store: OpenStore, spec: GroupSpec): Promise<readonly string[]> {
  const { consumers } = store.manager;
  const added = new Set<string>();
  for (let attempt = 1; ; attempt++) {
    try {
      const found = await findConsumer(store, spec.consumer);
      if (found === undefined) {
        await consumers.add(store.name, configOf(spec));
        return [];
      }
      const differences = differencesOf(spec, found);
      if (differences.length > 0) throw new GroupMismatchError(store.name, spec.group, differences);
      const filters = filtersOf(found);
      const missing = filters.length === 0 ? [] : spec.filters.filter((filter) => !filters.includes(filter));
      // Also after an update: another member may have written its own over it.
      if (missing.length === 0) return [...added];
      await consumers.update(store.name, spec.consumer, {
        filter_subjects: [...filters, ...missing],
      });
      for (const filter of missing) added.add(filter);
    } catch (error) {
      if (!isNameTaken(error) || attempt === attempts) throw error;
    }
  }
}

export async function findConsumer(
  { manager, name }: OpenStore,
  consumer: string,
): Promise<ConsumerConfig | undefined> {
  try {
    return (await manager.consumers.info(name, consumer)).config;
  } catch (error) {
    if (isMissingConsumer(error)) return undefined;
    throw error;
  }
}

function isMissingConsumer(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === JetStreamApiCodes.ConsumerNotFound;
}

function isNameTaken(error: unknown): boolean {
  return error instanceof JetStreamApiError && nameTaken.includes(error.code);
}

/** What the bus's promises stand on. */
function promised({ lease }: GroupSpec): Partial<ConsumerConfig> {
  return {
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(lease),
    // Until it is acknowledged.
    max_deliver: -1,
    replay_policy: ReplayPolicy.Instant,
  };
}

/** Settings that would change what is delivered, when and to whom, or forget how far the group has come. */
const unset = [
  'deliver_subject',
  'headers_only',
  'backoff',
  'priority_groups',
  'inactive_threshold',
] as const;

function configOf(spec: GroupSpec): Partial<ConsumerConfig> {
  return {
    ...promised(spec),
    durable_name: spec.consumer,
    deliver_policy: spec.from === 'start' ? DeliverPolicy.All : DeliverPolicy.New,
    filter_subjects: [...spec.filters],
  };
}

function filtersOf({ filter_subject, filter_subjects }: ConsumerConfig): string[] {
  return filter_subjects ?? (filter_subject === undefined || filter_subject === '' ? [] : [filter_subject]);
}

function differencesOf(spec: GroupSpec, actual: ConsumerConfig): StreamDifference[] {
  const found = new Map<string, unknown>(Object.entries(actual));
  const expected = Object.entries(promised(spec)) as [string, unknown][];
  const wanted = [...expected, ...unset.map((setting): [string, unknown] => [setting, undefined])];
  return wanted
    .map(([setting, value]) => ({ setting, expected: value, actual: found.get(setting) }))
    .filter((difference) => difference.expected !== difference.actual);
}
