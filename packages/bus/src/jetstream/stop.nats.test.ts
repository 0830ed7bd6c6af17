import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../testing/until.ts';
import { type Blog, openBlog, Post, publish } from './blog.fixture.ts';
import { openBus } from './jetstream-bus.ts';

let server: NatsServer;
let blog: Blog;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());
afterEach(() => blog.close());

async function held(name: string, count: number) {
  blog = await openBlog(server, name);
  for (let i = 1; i <= count; i++) await blog.store.append(Post, `p${i}`, publish('Hello'));
  const bus = await blog.instance();
  const end = Promise.withResolvers<void>();
  const signals: AbortSignal[] = [];
  const aborting = new AbortController();
  const subscription = bus.subscribe({
    group: 'slow',
    concurrency: count,
    signal: aborting.signal,
    on: {
      'post-published': async (_, { signal }) => {
        signals.push(signal);
        await end.promise;
      },
    },
  });
  await until(() => signals.length === count);
  return { bus, subscription, end, signals, aborting };
}

describe('stop', () => {
  it('waits for the handlers under way and sends their acknowledgements, and nothing new begins', async () => {
    const { subscription, end, signals } = await held('waits', 3);
    const order: string[] = [];
    const stopped = subscription.stop().then(() => order.push('stopped'));
    await blog.store.append(Post, 'p9', publish('Hello'));
    order.push('ended');
    end.resolve();
    await stopped;
    expect(order).toEqual(['ended', 'stopped']);
    expect(await blog.consumer('slow')).toMatchObject({
      ack_floor: { stream_seq: 3 },
      num_ack_pending: 0,
      num_pending: 1,
    });
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false, false]);
    await subscription.closed;
    expect(blog.log).toEqual([]);
  });

  it('is bounded: it aborts handlers that do not end, and gives their events to others at once', async () => {
    const { bus, subscription, signals } = await held('bounded', 2);
    await bus.stop({ timeout: 100 });
    await subscription.closed;
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
    expect(signals[0]?.reason).toMatchObject({ code: 'STOPPED' });
    expect(blog.log).toMatchObject([{ level: 'warn', facts: { group: 'slow', count: 2 } }]);
    const counts: number[] = [];
    const handler = (_: unknown, { deliveryCount }: { deliveryCount: number }) => counts.push(deliveryCount);
    (await blog.instance()).subscribe({ group: 'slow', on: { 'post-published': handler } });
    await until(() => counts.length === 2);
    expect(counts).toEqual([2, 2]);
  });

  it('is what an abort does', async () => {
    const { subscription, end, aborting } = await held('aborted', 1);
    aborting.abort();
    end.resolve();
    await subscription.closed;
    expect(await blog.consumer('slow')).toMatchObject({ ack_floor: { stream_seq: 1 }, num_waiting: 0 });
  });

  it('may be called again, by the bus too, and ends once', async () => {
    const { bus, subscription, end } = await held('again', 1);
    const stops = [subscription.stop(), subscription.stop({ timeout: 1 }), bus.stop(), bus.stop()];
    end.resolve();
    await Promise.all(stops);
    await subscription.stop();
    expect(await blog.consumer('slow')).toMatchObject({ ack_floor: { stream_seq: 1 } });
    expect(() => bus.subscribe({ group: 'late', on: { 'post-published': () => {} } })).toThrow(
      expect.objectContaining({ code: 'STOPPED' }),
    );
  });

  it('gives back at once what was on its way', async () => {
    blog = await openBlog(server, 'on-its-way');
    const many = () => Array.from({ length: 500 }, () => publish('Hello'));
    for (let i = 1; i <= 4; i++) await blog.store.append(Post, `p${i}`, many());
    const seen = new Set<number>();
    const options = {
      group: 'fast',
      concurrency: 50,
      on: { 'post-published': ({ position }: { position: number }) => void seen.add(position) },
    };
    for (let round = 0; round < 10; round++) {
      const bus = await blog.instance();
      bus.subscribe(options);
      const before = seen.size;
      await until(() => seen.size > before || seen.size === 2_000);
      await bus.stop();
    }
    // What was left to wait for its lease, of 30 seconds, would miss the deadline.
    (await blog.instance()).subscribe(options);
    await until(() => seen.size === 2_000);
  });

  it('says what may not have been sent or given back, and ends all the same', async () => {
    blog = await openBlog(server, 'unsent');
    const { connection, logger } = blog;
    const lost = () => Promise.reject(new Error('broken pipe'));
    const broken = Object.create(connection, {
      flush: { value: lost },
      subscribe: {
        value: (...subscribed: Parameters<typeof connection.subscribe>) =>
          Object.assign(connection.subscribe(...subscribed), { drain: lost }),
      },
    });
    const bus = await openBus({ connection: broken, store: 'unsent', aggregates: [Post], logger });
    const subscription = bus.subscribe({ group: 'search', on: { 'post-published': () => {} } });
    await subscription.ready;
    await subscription.stop();
    await subscription.closed;
    const facts = { store: 'unsent', group: 'search', err: { message: 'broken pipe' } };
    expect(blog.log).toMatchObject([
      { level: 'warn', facts, message: expect.stringMatching(/was on its way .* broken pipe$/) },
      { level: 'warn', facts, message: expect.stringMatching(/last acknowledgements .* broken pipe$/) },
    ]);
  });

  it('before the group was joined leaves nothing behind', async () => {
    blog = await openBlog(server, 'early');
    const bus = await blog.instance();
    const on = { 'post-published': () => {} };
    const early = bus.subscribe({ group: 'early', on, signal: AbortSignal.abort() });
    await expect(early.ready).rejects.toMatchObject({ code: 'STOPPED' });
    await early.closed;
    await expect(blog.consumer('early')).rejects.toThrow('consumer not found');
    const soon = bus.subscribe({ group: 'soon', on });
    await soon.stop();
    await soon.closed;
    expect(blog.log).toEqual([]);
  });
});

it('a leader that leaves waits for what others handle, and no event is handled twice', async () => {
  blog = await openBlog(server, 'handed-out');
  const end = Promise.withResolvers<void>();
  const tries = new Map<string, number>();
  const slow: string[] = [];
  const join = async (handle: (id: string) => unknown) => {
    const bus = await blog.instance();
    const { ready } = bus.subscribe({
      group: 'crowd',
      concurrency: 40,
      on: {
        'post-published': ({ aggregate: { id } }) => {
          tries.set(id, (tries.get(id) ?? 0) + 1);
          return handle(id);
        },
      },
    });
    await ready;
    return bus;
  };
  const leader = await join(() => {});
  await blog.store.append(Post, 'first', publish('Hello'));
  await until(() => tries.has('first'));
  await join((id) => {
    slow.push(id);
    return end.promise;
  });
  let count = 0;
  await until(async () => {
    count += 1;
    await blog.store.append(Post, `p${count}`, publish('Hello'));
    return slow.length > 0;
  });
  const order: string[] = [];
  setTimeout(() => {
    order.push('handled');
    end.resolve();
  }, 3_500);
  await leader.stop();
  order.push('stopped');
  expect(order).toEqual(['handled', 'stopped']);
  await until(async () => (await blog.consumer('crowd')).ack_floor.stream_seq === count + 1);
  expect([...tries].filter(([, times]) => times > 1)).toEqual([]);
});
