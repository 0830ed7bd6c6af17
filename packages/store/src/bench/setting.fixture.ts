import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { openOn, type Scale } from '@pipit/tooling/bench';
import type { EventStore } from '../index.ts';
import { jetStreamStore } from '../jetstream.ts';
import { Account } from './account.fixture.ts';
import { type LargeStream, writeLargeStream } from './large-stream.fixture.ts';

/** One server with file storage, and for each side a connection of its own with the same options. */
export interface StoreSetting {
  readonly scale: Scale;
  readonly pipit: NatsConnection;
  readonly bare: NatsConnection;
  readonly js: JetStreamClient;
  readonly manager: JetStreamManager;
  /** A fresh store, and a fresh stream with the same settings for the other side. */
  streams(): Promise<StreamPair>;
  /** Written when the first row asks for it, and shared by all. */
  largeStream(): Promise<LargeStream>;
  close(): Promise<void>;
}

export interface StreamPair {
  readonly store: EventStore<typeof Account>;
  /** The name of the other side's stream, as long as the store's. */
  readonly bareName: string;
  /** Proves that both sides have written the same to `id`, then removes both streams. */
  remove(id: string): Promise<void>;
}

export function openSetting(scale: Scale): Promise<StoreSetting> {
  return openOn(startNatsServer, (server) => connected(server, scale));
}

async function connected(server: NatsServer, scale: Scale): Promise<StoreSetting> {
  const options = { servers: server.url, maxReconnectAttempts: -1 };
  const [pipit, bare] = await Promise.all([connect(options), connect(options)]);
  const manager = await jetstreamManager(bare);
  let pairs = 0;
  let large: Promise<LargeStream> | undefined;
  return {
    scale,
    pipit,
    bare,
    js: jetstream(bare),
    manager,
    async streams() {
      pairs += 1;
      const [name, bareName] = [`pipit-${pairs}`, `plain-${pairs}`];
      const store = await jetStreamStore({ connection: pipit, name, aggregates: [Account] });
      const { config } = await manager.streams.info(name);
      await manager.streams.add({ ...config, name: bareName, subjects: [`${bareName}.*.*`] });
      return {
        store,
        bareName,
        async remove(id) {
          await requireSameMessage(manager, name, bareName, id);
          await store.close();
          await Promise.all([name, bareName].map((stream) => manager.streams.delete(stream)));
        },
      };
    },
    largeStream() {
      large ??= writeLargeStream(pipit, bare, manager, scale);
      return large;
    },
    async close() {
      await Promise.all([pipit.close(), bare.close()]);
      await server.stop();
    },
  };
}

/** Ratios mean something only where both sides send the same number of bytes under the same headers. */
async function requireSameMessage(
  manager: JetStreamManager,
  name: string,
  bareName: string,
  id: string,
): Promise<void> {
  const shapes = await Promise.all(
    [name, bareName].map(async (stream) => {
      const message = await manager.streams.getMessage(stream, { last_by_subj: `${stream}.account.${id}` });
      const fields = [...(message?.header ?? [])].map(([key, [value = '']]) => `${key} ${shapeOf(value)}`);
      return [...fields.toSorted(), `${message?.data.byteLength} bytes`].join('\n');
    }),
  );
  if (shapes[0] !== shapes[1]) throw new Error(`the sides differ:\n${shapes.join('\n\n')}`);
}

/** Sequences of two streams drift apart by a digit where sides take turns in another order. */
function shapeOf(value: string): string {
  return /^\d+$/.test(value) ? 'number' : `${value.length} characters`;
}
