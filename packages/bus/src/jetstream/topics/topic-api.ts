import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { NatsConnectionImpl } from '@nats-io/nats-core/internal';
import { ConnectionError, UnsupportedServerError } from '@pipit/types-registry';
import { isDisabled } from '../is-disabled.ts';
import type { JetStreamPrefix } from '../open-store.ts';

/** What the streams of topics are managed and read with. */
export interface TopicApi {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  /** `$JS.API`, or what a domain or an imported account makes of it. */
  readonly prefix: string;
  readonly inboxPrefix: string | undefined;
}

/** JetStream API level of nats-server 2.12, which brought schedules (ADR-44, ADR-51). Older ones report less or none. */
const neededLevel = 2;

/**
 * Refuses a server before anything is created on it: an old one drops settings that it does not know without a word.
 *
 * @throws UnsupportedServerError, ConnectionError
 */
export async function openTopicApi(
  connection: NatsConnection,
  { apiPrefix, domain }: JetStreamPrefix,
): Promise<TopicApi> {
  const manager = await jetstreamManager(connection, {
    ...(apiPrefix !== undefined && { apiPrefix }),
    ...(domain !== undefined && { domain }),
    checkAPI: false,
    // What is lost is asked for again, and sooner than the client by itself would give it up.
    timeout: 2_500,
  });
  const level = await apiLevel(connection, manager);
  if (level < neededLevel) {
    throw new UnsupportedServerError(connection.info?.version ?? 'of unknown version', [
      `JetStream API level ${neededLevel} (it reports ${level}): message schedules`,
    ]);
  }
  const prefix = manager.getOptions().apiPrefix ?? '$JS.API';
  return { connection, manager, prefix, inboxPrefix: (connection as NatsConnectionImpl).options.inboxPrefix };
}

async function apiLevel(connection: NatsConnection, manager: JetStreamManager): Promise<number> {
  try {
    return (await manager.getAccountInfo()).api.level ?? 0;
  } catch (cause) {
    const servers = [connection.getServer()];
    const disabled = isDisabled(cause);
    const message = disabled
      ? `${servers} answers, but has no JetStream. Start it with jetstream enabled (nats-server -js), and enable ` +
        'JetStream for the account.'
      : `JetStream of ${servers} does not answer. Check that it is up and, in a cluster, that it has a leader.`;
    throw new ConnectionError(disabled ? 'jetstream-disabled' : 'unreachable', servers, message, cause);
  }
}
