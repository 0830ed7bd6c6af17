import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsCluster, startNatsCluster } from '@pipit/nats-server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { jetStreamStore } from '../../jetstream.ts';
import { Account, deposit } from '../account.fixture.ts';

let cluster: NatsCluster;
let connections: NatsConnection[];

beforeAll(async () => {
  cluster = await startNatsCluster({ size: 3 });
  connections = await Promise.all(
    cluster.urls.map((servers) => connect({ servers, maxReconnectAttempts: -1 })),
  );
}, 60_000);
afterAll(async () => {
  await Promise.all(connections.map((connection) => connection.close()));
  await cluster.stop();
});

it('is no end: reads come to the last event, and who follows is not told too early that it has caught up', async () => {
  const options = { name: 'bank', aggregates: [Account], stream: { num_replicas: 3 } };
  const [first] = connections as [NatsConnection];
  await (await jetStreamStore({ connection: first, ...options })).close();
  const answer = await first.request('$JS.API.STREAM.INFO.bank');
  const { leader } = answer.json<{ cluster: { leader: string } }>().cluster;
  const atLeader = connections.find(({ info }) => info?.server_name === leader) as NatsConnection;
  const store = await jetStreamStore({ connection: atLeader, ...options });
  const behind = cluster.servers.filter((_, index) => connections[index]?.info?.server_name !== leader)[0];
  if (behind === undefined) throw new Error('there is no follower');
  const ends: [number, number][] = [];
  for (let round = 0; round < 8; round += 1) {
    process.kill(behind.pid, 'SIGSTOP');
    let reading: Promise<[number, number][]>;
    try {
      for (let batch = 0; batch < 4; batch += 1) {
        const events = Array.from({ length: 500 }, () => deposit(1));
        await store.append(Account, `a${batch}`, events, { timeout: 30_000 });
      }
      const head = await store.position();
      const from = Math.max(1, head - 1_500);
      const { outMsgs } = atLeader.stats();
      reading = Promise.all([1, 2, 3, 4].flatMap(() => [read(from, head), follow(from, head)]));
      // Each has asked, so that the one that is behind is among those who answer.
      await expect.poll(() => atLeader.stats().outMsgs, { interval: 1 }).toBeGreaterThanOrEqual(outMsgs + 8);
    } finally {
      process.kill(behind.pid, 'SIGCONT');
    }
    ends.push(...(await reading));
  }
  for (const [end, head] of ends) expect(end).toBeGreaterThanOrEqual(head);

  async function read(fromPosition: number, head: number): Promise<[number, number]> {
    let end = 0;
    for await (const { position } of store.read({ fromPosition })) end = position;
    return [end, head];
  }

  async function follow(fromPosition: number, head: number): Promise<[number, number]> {
    for await (const { position, caughtUp } of store.follow({ fromPosition })) {
      if (caughtUp) return [position, head];
    }
    throw new Error('it ended');
  }
}, 120_000);
