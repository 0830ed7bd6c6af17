import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, beforeAll } from 'vitest';
import { testRandomRuns } from '../faults/random-runs.fixture.ts';
import { kvRepository } from '../kv.ts';
import { contractRow, testProjection } from '../testing.ts';

let server: NatsServer;
let connection: NatsConnection;
let views = 0;

beforeAll(async () => {
  server = await startNatsServer();
  connection = await connect({ servers: server.url });
});

afterAll(async () => {
  await connection?.close();
  await server?.stop();
});

testProjection('NATS KV', async (options) => {
  views += 1;
  const open = () => kvRepository({ ...options, connection, bucket: `projection_${views}` });
  return { repository: open(), another: async () => open() };
});

testRandomRuns('NATS KV', {
  isTransactional: true,
  runs: 6,
  open: (name) =>
    kvRepository({ connection, name, row: contractRow, bucket: name.replaceAll(/[^A-Za-z0-9]/g, '_') }),
});
