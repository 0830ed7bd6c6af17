import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, beforeAll } from 'vitest';
import { kvRepository } from '../kv.ts';
import { testRepository } from '../testing.ts';

let server: NatsServer;
let connections: readonly NatsConnection[] = [];
let views = 0;

beforeAll(async () => {
  server = await startNatsServer({ config: { max_payload: 32 * 1024 * 1024 } });
  connections = await Promise.all([1, 2].map(() => connect({ servers: server.url })));
});

afterAll(async () => {
  for (const connection of connections) await connection.close();
  await server?.stop();
});

testRepository('NATS KV', async (options) => {
  views += 1;
  const bucket = `contract_${views}`;
  const [connection, other] = connections as [NatsConnection, NatsConnection];
  return {
    repository: kvRepository({ ...options, connection, bucket }),
    another: async () => kvRepository({ ...options, connection: other, bucket }),
  };
});
