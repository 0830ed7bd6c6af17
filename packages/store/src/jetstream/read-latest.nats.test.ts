import { jetstreamManager } from '@nats-io/jetstream';
import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { subjectLayouts } from '@pipit/types-registry';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { jetStreamStore } from '../jetstream.ts';
import { Account, deposit } from './account.fixture.ts';
import { openApi } from './api.ts';
import { watchLink } from './link.ts';
import type { OrderedReader } from './ordered-reader.ts';
import { readLatest } from './read-latest.ts';

let server: NatsServer;
let connection: NatsConnection;

beforeAll(async () => {
  server = await startNatsServer();
  connection = await connect({ servers: server.url });
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

const open = (name: string, layout: 'aggregate' | 'event' = 'aggregate') =>
  jetStreamStore({ connection, name, layout, aggregates: [Account] });

it('waits for what the leader has and the replica that delivers has not', async () => {
  const store = await open('behind');
  await store.append(Account, 'a', [deposit(1), deposit(2)]);
  await store.append(Account, 'b', deposit(3));
  const link = watchLink(connection);
  // The leader is at 4 already.
  const holds: OrderedReader['holds'] = async (_, from) => from <= 4;
  const reader: OrderedReader = {
    api: await openApi(connection, {}),
    link,
    stream: 'behind',
    layout: subjectLayouts.aggregate,
    holds,
  };
  const seen: number[] = [];
  const range = { filter: 'behind.account.*', toPosition: 4, signal: undefined };
  for await (const batch of readLatest(reader, range)) {
    seen.push(...batch.map(({ position }) => position));
    if (seen.length === 2) await store.append(Account, 'a', deposit(4));
  }
  expect(seen).toEqual([2, 3, 4]);
  link.close();
  await store.close();
});

it.each(['aggregate', 'event'] as const)('goes on with another consumer, in layout %s', async (layout) => {
  const name = `gone-${layout}`;
  const store = await open(name, layout);
  const count = 6_000;
  for (let start = 0; start < count; start += 1_000) {
    const ids = Array.from({ length: 1_000 }, (_, index) => `a${start + index}`);
    await store.appendAll(ids.map((id) => ({ aggregate: Account, id, events: deposit(1) })));
  }
  const { consumers } = await jetstreamManager(connection);
  const seen = new Map<string, number>();
  for await (const { aggregate, revision } of store.latest(Account)) {
    seen.set(aggregate.id, revision);
    if (seen.size !== 10) continue;
    for await (const { name: consumer } of consumers.list(name)) await consumers.delete(name, consumer);
    // Neither is an aggregate missed that has moved on meanwhile.
    await store.append(Account, 'a5999', deposit(2));
  }
  expect(seen.size).toBe(count);
  expect(seen.get('a5999')).toBe(2);
  await store.close();
});

it('stops at an event that cannot be read, or leaves it out and counts it', async () => {
  const store = await open('unreadable');
  for (const id of ['a', 'b', 'c']) await store.append(Account, id, deposit(1));
  const meta = headers();
  meta.append('ce-type', 'stolen');
  await connection.request('unreadable.account.b', '{}', { headers: meta, timeout: 5_000 });
  const unreadable = { code: 'UNREADABLE_EVENT', stream: 'unreadable', position: 4 };
  await expect(Array.fromAsync(store.latest(Account))).rejects.toMatchObject(unreadable);
  const reading = store.latest(Account, { unreadable: 'skip' });
  expect(await Array.fromAsync(reading)).toMatchObject([
    { aggregate: { id: 'a' } },
    { aggregate: { id: 'c' } },
  ]);
  expect(reading.skipped).toBe(1);
  await store.close();
});

it('says of a stream that is gone that it is missing', async () => {
  const store = await open('missing');
  await store.append(Account, 'a', deposit(1));
  await (await jetstreamManager(connection)).streams.delete('missing');
  const missing = { code: 'READ_FAILED', missing: true };
  await expect(Array.fromAsync(store.latest(Account))).rejects.toMatchObject(missing);
  await expect(Array.fromAsync(store.ids(Account))).rejects.toMatchObject(missing);
  await expect(Array.fromAsync(store.read())).rejects.toMatchObject(missing);
  await expect(Array.fromAsync(store.follow())).rejects.toMatchObject(missing);
  await store.close();
});
