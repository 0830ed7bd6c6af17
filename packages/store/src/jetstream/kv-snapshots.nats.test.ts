import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testSnapshotStore } from '../testing.ts';
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
