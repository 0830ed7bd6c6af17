import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inbox } from '../../middleware/inbox.ts';
import { composeMiddleware } from '../../middleware.ts';
import { until } from '../../testing/until.ts';
import { type Blog, openBlog, Post, publish } from '../blog.fixture.ts';
import { kvInbox } from './kv-inbox.ts';

let server: NatsServer;
let blog: Blog;

beforeAll(async () => {
  server = await startNatsServer();
  blog = await openBlog(server, 'blog');
});
afterAll(async () => {
  await blog.close();
  await server.stop();
});

it('a group of two instances that gets every event three times has each effect once', async () => {
  const effects: number[] = [];
  const passedOver: string[] = [];
  const logger = { ...blog.logger, info: (_: object, message: string) => void passedOver.push(message) };
  for (let i = 0; i < 20; i++) await blog.store.append(Post, `p${i}`, publish('Hello'));
  for (let instance = 0; instance < 2; instance++) {
    const place = await kvInbox({ connection: blog.connection, store: 'blog', logger });
    const guarded = composeMiddleware([inbox(place)], async ({ position }) => void effects.push(position), {
      group: 'mail',
      logger,
    });
    const bus = await blog.instance();
    bus.subscribe({
      group: 'mail',
      concurrency: 4,
      retry: { backoff: () => 20, jitter: 0 },
      on: {
        'post-published': async (event, context) => {
          await guarded(event, context);
          // As when the process dies between its effect and the acknowledgement.
          if (context.deliveryCount < 3) throw new Error('not acknowledged');
        },
      },
    });
  }
  await until(async () => (await blog.consumer('mail')).ack_floor.stream_seq === 20);
  expect(effects.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  expect(passedOver).toHaveLength(40);
});
