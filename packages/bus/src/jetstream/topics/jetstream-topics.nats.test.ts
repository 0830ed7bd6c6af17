import type { NatsConnection } from '@nats-io/nats-core';
import { type NatsCluster, type NatsServer, startNatsCluster, startNatsServer } from '@pipit/nats-server';
import { afterAll, beforeAll, describe } from 'vitest';
import { topicContract } from '../../testing/topic-contract.ts';
import { jetStreamTopics } from './jetstream-topics.ts';
import { connectTo, storedMessages } from './topics.fixture.ts';

let stores = 0;

function testTopics(name: string, connection: () => NatsConnection, num_replicas: number): void {
  topicContract(name, async () => {
    stores += 1;
    const store = `shop-${stores}`;
    const topics = await jetStreamTopics({ connection: connection(), store, stream: { num_replicas } });
    return {
      store,
      topics,
      messages: () => storedMessages(connection(), store),
      release: async () => {},
    };
  });
}

describe('one server', () => {
  let server: NatsServer;
  let connection: NatsConnection;
  beforeAll(async () => {
    server = await startNatsServer();
    connection = await connectTo(server.url);
  });
  afterAll(async () => {
    await connection.close();
    await server.stop();
  });
  testTopics('jetStreamTopics', () => connection, 1);
});

describe('three servers', () => {
  let cluster: NatsCluster;
  let connection: NatsConnection;
  beforeAll(async () => {
    cluster = await startNatsCluster();
    connection = await connectTo(cluster.urls);
  });
  afterAll(async () => {
    await connection.close();
    await cluster.stop();
  });
  testTopics('jetStreamTopics on three replicas', () => connection, 3);
});
