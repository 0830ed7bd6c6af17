import { startNatsServer } from '@pipit/nats-server';
import { expect, it } from 'vitest';
import { until } from '../../testing/until.ts';
import { openBlog, Post, publish } from '../blog.fixture.ts';

it('a dead letter that is handled when nobody is pinned is not handled again by who is pinned meanwhile', async () => {
  const server = await startNatsServer();
  const blog = await openBlog(server, 'idle');
  // Longer than a busy machine stands still.
  const lease = 5_000;
  try {
    const failing = await blog.instance(lease);
    failing.subscribe({
      group: 'mail',
      retry: { attempts: 1 },
      on: {
        'post-published': () => {
          throw new Error('not yet');
        },
      },
    });
    await blog.store.append(Post, 'p1', publish('Hello'));
    await until(async () => (await Array.fromAsync(failing.deadLetters.list())).length === 1);
    const [{ id } = { id: '' }] = await Array.fromAsync(failing.deadLetters.list());
    await failing.stop();

    const tried: number[] = [];
    const end = Promise.withResolvers<void>();
    for (let member = 0; member < 8; member += 1) {
      const bus = await blog.instance(lease);
      const subscription = bus.subscribe({
        group: 'mail',
        on: {
          'post-published': async ({ position }) => {
            tried.push(position);
            if (position === 1) await end.promise;
          },
        },
      });
      await subscription.ready;
    }
    await until(async () => (await blog.consumer('mail')).num_waiting >= 8);
    await (await blog.instance(lease)).deadLetters.redrive(id);
    await until(() => tried.length === 1);
    await blog.store.append(Post, 'p2', publish('Hello'));
    await until(async () => (await blog.consumer('mail')).delivered.stream_seq === 2);
    // Who has been pinned asks again and again, unless it is the one that has the letter, which handles both.
    let asked = 0;
    const asking = blog.connection.subscribe('$JS.API.CONSUMER.INFO.idle.mail', {
      callback: () => {
        asked += 1;
      },
    });
    await until(() => asked >= 10 || tried.length === 2);
    asking.unsubscribe();
    end.resolve();
    await until(async () => (await blog.consumer('mail')).ack_floor.stream_seq === 2);
    await until(async () => (await Array.fromAsync(failing.deadLetters.list())).length === 0);
    expect(tried).toEqual([1, 2]);
  } finally {
    await blog.close();
    await server.stop();
  }
}, 60_000);
