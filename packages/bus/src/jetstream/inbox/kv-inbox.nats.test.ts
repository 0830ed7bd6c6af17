import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, beforeAll } from 'vitest';
import { testInbox } from '../../testing/inbox-contract.ts';
import { openInboxes } from './inbox-store.fixture.ts';

let server: NatsServer;
let stores = 0;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());

testInbox('kvInbox', async (settings) => {
  stores += 1;
  const inboxes = await openInboxes(server.url, `blog-${stores}`);
  const open = async () => (await inboxes.process({ ...settings, lease: 10_000 })).inbox;
  return { inbox: await open(), another: open, release: async () => void (await inboxes.close()) };
});
