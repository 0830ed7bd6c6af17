import { jetstreamManager, type StreamInfo } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { startNatsCluster, startNatsServer } from '@pipit/nats-server';
import { expect, it } from 'vitest';
import { isFromLeader } from './is-from-leader.ts';

async function clusterOf(servers: string[], num_replicas: number): Promise<StreamInfo['cluster']> {
  const connection = await connect({ servers });
  try {
    const manager = await jetstreamManager(connection);
    return (await manager.streams.add({ name: 's', subjects: ['s'], num_replicas })).cluster;
  } finally {
    await connection.close();
  }
}

it('a server on its own leads', async () => {
  const server = await startNatsServer();
  const cluster = await clusterOf([server.url], 1);
  await server.stop();
  expect(isFromLeader(cluster)).toBe(true);
});

it('of three, the leader leads; an answer of another, and one without a leader, are not its own', async () => {
  const servers = await startNatsCluster();
  const cluster = await clusterOf([...servers.urls], 3);
  await servers.stop();
  if (cluster?.replicas === undefined) throw new Error('no cluster');
  expect(isFromLeader(cluster)).toBe(true);
  const { leader, ...leaderless } = cluster;
  expect(isFromLeader(leaderless as typeof cluster)).toBe(false);
  const [one, ...others] = cluster.replicas;
  const replicas = [{ ...one, name: leader }, ...others] as typeof cluster.replicas;
  expect(isFromLeader({ ...cluster, replicas })).toBe(false);
});
