import { JetStreamApiError } from '@nats-io/jetstream';
import { ConnectionError, UnsupportedServerError } from '@pipit/types-registry';
import type { JetStreamApi } from './api.ts';
import { isNoResponders } from './no-responders.ts';

/** JetStream API level of nats-server 2.12: atomic batches and schedules (ADR-44). Older servers report less or none. */
const neededLevel = 2;

/**
 * Refuses a server before anything is created on it. An old one would drop guards and settings it does not know without
 * a word, so it is judged by what it says it can do.
 *
 * @throws UnsupportedServerError, ConnectionError
 */
export async function checkServer({ connection, manager }: JetStreamApi): Promise<void> {
  const servers = [connection.getServer()];
  let level: number;
  try {
    level = (await manager.getAccountInfo()).api.level ?? 0;
  } catch (cause) {
    if (isDisabled(cause)) {
      const advice =
        'Start it with jetstream enabled (nats-server -js), and enable JetStream for the account.';
      throw new ConnectionError(
        'jetstream-disabled',
        servers,
        `${servers} answers, but has no JetStream. ${advice}`,
        cause,
      );
    }
    const advice = 'Check that it is up and, in a cluster, that it has a leader.';
    throw new ConnectionError(
      'unreachable',
      servers,
      `JetStream of ${servers} does not answer. ${advice}`,
      cause,
    );
  }
  if (level < neededLevel) {
    throw new UnsupportedServerError(connection.info?.version ?? 'of unknown version', [
      `JetStream API level ${neededLevel} (it reports ${level}): atomic batches`,
    ]);
  }
}

/**
 * Nobody on the server listens for JetStream's API, or the account may not use it (10039, 10076). The client wraps the
 * server's answer in an error of its own that is not exported.
 */
function isDisabled(error: unknown): boolean {
  if (error instanceof JetStreamApiError) return error.code === 10039 || error.code === 10076;
  if (isNoResponders(error)) return true;
  return error instanceof Error && error.cause !== undefined && isDisabled(error.cause);
}
