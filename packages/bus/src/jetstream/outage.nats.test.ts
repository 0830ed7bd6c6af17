import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connect, nanos } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../testing/until.ts';
import { type Blog, openBlog, Post, publish } from './blog.fixture.ts';
import { openBus } from './jetstream-bus.ts';

let server: NatsServer;
let blog: Blog;

beforeEach(async () => {
  server = await startNatsServer();
  blog = await openBlog(server, 'blog');
});
afterEach(async () => {
  await blog.close();
  await server.stop();
});

/** Fulfilled when an event that nobody renews has been given away as often, each time after another lease. */
async function leasesPass(lease: number, count: number): Promise<void> {
  const { manager, connection } = blog;
  const control = { durable_name: 'control', ack_policy: 'explicit', ack_wait: nanos(lease) } as const;
  await manager.consumers.add('blog', control);
  const subscription = connection.subscribe('control', { max: count });
  const body = JSON.stringify({ batch: count, expires: nanos(30_000) });
  connection.publish('$JS.API.CONSUMER.MSG.NEXT.blog.control', body, { reply: 'control' });
  for await (const _ of subscription);
}

describe('a process that is killed', () => {
  it('in a handler leaves its event to another instance', async () => {
    await blog.store.append(Post, 'p1', publish('Hello'));
    const hanging = fileURLToPath(new URL('hanging-member.fixture.ts', import.meta.url));
    const child = fork(hanging, [server.url, '1000'], { execArgv: [] });
    const [message] = await once(child, 'message');
    expect(message).toEqual({ position: 1, deliveryCount: 1 });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const counts: number[] = [];
    (await blog.instance(1_000)).subscribe({
      group: 'hanging',
      on: { 'post-published': (_, { deliveryCount }) => counts.push(deliveryCount) },
    });
    await until(() => counts.length > 0);
    expect(counts).toEqual([2]);
    await until(async () => (await blog.consumer('hanging')).ack_floor.stream_seq === 1);
  });
});

describe('a handler that runs longer than the lease', () => {
  it('keeps its event, while other instances of the group wait for one', async () => {
    const lease = 2_000;
    const end = Promise.withResolvers<void>();
    const counts: number[] = [];
    for (let i = 0; i < 2; i++) {
      const subscription = (await blog.instance(lease)).subscribe({
        group: 'long',
        on: {
          'post-published': (_, { deliveryCount }) => {
            counts.push(deliveryCount);
            return end.promise;
          },
        },
      });
      await subscription.ready;
    }
    await blog.store.append(Post, 'p1', publish('Hello'));
    await until(() => counts.length === 1);
    await leasesPass(lease, 2);
    end.resolve();
    await until(async () => (await blog.consumer('long')).ack_floor.stream_seq === 1);
    expect(counts).toEqual([1]);
  });
});

describe('a server that is killed and comes back', () => {
  it('goes on delivering, and nothing is lost', async () => {
    const seen = new Set<number>();
    const bus = await blog.instance(1_000);
    const subscription = bus.subscribe({
      group: 'search',
      concurrency: 3,
      on: { 'post-published': ({ position }) => void seen.add(position) },
    });
    const append = async (from: number, to: number) => {
      for (let i = from; i <= to; i++) await blog.store.append(Post, `p${i}`, publish('Hello'));
    };
    await append(1, 50);
    await until(() => seen.size > 0);
    for (let round = 1; round <= 2; round++) {
      await server.kill();
      await server.restart();
      await append(50 * round + 1, 50 * (round + 1));
    }
    await until(() => seen.size === 150);
    await until(async () => (await blog.consumer('search')).ack_floor.stream_seq === 150);
    await subscription.stop();
    await subscription.closed;
    expect(blog.log.filter(({ level }) => level === 'error')).toEqual([]);
  }, 60_000);

  it('cannot be asked for the lag of a group', async () => {
    const subscription = (await blog.instance()).subscribe({
      group: 'search',
      on: { 'post-published': () => {} },
    });
    await subscription.ready;
    await server.kill();
    await expect(subscription.lag()).rejects.toMatchObject({
      ...{ code: 'CONNECTION', reason: 'unreachable' },
      message: expect.stringContaining('The lag of group search could not be read'),
    });
    await server.restart();
    await until(async () => (await subscription.lag()).behind === 0);
  });

  it('does not make a stop wait for longer than its time', async () => {
    const subscription = (await blog.instance()).subscribe({
      group: 'search',
      on: { 'post-published': () => {} },
    });
    await subscription.ready;
    await server.kill();
    await subscription.stop({ timeout: 200 });
    await subscription.closed;
    expect(blog.log).toMatchObject([
      { level: 'warn', facts: { group: 'search' }, message: expect.stringMatching(/last acknowledgements/) },
    ]);
    await server.restart();
  });
});

describe('a connection that is closed under a bus', () => {
  it('ends its subscriptions with an error that says so', async () => {
    const { connection } = blog;
    const bus = await openBus({ connection, store: 'blog', aggregates: [Post], logger: blog.logger });
    const subscription = bus.subscribe({ group: 'search', on: { 'post-published': () => {} } });
    await subscription.ready;
    await connection.close();
    await expect(subscription.closed).rejects.toMatchObject({ code: 'CONNECTION', reason: 'unreachable' });
    expect(blog.log).toMatchObject([{ level: 'error' }]);
    await bus.stop();
  });

  it('by an error names that as the cause', async () => {
    const connection = await connect({
      servers: server.url,
      maxReconnectAttempts: 1,
      reconnectTimeWait: 10,
    });
    const bus = await openBus({ connection, store: 'blog', aggregates: [Post], logger: blog.logger });
    const subscription = bus.subscribe({ group: 'search', on: { 'post-published': () => {} } });
    await subscription.ready;
    await server.kill();
    await expect(subscription.closed).rejects.toMatchObject({ code: 'CONNECTION', cause: expect.any(Error) });
    await server.restart();
  });

  it('by draining it ends them too, and takes no handler or process with it', async () => {
    const { connection } = blog;
    const bus = await openBus({ connection, store: 'blog', aggregates: [Post], logger: blog.logger });
    await blog.store.append(Post, 'p1', publish('Hello'));
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const subscription = bus.subscribe({
      group: 'search',
      on: {
        'post-published': async () => {
          begun.resolve();
          await end.promise;
        },
      },
    });
    await begun.promise;
    const drained = connection.drain();
    end.resolve();
    await drained;
    await expect(subscription.closed).rejects.toMatchObject({ code: 'CONNECTION' });
  });
});
