import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from '../../bus.ts';
import type { DeadLetters } from '../../dead-letters.ts';
import { until } from '../../testing/until.ts';
import { type Blog, type BlogEvent, openBlog, Post, publish } from '../blog.fixture.ts';
import { openStore } from '../open-store.ts';
import { deadLetters } from './dead-letters.ts';
import { type JetStreamLetters, jetStreamLetters } from './jetstream-letters.ts';

let server: NatsServer;
let blog: Blog;
let stores = 0;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());
afterEach(() => blog.close());

/** Dead letters of a process that dies at its question of this number to the server. */
async function dyingAt(question: number): Promise<DeadLetters> {
  const store = await openStore(blog.connection, blog.store.name, {});
  const letters = jetStreamLetters(store);
  let asked = 0;
  const dying = new Proxy(letters, {
    get(target, name: keyof JetStreamLetters) {
      return (...given: unknown[]) => {
        asked += 1;
        if (asked >= question) return Promise.reject(new Error('the process died'));
        return (target[name] as (...args: unknown[]) => unknown)(...given);
      };
    },
  });
  return deadLetters(store, dying);
}

function handle(bus: Bus<BlogEvent>, seen: string[], bad: string) {
  return bus.subscribe({
    group: 'mail',
    retry: { attempts: 1 },
    on: {
      'post-published': ({ data }) => {
        if (data.title === bad) throw new Error('no');
        seen.push(data.title);
      },
    },
  });
}

/** A dead letter with two parked behind it, in a group that runs or is stopped. */
async function parkedBehind(state: 'running' | 'stopped') {
  stores += 1;
  blog = await openBlog(server, `dying-${stores}`);
  const seen: string[] = [];
  const bus = await blog.instance(2_000);
  const other = await blog.instance(2_000);
  let bad = 'one';
  const subscription = handleAll();
  await blog.store.append(Post, 'p1', ['one', 'two', 'three'].map(publish));
  const list = (filter = {}) => Array.fromAsync(other.deadLetters.list(filter));
  await until(async () => (await list({ state: 'all' })).length === 3);
  bad = '';
  if (state === 'stopped') await subscription.stop();
  return { other, seen, list, id: 'mail.1' };

  function handleAll() {
    return bus.subscribe({
      group: 'mail',
      retry: { attempts: 1 },
      on: {
        'post-published': ({ data }) => {
          if (data.title === bad) throw new Error('no');
          seen.push(data.title);
        },
      },
    });
  }
}

const decisions = { redrive: ['one', 'two', 'three'], discard: ['two', 'three'] } as const;

describe.each(['redrive', 'discard'] as const)('a process that dies while it is to %s', (decision) => {
  describe.each([1, 2, 3])('at its question %i', (question) => {
    it.each(['running', 'stopped'] as const)(
      'has done nothing, or what a group finishes that is %s',
      async (state) => {
        const { other, seen, list, id } = await parkedBehind(state);
        const isDone = await (await dyingAt(question))[decision](id).then(
          () => true,
          () => false,
        );
        // Whoever was told of an error does it again; it may be done already.
        if (!isDone) {
          await other.deadLetters[decision](id).catch((error: { code: string }) => {
            expect(error.code).toBe('DEAD_LETTER_NOT_FOUND');
          });
        }
        if (state === 'stopped') handle(other, seen, '');
        await until(async () => (await list({ state: 'all' })).length === 0);
        expect(seen).toEqual(decisions[decision]);
      },
    );
  });

  it('after it was recorded has it finished by the group, also by one that begins later', async () => {
    const { other, seen, list, id } = await parkedBehind('stopped');
    // Of a letter that is discarded the group is told, and it is still there.
    const deciding = (await dyingAt(3))[decision](id);
    if (decision === 'discard') await expect(deciding).rejects.toMatchObject({ code: 'CONNECTION' });
    else await deciding;
    expect(await list()).toHaveLength(1);
    handle(other, seen, '');
    await until(async () => (await list({ state: 'all' })).length === 0);
    expect(seen).toEqual(decisions[decision]);
  });
});

it('a request to discard that comes late removes no letter but the one it was for', async () => {
  const { other, id } = await parkedBehind('stopped');
  // Told, not removed; then the event is a dead letter anew, before the group hears of it.
  await expect((await dyingAt(3)).discard(id)).rejects.toMatchObject({ code: 'CONNECTION' });
  const stream = `${blog.store.name}_dead`;
  const letter = await blog.manager.streams.getMessage(stream, {
    last_by_subj: `${stream}.letter.mail.@.post.p1.1`,
  });
  await blog.connection.request(`${stream}.letter.mail.@.post.p1.1`, letter?.data, {
    ...(letter !== null && { headers: letter.header }),
    timeout: 5_000,
  });
  const seen: string[] = [];
  const { ready } = handle(other, seen, 'one');
  await ready;
  const consumer = async () => blog.manager.consumers.info(stream, 'mail');
  await until(async () => (await consumer()).num_pending + (await consumer()).num_ack_pending === 0);
  expect(await other.deadLetters.get(id)).toMatchObject({ state: 'dead' });
  expect(seen).toEqual([]);
});
