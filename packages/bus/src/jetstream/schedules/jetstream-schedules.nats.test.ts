import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { headers, type NatsConnection, nanos } from '@nats-io/nats-core';
import { type NatsCluster, type NatsServer, startNatsCluster, startNatsServer } from '@pipit/nats-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scheduleContract } from '../../testing/schedule-contract.ts';
import { Mail, mail } from '../../testing/topic-contract.ts';
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

  it('keeps a schedule for longer than the stream keeps events', async () => {
    // A stream cannot forget ids later than events.
    const stream = { max_age: nanos(1_000), duplicate_window: nanos(1_000) };
    const manager = await jetstreamManager(connection);
    const schedules = await jetStreamSchedules({ connection, store: 'aged' });
    const { config } = await manager.streams.info('aged_topics');
    await manager.streams.update('aged_topics', { ...config, ...stream });
    await schedules.at('early', new Date(), Mail, 'early', mail());
    await schedules.at('late', new Date(Date.now() + 4_000), Mail, 'late', mail());
    const keys = async () => (await storedMessages(connection, 'aged')).map(({ aggregate }) => aggregate.id);
    const seen = (expected: string[]) => expect.poll(keys, { timeout: 20_000 }).toEqual(expected);
    await seen(['early']);
    await seen([]);
    await seen(['late']);
    schedules.close();
  });

  it('lists more than it reads at a time, without what was fired', async () => {
    const schedules = await jetStreamSchedules({ connection, store: 'many' });
    const far = new Date(Date.now() + 3_600_000);
    const ids = Array.from({ length: 2_500 }, (_, index) => `s${index}`);
    await Promise.all(ids.map((id) => schedules.at(id, far, Mail, id, mail())));
    expect((await schedules.list()).map(({ id }) => id)).toEqual(ids);
    schedules.close();
  });

  it('lists what somebody else published to its subjects as it is, where it is a schedule', async () => {
    const schedules = await jetStreamSchedules({ connection, store: 'foreign' });
    const far = new Date(Date.now() + 3_600_000);
    await schedules.at('own', far, Mail, 'own', mail());
    const publish = async (id: string, fields: Record<string, string>) => {
      const given = headers();
      for (const [name, value] of Object.entries(fields)) given.set(name, value);
      await jetstream(connection).publish(`foreign_timers.${id}`, '{}', { headers: given });
    };
    const target = { 'Nats-Schedule-Target': 'foreign_topics.mail.y=zz' };
    await publish('x=zz', { ...target, 'Nats-Schedule': `@at ${far.toISOString()}`, 'ce-type': '%' });
    await publish('nothing', {});
    const found = await schedules.list();
    expect(found.map(({ id, topic, key, type }) => [id, topic, key, type])).toEqual([
      ['own', 'mail', 'own', expect.any(String)],
      ['x=zz', 'mail', 'y=zz', '%'],
    ]);
    expect(await schedules.get('nothing')).toBeUndefined();
    schedules.close();
  });
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
