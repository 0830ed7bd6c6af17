import { startNatsServer } from '@pipit/nats-server';
import { expect, it } from 'vitest';
import { until } from '../../testing/until.ts';
import { openBlog, Post, publish } from '../blog.fixture.ts';

it('the leader of a group with slow handlers takes no more events than it has room for', async () => {
  const server = await startNatsServer();
  const blog = await openBlog(server, 'blog');
  try {
    for (let key = 0; key < 300; key += 1) {
      await blog.store.append(
        Post,
        `p${key}`,
        Array.from({ length: 20 }, () => publish('Hello')),
      );
    }
    const lease = 2_000;
    const bus = await blog.instance(lease);
    const began = performance.now();
    bus.subscribe({ group: 'slow', on: { 'post-published': () => new Promise(() => {}) } });
    let most = 0;
    await until(async () => {
      most = Math.max(most, (await blog.consumer('slow')).num_ack_pending);
      return most >= 1_000 && performance.now() - began > 2 * lease;
    });
    // One more now and then says that it still leads.
    expect(most).toBeLessThan(1_100);
  } finally {
    await blog.close();
    await server.stop();
  }
}, 60_000);
