import type { NatsConnection } from '@nats-io/nats-core';
import type { Logger } from 'pino';
import { within } from '../lifecycle/within.ts';

/** Follows a connection's state and logs its changes, until it is closed. */
export interface ConnectionWatch {
  readonly connected: boolean;
}

export function watchConnection(connection: NatsConnection, logger: Logger): ConnectionWatch {
  let connected = true;

  async function follow(): Promise<void> {
    for await (const status of connection.status()) {
      switch (status.type) {
        case 'disconnect':
          connected = false;
          logger.warn({ server: status.server }, 'lost the connection to NATS, trying to get it back');
          break;
        case 'reconnect':
          connected = true;
          logger.info({ server: status.server }, 'connected to NATS again');
          break;
        case 'ldm':
          logger.info({ server: status.server }, 'the NATS server is about to go');
          break;
        case 'staleConnection':
          logger.warn('the NATS server no longer answers pings');
          break;
        case 'slowConsumer':
          logger.warn({ pending: status.pending }, 'a subscription is slower than what arrives');
          break;
        case 'error':
          logger.error({ err: status.error }, 'the NATS server reports an error');
          break;
      }
    }
    connected = false;
    const err = await connection.closed();
    if (err instanceof Error) logger.error({ err }, 'the connection to NATS is closed for good');
  }

  void follow();
  return {
    get connected() {
      return connected && !connection.isClosed();
    },
  };
}

/** A server may be frozen, or the way to it cut, long before the client notices. @throws Error saying which */
export async function requireAnswer(connection: NatsConnection, watch: ConnectionWatch): Promise<void> {
  if (!watch.connected) throw new Error('the connection to NATS is lost');
  await connection.rtt();
}

/**
 * Sends what is still to be sent, acknowledgements above all, as far as the server is there, and closes. An
 * acknowledgement that does not get there means a repeated delivery, so it is no reason to fail.
 */
export async function closeConnection(
  connection: NatsConnection,
  watch: ConnectionWatch,
  logger: Logger,
): Promise<void> {
  if (watch.connected) {
    const limit = { timeout: 1_000, operation: 'Flushing the connection', advice: '' };
    await within(limit, () => connection.flush()).catch((err: unknown) => {
      logger.warn(
        { server: connection.getServer(), err },
        'the last acknowledgements may not have arrived, which means repeated events',
      );
    });
  }
  await connection.close();
}
