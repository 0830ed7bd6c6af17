import type { Msg, NatsConnection } from '@nats-io/nats-core';
import { defineRegistry, subjectLayouts } from '@pipit/types-registry';
import { expect, it } from 'vitest';
import { checkSubscribeOptions } from '../../check-subscribe-options.ts';
import { until } from '../../testing/until.ts';
import { Joined, Published, Renamed } from '../blog.fixture.ts';
import { DeliveredItem } from '../delivered-item.ts';
import { storeSource } from '../event-source.ts';
import type { GroupContext } from '../group-context.ts';
import { type Leading, lead } from './leading.ts';
import { handledAnswer, type Presence } from './messages.ts';

const { events } = defineRegistry({ events: [Published, Renamed, Joined] });
const source = storeSource('blog', subjectLayouts.aggregate, events);

/** A leader of a group with one other member, which has handlers for all, on a connection that the test plays. */
function openLeader() {
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
    },
    options: checkSubscribeOptions(
      events,
      { group: 'crowd', concurrency: 1, on: { 'user-joined': silent } },
      { logger },
    ),
    consumer: 'crowd',
    asked: new Set(['post']),
    asksFor: () => true,
    lease: 60_000,
    instance: 'here',
    logger,
  } as unknown as GroupContext;
  const leading: Leading = lead(context, {
    id: 'leader',
    outstanding: () => Promise.resolve({ count: 0, sequence: 0 }),
    inTouch: () => state.touch,
    onRoom: silent,
    onGap: silent,
  });
  const ends: string[] = [];
  return {
    leading,
    state,
    ends,
    attempts: () => published.filter(({ reply }) => reply !== undefined),
    hasBegun: () => published.length > 0,
    join() {
      const presence: Presence = {
        ...{ id: 'other', instance: 'there', inbox: 'other', concurrency: 1 },
        ...{ types: ['post-published'], number: 1, running: [], leaving: false },
      };
      hear(null, message(`${inbox}.presence`, JSON.stringify(presence)));
    },
    answer: (reply: string) => hear(null, message(reply, handledAnswer)),
    deliver(position: number) {
      const fields: Record<string, string> = {
        'ce-id': `e${position}`,
        'ce-type': 'post-published',
        'ce-specversion': '1.0',
        'ce-source': '/blog',
        'ce-revision': '1',
      };
      const headers = { get: (name: string) => fields[name] ?? '', keys: () => Object.keys(fields) };
      const msg = {
        subject: `blog.post.p${position}`,
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
