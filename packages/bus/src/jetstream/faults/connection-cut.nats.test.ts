import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../../testing/until.ts';
import { type Blog, openBlog, Post, publish } from '../blog.fixture.ts';
import { openBus } from '../jetstream-bus.ts';
import { outOfOrder } from './effects.fixture.ts';

const lease = 1_000;
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

it('an event that is lost on its way when the connection is cut is handled before the later ones of its aggregate', async () => {
  const events = 10_000;
  for (let round = 0; round < 20; round += 1) {
    const some = Array.from({ length: 50 }, () => publish('Hello'));
    for (let key = 0; key < 10; key += 1) await blog.store.append(Post, `p${key}`, some.slice());
  }
  const handled = new Map<number, string>();
  const { connection, logger, store } = blog;
  const bus = await openBus({ connection, store: 'blog', aggregates: [Post], logger }, lease);
  const { closed } = bus.subscribe({
    group: 'cut',
    concurrency: 10,
    on: {
      'post-published': ({ position, aggregate }) => {
        if (!handled.has(position)) handled.set(position, aggregate.id);
      },
    },
  });
  for (let cut = 1; cut <= 4; cut += 1) {
    await until(() => handled.size >= cut * 2_000);
    await connection.reconnect();
  }
  await until(() => handled.size === events);
  const effects = [...handled].map(([position, key]) => ({ position, key }));
  expect(outOfOrder(effects)).toEqual([]);
  await until(async () => (await blog.consumer('cut')).ack_floor.stream_seq === events);
  expect(await store.position()).toBe(events);
  await bus.stop();
  // It has not ended by itself.
  await closed;
}, 90_000);
