import { headers } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../testing/until.ts';
import { type Blog, openBlog } from '../blog.fixture.ts';
import { openBus } from '../jetstream-bus.ts';

let server: NatsServer;
let blog: Blog;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());
afterEach(() => blog.close());

const attempts = 3;

/** Letters as a group would have kept them. */
async function keep(store: string, count: number): Promise<void> {
  const at = new Date().toISOString();
  const said = JSON.stringify({ state: 'dead', attempts, failures: attempts, at, storedAt: at });
  for (let position = 1; position <= count; position += 1) {
    const error = { at, name: 'Error', message: `no ${position}`, stack: 'x'.repeat(1_000), instance: 'i' };
    const errors = Array(attempts).fill(error);
    blog.connection.publish(`${store}_dead.history.mail.@.${position}`, JSON.stringify({ errors }));
    const fields = headers();
    fields.set('Pipit-Letter', said);
    fields.set('ce-id', `event-${position}`);
    fields.set('ce-type', 'post-published');
    blog.connection.publish(`${store}_dead.letter.mail.@.post.p${position}.${position}`, '{"title":"a"}', {
      headers: fields,
    });
  }
  await blog.connection.flush();
  const stored = async () => (await blog.manager.streams.info(`${store}_dead`)).state.messages;
  await until(async () => (await stored()) === 2 * count);
}

describe('listing dead letters', () => {
  it('asks in batches, and gives all, oldest first, each with its history', async () => {
    blog = await openBlog(server, 'many');
    const connection = await connect({ servers: server.url });
    const bus = await openBus({ connection, store: 'many', aggregates: [] });
    await keep('many', 1_000);
    const before = connection.stats().outMsgs;
    const found = await Array.fromAsync(bus.deadLetters.list());
    expect(found.map(({ position }) => position)).toEqual(Array.from({ length: 1_000 }, (_, i) => i + 1));
    for (const { errors, position } of found) {
      expect(errors).toHaveLength(attempts);
      expect(errors[0]?.message).toBe(`no ${position}`);
    }
    // A subscription, a question and its end for each half of a page.
    expect(connection.stats().outMsgs - before).toBeLessThan(30);
    await connection.close();
  });

  it('reads a history from the leader that is missing or old where the others were', async () => {
    blog = await openBlog(server, 'behind');
    const bus = await blog.instance();
    await keep('behind', 2);
    await blog.manager.streams.purge('behind_dead', { filter: 'behind_dead.history.mail.@.2' });
    const found = await Array.fromAsync(bus.deadLetters.list());
    expect(found.map(({ errors }) => errors.length)).toEqual([attempts, 0]);
  });

  it('ends early where nobody reads on', async () => {
    blog = await openBlog(server, 'early');
    const bus = await blog.instance();
    await keep('early', 600);
    const ids: string[] = [];
    for await (const { id } of bus.deadLetters.list()) {
      ids.push(id);
      if (ids.length === 300) break;
    }
    expect(ids.at(-1)).toBe('mail.300');
  });
});
