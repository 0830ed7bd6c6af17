import type { NatsConnection } from '@nats-io/nats-core';
import { type NatsCluster, type NatsServer, startNatsCluster, startNatsServer } from '@pipit/nats-server';
import { afterAll, beforeAll, describe } from 'vitest';
import { scheduleContract } from '../../testing/schedule-contract.ts';
import { connectTo, storedMessages } from '../topics/topics.fixture.ts';
import { jetStreamSchedules } from './jetstream-schedules.ts';

let stores = 0;

function testSchedules(name: string, connection: () => NatsConnection, num_replicas: number): void {
  scheduleContract(name, async () => {
    stores += 1;
    const store = `shop-${stores}`;
    const schedules = await jetStreamSchedules({ connection: connection(), store, stream: { num_replicas } });
    return {
      schedules,
      messages: () => storedMessages(connection(), store),
      now: () => new Date(),
      pass: () => {},
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
  testSchedules('jetStreamSchedules', () => connection, 1);
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
  testSchedules('jetStreamSchedules on three replicas', () => connection, 3);
});
