import { setImmediate } from 'node:timers/promises';
import type { Msg, NatsConnection } from '@nats-io/nats-core';
import { defineRegistry, subjectLayouts } from '@pipit/types-registry';
import { expect, it } from 'vitest';
import { checkSubscribeOptions } from '../../check-subscribe-options.ts';
import { Published } from '../blog.fixture.ts';
import { storeSource } from '../event-source.ts';
import type { GroupContext } from '../group-context.ts';
import { followLeaders } from './following.ts';
import { type Announcement, handledAnswer, type Presence } from './messages.ts';

const { events } = defineRegistry({ events: [Published] });

/** A member of a group whose leader the test plays. */
function openMember() {
  const sent: string[] = [];
  const hear = new Map<string, (error: null, msg: Msg) => void>();
  const connection = {
    subscribe(subject: string, { callback }: { callback: (error: null, msg: Msg) => void }) {
      hear.set(subject, callback);
      const gone = () => void hear.delete(subject);
      // What the server had sent before it knew still comes.
      const drain = async () => {
        await setImmediate();
        onDrain();
        gone();
      };
      return { unsubscribe: gone, drain };
    },
    closed: () => new Promise(() => {}),
    publish(_: string, body: string) {
      const { inbox, running }: Presence = JSON.parse(body);
      inboxes.push(inbox);
      sent.push(`presence with ${running.length} under way`);
    },
  } as unknown as NatsConnection;
  const inboxes: string[] = [];
  let onDrain = () => {};
  const silent = () => {};
  const logger = { info: silent, warn: silent, error: silent };
  const context = {
    store: { name: 'blog', connection, inboxPrefix: undefined },
    source: storeSource('blog', subjectLayouts.aggregate, events),
    options: checkSubscribeOptions(events, { group: 'crowd', on: { 'post-published': silent } }, { logger }),
    ...{ consumer: 'crowd', lease: 60_000, instance: 'here', logger, asked: new Set() },
  } as unknown as GroupContext;
  const following = followLeaders(context, 'member', silent);
  const fields: Record<string, string> = {
    'ce-id': 'e1',
    'ce-type': 'post-published',
    'ce-specversion': '1.0',
    'ce-source': '/blog',
    'ce-revision': '1',
  };
  return {
    sent,
    following,
    whileDraining(work: () => void) {
      onDrain = work;
    },
    announce(number: number) {
      const announcement: Announcement = { leader: 'leader', inbox: 'leader-inbox', term: 1, number };
      const msg = { data: Buffer.from(JSON.stringify(announcement)), json: () => announcement };
      hear.get('pipit.blog.group.crowd')?.(null, msg as unknown as Msg);
    },
    attempt() {
      const [inbox = ''] = inboxes;
      const msg = {
        subject: `${inbox}.1.1.1.1700000000000.post.p1`,
        reply: 'leader-inbox.1',
        headers: { get: (name: string) => fields[name] ?? '', keys: () => Object.keys(fields) },
        data: Buffer.from('{"title":"Hello"}'),
        respond: (answer: string) => sent.push(answer === handledAnswer ? 'handled' : answer),
      };
      hear.get(`${inbox}.>`)?.(null, msg as unknown as Msg);
    },
  };
}

it('a member that does not name an attempt as under way any more has answered it before', async () => {
  const member = openMember();
  member.announce(1);
  member.attempt();
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  member.announce(2);
  await setImmediate();
  expect(member.sent).toEqual(['presence with 0 under way', 'handled', 'presence with 0 under way']);
});

it('a member that leaves gives back what was on its way to it', async () => {
  const member = openMember();
  member.announce(1);
  member.whileDraining(() => member.attempt());
  await member.following.stop();
  await setImmediate();
  expect(member.sent).toEqual([
    'presence with 0 under way',
    'presence with 0 under way',
    JSON.stringify({ state: 'given-back' }),
  ]);
});
