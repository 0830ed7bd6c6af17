import { inspect } from 'node:util';
import { headers } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../testing/until.ts';
import { type Blog, openBlog, Post, publish } from './blog.fixture.ts';

let server: NatsServer;
let blog: Blog;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());
afterEach(() => blog.close());

describe('a handler that fails', () => {
  it('gets the event again after the delay, each time logged with what failed and how often', async () => {
    blog = await openBlog(server, 'throws');
    const bus = await blog.instance();
    const { events } = await blog.store.append(Post, 'p1', publish('Hello'));
    const tries: { at: number; count: number }[] = [];
    bus.subscribe({
      group: 'mail',
      retry: { backoff: () => 300, jitter: 0 },
      on: {
        'post-published': (_, { deliveryCount }) => {
          tries.push({ at: performance.now(), count: deliveryCount });
          if (deliveryCount < 3) throw new Error('the mail server is away');
        },
      },
    });
    await until(async () => (await blog.consumer('mail')).ack_floor.stream_seq === 1);
    expect(tries.map(({ count }) => count)).toEqual([1, 2, 3]);
    const [first, second, third] = tries.map(({ at }) => at) as [number, number, number];
    expect(second - first).toBeGreaterThan(290);
    expect(third - second).toBeGreaterThan(290);
    expect(blog.log).toHaveLength(2);
    expect(blog.log[1]).toMatchObject({
      level: 'error',
      facts: {
        store: 'throws',
        group: 'mail',
        eventId: events[0]?.id,
        eventType: 'post-published',
        aggregate: { type: 'post', id: 'p1' },
        position: 1,
        deliveryCount: 2,
        err: { message: 'the mail server is away' },
      },
    });
    expect(blog.log[1]?.message).toBe(
      `Group mail failed 2 times on post-published ${events[0]?.id} at position 1, again in 300 ms: the mail server is away`,
    );
  });

  it('may throw or reject with anything, and harms nobody else', async () => {
    blog = await openBlog(server, 'anything');
    const bus = await blog.instance();
    const refuse = () => {
      throw new Error('do not look');
    };
    const hostile = [
      { [inspect.custom]: refuse },
      new Proxy({}, { get: refuse, getPrototypeOf: refuse }),
      Object.defineProperty(new Error(), 'message', { get: refuse }),
    ];
    const plain = [undefined, null, 'text', 7, Symbol('s'), { a: 1 }, () => 1, Object.create(null)];
    const odd: unknown[] = [...plain, ...hostile];
    for (let i = 0; i < odd.length; i++) await blog.store.append(Post, `p${i}`, publish('Hello'));
    const handled = new Set<number>();
    const others: number[] = [];
    const rejected = (reason: unknown) => Promise.reject(reason);
    bus.subscribe({
      group: 'odd',
      retry: { backoff: () => 50, jitter: 0 },
      on: {
        'post-published': ({ position }, { deliveryCount }) => {
          const reason = odd[position - 1];
          if (deliveryCount === 1) throw reason;
          if (deliveryCount === 2) return rejected(reason);
          return handled.add(position);
        },
      },
    });
    bus.subscribe({ group: 'other', on: { 'post-published': ({ position }) => others.push(position) } });
    await until(() => handled.size === odd.length && others.length === odd.length);
    expect(blog.log).toHaveLength(2 * odd.length);
    expect(blog.log.every(({ facts }) => facts['err'] instanceof Error)).toBe(true);
  });

  it('by hanging has its signal aborted and the event again, while other groups go on', async () => {
    blog = await openBlog(server, 'hangs');
    const bus = await blog.instance();
    for (let i = 1; i <= 3; i++) await blog.store.append(Post, `p${i}`, publish('Hello'));
    const reasons: unknown[] = [];
    const others: number[] = [];
    const again: number[] = [];
    bus.subscribe({
      group: 'hangs',
      timeout: 200,
      retry: { backoff: () => 50, jitter: 0 },
      on: {
        'post-published': ({ position }, { deliveryCount, signal }) => {
          if (position !== 1) return undefined;
          again.push(deliveryCount);
          if (deliveryCount > 2) return undefined;
          signal.addEventListener('abort', () => reasons.push(signal.reason));
          return new Promise(() => {});
        },
      },
    });
    bus.subscribe({ group: 'others', on: { 'post-published': ({ position }) => others.push(position) } });
    await until(() => others.length === 3);
    await until(async () => (await blog.consumer('hangs')).ack_floor.stream_seq === 3);
    expect(again).toEqual([1, 2, 3]);
    expect(reasons).toMatchObject([{ code: 'TIMEOUT', timeout: 200 }, { code: 'TIMEOUT' }]);
    expect(blog.log.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Group hangs failed 1 times .* did not finish within 200 ms/),
      expect.stringMatching(/^Group hangs failed 2 times .* did not finish within 200 ms/),
    ]);
  });

  it('after its time was up, by rejecting, does not take down the process', async () => {
    blog = await openBlog(server, 'late');
    const bus = await blog.instance();
    await blog.store.append(Post, 'p1', publish('Hello'));
    const late = Promise.withResolvers<void>();
    const unhandled: unknown[] = [];
    const onUnhandled = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', onUnhandled);
    let done = false;
    bus.subscribe({
      group: 'late',
      timeout: 100,
      retry: { backoff: () => 50, jitter: 0 },
      on: {
        'post-published': (_, { deliveryCount }) => {
          if (deliveryCount === 1) return late.promise;
          late.reject(new Error('too late'));
          done = true;
          return undefined;
        },
      },
    });
    await until(() => done);
    await until(async () => (await blog.consumer('late')).ack_floor.stream_seq === 1);
    process.off('unhandledRejection', onUnhandled);
    expect(unhandled).toEqual([]);
  });
});

