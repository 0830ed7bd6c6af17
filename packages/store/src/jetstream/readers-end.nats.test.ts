import { setTimeout as delay } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { EventStore } from '../event-store.ts';
import { jetStreamStore } from '../jetstream.ts';
import { Account, deposit } from './account.fixture.ts';

let server: NatsServer;
let connection: NatsConnection;
let store: EventStore<typeof Account>;

beforeEach(async () => {
  server = await startNatsServer();
  connection = await connect({ servers: server.url, maxReconnectAttempts: -1 });
  store = await jetStreamStore({ connection, name: 'bank', aggregates: [Account] });
});
afterEach(async () => {
  await store.close();
  await connection.close();
  await server.stop();
});

it('a read ends where everything that it was to read has gone meanwhile', async () => {
  await store.append(Account, 'a', [deposit(1), deposit(2)]);
  const manager = await jetstreamManager(connection);
  // Between the question for the end and the consumer that reads up to it.
  const { config } = await manager.streams.info('bank');
  const reading = store.read()[Symbol.asyncIterator]();
  const asked = connection.subscribe('$JS.API.STREAM.MSG.GET.bank', { max: 1 });
  const next = reading.next();
  for await (const _ of asked);
  await manager.streams.update('bank', { ...config, max_age: 100 * 1e6, duplicate_window: 100 * 1e6 });
  await expect(next).resolves.toBeDefined();
  await expect.poll(async () => (await manager.streams.info('bank')).state.messages).toBe(0);
  await expect(Array.fromAsync(store.read())).resolves.toEqual([]);
});

it('a read or follow that is aborted ends at once, also while the server does not answer', async () => {
  await store.append(Account, 'a', deposit(1));
  const before = connection.stats().outMsgs;
  process.kill(server.pid, 'SIGSTOP');
  const begun = performance.now();
  try {
    const reason = new Error('enough');
    const aborting = new AbortController();
    const reading = Array.fromAsync(store.read({ signal: aborting.signal }));
    const following = Array.fromAsync(store.follow({ signal: aborting.signal }));
    const settled = Promise.allSettled([reading, following]);
    // Both have asked the server, which does not answer.
    await expect.poll(() => connection.stats().outMsgs).toBeGreaterThanOrEqual(before + 2);
    aborting.abort(reason);
    expect(await settled).toEqual([
      { status: 'rejected', reason },
      { status: 'fulfilled', value: [] },
    ]);
  } finally {
    process.kill(server.pid, 'SIGCONT');
  }
  expect(performance.now() - begun).toBeLessThan(5_000);
});

it('a follow from a time to come leaves out what is stored before it', async () => {
  const fromTime = new Date(Date.now() + 1_500);
  const ending = new AbortController();
  const seen: number[] = [];
  const following = (async () => {
    for await (const { events } of store.follow({ fromTime, signal: ending.signal })) {
      seen.push(...events.map(({ position }) => position));
    }
  })();
  const early: number[] = [];
  const stored: { position: number; at: Date }[] = [];
  while (seen.length === 0) {
    const { position } = await store.append(Account, 'a', deposit(1));
    const [message] = [
      await (await jetstreamManager(connection)).streams.getMessage('bank', { seq: position }),
    ];
    stored.push({ position, at: message?.time ?? new Date(0) });
    await delay(100);
  }
  ending.abort();
  await following;
  early.push(...stored.filter(({ at }) => at < fromTime).map(({ position }) => position));
  expect(early.length).toBeGreaterThan(0);
  expect(seen.filter((position) => early.includes(position))).toEqual([]);
});

it('a follow that waits for a time to come waits with one consumer', async () => {
  await store.append(Account, 'a', deposit(1));
  const ending = new AbortController();
  const opened = vi.fn();
  const asked = vi.fn();
  connection.subscribe('$JS.API.CONSUMER.CREATE.>', { callback: opened });
  connection.subscribe('$JS.API.STREAM.MSG.GET.bank', { callback: asked });
  const fromTime = new Date(Date.now() + 60_000);
  const following = Array.fromAsync(store.follow({ fromTime, signal: ending.signal }));
  await expect.poll(() => opened.mock.calls.length).toBe(1);
  await store.append(Account, 'a', deposit(1));
  const before = asked.mock.calls.length;
  await expect.poll(() => asked.mock.calls.length, { timeout: 10_000 }).toBe(before + 2);
  ending.abort();
  expect((await following).map(({ caughtUp }) => caughtUp)).toEqual([true]);
  expect(opened).toHaveBeenCalledTimes(1);
});
