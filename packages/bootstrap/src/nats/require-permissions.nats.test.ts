import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AppOptions } from '../app.ts';
import { Post, Published } from '../post.fixture.ts';
import { startApp } from '../starting-app.fixture.ts';
import { requirePermissions } from './require-permissions.ts';

const inbox = '_INBOX.>';
const everything = { publish: ['>'], subscribe: ['>'] };
const without = (...denied: string[]) => ({ publish: { allow: ['>'], deny: denied }, subscribe: [inbox] });
const users = {
  admin: everything,
  noDead: without('blog_dead.>'),
  noDeadStream: without('$JS.API.STREAM.*.blog_dead'),
  noOperations: without('blog_operations.>'),
  noReading: without('$JS.API.DIRECT.GET.blog_operations'),
  noCreating: without('$JS.API.STREAM.CREATE.blog_operations'),
};

let server: NatsServer;
beforeAll(async () => {
  const list = Object.entries(users).map(([user, permissions]) => ({ user, password: 'pw', permissions }));
  server = await startNatsServer({ config: { authorization: { users: list } } });
});
afterAll(() => server.stop());

function open(user: keyof typeof users, options: Partial<AppOptions<typeof Post>> = {}) {
  return startApp('blog', { nats: { url: server.url, user, password: 'pw' }, ...options });
}

it.each([
  ['noDead', 'blog_dead.permission'],
  ['noDeadStream', '$JS.API.STREAM.INFO.blog_dead'],
  ['noOperations', 'blog_operations.permission'],
  ['noReading', '$JS.API.DIRECT.GET.blog_operations'],
  ['noCreating', '$JS.API.STREAM.CREATE.blog_operations'],
] as const)(
  'an account such as %s is refused at start, at once, and told what to permit',
  async (user, subject) => {
    const { starting, lines } = open(user);
    const error = await starting.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'CONNECTION', reason: 'unauthorized' });
    expect(String(error)).toContain(
      `does not permit publish on ${subject}. Allow this user to publish there`,
    );
    expect(String(error)).toMatch(/blog_dead\.>.*blog_operations\.>/);
    expect(lines.join('')).not.toContain('trying again');
  },
);

it('asking makes and writes nothing', async () => {
  const connection = await connect({ servers: server.url, user: 'admin', pass: 'pw' });
  const manager = await jetstreamManager(connection);
  await requirePermissions(connection, 'asked');
  const streams = async () =>
    (await Array.fromAsync(manager.streams.names())).filter((name) => name.startsWith('asked'));
  expect(await streams()).toEqual([]);

  await manager.streams.add({ name: 'asked_operations', subjects: ['asked_operations.>'] });
  await manager.streams.add({ name: 'asked_dead', subjects: ['asked_dead.>'] });
  await requirePermissions(connection, 'asked');
  for (const name of await streams()) expect((await manager.streams.info(name)).state.last_seq).toBe(0);
  await connection.close();
});

it('an account that may use streams others have made need not be allowed to make them', async () => {
  const { starting } = open('admin');
  const app = await starting;
  await app.operations.operation({ kind: 'command', name: 'first' }, () => {});
  await app.stop();

  const limited = await open('noCreating').starting;
  const id = await limited.operations.operation({ kind: 'command', name: 'publish' }, async (context) => {
    await limited.store.append(Post, 'p1', Published.create({ title: 'Hello' }));
    return context.id;
  });
  await expect.poll(() => limited.operations.get(id)).toMatchObject({ events: [{ type: 'post-published' }] });
  await limited.stop();
});
