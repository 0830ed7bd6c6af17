import { connect, type NatsConnection } from '@nats-io/transport-node';
import { startNatsCluster } from '@pipit/nats-server';
import { afterEach, expect, it } from 'vitest';
import { jetStreamStore } from '../../jetstream.ts';
import { Account, deposit } from '../account.fixture.ts';

const cleanUp: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const release of cleanUp.splice(0).toReversed()) await release();
});

async function open(servers: string | readonly string[]): Promise<NatsConnection> {
  const connection = await connect({ servers: [servers].flat(), maxReconnectAttempts: -1 });
  cleanUp.push(() => connection.close());
  return connection;
}

const openStore = (connection: NatsConnection) =>
  jetStreamStore({ connection, name: 'bank', aggregates: [Account], stream: { num_replicas: 3 } });

it('an append is never called unwritten while the cluster may still store it', async () => {
  const cluster = await startNatsCluster({ size: 3 });
  cleanUp.push(() => cluster.stop());
  const connections = await Promise.all(cluster.urls.map(open));
  const [first] = connections as [NatsConnection];
  await openStore(first);
  const answer = await first.request('$JS.API.STREAM.INFO.bank');
  const { leader } = answer.json<{ cluster: { leader: string } }>().cluster;
  const atLeader = connections.find(({ info }) => info?.server_name === leader) as NatsConnection;
  const followers = cluster.servers.filter((_, index) => connections[index] !== atLeader);
  const store = await openStore(atLeader);
  await store.append(Account, 'a', deposit(1));

  const refused = refusals(atLeader);
  for (const { pid } of followers) process.kill(pid, 'SIGSTOP');
  const appends = [
    store.append(Account, 'a', deposit(2), { timeout: 30_000 }),
    store.append(Account, 'b', deposit(2), { timeout: 30_000, expected: 'none' }),
    store.append(Account, 'c', [deposit(2), deposit(3)], { timeout: 30_000 }),
  ];
  const settled = Promise.allSettled(appends);
  // The first try of each gets no answer, a second one is refused, because the first is still under way.
  try {
    await expect.poll(() => [...refused].toSorted(), { timeout: 20_000 }).toEqual(['a', 'b', 'c']);
  } finally {
    for (const { pid } of followers) process.kill(pid, 'SIGCONT');
  }
  const outcomes = (await settled).map((outcome) =>
    outcome.status === 'fulfilled' ? outcome.value.revision : outcome.reason,
  );
  expect(outcomes).toEqual([2, 1, 2]);
  expect(await store.position()).toBe(5);
}, 120_000);

/** The accounts to which appends were refused, as they travel past the connection. */
function refusals(connection: NatsConnection): ReadonlySet<string> {
  const refused = new Set<string>();
  const accounts = new Map<string, string>();
  connection.subscribe('bank.account.*', {
    callback: (_, { subject, reply = '' }) => {
      accounts.set(reply, subject.split('.')[2] ?? '');
    },
  });
  connection.subscribe('_INBOX.>', {
    callback: (_, message) => {
      const account = accounts.get(message.subject);
      if (account !== undefined && message.string().includes('"error"')) refused.add(account);
    },
  });
  return refused;
}
