import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { openOn, type Scale } from '@pipit/tooling/bench';
import { type EventLog, writeEvents } from './event-log.fixture.ts';

/** One server with file storage, and for each side a connection of its own with the same options. */
export interface BusSetting {
  readonly scale: Scale;
  readonly pipit: NatsConnection;
  readonly bare: NatsConnection;
  /** Another connection as those. */
  connect(): Promise<NatsConnection>;
  /** Written when the first row asks for it, and shared by all. */
  eventLog(): Promise<EventLog>;
  close(): Promise<void>;
}

export function openSetting(scale: Scale): Promise<BusSetting> {
  return openOn(startNatsServer, (server) => connected(server, scale));
}

async function connected(server: NatsServer, scale: Scale): Promise<BusSetting> {
  const another = () => connect({ servers: server.url, maxReconnectAttempts: -1 });
  const [pipit, bare] = await Promise.all([another(), another()]);
  let log: Promise<EventLog> | undefined;
  return {
    scale,
    pipit,
    bare,
    connect: another,
    eventLog() {
      log ??= writeEvents(pipit, scale);
      return log;
    },
    async close() {
      await Promise.all([pipit.close(), bare.close()]);
      await server.stop();
    },
  };
}
