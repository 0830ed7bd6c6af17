import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { defineAggregate } from '@pipit/store';
import { jetStreamStore } from '@pipit/store/jetstream';
import { defineEvent } from '@pipit/types-registry';
import { afterAll, beforeAll } from 'vitest';
import { z } from 'zod';
import { testInbox } from '../../testing/inbox-contract.ts';
import { kvInbox } from './kv-inbox.ts';

let server: NatsServer;
let connection: NatsConnection;
let stores = 0;

const Published = defineEvent('post-published', z.object({ title: z.string() }));
const Post = defineAggregate('post', {
  events: [Published],
  initial: { title: '' },
  evolve: { 'post-published': (_, { data }) => data },
});

beforeAll(async () => {
  server = await startNatsServer();
  connection = await connect({ servers: server.url });
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

testInbox('kvInbox', async (settings) => {
  stores += 1;
  const store = `blog-${stores}`;
  await jetStreamStore({ connection, name: store, aggregates: [Post] });
  const open = () => kvInbox({ connection, store, ...settings });
  return { inbox: await open(), another: open };
});
