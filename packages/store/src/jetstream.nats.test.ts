import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsCluster, type NatsServer, startNatsCluster, startNatsServer } from '@pipit/nats-server';
import { afterAll, beforeAll, describe } from 'vitest';
import { type JetStreamStoreOptions, jetStreamStore } from './jetstream.ts';
import { testEventStore } from './testing.ts';

let stores = 0;

function testJetStreamStore(
  name: string,
  connection: () => NatsConnection,
  settings: Pick<JetStreamStoreOptions, 'layout' | 'stream'>,
): void {
  testEventStore(name, async (options) => {
    stores += 1;
    const open = () =>
      jetStreamStore({ connection: connection(), name: `bank-${stores}`, ...settings, ...options });
    const store = await open();
    return { store, another: open };
  });
}

describe('one server', () => {
  let server: NatsServer;
  let connection: NatsConnection;

  beforeAll(async () => {
    server = await startNatsServer();
    connection = await connect({ servers: server.url });
  });

  afterAll(async () => {
    await connection.close();
    await server.stop();
  });

  testJetStreamStore('jetStreamStore in layout aggregate', () => connection, { layout: 'aggregate' });
  testJetStreamStore('jetStreamStore in layout event', () => connection, { layout: 'event' });
});

describe('three servers', () => {
  let cluster: NatsCluster;
  let connection: NatsConnection;

  beforeAll(async () => {
    cluster = await startNatsCluster({ size: 3 });
    connection = await connect({ servers: [...cluster.urls] });
  });

  afterAll(async () => {
    await connection.close();
    await cluster.stop();
  });

  testJetStreamStore('jetStreamStore on three replicas', () => connection, { stream: { num_replicas: 3 } });
});
