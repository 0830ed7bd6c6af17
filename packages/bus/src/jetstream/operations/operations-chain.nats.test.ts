import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Handling, Operations } from '../../operations.ts';
import { until } from '../../testing/until.ts';
import { type Blog, openBlog, Post, publish, Renamed } from '../blog.fixture.ts';
import { jetStreamOperations } from './jetstream-operations.ts';

let server: NatsServer;
let blog: Blog;
let operations: Operations;

beforeEach(async () => {
  server = await startNatsServer();
  blog = await openBlog(server, 'blog');
  operations = await jetStreamOperations({ connection: blog.connection, store: 'blog' });
});
afterEach(async () => {
  await operations.close();
  await blog.close();
  await server.stop();
});

/** What the store is to do by itself: report what was appended. */
async function append(id: string, event: Parameters<typeof blog.store.append<typeof Post>>[2]) {
  const { events } = await blog.store.append(Post, id, event);
  operations.recorder.appended(events);
}

describe('the chain of an operation on a store with subscriptions', () => {
  it('leads from the operation over its events to what handlers made of them', async () => {
    const { recorder } = operations;
    const bus = await blog.instance();
    // What the bus is to do by itself: report each handling.
    const report = (handling: Omit<Handling, 'group' | 'at'>) =>
      recorder.handled({ group: 'rename', ...handling });
    bus.subscribe({
      group: 'rename',
      retry: { backoff: () => 10, jitter: 0 },
      on: {
        'post-published': async (event, { deliveryCount: attempt }) => {
          if (attempt === 1) {
            const error = new Error('not now');
            report({ event, attempt, outcome: 'retrying', error });
            throw error;
          }
          await append(event.aggregate.id, Renamed.create({ title: 'Bye' }));
          report({ event, attempt, outcome: 'handled' });
        },
        'post-renamed': (event, { deliveryCount: attempt }) => report({ event, attempt, outcome: 'handled' }),
      },
    });
    const id = await operations.operation(
      { kind: 'command', name: 'publish', input: { title: 'Hello' }, user: 'ada' },
      async (context) => {
        await append('p1', publish('Hello'));
        return context.id;
      },
    );
    const handledAll = async () => (await operations.get(id))?.events[0]?.events[0]?.groups[0];
    await until(handledAll);
    expect(await operations.get(id)).toMatchObject({
      operation: { state: 'succeeded', name: 'publish', input: { title: 'Hello' }, user: 'ada' },
      complete: true,
      detached: { events: [], operations: [] },
      events: [
        {
          type: 'post-published',
          aggregate: { type: 'post', id: 'p1' },
          position: 1,
          groups: [
            {
              group: 'rename',
              outcome: 'handled',
              attempts: 2,
              failures: [{ attempt: 1, outcome: 'retrying', error: { name: 'Error', message: 'not now' } }],
            },
          ],
          events: [{ type: 'post-renamed', position: 2, groups: [{ outcome: 'handled', failures: [] }] }],
        },
      ],
    });
  });
});
