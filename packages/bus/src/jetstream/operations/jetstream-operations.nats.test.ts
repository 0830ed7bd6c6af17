import { connect } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, beforeAll } from 'vitest';
import { operationContract } from '../../testing/operation-contract.ts';
import { jetStreamOperations } from './jetstream-operations.ts';

let server: NatsServer;
let count = 0;
const logger = { info: () => {}, warn: () => {}, error: () => {} };

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());

operationContract('JetStream', async (options) => {
  const connection = await connect({ servers: server.url });
  count += 1;
  const store = `blog${count}`;
  const open = () => jetStreamOperations({ connection, store, logger, ...options });
  return { operations: await open(), another: open, release: () => connection.close() };
});
