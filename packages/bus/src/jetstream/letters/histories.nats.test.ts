import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from '../../bus.ts';
import { until } from '../../testing/until.ts';
import { type Blog, type BlogEvent, openBlog, Post, publish } from '../blog.fixture.ts';

let server: NatsServer;
let blog: Blog;
let bus: Bus<BlogEvent>;
let stores = 0;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());
afterEach(() => blog.close());

/** A dead letter of a group that fails as long as it is told to. */
async function deadLetter(order: 'key' | 'none', attempts = 1) {
  stores += 1;
  blog = await openBlog(server, `histories-${stores}`);
  bus = await blog.instance(2_000);
  const state = { bad: true, tries: 0, wait: 10 };
  bus.subscribe({
    group: 'mail',
    order,
    retry: { attempts, backoff: () => state.wait, jitter: 0 },
    on: {
      'post-published': () => {
        state.tries += 1;
        if (state.bad) throw new Error('no');
      },
    },
  });
  await blog.store.append(Post, 'p1', publish('Hello'));
  await until(async () => (await bus.deadLetters.get('mail.1')) !== undefined);
  return state;
}

const subjects = async () => {
  const stream = `${blog.store.name}_dead`;
  const { state } = await blog.manager.streams.info(stream, { subjects_filter: '>' });
  return Object.keys(state.subjects ?? {}).map((subject) => subject.slice(stream.length + 1));
};
const isGone = async () => (await bus.deadLetters.get('mail.1')) === undefined;

describe.each(['key', 'none'] as const)(
  'the history of a dead letter, in a group with order %s,',
  (order) => {
    const historyOf = () => {
      const stream = `${blog.store.name}_dead`;
      return blog.manager.streams.getMessage(stream, { last_by_subj: `${stream}.history.mail.@.1` });
    };

    it('is kept for as long as the letter, also while that is redriven', async () => {
      const state = await deadLetter(order, 2);
      expect((await historyOf())?.header?.get('Nats-TTL')).toBe('');
      state.wait = 60_000;
      await bus.deadLetters.redrive('mail.1');
      await until(async () => (await bus.deadLetters.get('mail.1'))?.errors.length === 3);
      expect((await historyOf())?.header?.get('Nats-TTL')).toBe('');
    });

    it('may have been lost: the letter is redriven all the same', async () => {
      const state = await deadLetter(order);
      const stream = `${blog.store.name}_dead`;
      await blog.manager.streams.purge(stream, { filter: `${stream}.history.mail.@.1` });
      await bus.deadLetters.redrive('mail.1');
      await until(async () => (await bus.deadLetters.get('mail.1'))?.attempts === 2);
      state.bad = false;
      await bus.deadLetters.redrive('mail.1');
      await until(isGone);
      expect(state.tries).toBe(3);
    });

    it.each(['redriven', 'discarded'] as const)(
      'is gone with a letter that is %s, as is all else',
      async (done) => {
        const state = await deadLetter(order);
        state.bad = false;
        await (done === 'redriven' ? bus.deadLetters.redrive('mail.1') : bus.deadLetters.discard('mail.1'));
        await until(isGone);
        await until(async () => (await subjects()).length === 0);
      },
    );
  },
);