describe('an event that is handled but cannot be read', () => {
  it('comes again, logged with its position, and is never skipped', async () => {
    blog = await openBlog(server, 'unreadable');
    const bus = await blog.instance();
    const odd = headers();
    const fields = { id: 'x', specversion: '1.0', source: '/x', type: 'post-published', revision: '1' };
    for (const [name, value] of Object.entries(fields)) odd.set(`ce-${name}`, value);
    await blog.connection.request('unreadable.post.p1', '{"title":7}', { headers: odd, timeout: 5_000 });
    await blog.store.append(Post, 'p2', publish('Hello'));
    const seen: number[] = [];
    bus.subscribe({
      group: 'search',
      retry: { backoff: () => 50, jitter: 0 },
      on: { 'post-published': ({ position }) => seen.push(position) },
    });
    await until(() => seen.length === 1 && blog.log.length >= 3);
    expect(seen).toEqual([2]);
    expect(blog.log[2]?.facts).toMatchObject({
      position: 1,
      eventType: 'post-published',
      deliveryCount: 3,
      err: { code: 'UNREADABLE_EVENT', position: 1, cause: { code: 'INVALID_PAYLOAD' } },
    });
    expect(await blog.consumer('search')).toMatchObject({ ack_floor: { stream_seq: 0 } });
  });
});

describe('a logger', () => {
  it('that throws harms no delivery', async () => {
    blog = await openBlog(server, 'logger');
    const bus = await blog.instance();
    await blog.store.append(Post, 'p1', publish('Hello'));
    const error = blog.logger.error;
    blog.logger.error = () => {
      throw new Error('the disk is full');
    };
    const warnings: string[] = [];
    const onWarning = ({ name, message }: Error) => {
      if (name === 'PipitWarning') warnings.push(message);
    };
    process.on('warning', onWarning);
    let handled = false;
    bus.subscribe({
      group: 'search',
      retry: { backoff: () => 50, jitter: 0 },
      on: {
        'post-published': (_, { deliveryCount }) => {
          if (deliveryCount === 1) throw new Error('boom');
          handled = true;
        },
      },
    });
    await until(() => handled && warnings.length > 0);
    process.off('warning', onWarning);
    blog.logger.error = error;
    expect(warnings).toEqual([expect.stringMatching(/Group search failed 1 times .* boom$/)]);
  });
});
