import { connect } from '@nats-io/transport-node';
import { startNatsCluster, startNatsServer } from '@pipit/nats-server';
import { afterEach, expect, it } from 'vitest';
import type { EventStore } from '../event-store.ts';
import { jetStreamStore } from '../jetstream.ts';
import { ConflictError } from '../store-errors.ts';
import { Account, deposit } from './account.fixture.ts';
import { startProxy } from './proxy.fixture.ts';

const cleanUp: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const release of cleanUp.splice(0).toReversed()) await release();
});

type Store = EventStore<typeof Account>;

async function open(
  url: string,
  replicas = 1,
): Promise<{ store: Store; request: (subject: string) => Promise<unknown> }> {
  const connection = await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 20 });
  cleanUp.push(() => connection.close());
  const store = await jetStreamStore({
    connection,
    name: 'bank',
    aggregates: [Account],
    stream: { num_replicas: replicas },
  });
  return { store, request: (subject) => connection.request(subject, '', { timeout: 5_000 }) };
}

/** Writers with an aggregate of their own, single events and batches in turn; every answer must be the truth. */
async function writeOwn(store: Store, writers: number, each: number, onReported: () => void): Promise<void> {
  const write = async (writer: number) => {
    for (let round = 0; round < each; round += 1) {
      const events = round % 5 === 4 ? [deposit(round), deposit(round), deposit(round)] : deposit(round);
      const { revision } = await store.append(Account, `own-${writer}`, events, {
        expected: revisionAfter(round),
        timeout: 60_000,
      });
      expect(revision).toBe(revisionAfter(round + 1));
      onReported();
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
}

/** How many events `rounds` rounds write. */
function revisionAfter(rounds: number): number {
  return rounds + 2 * Math.floor(rounds / 5);
}

/** Appends that two stores fight for: each event is there once if its append was reported, and never otherwise. */
async function fight(stores: readonly Store[], rounds: number): Promise<Set<string>> {
  const won = new Set<string>();
  const run = async (store: Store) => {
    for (let round = 0; round < rounds; round += 1) {
      const { revision } = await store.load(Account, 'shared');
      try {
        const { events } = await store.append(Account, 'shared', deposit(round), {
          expected: revision,
          timeout: 60_000,
        });
        for (const { id } of events) won.add(id);
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        expect(error.actual).toBeGreaterThan(revision);
      }
    }
  };
  await Promise.all(stores.map(run));
  return won;
}

async function expectTheTruth(store: Store, writers: number, each: number, won: Set<string>): Promise<void> {
  for (let writer = 0; writer < writers; writer += 1) {
    expect(await store.load(Account, `own-${writer}`)).toMatchObject({ revision: revisionAfter(each) });
  }
  const shared = await Array.fromAsync(store.read({ aggregate: Account, id: 'shared' }));
  expect(new Set(shared.map(({ id }) => id))).toEqual(won);
  expect(shared).toHaveLength(won.size);
}

it('every append is told the truth when answers get lost and connections are cut', async () => {
  const server = await startNatsServer();
  cleanUp.push(() => server.stop());
  const proxy = await startProxy(server.port);
  cleanUp.push(() => proxy.close());
  const { store: lossy } = await open(proxy.url);
  const { store: direct } = await open(server.url);

  let reported = 0;
  let finished = false;
  const onReported = () => {
    reported += 1;
  };
  const work = Promise.all([writeOwn(lossy, 8, 60, onReported), fight([lossy, direct], 80)]).finally(() => {
    finished = true;
  });
  for (let cuts = 0; cuts < 6 && !finished; cuts += 1) {
    const before = reported;
    await expect.poll(() => finished || reported >= before + 40, { timeout: 30_000, interval: 1 }).toBe(true);
    const position = await direct.position();
    proxy.loseAnswers();
    await expect
      .poll(async () => finished || (await direct.position()) > position, { timeout: 30_000, interval: 1 })
      .toBe(true);
    proxy.cut();
  }
  const [, won] = await work;
  await expectTheTruth(direct, 8, 60, won);
}, 120_000);

it('every append is told the truth when the stream’s leader steps down again and again', async () => {
  const cluster = await startNatsCluster({ size: 3 });
  cleanUp.push(() => cluster.stop());
  const [first = '', second = ''] = cluster.urls;
  const { store: left, request } = await open(first, 3);
  const { store: right } = await open(second, 3);

  let reported = 0;
  let finished = false;
  const onReported = () => {
    reported += 1;
  };
  const work = Promise.all([writeOwn(left, 8, 60, onReported), fight([left, right], 80)]).finally(() => {
    finished = true;
  });
  for (let steps = 0; steps < 5 && !finished; steps += 1) {
    const before = reported;
    await expect.poll(() => finished || reported >= before + 60, { timeout: 30_000, interval: 1 }).toBe(true);
    await request('$JS.API.STREAM.LEADER.STEPDOWN.bank');
  }
  const [, won] = await work;
  await expectTheTruth(right, 8, 60, won);
}, 120_000);

it('an append is never called unwritten while the cluster may still store it', async () => {
  const cluster = await startNatsCluster({ size: 3 });
  cleanUp.push(() => cluster.stop());
  const { store, leader } = await openAtLeader(cluster.urls);
  await store.append(Account, 'a', deposit(1));
  const followers = cluster.servers.filter(({ url }) => url !== leader);
  for (const { pid } of followers) process.kill(pid, 'SIGSTOP');
  const appends = [
    store.append(Account, 'a', deposit(2), { timeout: 30_000 }),
    store.append(Account, 'b', deposit(2), { timeout: 30_000, expected: 'none' }),
    store.append(Account, 'c', [deposit(2), deposit(3)], { timeout: 30_000 }),
  ];
  const settled = Promise.allSettled(appends);
  // Long enough for a second try of each to be refused as one that is in process.
  await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, 5_000))]);
  for (const { pid } of followers) process.kill(pid, 'SIGCONT');
  expect(
    (await settled).map((outcome) =>
      outcome.status === 'fulfilled' ? outcome.value.revision : outcome.reason,
    ),
  ).toEqual([2, 1, 2]);
  expect(await store.position()).toBe(5);
}, 120_000);

async function openAtLeader(urls: readonly string[]): Promise<{ store: Store; leader: string }> {
  const { store, request } = await open(urls[0] ?? '', 3);
  await store.position();
  const info = (await request('$JS.API.STREAM.INFO.bank')) as { json(): { cluster: { leader: string } } };
  const name = info.json().cluster.leader;
  for (const url of urls) {
    const connection = await connect({ servers: url });
    const isLeader = connection.info?.server_name === name;
    await connection.close();
    if (isLeader) return { store: (await open(url, 3)).store, leader: url };
  }
  throw new Error(`no server is named ${name}`);
}
