import { connect, type NatsConnection } from '@nats-io/transport-node';
import { startNatsServer } from '@pipit/nats-server';
import { ConnectionError, TimeoutError } from '@pipit/types-registry';
import { afterEach, expect, it } from 'vitest';
import { release, reserve } from '../../append/unique-key.ts';
import { jetStreamStore } from '../../jetstream.ts';
import { AppendInDoubtError } from '../../store-errors.ts';
import { Account, Deposited, deposit, Tally } from '../account.fixture.ts';
import { startProxy } from '../proxy.fixture.ts';

const cleanUp: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const release of cleanUp.splice(0).toReversed()) await release();
});

async function open() {
  const server = await startNatsServer();
  cleanUp.push(() => server.stop());
  return { server, ...(await openAt(server.url)) };
}

async function openBehindProxy() {
  const server = await startNatsServer();
  cleanUp.push(() => server.stop());
  const proxy = await startProxy(server.port);
  cleanUp.push(() => proxy.close());
  return { proxy, ...(await openAt(proxy.url)) };
}

async function openAt(servers: string) {
  const connection: NatsConnection = await connect({
    servers,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
  });
  cleanUp.push(() => connection.close());
  const store = await jetStreamStore({ connection, name: 'bank', aggregates: [Account, Tally] });
  return { connection, store };
}

async function disconnected(connection: NatsConnection): Promise<void> {
  for await (const { type } of connection.status()) if (type === 'disconnect') return;
}

it('an append made while the server is down waits for it', async () => {
  const { server, store } = await open();
  await store.append(Account, 'a', deposit(1));
  await server.kill();
  const waiting = store.append(Account, 'a', deposit(2), { timeout: 30_000 });
  await server.restart();
  expect(await waiting).toMatchObject({ revision: 2 });
  expect(await store.load(Account, 'a')).toMatchObject({ revision: 2, state: { cents: 3 } });
}, 60_000);

it('an append that cannot be settled before its deadline says that it is in doubt, and with which ids', async () => {
  const { store, proxy } = await openBehindProxy();
  await store.append(Account, 'a', deposit(1));
  proxy.loseAnswers();
  const event = Deposited.create({ cents: 2 }, { id: 'mine' });
  const given = store.append(Account, 'a', event, { timeout: 300 });
  await expect(given).rejects.toThrow(AppendInDoubtError);
  await expect(given).rejects.toMatchObject({ code: 'APPEND_IN_DOUBT', eventIds: ['mine'] });
  proxy.cut();
  const again = await store.append(Account, 'a', event, { timeout: 30_000 });
  expect(again.revision).toBe(2);
  expect(await store.position()).toBe(2);
}, 60_000);

it('an append with keys names the events of its caller, and nothing of its own', async () => {
  const { store, proxy } = await openBehindProxy();
  await store.append(Account, 'a', deposit(1));
  proxy.loseAnswers();
  const event = Deposited.create({ cents: 2 }, { id: 'mine' });
  const items = [event, reserve('name', 'ada')];
  const inDoubt = store.append(Account, 'a', items, { timeout: 300 });
  const named = { aggregate: { type: 'account', id: 'a' }, eventIds: ['mine'] };
  await expect(inDoubt).rejects.toMatchObject({ code: 'APPEND_IN_DOUBT', ...named });
  proxy.cut();
  expect(await store.append(Account, 'a', items, { timeout: 30_000 })).toMatchObject({ revision: 2 });
  const otherwise = store.append(Account, 'b', [event, reserve('name', 'bob')], { timeout: 30_000 });
  const elsewhere = { aggregate: { type: 'account', id: 'b' }, eventIds: ['mine'] };
  await expect(otherwise).rejects.toMatchObject({ code: 'DUPLICATE_EVENT_ID', ...elsewhere });
}, 60_000);

it('an append made while the server is down is in no doubt, since nothing was sent', async () => {
  const { server, connection, store } = await open();
  await store.append(Account, 'a', deposit(1));
  const lost = disconnected(connection);
  await server.kill();
  await lost;
  for (const events of [deposit(2), [deposit(2), deposit(3)]]) {
    const given = store.append(Account, 'a', events, { timeout: 300 });
    await expect(given).rejects.toThrow(TimeoutError);
    await expect(given).rejects.toThrow(/Nothing was written/);
  }
  await server.restart();
  expect(await store.append(Account, 'a', deposit(4), { timeout: 30_000 })).toMatchObject({ revision: 2 });
}, 60_000);

