import { connect, type NatsConnection } from '@nats-io/transport-node';
import { startNatsCluster, startNatsServer } from '@pipit/nats-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventStore } from '../event-store.ts';
import { jetStreamStore } from '../jetstream.ts';
import { Account, deposit } from './account.fixture.ts';

const pairs = 1_000;
const atOnce = 25;

interface Ground {
  readonly urls: readonly string[];
  stop(): Promise<void>;
}

const grounds = [
  { where: 'on one server', replicas: 1, start: async (): Promise<Ground> => oneServer() },
  {
    where: 'on three replicas',
    replicas: 3,
    start: async (): Promise<Ground> => startNatsCluster({ size: 3 }),
  },
];

async function oneServer(): Promise<Ground> {
  const server = await startNatsServer();
  return { urls: [server.url], stop: () => server.stop() };
}

describe.each(grounds)('$where', ({ replicas, start }) => {
  let ground: Ground;
  const connections: NatsConnection[] = [];

  beforeAll(async () => {
    ground = await start();
  });

  afterAll(async () => {
    await Promise.all(connections.map((connection) => connection.close()));
    await ground.stop();
  });

  async function open(name: string, index: number, layout: 'aggregate' | 'event' = 'aggregate') {
    const connection = await connect({ servers: ground.urls[index % ground.urls.length] ?? '' });
    connections.push(connection);
    return jetStreamStore({
      connection,
      name,
      aggregates: [Account],
      layout,
      stream: { num_replicas: replicas },
    });
  }

  type Store = EventStore<typeof Account>;

  /** Both writers have seen the same revision; each outcome is told by the server, not by this process. */
  async function race(left: Store, right: Store, id: string, expected: number): Promise<string[]> {
    const outcomes = await Promise.allSettled(
      [left, right].map((store) => store.append(Account, id, deposit(1), { expected })),
    );
    return outcomes.map((outcome) =>
      outcome.status === 'fulfilled' ? 'won' : `${outcome.reason.code} at ${outcome.reason.actual}`,
    );
  }

  it.each(['aggregate', 'event'] as const)(
    `${pairs} races of two writers on one aggregate have exactly ${pairs} winners, in layout %s`,
    async (layout) => {
      const [left, right] = [
        await open(`race-${layout}`, 0, layout),
        await open(`race-${layout}`, 1, layout),
      ];
      const tally = new Map<string, number>();
      const count = (result: string) => tally.set(result, (tally.get(result) ?? 0) + 1);
      for (let round = 0; round < pairs / atOnce; round += 1) {
        const ids = Array.from({ length: atOnce }, (_, index) => `account-${index}`);
        const results = await Promise.all(ids.map((id) => race(left, right, id, round)));
        for (const result of results)
          count(
            result
              .toSorted()
              .join(', ')
              .replace(`at ${round + 1}`, 'at the revision of the winner'),
          );
      }
      expect(Object.fromEntries(tally)).toEqual({ 'CONFLICT at the revision of the winner, won': pairs });
      expect(await left.position()).toBe(pairs);
      for (let index = 0; index < atOnce; index += 1) {
        expect(await right.load(Account, `account-${index}`)).toMatchObject({ revision: pairs / atOnce });
      }
    },
    120_000,
  );

  it('a store always sees its own appends, whichever replica answers', async () => {
    const store = await open('own-writes', 2);
    for (let revision = 1; revision <= 300; revision += 1) {
      await store.append(Account, 'a', deposit(1));
      expect((await store.load(Account, 'a')).revision).toBe(revision);
    }
  });

  it('writers that decide on the same state never lose each other’s events', async () => {
    const stores = [await open('decide', 0), await open('decide', 1), await open('decide', 2)];
    const work = Array.from({ length: 60 }, (_, index) =>
      stores[index % 3]?.execute(Account, 'a', ({ cents }) => deposit(cents === 0 ? 1 : cents % 7), {
        retries: 1_000,
        timeout: 60_000,
      }),
    );
    await Promise.all(work);
    expect(await stores[0]?.load(Account, 'a')).toMatchObject({ revision: 60 });
  });
});
