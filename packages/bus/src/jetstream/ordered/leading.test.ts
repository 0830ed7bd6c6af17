import { setImmediate } from 'node:timers/promises';
import type { Msg, NatsConnection } from '@nats-io/nats-core';
import { defineRegistry, subjectLayouts } from '@pipit/types-registry';
import { expect, it } from 'vitest';
import { checkSubscribeOptions } from '../../check-subscribe-options.ts';
import { noHistory } from '../../delivery/history.ts';
import { until } from '../../testing/until.ts';
import { Joined, Published, Renamed } from '../blog.fixture.ts';
import { DeliveredItem } from '../delivered-item.ts';
import { storeSource } from '../event-source.ts';
import type { GroupContext } from '../group-context.ts';
import type { JetStreamLetters } from '../letters/jetstream-letters.ts';
import type { StoredLetter } from '../letters/stored-letter.ts';
import { type Leading, lead } from './leading.ts';
import { handledAnswer, type Presence } from './messages.ts';

const { events } = defineRegistry({ events: [Published, Renamed, Joined] });
const source = storeSource('blog', subjectLayouts.aggregate, events);

interface LeaderOptions {
  /** The types of aggregates that the leader asks for. */
  readonly asked?: readonly string[];
  readonly lease?: number;
  readonly letters?: Partial<JetStreamLetters>;
}

/**
 * A leader of a group, which has a handler for users, with one other member, on a connection that the test plays.
 */
function openLeader({ asked = ['post', 'user'], lease = 60_000, letters }: LeaderOptions = {}) {
  const published: { subject: string; reply: string | undefined }[] = [];
  let hear: (error: null, msg: Msg) => void = () => {};
  let inbox = '';
  const message = (subject: string, text: string) =>
    ({ subject, data: Buffer.from(text), json: () => JSON.parse(text) }) as unknown as Msg;
  const connection = {
    isClosed: () => false,
    isDraining: () => false,
    subscribe(subject: string, { callback }: { callback: typeof hear }) {
      inbox = subject.replace('.*', '');
      hear = callback;
      return { unsubscribe: () => {} };
    },
    publish(subject: string, _: unknown, options?: { reply?: string }) {
      published.push({ subject, reply: options?.reply });
    },
  } as unknown as NatsConnection;
  const silent = () => {};
  const logger = { info: silent, warn: silent, error: silent };
  const state = { touch: true };
  const context = {
    store: { name: 'blog', connection, inboxPrefix: undefined },
    source,
    letters: {
      boxOf: () => ({}),
      keysWithLetters: () => Promise.resolve([]),
      ...letters,
    },
    options: checkSubscribeOptions(
      events,
      { group: 'crowd', concurrency: 1, on: { 'user-joined': silent } },
      { logger },
    ),
    consumer: 'crowd',
    asked: new Set(asked),
    asksFor: () => true,
    lease,
    instance: 'here',
    logger,
  } as unknown as GroupContext;
  const leading: Leading = lead(context, {
    id: 'leader',
    outstanding: () => Promise.resolve({ count: 0, sequence: 0 }),
    inTouch: () => state.touch,
    isPinned: () => true,
    othersResume: () => false,
    onRoom: silent,
    onGap: silent,
  });
  const ends: string[] = [];
  return {
    leading,
    state,
    ends,
    attempts: () => published.filter(({ reply }) => reply !== undefined),
    positions: () =>
      published.flatMap(({ subject, reply }) => (reply ? [Number(subject.split('.')[3])] : [])),
    hasBegun: () => published.length > 0,
    join(types = ['post-published']) {
      const presence: Presence = {
        ...{ id: 'other', instance: 'there', inbox: 'other', concurrency: 1 },
        ...{ types, asked: ['post'], number: 1, running: [], leaving: false },
      };
      hear(null, message(`${inbox}.presence`, JSON.stringify(presence)));
    },
    answer: (reply: string, text = handledAnswer) => hear(null, message(reply, text)),
    deliver(position: number, id = `p${position}`) {
      const fields: Record<string, string> = {
        'ce-id': `e${position}`,
        'ce-type': 'post-published',
        'ce-specversion': '1.0',
        'ce-source': '/blog',
        'ce-revision': '1',
      };
      const headers = { get: (name: string) => fields[name] ?? '', keys: () => Object.keys(fields) };
      const msg = {
        subject: `blog.post.${id}`,
        reply: `$JS.ACK.blog.crowd.1.${position}.${position}.1700000000000000000.0`,
        headers,
        data: Buffer.from('{"title":"Hello"}'),
        respond: (end: string) => ends.push(`${position} ${end}`),
      } as unknown as Msg;
      leading.take(new DeliveredItem(source, msg, performance.now()));
    },
  };
}

