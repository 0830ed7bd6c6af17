import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import {
  DiscardPolicy,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { errors } from '@nats-io/nats-core';
import {
  ConnectionError,
  type StreamDifference,
  StreamMismatchError,
  type SubjectLayout,
  UnsupportedServerError,
} from '@pipit/types-registry';
import { InvalidArgumentError } from '../invalid-argument.ts';
import { StreamRefusedError } from '../store-errors.ts';
import type { JetStreamApi } from './api.ts';
import { isNoResponders } from './no-responders.ts';
import { permissionViolation } from './permission.ts';

/** Settings of the stream that are the user's to choose; JetStream's names and units (ages in nanoseconds). */
export type StreamSettings = Partial<Omit<StreamConfig, (typeof reserved)[number]>>;

/** Settings that are not the user's: the guarantees, and what would take events away or put others in. */
const reserved = [
  'name',
  'subjects',
  'retention',
  'discard',
  'discard_new_per_subject',
  'max_msgs_per_subject',
  'deny_delete',
  'deny_purge',
  'allow_direct',
  'allow_atomic',
  'allow_rollup_hdrs',
  'allow_msg_schedules',
  'no_ack',
  'sealed',
  'mirror',
  'sources',
  'subject_transform',
] as const satisfies readonly (keyof StreamConfig)[];

const layoutKey = 'pipit-layout';
const streamNotFound = 10059;
const nameInUse = 10058;
const temporarilyUnavailable = 10008;
/** Milliseconds until a stream that does not answer is given up. */
const patience = 15_000;

/** What Pipit's guarantees stand on, whatever the layout; a stream without it is refused. */
const guarantees = {
  retention: RetentionPolicy.Limits,
  // With a limit set, a full store refuses events instead of dropping its oldest.
  discard: DiscardPolicy.New,
  max_msgs_per_subject: -1,
  deny_delete: true,
  deny_purge: true,
  allow_direct: true,
  allow_atomic: true,
} as const satisfies Partial<StreamConfig>;

function guaranteed(store: string, layout: SubjectLayout): Partial<StreamConfig> {
  return { subjects: [layout.streamSubject(store)], ...guarantees };
}

/**
 * Creates the store's stream, or checks the one that is there and leaves it as it is.
 *
 * @returns how a stream that was there differs from the settings asked for, where nothing that Pipit promises depends
 * on it: replicas, limits, placement …
 * @throws StreamRefusedError; StreamMismatchError where a promise does; UnsupportedServerError where the server did not
 * take a setting; ConnectionError where nobody answers for a while
 */
export async function ensureStream(
  api: JetStreamApi,
  store: string,
  layout: SubjectLayout,
  settings: StreamSettings,
): Promise<readonly StreamDifference[]> {
  const deadline = Date.now() + patience;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await ensureOnce(api, store, layout, settings);
    } catch (error) {
      // A stream that was just created may have no leader yet, and then nobody answers.
      if (!isPassing(error)) throw typed(store, error);
      if (Date.now() >= deadline) throw silent(api, store, error);
      await delay(Math.min(50 * 2 ** attempt, 1_000));
    }
  }
}

async function ensureOnce(
  api: JetStreamApi,
  store: string,
  layout: SubjectLayout,
  settings: StreamSettings,
): Promise<readonly StreamDifference[]> {
  const found = await findStream(api, store);
  if (found !== undefined) return compare(store, layout, settings, found);
  try {
    const { config } = await api.manager.streams.add(configOf(store, layout, settings) as StreamConfig);
    const ignored = differences(guaranteed(store, layout), config);
    if (ignored.length > 0) {
      const { version = 'of unknown version' } = api.connection.info ?? {};
      throw new UnsupportedServerError(
        version,
        ignored.map(({ setting }) => `stream setting ${setting}`),
      );
    }
    return [];
  } catch (error) {
    if (!(error instanceof JetStreamApiError)) throw error;
    if (error.code !== nameInUse) throw error;
    // Another process has just created it, with settings of its own.
    const created = await findStream(api, store);
    if (created === undefined) throw error;
    return compare(store, layout, settings, created);
  }
}

function isPassing(error: unknown): boolean {
  if (error instanceof JetStreamApiError) return error.code === temporarilyUnavailable;
  return error instanceof errors.TimeoutError || isNoResponders(error);
}

function typed(store: string, error: unknown): unknown {
  if (error instanceof JetStreamApiError)
    return new StreamRefusedError(store, error.code, error.message, error);
  const forbidden = permissionViolation(error);
  return forbidden === undefined ? error : new StreamRefusedError(store, 403, forbidden.message, error);
}

function silent({ connection }: JetStreamApi, store: string, cause: unknown): ConnectionError {
  const servers = [connection.getServer()];
  const advice = 'Check that the server is up and, in a cluster, that most of its servers are.';
  return new ConnectionError('unreachable', servers, `Stream ${store} does not answer. ${advice}`, cause);
}

/** @throws InvalidArgumentError for settings that are Pipit's to choose, however they got past the compiler */
export function checkSettings(settings: StreamSettings): void {
  const taken = reserved.filter((setting) => Object.hasOwn(settings, setting));
  if (taken.length > 0)
    throw new InvalidArgumentError('stream', `sets ${taken.join(', ')}, which the store decides itself`);
}

function configOf(store: string, layout: SubjectLayout, settings: StreamSettings): Partial<StreamConfig> {
  const metadata = { ...settings.metadata, [layoutKey]: layout.name };
  return {
    storage: StorageType.File,
    num_replicas: 1,
    ...settings,
    ...guaranteed(store, layout),
    name: store,
    metadata,
  };
}

async function findStream({ manager }: JetStreamApi, store: string): Promise<StreamConfig | undefined> {
  try {
    return (await manager.streams.info(store)).config;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === streamNotFound) return undefined;
    throw error;
  }
}

function compare(
  store: string,
  layout: SubjectLayout,
  settings: StreamSettings,
  actual: StreamConfig,
): StreamDifference[] {
  const serious = differences(guaranteed(store, layout), actual);
  const kept = actual.metadata?.[layoutKey];
  if (kept !== layout.name)
    serious.push({ setting: `metadata.${layoutKey}`, expected: layout.name, actual: kept });
  if (serious.length > 0) throw new StreamMismatchError(store, serious);
  const { metadata, ...plain } = settings;
  const wanted = Object.entries(metadata ?? {}).filter(([key, value]) => actual.metadata?.[key] !== value);
  return [
    ...differences(plain, actual),
    ...wanted.map(([key, value]) => ({
      setting: `metadata.${key}`,
      expected: value,
      actual: actual.metadata?.[key],
    })),
  ];
}

function differences(expected: Partial<StreamConfig>, actual: StreamConfig): StreamDifference[] {
  const found = new Map<string, unknown>(Object.entries(actual));
  return Object.entries(expected)
    .map(([setting, value]) => ({ setting, expected: value as unknown, actual: found.get(setting) }))
    .filter((difference) => !isDeepStrictEqual(difference.expected, difference.actual));
}
