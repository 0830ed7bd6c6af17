import { connect, type NatsConnection } from '@nats-io/transport-node';
import { startNatsServer } from '@pipit/nats-server';
import { afterEach, describe, expect, it } from 'vitest';
import type { DeadLetters } from '../../dead-letters.ts';
import { type LogLine, logTo } from '../../testing/log-to.ts';
import { until } from '../../testing/until.ts';
import { aggregates, openBlog } from '../blog.fixture.ts';
import { openBus } from '../jetstream-bus.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const calls: Readonly<Record<string, (letters: DeadLetters) => Promise<unknown>>> = {
  list: (letters) => Array.fromAsync(letters.list()),
  get: (letters) => letters.get('mail.1'),
  redrive: (letters) => letters.redrive('mail.1'),
  discard: (letters) => letters.discard('mail.1'),
};

describe('dead letters in an outage', () => {
  it('fail with a typed error that says what to do, in a bounded time', { timeout: 60_000 }, async () => {
    const server = await startNatsServer();
    const blog = await openBlog(server, 'blog');
    closing.push(() => blog.connection.close());
    const { deadLetters } = await openBus({
      connection: blog.connection,
      store: 'blog',
      aggregates: [],
    });
    await server.stop();
    const begun = performance.now();
    const errors = await Promise.all(
      Object.values(calls).map((call) => call(deadLetters).catch((error: Error) => error)),
    );
    expect(performance.now() - begun).toBeLessThan(12_000);
    for (const error of errors) expect(error).toMatchObject({ code: 'CONNECTION', reason: 'unreachable' });
    expect(errors.map((error) => (error as Error).message)).toEqual([
      expect.stringMatching(
        /^Dead letters could not be read from store blog: .* Ask again when the server is back/,
      ),
      expect.stringMatching(/^Dead letters could not be read from store blog: /),
      expect.stringMatching(
        /^Dead letter "mail.1" could not be redriven .* It may have been all the same: do it again/,
      ),
      expect.stringMatching(
        /^Dead letter "mail.1" could not be discarded .* It may have been all the same: do it again/,
      ),
    ]);
  });

  it('of a connection that is closed say so at once', async () => {
    const server = await startNatsServer();
    closing.push(() => server.stop());
    const blog = await openBlog(server, 'blog');
    const { deadLetters } = await openBus({ connection: blog.connection, store: 'blog', aggregates: [] });
    await blog.connection.close();
    for (const call of Object.values(calls)) {
      await expect(call(deadLetters)).rejects.toMatchObject({
        code: 'CONNECTION',
        message: expect.stringContaining('closed'),
      });
    }
  });
});

describe('an account', () => {
  const deny = (...subjects: string[]) => ({ publish: { deny: subjects } });
  const users = {
    stores: deny('$JS.API.STREAM.INFO.blog'),
    looks: deny('$JS.API.STREAM.INFO.blog_dead'),
    makes: deny('$JS.API.STREAM.CREATE.blog_dead'),
    joins: deny('$JS.API.CONSUMER.CREATE.blog_dead.>'),
    reads: deny('$JS.API.STREAM.MSG.GET.blog_dead', '$JS.API.DIRECT.GET.blog_dead'),
  };

  async function serverWithUsers() {
    const server = await startNatsServer({
      config: {
        authorization: {
          users: [
            { user: 'all', password: 'all' },
            ...Object.entries(users).map(([user, permissions]) => ({ user, password: user, permissions })),
          ],
        },
        no_auth_user: 'all',
      },
    });
    closing.push(() => server.stop());
    const blog = await openBlog(server, 'blog');
    closing.push(() => blog.close());
    const as = async (user: keyof typeof users): Promise<NatsConnection> => {
      const connection = await connect({ servers: server.url, user, pass: user });
      closing.push(() => connection.close());
      return connection;
    };
    return {
      as,
      open: async (user: keyof typeof users) =>
        openBus({ connection: await as(user), store: 'blog', aggregates: [] }),
    };
  }

  it('that may not open a bus is told at once which subject it lacks', async () => {
    const { open } = await serverWithUsers();
    const missing = {
      stores: '$JS.API.STREAM.INFO.blog',
      looks: '$JS.API.STREAM.INFO.blog_dead',
      makes: '$JS.API.STREAM.CREATE.blog_dead',
    };
    for (const [user, subject] of Object.entries(missing)) {
      const begun = performance.now();
      await expect(open(user as keyof typeof users)).rejects.toMatchObject({
        code: 'CONNECTION',
        reason: 'unauthorized',
        message: expect.stringContaining(`may not publish to ${subject}. Allow it`),
      });
      expect(performance.now() - begun).toBeLessThan(1_500);
    }
  });

  it('that may not make the consumer for redriving is told once', async () => {
    const { as } = await serverWithUsers();
    const log: LogLine[] = [];
    const bus = await openBus({
      ...{ connection: await as('joins'), store: 'blog', aggregates, logger: logTo(log) },
    });
    bus.subscribe({ group: 'mail', on: { 'post-published': () => {} } } as never);
    const told = () => log.filter(({ message }) => message.includes('cannot redrive dead letters yet'));
    await until(() => told().length > 0);
    expect(told()).toMatchObject([{ level: 'warn', facts: { store: 'blog', group: 'mail' } }]);
    expect(told()[0]?.message).toContain('$JS.API.CONSUMER.CREATE.blog_dead');
    await bus.stop();
  });

  it('that may not read dead letters is told at once', async () => {
    const { open } = await serverWithUsers();
    const { deadLetters } = await open('reads');
    for (const call of Object.values(calls)) {
      await expect(call(deadLetters)).rejects.toMatchObject({
        code: 'CONNECTION',
        reason: 'unauthorized',
        message: expect.stringMatching(/may not publish to \$JS\.API\.(STREAM\.MSG|DIRECT)\.GET\.blog_dead/),
      });
    }
  });
});