it('a leader that has not heard the server for too long gives back what waits for a turn of another member', async () => {
  const leader = openLeader();
  await until(leader.hasBegun);
  leader.join();
  for (const position of [1, 2, 3]) leader.deliver(position);
  await until(() => leader.attempts().length === 1);
  leader.state.touch = false;
  leader.answer(leader.attempts()[0]?.reply ?? '');
  await until(() => leader.ends.length === 3);
  expect(leader.ends).toEqual(['1 +ACK', '2 -NAK', '3 -NAK']);
  leader.leading.abandon('the test is over');
});

it('keeps what it has no handler for, and what follows it, until a member is there that has one', async () => {
  const leader = openLeader({ asked: ['user'] });
  await until(leader.hasBegun);
  for (const position of [1, 2, 3]) leader.deliver(position, 'p');
  await setImmediate();
  expect([leader.ends, leader.attempts()]).toEqual([[], []]);
  expect(leader.leading.room).toBe(1_000);
  leader.join();
  for (const position of [1, 2, 3]) {
    await until(() => leader.attempts().length === position);
    leader.answer(leader.attempts().at(-1)?.reply ?? '');
  }
  await until(() => leader.ends.length === 3);
  expect([leader.positions(), leader.ends]).toEqual([
    [1, 2, 3],
    ['1 +ACK', '2 +ACK', '3 +ACK'],
  ]);
  leader.leading.abandon('the test is over');
});

it('keeps what it has no handler for until a member is there that knows its aggregates, and has none either', async () => {
  const leader = openLeader({ asked: ['user'], lease: 100 });
  await until(leader.hasBegun);
  leader.deliver(1);
  leader.join(['post-renamed']);
  await until(() => leader.ends.length === 1);
  expect([leader.attempts(), leader.ends]).toEqual([[], ['1 +ACK']]);
  leader.leading.abandon('the test is over');
});

it('passes over nothing that a member has a handler for which has not answered yet', async () => {
  const leader = openLeader();
  leader.deliver(1);
  await until(leader.hasBegun);
  await setImmediate();
  expect(leader.ends).toEqual([]);
  leader.join();
  await until(() => leader.attempts().length === 1);
  leader.leading.abandon('the test is over');
});

it('passes over what nobody has a handler for when all members had time to answer', async () => {
  const leader = openLeader({ lease: 100 });
  leader.deliver(1);
  leader.deliver(2);
  await until(() => leader.ends.length === 2);
  leader.deliver(3);
  await setImmediate();
  expect([leader.attempts(), leader.ends]).toEqual([[], ['1 +ACK', '2 +ACK', '3 +ACK']]);
  leader.leading.abandon('the test is over');
});

it('gives back what it keeps when it leads no more', async () => {
  const leader = openLeader({ asked: ['user'] });
  await until(leader.hasBegun);
  for (const position of [1, 2]) leader.deliver(position, 'p');
  await leader.leading.stop();
  await setImmediate();
  expect(leader.ends).toEqual(['2 -NAK', '1 -NAK']);
});

it('looks through the keys that have letters a few at a time, and once', async () => {
  const keys = Array.from({ length: 100 }, (_, index) => `post.p${index}`);
  const asked: string[] = [];
  const buried: number[] = [];
  let open = 0;
  let most = 0;
  const leader = openLeader({
    letters: {
      keysWithLetters: () => Promise.resolve(keys),
      async positions(_, key) {
        asked.push(key);
        open += 1;
        most = Math.max(most, open);
        await setImmediate();
        open -= 1;
        return [1];
      },
      letter: () => Promise.resolve({ state: 'dead', failures: 1 } as StoredLetter),
      history: () => Promise.resolve(noHistory),
      boxOf: () => ({
        history: () => Promise.resolve(noHistory),
        record: () => Promise.resolve(),
        bury: ({ position }) => Promise.resolve(void buried.push(position)),
      }),
    },
  });
  await until(leader.hasBegun);
  leader.join();
  for (const position of [1, 2]) leader.deliver(position);
  await until(() => asked.length === 100 && open === 0 && buried.length === 2);
  await setImmediate();
  expect(asked.toSorted()).toEqual(keys.toSorted());
  expect(most).toBeLessThanOrEqual(5);
  leader.leading.abandon('the test is over');
});

it('has room for others where a handler is not to be called yet, and its event waits', async () => {
  const leader = openLeader();
  await until(leader.hasBegun);
  leader.join();
  for (const position of [1, 2, 3]) leader.deliver(position, 'p');
  await until(() => leader.attempts().length === 1);
  expect(leader.leading.room).toBe(997);
  leader.answer(leader.attempts()[0]?.reply ?? '', '{"state":"postponed","for":50}');
  await until(() => leader.leading.room === 1_000);
  for (const count of [2, 3, 4]) {
    await until(() => leader.attempts().length === count);
    leader.answer(leader.attempts().at(-1)?.reply ?? '');
  }
  await until(() => leader.ends.length === 3);
  expect([leader.positions(), leader.leading.room]).toEqual([[1, 1, 2, 3], 1_000]);
  leader.leading.abandon('the test is over');
});
