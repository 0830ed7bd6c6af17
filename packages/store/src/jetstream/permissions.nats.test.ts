import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsConfigValue, type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { jetStreamStore } from '../jetstream.ts';
import { Account, deposit } from './account.fixture.ts';

let server: NatsServer;
const connections: NatsConnection[] = [];

beforeAll(async () => {
  const user = (name: string, permissions?: NatsConfigValue): NatsConfigValue => ({
    user: name,
    password: 'x',
    ...(permissions && { permissions }),
  });
  const publish = ['bank.account.open', '$JS.API.>'];
  server = await startNatsServer({
    config: {
      authorization: {
        users: [
          user('owner'),
          user('clerk', { publish, subscribe: ['_CLERK.>'] }),
          user('blind', { publish: { allow: ['>'], deny: ['$JS.API.DIRECT.GET.>'] } }),
          user('stranger', { publish: { allow: ['>'], deny: ['$JS.API.STREAM.INFO.*'] } }),
        ],
      },
    },
  });
});

afterAll(async () => {
  for (const connection of connections) await connection.close();
  await server.stop();
});

async function openAs(user: string, options: { readonly inboxPrefix?: string } = {}) {
  const connection = await connect({ servers: server.url, user, pass: 'x', ...options });
  connections.push(connection);
  return jetStreamStore({ connection, name: 'bank', aggregates: [Account] });
}

it('what a connection may not do is refused at once, with the reason of the server', async () => {
  const owner = await openAs('owner');
  await owner.append(Account, 'open', deposit(1));

  const clerk = await openAs('clerk', { inboxPrefix: '_CLERK' });
  expect(await clerk.append(Account, 'open', deposit(1))).toMatchObject({ revision: 2 });
  expect(await clerk.load(Account, 'open')).toMatchObject({ revision: 2 });
  const forbidden = { code: 'APPEND_REJECTED', serverCode: 403 };
  await expect(clerk.append(Account, 'closed', deposit(1))).rejects.toMatchObject(forbidden);
  await expect(clerk.append(Account, 'closed', [deposit(1), deposit(1)])).rejects.toMatchObject(forbidden);

  const blind = await openAs('blind');
  const unread = { code: 'READ_FAILED', message: expect.stringContaining('$JS.API.DIRECT.GET.bank') };
  await expect(blind.load(Account, 'open')).rejects.toMatchObject(unread);
  await expect(blind.append(Account, 'open', deposit(1))).rejects.toMatchObject(forbidden);

  const stranger = openAs('stranger');
  await expect(stranger).rejects.toMatchObject({ code: 'STREAM_REFUSED', serverCode: 403 });
  expect(await owner.load(Account, 'open')).toMatchObject({ revision: 2 });
});
