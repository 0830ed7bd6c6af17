import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  type JetStreamOptions,
  jetstreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { NatsConnectionImpl } from '@nats-io/nats-core/internal';
import {
  ConnectionError,
  type PipitError,
  requireStoreName,
  type StreamDifference,
  StreamMismatchError,
  type SubjectLayout,
  subjectLayouts,
} from '@pipit/types-registry';
import { StoreNotFoundError } from '../bus-errors.ts';
import { isDisabled } from './is-disabled.ts';
import { serverFailure } from './server-failure.ts';

/** Options of the NATS client for accounts that reach JetStream under another prefix. */
export type JetStreamPrefix = Pick<JetStreamOptions, 'apiPrefix' | 'domain'>;

/** A store's stream that exists and is Pipit's, and what is needed to talk to it. */
export interface OpenStore {
  readonly name: string;
  readonly layout: SubjectLayout;
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  /** `$JS.API`, or what a domain or an imported account makes of it. */
  readonly prefix: string;
  /** What the connection's inboxes begin with, where its permissions demand one. */
  readonly inboxPrefix: string | undefined;
}

/** @throws StoreNotFoundError, StreamMismatchError, ConnectionError, InvalidSubjectTokenError */
export async function openStore(
  connection: NatsConnection,
  name: string,
  { apiPrefix, domain }: JetStreamPrefix,
): Promise<OpenStore> {
  requireStoreName(name);
  const manager = await jetstreamManager(connection, {
    ...(apiPrefix !== undefined && { apiPrefix }),
    ...(domain !== undefined && { domain }),
    checkAPI: false,
  });
  const layout = layoutOf(name, await configOf(connection, manager, name));
  const prefix = manager.getOptions().apiPrefix ?? '$JS.API';
  const { inboxPrefix } = (connection as NatsConnectionImpl).options;
  return { name, layout, connection, manager, prefix, inboxPrefix };
}

/** The store writes its layout into the metadata; only a server that knows atomic batches echoes them. */
function layoutOf(store: string, config: StreamConfig): SubjectLayout {
  const differences: StreamDifference[] = [];
  const named = config.metadata?.['pipit-layout'];
  const layout = Object.values(subjectLayouts).find(({ name }) => name === named);
  if (layout === undefined) {
    const expected = Object.keys(subjectLayouts).join(' or ');
    differences.push({ setting: 'metadata.pipit-layout', expected, actual: named });
  }
  if (config.allow_atomic !== true) {
    differences.push({ setting: 'allow_atomic', expected: true, actual: config.allow_atomic });
  }
  if (layout === undefined || differences.length > 0) throw new StreamMismatchError(store, differences);
  return layout;
}

async function configOf(
  connection: NatsConnection,
  manager: JetStreamManager,
  store: string,
): Promise<StreamConfig> {
  try {
    return (await manager.streams.info(store)).config;
  } catch (cause) {
    if (isMissingStream(cause)) throw new StoreNotFoundError(store, cause);
    throw connectionError(connection, cause);
  }
}

/** Whether the connection is up; it may be that the server does not answer all the same. */
export function isConnected({ connection }: Pick<OpenStore, 'connection'>): boolean {
  return (connection as NatsConnectionImpl).protocol.connected;
}

export function isMissingStream(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
}

export function isMissingMessage(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === JetStreamApiCodes.NoMessageFound;
}

function connectionError(connection: NatsConnection, cause: unknown): PipitError {
  const servers = [connection.getServer()];
  if (isDisabled(cause)) {
    const advice = 'Start it with jetstream enabled (nats-server -js), and enable JetStream for the account.';
    const message = `${servers} answers, but has no JetStream. ${advice}`;
    return new ConnectionError('jetstream-disabled', servers, message, cause);
  }
  const advice =
    'Check that it is up, that this account may use it, and, in a cluster, that it has a leader.';
  return serverFailure(
    { connection, what: `JetStream of ${servers} gives no answer to work with`, advice },
    cause,
  );
}
