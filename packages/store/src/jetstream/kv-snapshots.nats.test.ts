import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { jetStreamStore } from '../jetstream.ts';
import { testSnapshotStore } from '../testing.ts';
import { deposit, Tally } from './account.fixture.ts';
import { openApi } from './api.ts';
import { kvSnapshots } from './kv-snapshots.ts';

let server: NatsServer;
let connection: NatsConnection;
let stores = 0;

beforeAll(async () => {
  server = await startNatsServer();
  connection = await connect({ servers: server.url });
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

testSnapshotStore('kvSnapshots', async () => {
  stores += 1;
  const open = async () => kvSnapshots(await openApi(connection, {}), `bank-${stores}`, {});
  return { store: await open(), another: open };
});

it('kvSnapshots creates its bucket as it is told', async () => {
  const api = await openApi(connection, {});
  const key = { aggregate: { type: 'account', id: 'a' }, version: 3 };
  await kvSnapshots(api, 'told', { ttl: 60_000, maxBytes: 1_000_000 }).save(key, new Uint8Array([1]));
  const { config, state } = await api.manager.streams.info('KV_told_snapshots');
  expect(config).toMatchObject({ max_age: 60_000_000_000, max_bytes: 1_000_000, max_msgs_per_subject: 1 });
  expect(state.messages).toBe(1);
});

it('kvSnapshots creates its bucket later where it was refused at first', async () => {
  const api = await openApi(connection, {});
  const key = { aggregate: { type: 'account', id: 'a' }, version: 3 };
  await api.manager.streams.add({ name: 'in-the-way', subjects: ['$KV.refused_snapshots.other'] });
  const snapshots = kvSnapshots(api, 'refused', {});
  expect(await snapshots.load(key)).toBeUndefined();
  await expect(snapshots.save(key, new Uint8Array([1]))).rejects.toThrow(/overlap/);
  expect(await snapshots.load(key)).toBeUndefined();
  await api.manager.streams.delete('in-the-way');
  await snapshots.save(key, new Uint8Array([2]));
  expect([...((await snapshots.load(key)) ?? [])]).toEqual([2]);
});

it('a store whose bucket is refused goes on without snapshots, and says so once for each load', async () => {
  const api = await openApi(connection, {});
  await api.manager.streams.add({ name: 'in-the-way', subjects: ['$KV.lone_snapshots.other'] });
  const warnings: string[] = [];
  const warn = (_: unknown, message: string) => void warnings.push(message);
  const logger = { info: () => {}, warn, error: warn };
  const store = await jetStreamStore({ connection, name: 'lone', aggregates: [Tally], warm: false, logger });
  await store.append(Tally, 't', [deposit(1), deposit(2)]);
  for (let load = 1; load <= 3; load += 1) {
    expect(await store.load(Tally, 't')).toMatchObject({ revision: 2, state: { cents: 3 } });
    await expect.poll(() => warnings.length).toBe(load);
  }
  expect(new Set(warnings)).toEqual(
    new Set(['A snapshot of tally could not be saved; loads go on without it']),
  );
  await store.close();
  expect(warnings).toHaveLength(3);
});
