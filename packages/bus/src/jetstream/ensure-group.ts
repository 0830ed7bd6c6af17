import { isDeepStrictEqual } from 'node:util';
import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type PriorityPolicy,
  ReplayPolicy,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import type { StreamDifference } from '@pipit/types-registry';
import { GroupMismatchError } from '../bus-errors.ts';
import { sayTypes, typesKey, typesOf } from './group-types.ts';
import type { OpenStore } from './open-store.ts';

export interface GroupSpec {
  readonly group: string;
  /** The stream the group reads. */
  readonly stream: string;
  /** The name of the consumer. */
  readonly consumer: string;
  /** Tokens of the types of aggregates, or of the topic, that are asked for. */
  readonly types: ReadonlySet<string>;
  /** The one filter for types: two of them take the server milliseconds for each event where there are many aggregates. */
  readonly filterOf: (types: ReadonlySet<string>) => string;
  readonly from: 'start' | 'new' | number | Date;
  /** Of a group that keeps order: into how many parts its aggregates are divided. */
  readonly partitions: number | undefined;
  /** Milliseconds without a sign of life after which the server gives an event to someone else. */
  readonly lease: number;
}

/** The server's codes for "there is a consumer of that name", with other settings. */
const nameTaken = [10013, 10105, 10148];
const attempts = 10;

/**
 * Creates the group's consumer, or joins the one that is there. What it gets is widened to what is asked for and never
 * narrowed: another member of the group, of an older or newer release, may need the others.
 *
 * @returns the types that were added to a group that existed.
 * @throws GroupMismatchError, or the client's error
 */
export async function ensureGroup(store: OpenStore, spec: GroupSpec): Promise<readonly string[]> {
  const { consumers } = store.manager;
  const added = new Set<string>();
  for (let attempt = 1; ; attempt++) {
    try {
      const found = await findConsumer(store, spec.stream, spec.consumer);
      if (found === undefined) {
        await consumers.add(spec.stream, configOf(spec));
        return [];
      }
      const differences = differencesOf(spec, found);
      if (differences.length > 0) throw new GroupMismatchError(store.name, spec.group, differences);
      const types = typesOf(found);
      const missing = [...spec.types].filter((type) => !types.has(type));
      // Also after an update: another member may have written its own over it.
      if (missing.length === 0) return [...added];
      await consumers.update(spec.stream, spec.consumer, asking(spec, new Set([...types, ...missing])));
      for (const type of missing) added.add(type);
    } catch (error) {
      if (!isNameTaken(error) || attempt === attempts) throw error;
    }
  }
}

export async function findConsumer(
  { manager }: OpenStore,
  stream: string,
  consumer: string,
): Promise<ConsumerConfig | undefined> {
  try {
    return (await manager.consumers.info(stream, consumer)).config;
  } catch (error) {
    if (isMissingConsumer(error)) return undefined;
    throw error;
  }
}

export function isMissingConsumer(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === JetStreamApiCodes.ConsumerNotFound;
}

function isNameTaken(error: unknown): boolean {
  return error instanceof JetStreamApiError && nameTaken.includes(error.code);
}

/** The one priority group of an ordered group's consumer (ADR-42): whoever is pinned leads. */
export const leaderGroup = 'leader';

/** Events of an ordered group that may be in hand; more than are asked for, since those of blocked keys wait there. */
const mostInHand = 20_000;
const mostAtWork = 50_000;

/** What the bus's promises stand on. */
function promised({ lease, partitions }: GroupSpec): Partial<ConsumerConfig> {
  const settings: Partial<ConsumerConfig> = {
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(lease),
    // Until it is acknowledged.
    max_deliver: -1,
    replay_policy: ReplayPolicy.Instant,
  };
  if (partitions === undefined) return { ...settings, max_ack_pending: mostAtWork };
  return {
    ...settings,
    max_ack_pending: mostInHand,
    priority_policy: 'pinned_client' satisfies PriorityPolicy,
    priority_groups: [leaderGroup],
    // Shorter than the lease, and longer than a leader's requests stay open.
    priority_timeout: nanos(Math.max(1, Math.round(lease * 0.4))),
  };
}

/** Settings that would change what is delivered, when and to whom, or forget how far the group has come. */
const unset = ['deliver_subject', 'headers_only', 'backoff', 'inactive_threshold'] as const;

function metadataOf({ partitions }: GroupSpec): Record<string, string> {
  if (partitions === undefined) return { 'pipit-order': 'none' };
  return { 'pipit-order': 'key', 'pipit-partitions': String(partitions) };
}

function configOf(spec: GroupSpec): Partial<ConsumerConfig> {
  return {
    ...promised(spec),
    ...beginningOf(spec.from),
    durable_name: spec.consumer,
    ...asking(spec, spec.types),
  };
}

function asking(spec: GroupSpec, types: ReadonlySet<string>): Partial<ConsumerConfig> {
  return {
    filter_subjects: [spec.filterOf(types)],
    metadata: { ...metadataOf(spec), [typesKey]: sayTypes(types) },
  };
}

function beginningOf(from: GroupSpec['from']): Partial<ConsumerConfig> {
  if (from === 'start') return { deliver_policy: DeliverPolicy.All };
  if (from === 'new') return { deliver_policy: DeliverPolicy.New };
  if (typeof from === 'number') return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from };
  return { deliver_policy: DeliverPolicy.StartTime, opt_start_time: from.toISOString() };
}

function differencesOf(spec: GroupSpec, actual: ConsumerConfig): StreamDifference[] {
  const settings: [string, unknown][] = [
    ...Object.entries(promised(spec)),
    ...unset.map((setting): [string, unknown] => [setting, undefined]),
  ];
  if (spec.partitions === undefined) settings.push(['priority_groups', undefined]);
  const found = new Map<string, unknown>(Object.entries(actual));
  const metadata = Object.entries(metadataOf(spec));
  // First what users say themselves.
  return [
    ...metadata.map(([key, expected]) => ({
      setting: `metadata.${key}`,
      expected,
      actual: actual.metadata?.[key],
    })),
    ...settings.map(([setting, expected]) => ({ setting, expected, actual: found.get(setting) })),
  ].filter((difference) => !isDeepStrictEqual(difference.expected, difference.actual));
}
