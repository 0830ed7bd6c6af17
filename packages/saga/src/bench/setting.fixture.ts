import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import type { Bus } from '@pipit/bus';
import { jetStreamBus, jetStreamSchedules } from '@pipit/bus/jetstream';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import type { Aggregate, EventStore } from '@pipit/store';
import { jetStreamStore } from '@pipit/store/jetstream';
import { openOn, type Scale } from '@pipit/tooling/bench';
import { eventStoreSagas, type SagaRepository, type SagaStatus } from '../index.ts';

/** One server with file storage, and for each side a connection of its own with the same options. */
export interface SagaSetting {
  readonly scale: Scale;
  readonly bare: NatsConnection;
  readonly js: JetStreamClient;
  readonly manager: JetStreamManager;
  /** A process of its own, as far as the server knows. */
  open(name: string, aggregates: readonly Aggregate[]): Promise<OpenedSagas>;
  close(): Promise<void>;
}

export interface OpenedSagas {
  readonly store: EventStore;
  readonly repository: SagaRepository;
  /** Resolves when an instance of this repository has come to a status. */
  reached(id: string, status: SagaStatus): Promise<void>;
  close(): Promise<void>;
}

export function openSetting(scale: Scale): Promise<SagaSetting> {
  return openOn(startNatsServer, (server) => connected(server, scale));
}

async function connected(server: NatsServer, scale: Scale): Promise<SagaSetting> {
  const options = { servers: server.url, maxReconnectAttempts: -1 };
  const bare = await connect(options);
  return {
    scale,
    bare,
    js: jetstream(bare),
    manager: await jetstreamManager(bare),
    async open(name, aggregates) {
      const connection = await connect(options);
      const store = await jetStreamStore({ connection, name, aggregates });
      const bus = await jetStreamBus({ connection, store: name, aggregates });
      const schedules = await jetStreamSchedules({ connection, store: name });
      const kept = eventStoreSagas({ store, bus: bus as unknown as Bus, schedules });
      const awaited = new Map<string, () => void>();
      return {
        store: store as EventStore,
        repository: {
          ...kept,
          async append(saga, id, ...rest) {
            const stored = await kept.append(saga, id, ...rest);
            awaited.get(`${id} ${stored.state.status}`)?.();
            return stored;
          },
        },
        async reached(id, status) {
          const { promise, resolve } = Promise.withResolvers<void>();
          awaited.set(`${id} ${status}`, resolve);
          await promise;
          awaited.delete(`${id} ${status}`);
        },
        async close() {
          await bus.stop();
          schedules.close();
          await store.close();
          await connection.close();
        },
      };
    },
    async close() {
      await bare.close();
      await server.stop();
    },
  };
}
