import {
  type JetStreamManager,
  type JetStreamOptions,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { NatsConnectionImpl } from '@nats-io/nats-core/internal';
import { ConnectionError } from '@pipit/types-registry';

/** What every part of the store needs of JetStream. */
export interface JetStreamApi {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  readonly client: ReturnType<typeof jetstream>;
  /** `$JS.API`, or what a domain or an imported account makes of it. */
  readonly prefix: string;
  /** What the connection's inboxes begin with, where its permissions demand one. */
  readonly inboxPrefix: string | undefined;
}

/** Options of the NATS client for accounts that reach JetStream under another prefix. */
export type JetStreamPrefix = Pick<JetStreamOptions, 'apiPrefix' | 'domain'>;

/** @throws ConnectionError with reason `jetstream-disabled` or `unreachable` */
export async function openApi(
  connection: NatsConnection,
  { apiPrefix, domain }: JetStreamPrefix,
): Promise<JetStreamApi> {
  if (connection.isClosed()) throw closedConnection({ connection });
  const options = { ...(apiPrefix !== undefined && { apiPrefix }), ...(domain !== undefined && { domain }) };
  // What is lost is asked for again, and sooner than the client by itself would give it up.
  const manager = await jetstreamManager(connection, { ...options, checkAPI: false, timeout: 2_500 });
  const prefix = manager.getOptions().apiPrefix ?? '$JS.API';
  const { inboxPrefix } = (connection as NatsConnectionImpl).options;
  return { connection, manager, client: jetstream(connection, options), prefix, inboxPrefix };
}

export function closedConnection(
  { connection }: Pick<JetStreamApi, 'connection'>,
  cause?: unknown,
): ConnectionError {
  return new ConnectionError(
    'unreachable',
    [connection.getServer()],
    'The NATS connection is closed. Open a new one; where it should outlive an outage, connect with maxReconnectAttempts: -1.',
    cause,
  );
}
