import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import type { EventStore } from '@pipit/store';
import { openOn, type Scale } from '@pipit/tooling/bench';
import { type Account, writeDeposits } from './deposits.fixture.ts';

/** One server with file storage, and for each side a connection of its own with the same options. */
export interface ProjectionSetting {
  readonly scale: Scale;
  /** Where the server is. */
  readonly servers: string;
  readonly pipit: NatsConnection;
  readonly bare: NatsConnection;
  readonly js: JetStreamClient;
  readonly manager: JetStreamManager;
  /** A store with so many deposits, written when the first row asks for it. */
  deposits(events: number): Promise<EventStore<typeof Account>>;
  close(): Promise<void>;
}

export function openSetting(scale: Scale): Promise<ProjectionSetting> {
  return openOn(startNatsServer, (server) => connected(server, scale));
}

async function connected(server: NatsServer, scale: Scale): Promise<ProjectionSetting> {
  const options = { servers: server.url, maxReconnectAttempts: -1 };
  const [pipit, bare] = await Promise.all([connect(options), connect(options)]);
  const manager = await jetstreamManager(bare);
  const written = new Map<number, Promise<EventStore<typeof Account>>>();

  return {
    scale,
    servers: server.url,
    pipit,
    bare,
    js: jetstream(bare),
    manager,
    deposits(events) {
      const store = written.get(events) ?? writeDeposits(pipit, manager, events, scale.progress);
      written.set(events, store);
      return store;
    },
    async close() {
      for (const store of written.values()) await (await store).close();
      await Promise.all([pipit.close(), bare.close()]);
      await server.stop();
    },
  };
}
