import { nanos } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../testing/until.ts';
import { type Blog, Joined, openBlog, Post, publish, User } from './blog.fixture.ts';

let server: NatsServer;
let blog: Blog;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());
afterEach(() => blog.close());

const append = async (count: number) => {
  for (let i = 1; i <= count; i++) await blog.store.append(Post, `p${i}`, publish('Hello'));
};

describe('groups', () => {
  it('each get every event', async () => {
    blog = await openBlog(server, 'every');
    const bus = await blog.instance();
    const seen: Record<string, number[]> = { search: [], mail: [], stats: [] };
    for (const [group, positions] of Object.entries(seen)) {
      bus.subscribe({ group, on: { 'post-published': ({ position }) => positions.push(position) } });
    }
    await append(20);
    const all = Array.from({ length: 20 }, (_, index) => index + 1);
    await until(() => Object.values(seen).every((positions) => positions.length === 20));
    expect(seen).toEqual({ search: all, mail: all, stats: all });
  });

  it('share their events between instances: each is handled once while nothing fails, by both', async () => {
    blog = await openBlog(server, 'share');
    const seen: number[][] = [[], []];
    for (const positions of seen) {
      const bus = await blog.instance();
      const subscription = bus.subscribe({
        group: 'search',
        order: 'none',
        on: { 'post-published': ({ position }) => positions.push(position) },
      });
      await subscription.ready;
    }
    await append(200);
    await until(() => seen.flat().length >= 200);
    await until(async () => (await blog.consumer('search')).ack_floor.stream_seq === 200);
    expect(seen.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
    expect(seen.every((positions) => positions.length > 0)).toBe(true);
  });

  it('go on where they were: a group that was down gets what it missed', async () => {
    blog = await openBlog(server, 'missed');
    const seen: number[] = [];
    const options = {
      group: 'search',
      on: { 'post-published': ({ position }: { position: number }) => seen.push(position) },
    };
    await append(3);
    const first = await blog.instance();
    const subscription = first.subscribe(options);
    await until(() => seen.length === 3);
    await subscription.stop();
    await append(3);
    expect(seen).toHaveLength(3);
    (await blog.instance()).subscribe(options);
    await until(() => seen.length === 6);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("begin with the first event, or with 'new' with the next one; one that exists goes on", async () => {
    blog = await openBlog(server, 'from');
    const bus = await blog.instance();
    await append(2);
    const seen: Record<string, number[]> = { start: [], new: [], both: [] };
    const join = (group: string, from: 'start' | 'new') =>
      bus.subscribe({ group, from, on: { 'post-published': ({ position }) => seen[group]?.push(position) } });
    const joined = [join('start', 'start'), join('new', 'new'), join('both', 'new')];
    await Promise.all(joined.map(({ ready }) => ready));
    await joined[2]?.stop();
    await append(2);
    join('both', 'start');
    await until(() => seen['start']?.length === 4 && seen['new']?.length === 2 && seen['both']?.length === 2);
    expect(seen).toEqual({ start: [1, 2, 3, 4], new: [3, 4], both: [3, 4] });
  });

  it('can be joined by many instances at the same moment, whatever each handles', async () => {
    blog = await openBlog(server, 'moment');
    const buses = await Promise.all(Array.from({ length: 8 }, () => blog.instance()));
    const seen: string[] = [];
    const subscriptions = buses.map((bus, index) =>
      bus.subscribe({
        group: 'search',
        from: index % 2 === 0 ? 'start' : 'new',
        on: {
          'post-published': ({ type }) => seen.push(type),
          ...(index < 4 && { 'user-joined': ({ type }: { type: string }) => seen.push(type) }),
        },
      }),
    );
    await Promise.all(subscriptions.map(({ ready }) => ready));
    const { config } = await blog.consumer('search');
    expect(config).toMatchObject({
      filter_subjects: ['moment.*.*'],
      metadata: { 'pipit-types': 'post,user' },
    });
  });
});

describe('a group that exists', () => {
  it('gets events of another type of aggregate when a handler for them is added', async () => {
    blog = await openBlog(server, 'widen');
    const seen: string[] = [];
    const old = (await blog.instance()).subscribe({
      group: 'search',
      on: { 'post-published': ({ aggregate }) => seen.push(aggregate.id) },
    });
    await append(2);
    await until(() => seen.length === 2);
    await old.stop();
    const added = (await blog.instance()).subscribe({
      group: 'search',
      on: {
        'post-published': ({ aggregate }) => seen.push(aggregate.id),
        'user-joined': ({ aggregate }) => seen.push(aggregate.id),
      },
    });
    await added.ready;
    await blog.store.append(User, 'u1', Joined.create({ name: 'Ada' }));
    await blog.store.append(Post, 'p3', publish('Hello'));
    await until(() => seen.length === 4);
    expect(seen).toEqual(['p1', 'p2', 'u1', 'p3']);
    expect(blog.log).toMatchObject([{ level: 'info', facts: { group: 'search', added: ['user'] } }]);
  });

  it.each(['key', 'none'] as const)(
    'gets the events of a type that is added while older members run, from ready on, with order %s',
    async (order) => {
      blog = await openBlog(server, `widening-${order}`);
      const users: string[] = [];
      const posts: string[] = [];
      const post = {
        'post-published': ({ aggregate }: { aggregate: { id: string } }) => posts.push(aggregate.id),
      };
      const common = { group: 'search', order, retry: { backoff: () => 50, jitter: 0 } };
      for (let member = 0; member < 2; member += 1) {
        await (await blog.instance(2_000)).subscribe({ ...common, on: post }).ready;
      }
      await blog.store.append(User, 'early', Joined.create({ name: 'Ada' }));
      await append(1);
      await until(() => posts.length === 1);
      const newer = (await blog.instance(2_000)).subscribe({
        ...common,
        on: { ...post, 'user-joined': ({ aggregate }) => users.push(aggregate.id) },
      });
      await newer.ready;
      const ids = Array.from({ length: 50 }, (_, index) => `u${index}`);
      for (const id of ids) await blog.store.append(User, id, Joined.create({ name: 'Ada' }));
      await until(() => users.length >= ids.length);
      expect(new Set(users)).toEqual(new Set(ids));
    },
  );

  it('loses nothing to a member of an older release, which leaves to others what it has no handler for', async () => {
    blog = await openBlog(server, 'rollout');
    const users: string[] = [];
    const released = (await blog.instance()).subscribe({
      group: 'search',
      order: 'none',
      retry: { backoff: () => 50, jitter: 0 },
      on: { 'user-joined': ({ aggregate }) => users.push(aggregate.id), 'post-published': () => {} },
    });
    await released.ready;
    const older = (await blog.instance()).subscribe({
      group: 'search',
      order: 'none',
      retry: { backoff: () => 50, jitter: 0 },
      on: { 'post-published': () => {} },
    });
    await older.ready;
    for (let i = 0; i < 50; i++) await blog.store.append(User, `u${i}`, Joined.create({ name: 'Ada' }));
    await until(async () => (await blog.consumer('search')).ack_floor.stream_seq === 50);
    expect(new Set(users).size).toBe(50);
    const left = blog.log.filter(({ level }) => level === 'warn');
    expect(left.length).toBeGreaterThan(0);
    expect(left[0]?.message).toMatch(
      /^Group search has no handler here for user-joined at position \d+, and leaves/,
    );
  });

  it('as a consumer with other settings is refused with the differences, and left as it is', async () => {
    blog = await openBlog(server, 'mismatch');
    const bus = await blog.instance();
    const bare = { durable_name: 'theirs', ack_policy: 'all', ack_wait: nanos(15_000) } as const;
    await blog.manager.consumers.add('mismatch', { ...bare, max_deliver: 3, headers_only: true });
    const before = (await blog.consumer('theirs')).config;
    const subscription = bus.subscribe({
      group: 'theirs',
      order: 'none',
      on: { 'post-published': () => {} },
    });
    await expect(subscription.ready).rejects.toMatchObject({
      code: 'GROUP_MISMATCH',
      store: 'mismatch',
      group: 'theirs',
      differences: [
        { setting: 'metadata.pipit-order', expected: 'none', actual: undefined },
        { setting: 'ack_policy', expected: 'explicit', actual: 'all' },
        { setting: 'max_deliver', expected: -1, actual: 3 },
        { setting: 'max_ack_pending', expected: 50_000, actual: 1_000 },
        { setting: 'headers_only', expected: undefined, actual: true },
      ],
    });
    await expect(subscription.closed).rejects.toMatchObject({ code: 'GROUP_MISMATCH' });
    expect((await blog.consumer('theirs')).config).toEqual(before);
    expect(blog.log).toMatchObject([{ level: 'error', facts: { err: { code: 'GROUP_MISMATCH' } } }]);
    await subscription.stop();
  });
});

describe('a group whose consumer is deleted', () => {
  it('goes on where it was, and says so', async () => {
    blog = await openBlog(server, 'lost');
    await append(3);
    const seen: number[] = [];
    const subscription = (await blog.instance()).subscribe({
      group: 'search',
      from: 'new',
      on: { 'post-published': ({ position }) => seen.push(position) },
    });
    await subscription.ready;
    await until(async () => (await blog.consumer('search')).num_waiting === 1);
    await blog.manager.consumers.delete('lost', 'search');
    await append(2);
    await until(() => seen.length === 2);
    expect(seen).toEqual([4, 5]);
    expect(blog.log).toMatchObject([
      { level: 'warn' },
      {
        level: 'error',
        facts: { group: 'search', position: 4 },
        message: expect.stringContaining('was deleted, and is made again at position 4'),
      },
    ]);
  });

  it('goes on after the handler under way, whose event comes again', async () => {
    blog = await openBlog(server, 'lost-busy');
    await append(2);
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const seen: number[] = [];
    (await blog.instance()).subscribe({
      group: 'search',
      on: {
        'post-published': async ({ position }) => {
          seen.push(position);
          begun.resolve();
          await end.promise;
        },
      },
    });
    await begun.promise;
    await blog.manager.consumers.delete('lost-busy', 'search');
    await until(() => blog.log.some(({ message }) => message.includes('is made again at position 1')));
    expect(seen).toEqual([1]);
    end.resolve();
    await until(() => seen.length === 3);
    expect(seen).toEqual([1, 1, 2]);
  });

  it('can be stopped meanwhile', async () => {
    blog = await openBlog(server, 'lost-stopped');
    const bus = await blog.instance();
    const { ready, closed } = bus.subscribe({ group: 'search', on: { 'post-published': () => {} } });
    await ready;
    await blog.manager.consumers.delete('lost-stopped', 'search');
    await until(() => blog.log.length > 0);
    await bus.stop();
    await closed;
  });

  it('says so when it is asked for its lag, once nobody is left to make it again', async () => {
    blog = await openBlog(server, 'lost-lag');
    const subscription = (await blog.instance()).subscribe({
      group: 'search',
      on: { 'post-published': () => {} },
    });
    await subscription.ready;
    await subscription.stop();
    expect(await subscription.lag()).toEqual({ behind: 0 });
    await blog.manager.consumers.delete('lost-lag', 'search');
    const lost = { code: 'GROUP_LOST', message: expect.stringContaining('its stream or its consumer') };
    await expect(subscription.lag()).rejects.toMatchObject(lost);
    await blog.manager.streams.delete('lost-lag');
    await expect(subscription.lag()).rejects.toMatchObject(lost);
  });

  it('ends with an error when its stream was replaced', async () => {
    blog = await openBlog(server, 'replaced');
    const { ready, closed } = (await blog.instance()).subscribe({
      group: 'search',
      on: { 'post-published': () => {} },
    });
    await ready;
    const { config } = await blog.manager.streams.info('replaced');
    await blog.manager.streams.delete('replaced');
    await blog.manager.streams.add(config);
    await expect(closed).rejects.toMatchObject({ code: 'GROUP_LOST', group: 'search' });
  });

  it('ends with an error when its whole stream is deleted', async () => {
    blog = await openBlog(server, 'lost-stream');
    const subscription = (await blog.instance()).subscribe({
      group: 'search',
      on: { 'post-published': () => {} },
    });
    await subscription.ready;
    await blog.manager.streams.delete('lost-stream');
    await expect(subscription.closed).rejects.toMatchObject({ code: 'GROUP_LOST' });
  });
});
