import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { expect, onTestFinished, test } from 'vitest';
import { type ClusterOptions, type NatsCluster, startNatsCluster } from './start-nats-cluster.ts';

const patient = { timeout: 120_000 };

test('a stream with three replicas can be created at once', patient, async () => {
  const cluster = await start();
  const connection = await client(cluster);
  const { cluster: placed } = await addStream(connection);
  expect(placed?.replicas).toHaveLength(2);
  expect((await jetstream(connection).publish('facts', '1')).seq).toBe(1);
});

test('with one server killed the others go on, and it catches up after a restart', patient, async () => {
  const cluster = await start();
  const connection = await client(cluster);
  await addStream(connection);
  const [, victim] = cluster.servers;
  await victim?.kill();
  await published(connection);
  await victim?.restart();
  await cluster.ready();
  expect((await state(connection)).messages).toBeGreaterThan(0);
});

test(
  'with all servers killed, they can be restarted one after another and have everything',
  patient,
  async () => {
    const cluster = await start();
    const connection = await client(cluster);
    await addStream(connection);
    await published(connection);
    const { messages } = await state(connection);
    await Promise.all(cluster.servers.map((server) => server.kill()));
    for (const server of cluster.servers) await server.restart();
    await cluster.ready();
    await published(connection);
    expect((await state(connection)).messages).toBeGreaterThan(messages);
  },
);

test('a temporary cluster leaves nothing behind', async () => {
  const cluster = await start({ size: 2 });
  await Promise.all([cluster.stop(), cluster.stop()]);
  expect(existsSync(cluster.storeDir)).toBe(false);
});

test('a kept cluster has its streams after stop and another start', patient, async () => {
  const storeDir = await mkdtemp(join(tmpdir(), 'pipit-kept-'));
  onTestFinished(() => rm(storeDir, { recursive: true, force: true }));
  const first = await start({ storeDir });
  const connection = await client(first);
  await addStream(connection);
  await published(connection);
  const { messages } = await state(connection);
  await first.stop();
  const second = await start({ storeDir });
  expect((await state(await client(second))).messages).toBe(messages);
});

test('one server is no cluster', async () => {
  await expect(start({ size: 1 })).rejects.toMatchObject({ code: 'INVALID_SERVER_OPTION', option: 'size' });
});

async function start(options: ClusterOptions = {}): Promise<NatsCluster> {
  const cluster = await startNatsCluster(options);
  onTestFinished(() => cluster.stop());
  return cluster;
}

async function client(cluster: NatsCluster): Promise<NatsConnection> {
  const connection = await connect({
    servers: [...cluster.urls],
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
  });
  onTestFinished(() => connection.close());
  return connection;
}

async function addStream(connection: NatsConnection) {
  const manager = await jetstreamManager(connection);
  return manager.streams.add({ name: 'facts', subjects: ['facts'], num_replicas: 3 });
}

/** Publishes until it is acknowledged: a new leader takes a moment. */
async function published(connection: NatsConnection): Promise<void> {
  await eventually(() => jetstream(connection).publish('facts', 'x', { timeout: 1_000 }));
}

async function state(connection: NatsConnection) {
  return eventually(async () => (await (await jetstreamManager(connection)).streams.info('facts')).state);
}

async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
  }
}
