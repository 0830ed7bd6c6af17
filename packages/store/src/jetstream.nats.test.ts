import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, beforeAll } from 'vitest';
import { jetStreamStore } from './jetstream.ts';
import { testEventStore } from './testing.ts';

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

for (const layout of ['aggregate', 'event'] as const) {
  testEventStore(`jetStreamStore in layout ${layout}`, async (options) => {
    stores += 1;
    return { store: await jetStreamStore({ connection, name: `bank-${stores}`, layout, ...options }) };
  });
}
