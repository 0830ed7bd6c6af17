import { headers } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import type { RecordedEvent } from '@pipit/types-registry';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { HandlerContext } from '../bus.ts';
import { until } from '../testing/until.ts';
import { type Blog, Joined, openBlog, Post, publish, Renamed, User } from './blog.fixture.ts';

let server: NatsServer;
let blog: Blog;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());
afterEach(() => blog.close());

describe.each(['aggregate', 'event'] as const)('a subscription, in layout %s,', (layout) => {
  const open = async (name: string) => {
    blog = await openBlog(server, `${name}-${layout}`, layout);
    return blog.instance();
  };

  it('gets events with everything the store knows of them', async () => {
    const bus = await open('whole');
    const { events } = await blog.store.append(Post, 'p1', publish('Hello'));
    const seen: [RecordedEvent, HandlerContext][] = [];
    bus.subscribe({ group: 'search', on: { 'post-published': (...call) => seen.push(call) } });
    await until(() => seen.length === 1);
    expect(seen[0]?.[0]).toEqual(events[0]);
    expect(seen[0]?.[1]).toMatchObject({ group: 'search', deliveryCount: 1 });
    expect(seen[0]?.[1].signal.aborted).toBe(false);
    seen[0]?.[1].logger.info({ found: 1 }, 'indexed');
    const { id: eventId, type: eventType, aggregate } = events[0] as RecordedEvent;
    const facts = { group: 'search', position: 1, eventId, eventType, aggregate, found: 1 };
    expect(blog.log).toMatchObject([{ level: 'info', facts, message: 'indexed' }]);
  });

  it('gets the types of events it handles, and passes over the others without decoding them', async () => {
    const bus = await open('types');
    await blog.connection.request(`types-${layout}.post.p0${layout === 'event' ? '.odd' : ''}`, 'no event', {
      headers: oddType(),
      timeout: 5_000,
    });
    await blog.store.append(Post, 'p1', [publish('Hello'), Renamed.create({ title: 'Bye' })]);
    await blog.store.append(User, 'u1', Joined.create({ name: 'Ada' }));
    await blog.store.append(Post, 'p1', Renamed.create({ title: 'Hi' }));
    const titles: string[] = [];
    bus.subscribe({ group: 'titles', on: { 'post-renamed': ({ data }) => titles.push(data.title) } });
    await until(() => titles.length === 2);
    expect(titles).toEqual(['Bye', 'Hi']);
    await until(async () => (await blog.consumer('titles')).ack_floor.stream_seq === 5);
    expect(blog.log).toEqual([]);
  });

  it('is not told from its ids: dots, wildcards, spaces and emoji are plain text', async () => {
    const bus = await open('ids');
    const ids = ['a.b', '*', '>', 'post.>', 'two words', '🐦', 'ü=2E', '$JS.API'];
    for (const id of ids) await blog.store.append(Post, id, publish(id));
    const seen: string[] = [];
    const group = 'grüße.* >🐦';
    bus.subscribe({ group, on: { 'post-published': ({ aggregate }) => seen.push(aggregate.id) } });
    await until(() => seen.length === ids.length);
    expect(seen).toEqual(ids);
  });
});

function oddType() {
  const odd = headers();
  for (const [name, value] of Object.entries({ id: 'x', specversion: '1.0', source: '/x', type: 'odd' })) {
    odd.set(`ce-${name}`, value);
  }
  return odd;
}

describe('an event', () => {
  it('is acknowledged after its handler has ended, not before', async () => {
    blog = await openBlog(server, 'acknowledge');
    const bus = await blog.instance();
    await blog.store.append(Post, 'p1', publish('Hello'));
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    bus.subscribe({
      group: 'slow',
      on: {
        'post-published': async () => {
          begun.resolve();
          await end.promise;
        },
      },
    });
    await begun.promise;
    expect(await blog.consumer('slow')).toMatchObject({ num_ack_pending: 1, ack_floor: { stream_seq: 0 } });
    end.resolve();
    await until(async () => (await blog.consumer('slow')).ack_floor.stream_seq === 1);
    expect(await blog.consumer('slow')).toMatchObject({ num_ack_pending: 0, num_redelivered: 0 });
  });

  it('waits on the server while as many handlers run as may at a time', async () => {
    blog = await openBlog(server, 'bounded');
    const bus = await blog.instance();
    for (let i = 1; i <= 9; i++) await blog.store.append(Post, `p${i}`, publish('Hello'));
    const end = Promise.withResolvers<void>();
    let running = 0;
    let most = 0;
    bus.subscribe({
      group: 'three',
      order: 'none',
      concurrency: 3,
      on: {
        'post-published': async () => {
          most = Math.max(most, ++running);
          await end.promise;
          running--;
        },
      },
    });
    await until(() => running === 3);
    expect(await blog.consumer('three')).toMatchObject({ num_ack_pending: 3, num_pending: 6 });
    end.resolve();
    await until(async () => (await blog.consumer('three')).ack_floor.stream_seq === 9);
    expect(most).toBe(3);
  });

  it('hands its correlation on to what its handler appends, with itself as the cause', async () => {
    blog = await openBlog(server, 'chain');
    const bus = await blog.instance();
    const first = publish('Hello');
    const { events } = await blog.store.append(Post, 'p1', { ...first, correlationId: 'request-7' });
    bus.subscribe({
      group: 'welcome',
      on: {
        'post-published': async ({ aggregate }) => {
          await blog.store.append(User, aggregate.id, Joined.create({ name: 'Ada' }));
        },
      },
    });
    await until(async () => (await blog.store.load(User, 'p1')).revision === 1);
    const [joined] = await Array.fromAsync(blog.store.read({ aggregate: User, id: 'p1' }));
    expect(joined).toMatchObject({ correlationId: 'request-7', causationId: events[0]?.id });
  });

  it('is handled in the order of its store where one is handled at a time', async () => {
    blog = await openBlog(server, 'order');
    const bus = await blog.instance();
    const seen: number[] = [];
    bus.subscribe({ group: 'order', on: { 'post-published': ({ position }) => seen.push(position) } });
    for (let i = 0; i < 200; i++) await blog.store.append(Post, `p${i % 7}`, publish('Hello'));
    await until(() => seen.length === 200);
    expect(seen).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
  });
});
