import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DeadLetterAlert } from '../../alerts.ts';
import { until } from '../../testing/until.ts';
import { aggregates, type Blog, openBlog } from '../blog.fixture.ts';
import { openBus } from '../jetstream-bus.ts';

let server: NatsServer;
let blog: Blog;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());
afterEach(() => blog.close());

describe.each(['key', 'none'] as const)('a group with order %s', (order) => {
  it('keeps what somebody else published under a subject that no event has, and shows it as it is', async () => {
    const name = `foreign-${order}`;
    blog = await openBlog(server, name);
    const alerts: DeadLetterAlert[] = [];
    const bus = await openBus({
      connection: blog.connection,
      store: name,
      aggregates,
      logger: blog.logger,
      alerts: { deadLettered: (alert) => void alerts.push(alert), close: async () => {} },
    });
    await blog.connection.request(`${name}.post.x=zz`, '{}');
    const on = { 'post-published': () => {} };
    bus.subscribe({ group: 'mail', order, retry: { attempts: 2, backoff: () => 10 }, on } as never);
    await until(() => alerts.length === 1);
    expect(alerts[0]).toMatchObject({ group: 'mail', key: 'post x=zz', attempts: 2, type: 'unreadable' });
    const [letter, ...others] = await Array.fromAsync(bus.deadLetters.list());
    expect(others).toEqual([]);
    expect(letter).toMatchObject({ id: 'mail.1', aggregate: { type: 'post', id: 'x=zz' }, attempts: 2 });
    expect(await bus.deadLetters.get('mail.1')).toEqual(letter);
    expect(blog.log.map(({ message }) => message)).toEqual([
      expect.stringContaining('failed 1 times on an event (unreadable) at position 1, again in'),
      expect.stringContaining('failed 2 times on an event (unreadable) at position 1, added to dead letters'),
    ]);
    await bus.deadLetters.discard('mail.1');
    expect(await Array.fromAsync(bus.deadLetters.list())).toEqual([]);
    await bus.stop();
  });
});
