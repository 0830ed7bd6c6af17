import { setTimeout as delay } from 'node:timers/promises';
import { JetStreamApiError, type StreamConfig } from '@nats-io/jetstream';
import { errors } from '@nats-io/nats-core';
import {
  ConnectionError,
  type StreamDifference,
  type SubjectLayout,
  UnsupportedServerError,
} from '@pipit/types-registry';
import { StreamRefusedError } from '../store-errors.ts';
import type { JetStreamApi } from './api.ts';
import { isNoResponders } from './no-responders.ts';
import { permissionViolation } from './permission.ts';
import { isStreamNotFound } from './stream-not-found.ts';
import { compare, configOf, differences, guaranteed, type StreamSettings } from './stream-settings.ts';

const nameInUse = 10058;
const temporarilyUnavailable = 10008;
const noSuitablePeers = 10005;
/** Milliseconds until a stream that does not answer is given up. */
const patience = 15_000;

export interface EnsuredStream {
  readonly config: StreamConfig;
  /**
   * How a stream that was there differs from the settings asked for, where nothing that Pipit promises depends on it:
   * replicas, limits, placement …
   */
  readonly drift: readonly StreamDifference[];
}

/**
 * Creates the store's stream, or checks the one that is there and leaves it as it is.
 *
 * @throws StreamRefusedError; StreamMismatchError where a promise does; UnsupportedServerError where the server did not
 * take a setting; ConnectionError where nobody answers for a while
 */
export async function ensureStream(
  api: JetStreamApi,
  store: string,
  layout: SubjectLayout,
  settings: StreamSettings,
): Promise<EnsuredStream> {
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
): Promise<EnsuredStream> {
  const found = await findStream(api, store);
  if (found !== undefined) return { config: found, drift: compare(store, layout, settings, found) };
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
    return { config, drift: [] };
  } catch (error) {
    if (!(error instanceof JetStreamApiError)) throw error;
    if (error.code !== nameInUse) throw error;
    // Another process has just created it, with settings of its own.
    const created = await findStream(api, store);
    if (created === undefined) throw error;
    return { config: created, drift: compare(store, layout, settings, created) };
  }
}

function isPassing(error: unknown): boolean {
  if (error instanceof JetStreamApiError) {
    // A server that is away for a moment: only the text tells it from a cluster that is too small.
    const isPeerAway = error.code === noSuitablePeers && error.message.includes('peer offline');
    return isPeerAway || error.code === temporarilyUnavailable;
  }
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

async function findStream({ manager }: JetStreamApi, store: string): Promise<StreamConfig | undefined> {
  try {
    return (await manager.streams.info(store)).config;
  } catch (error) {
    if (isStreamNotFound(error)) return undefined;
    throw error;
  }
}