it('an append that never got to its write times out without a doubt', async () => {
  const { server, store } = await open();
  await server.kill();
  const given = store.append(Account, 'unseen', deposit(1), { timeout: 300 });
  await expect(given).rejects.toThrow(TimeoutError);
  await expect(given).rejects.toThrow(/Nothing was written/);
}, 60_000);

it('an append with keys and a decision keep their timeouts while the server is away', async () => {
  const { server, connection, store } = await open();
  const both = [deposit(1), reserve('name', 'ada')];
  await store.append(Account, 'a', both);
  await store.append(Tally, 't', deposit(1));
  const lost = disconnected(connection);
  await server.kill();
  await lost;
  const began = Date.now();
  const timeout = 300;
  const late = { code: 'TIMEOUT', message: expect.not.stringContaining('unique:') };
  await Promise.all([
    expect(store.append(Account, 'a', both, { timeout })).rejects.toMatchObject(late),
    expect(
      store.append(Account, 'b', [deposit(1), release('name', 'bob')], { timeout }),
    ).rejects.toMatchObject(late),
    expect(store.execute(Tally, 't', () => deposit(1), { timeout })).rejects.toMatchObject(late),
    expect(store.execute(Account, 'c', () => [], { timeout, expected: 7 })).rejects.toMatchObject(late),
  ]);
  expect(Date.now() - began).toBeLessThan(2_000);
  await server.restart();
  expect(await store.append(Account, 'a', both, { timeout: 30_000 })).toMatchObject({ revision: 2 });
}, 60_000);

it('an append that waits behind another one keeps its own deadline', async () => {
  const { server, store } = await open();
  await store.append(Account, 'a', deposit(1));
  await server.kill();
  const first = store.append(Account, 'a', deposit(2), { timeout: 60_000 });
  const second = store.append(Account, 'a', deposit(3), { timeout: 200 });
  await expect(second).rejects.toThrow(TimeoutError);
  await server.restart();
  expect(await first).toMatchObject({ revision: 2 });
  expect(await store.append(Account, 'a', deposit(4))).toMatchObject({ revision: 3 });
}, 60_000);

it('a closed connection is an error that says so', async () => {
  const { connection, store } = await open();
  await connection.close();
  await expect(store.append(Account, 'a', deposit(1))).rejects.toThrow(ConnectionError);
  await expect(store.load(Account, 'a')).rejects.toThrow(/closed/);
});

it('what cannot be read while the server is away says so, with a code', async () => {
  const { server, store } = await open();
  await store.append(Account, 'a', deposit(1));
  await server.kill();
  const failed = { code: 'READ_FAILED', store: 'bank' };
  await Promise.all([
    expect(store.position()).rejects.toMatchObject(failed),
    expect(Array.fromAsync(store.read())).rejects.toMatchObject(failed),
    expect(store.load(Account, 'a')).rejects.toMatchObject(failed),
  ]);
}, 60_000);

it('a follower goes on without a gap or a repetition when the server is killed and comes back', async () => {
  const { server, store } = await open();
  const end = new AbortController();
  const seen: number[] = [];
  const following = (async () => {
    for await (const { events } of store.follow({ signal: end.signal }))
      seen.push(...events.map(({ position }) => position));
  })();
  for (let round = 0; round < 3; round += 1) {
    for (let cents = 0; cents < 20; cents += 1)
      await store.append(Account, 'a', deposit(cents), { timeout: 30_000 });
    await server.kill();
    await server.restart();
  }
  await store.append(Account, 'a', deposit(0), { timeout: 30_000 });
  await expect.poll(() => seen.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(61);
  end.abort();
  await following;
  expect(seen).toEqual(Array.from({ length: 61 }, (_, index) => index + 1));
}, 90_000);

it('a follower of a stream that is deleted ends with an error', async () => {
  const { connection, store } = await open();
  await store.append(Account, 'a', deposit(1));
  const following = (async () => {
    for await (const { caughtUp } of store.follow()) {
      if (caughtUp) await connection.request('$JS.API.STREAM.DELETE.bank');
    }
  })();
  await expect(following).rejects.toMatchObject({ code: 'READ_FAILED', store: 'bank' });
}, 60_000);
