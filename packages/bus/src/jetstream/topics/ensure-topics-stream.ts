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
  requireStoreName,
  type StreamDifference,
  StreamMismatchError,
  UnsupportedServerError,
} from '@pipit/types-registry';
import { InvalidTopicError, TopicStreamRefusedError } from '../../topic-errors.ts';
import { topicsStream } from '../../topic-event.ts';
import { isNoResponders } from '../is-no-responders.ts';
import type { TopicApi } from './topic-api.ts';

/** Settings of the stream that are the user's to choose; JetStream's names and units (ages in nanoseconds). */
export type TopicStreamSettings = Partial<Pick<StreamConfig, (typeof choosable)[number]>>;

const choosable = ['num_replicas', 'storage', 'placement', 'compression', 'max_age', 'description'] as const;

const kindKey = 'pipit-stream';
const kind = 'topics';
const streamNotFound = 10059;
const nameInUse = 10058;
const temporarilyUnavailable = 10008;
/** Milliseconds until a stream that does not answer is given up. */
const patience = 15_000;

/**
 * What Pipit's promises stand on; a stream without it is refused.
 *
 * Schedules lie in the stream that they fire into, because the server demands it, and a copy from a stream of their own
 * can come to a halt for most of a minute where that changes its leader. The server allows schedules only with purges,
 * roll-ups and `discard: old`, so there is no limit that would make room by dropping what is old, but for the age.
 */
function guaranteed(store: string): Partial<StreamConfig> {
  return {
    subjects: [`${topicsStream(store)}.*.*`, `${timersSubject(store)}.*`],
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_msgs: -1,
    max_bytes: -1,
    max_msgs_per_subject: -1,
    deny_delete: true,
    allow_direct: true,
    allow_msg_schedules: true,
    allow_msg_ttl: true,
  };
}

/** The root of the subjects of schedules, one for each. */
export function timersSubject(store: string): string {
  return `${store}_timers`;
}

/**
 * Creates the stream of a store's topics and schedules, or checks the one that is there and leaves it as it is.
 *
 * @returns how a stream that was there differs from the settings asked for, where no promise depends on it
 * @throws StreamMismatchError where a promise does; UnsupportedServerError where the server did not take a setting;
 * TopicStreamRefusedError, ConnectionError, InvalidSubjectTokenError (the store's name), InvalidTopicError (a setting)
 */
export async function ensureTopicsStream(
  api: TopicApi,
  store: string,
  settings: TopicStreamSettings = {},
): Promise<readonly StreamDifference[]> {
  requireStoreName(store);
  const taken = Object.keys(settings).filter((setting) => !choosable.some((name) => name === setting));
  if (taken.length > 0)
    throw new InvalidTopicError('stream', `sets ${taken.join(', ')}, which Pipit decides itself`);
  const stream = topicsStream(store);
  const deadline = Date.now() + patience;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await ensureOnce(api, store, settings);
    } catch (error) {
      // A stream that was just created may have no leader yet, and then nobody answers.
      if (!isPassing(error)) throw typed(stream, error);
      if (Date.now() >= deadline) {
        const advice = 'Check that the server is up and, in a cluster, that most of its servers are.';
        const message = `Stream ${stream} does not answer. ${advice}`;
        throw new ConnectionError('unreachable', [api.connection.getServer()], message, error);
      }
      await delay(Math.min(50 * 2 ** attempt, 1_000));
    }
  }
}

async function ensureOnce(
  { connection, manager }: TopicApi,
  store: string,
  settings: TopicStreamSettings,
): Promise<readonly StreamDifference[]> {
  const name = topicsStream(store);
  const find = async () => (await manager.streams.info(name)).config;
  try {
    return compare(store, settings, await find());
  } catch (error) {
    if (!isApiError(error, streamNotFound)) throw error;
  }
  const isComplete = settings.num_replicas !== undefined && settings.storage !== undefined;
  const defaults = isComplete ? {} : await likeStore(manager, store);
  const wanted = { ...defaults, ...settings, ...guaranteed(store), name, metadata: { [kindKey]: kind } };
  try {
    const { config } = await manager.streams.add(wanted as StreamConfig);
    const ignored = differences(guaranteed(store), config).map(({ setting }) => `stream setting ${setting}`);
    if (ignored.length === 0) return [];
    throw new UnsupportedServerError(connection.info?.version ?? 'of unknown version', ignored);
  } catch (error) {
    if (!isApiError(error, nameInUse)) throw error;
    // Another process has just created it, with settings of its own.
    return compare(store, settings, await find());
  }
}

/** As the store's own stream, where there is one. */
async function likeStore(manager: TopicApi['manager'], store: string): Promise<Partial<StreamConfig>> {
  try {
    const { storage, num_replicas } = (await manager.streams.info(store)).config;
    return { storage, num_replicas };
  } catch (error) {
    if (!isApiError(error, streamNotFound)) throw error;
    return { storage: StorageType.File, num_replicas: 1 };
  }
}

function compare(store: string, settings: TopicStreamSettings, actual: StreamConfig): StreamDifference[] {
  const serious = differences(guaranteed(store), actual);
  const found = actual.metadata?.[kindKey];
  if (found !== kind) serious.push({ setting: `metadata.${kindKey}`, expected: kind, actual: found });
  if (serious.length > 0) throw new StreamMismatchError(topicsStream(store), serious);
  return differences(settings, actual);
}

function differences(expected: Partial<StreamConfig>, actual: StreamConfig): StreamDifference[] {
  const found = new Map<string, unknown>(Object.entries(actual));
  return Object.entries(expected)
    .map(([setting, value]) => ({ setting, expected: value as unknown, actual: found.get(setting) }))
    .filter((difference) => !isDeepStrictEqual(difference.expected, difference.actual));
}

function isApiError(error: unknown, code: number): boolean {
  return error instanceof JetStreamApiError && error.code === code;
}

function isPassing(error: unknown): boolean {
  if (error instanceof JetStreamApiError) return error.code === temporarilyUnavailable;
  return error instanceof errors.TimeoutError || isNoResponders(error);
}

function typed(stream: string, error: unknown): unknown {
  if (error instanceof JetStreamApiError)
    return new TopicStreamRefusedError(stream, error.code, error.message, error);
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof errors.PermissionViolationError)
      return new TopicStreamRefusedError(stream, 403, cause.message, error);
  }
  return error;
}
