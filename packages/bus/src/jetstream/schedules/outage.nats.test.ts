import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { startNatsCluster, startNatsServer } from '@pipit/nats-server';
import { afterEach, describe, expect, it } from 'vitest';
import type { Schedules } from '../../schedules.ts';
import { Mail, mail, topicEvents } from '../../testing/topic-contract.ts';
import { connectTo, storedMessages } from '../topics/topics.fixture.ts';
import { jetStreamSchedules } from './jetstream-schedules.ts';

let connection: NatsConnection;
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function open(urls: string | readonly string[], num_replicas: number): Promise<Schedules> {
  connection = await connectTo(urls);
  ends.push(() => connection.close());
  return jetStreamSchedules({ connection, store: 'shop', stream: { num_replicas } });
}

const keysFired = async () => {
  const events = await topicEvents({ messages: () => storedMessages(connection, 'shop') });
  return events.map(({ key }) => key).toSorted();
};

/** A server that is away has fired nothing that can be seen. */
async function untilFired(count: number) {
  const many = () =>
    keysFired().then(
      ({ length }) => length,
      () => 0,
    );
  await expect.poll(many, { timeout: 30_000, interval: 50 }).toBeGreaterThanOrEqual(count);
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `k${100 + index}`);

async function setSome(schedules: Schedules, keys: readonly string[], when: (index: number) => Date) {
  await Promise.all(keys.map((key, index) => schedules.at(key, when(index), Mail, key, mail())));
}

describe('a server that is killed and comes back', () => {
  it('fires what came due in between and what comes due after, each once', async () => {
    const server = await startNatsServer();
    ends.push(() => server.stop());
    const schedules = await open(server.url, 1);
    const start = Date.now() + 400;
    const keys = names(100);
    await setSome(schedules, keys, (index) => new Date(start + 40 * index));
    await schedules.at('far', new Date(Date.now() + 3_600_000), Mail, 'far', mail());
    await untilFired(5);
    await server.kill();
    await server.restart();
    await untilFired(keys.length);
    expect(await keysFired()).toEqual(keys);
    expect(await schedules.list()).toMatchObject([{ id: 'far' }]);
    // What is set after has its turn after all that might come twice.
    await schedules.at('last', new Date(), Mail, 'last', mail());
    await untilFired(keys.length + 1);
    expect(await keysFired()).toEqual([...keys, 'last']);
  }, 90_000);

  it('is waited for by what sets, reads and cancels', async () => {
    const server = await startNatsServer();
    ends.push(() => server.stop());
    const schedules = await open(server.url, 1);
    await schedules.every('beat', 3_600_000, Mail, 'ada', mail());
    await server.kill();
    const far = new Date(Date.now() + 3_600_000);
    const asked = [
      schedules.at('far', far, Mail, 'ada', mail(), { timeout: 30_000 }),
      schedules.get('beat'),
      schedules.list(),
    ] as const;
    await server.restart();
    const [, beat, list] = await Promise.all(asked);
    expect(beat).toMatchObject({ id: 'beat' });
    expect(list[0]).toMatchObject({ id: 'beat' });
    expect(await schedules.cancel('beat')).toBe(true);
    expect(await schedules.list()).toMatchObject([{ id: 'far' }]);
  }, 90_000);

  it('gives up on a server that stays away, and says that nothing was set', async () => {
    const server = await startNatsServer();
    ends.push(() => server.stop());
    const schedules = await open(server.url, 1);
    await server.kill();
    const set = () => schedules.at('far', new Date(), Mail, 'ada', mail(), { timeout: 300 });
    await expect(set()).rejects.toThrow();
    await expect(set()).rejects.toMatchObject({ code: 'TIMEOUT' });
  }, 60_000);
});

describe('three replicas whose leader is killed', () => {
  it('go on firing, each once', async () => {
    const cluster = await startNatsCluster();
    ends.push(() => cluster.stop());
    const schedules = await open(cluster.urls, 3);
    const start = Date.now() + 1_000;
    const keys = names(40);
    await setSome(schedules, keys, (index) => new Date(start + 100 * index));
    await schedules.every('beat', 1_000, Mail, 'beat', mail());
    const manager = await jetstreamManager(connection);
    const { cluster: group } = await manager.streams.info('shop_topics');
    await cluster.servers[Number(group?.leader?.replace(/\D/g, '')) - 1]?.kill();
    const fired = async () => (await keysFired()).filter((key) => key !== 'beat');
    await expect.poll(() => fired().catch(() => []), { timeout: 30_000, interval: 100 }).toEqual(keys);
    const events = await topicEvents({ messages: () => storedMessages(connection, 'shop') });
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  }, 120_000);
});
