import { currentTrace, type NewEventOptions } from '@pipit/types-registry';
import { describe, expect, it } from 'vitest';
import type { Topics } from '../topics.ts';
import { type BusUnderTest, Mail, MailRefused, MailWanted, Newsletter, quick } from './contract-blog.ts';
import { until } from './until.ts';

const wanted = (text: string, options?: NewEventOptions) => MailWanted.create({ text }, options);

export function topicDeliveryContract(test: () => BusUnderTest): void {
  async function withTopics(work: (topics: Topics) => Promise<void>): Promise<void> {
    const topics = await test().opened.topics();
    try {
      await work(topics);
    } finally {
      topics.close();
    }
  }

  describe('a topic', () => {
    it.each(['key', 'none'] as const)('is delivered to a group, with order %s', (order) =>
      withTopics(async (topics) => {
        const { bus } = test();
        const seen: unknown[] = [];
        const group = { group: 'post office', order };
        const subscription = bus.subscribeTopic(Mail, {
          ...group,
          on: { 'mail-wanted': ({ topic, key, data }) => seen.push([topic, key, data.text]) },
        });
        await subscription.ready;
        await topics.publish(Newsletter, 'ada', wanted('not for this one'));
        await topics.publish(Mail, 'ada', MailRefused.create({ text: 'nor this' }));
        await topics.publish(Mail, 'ada. *>', wanted('Hello'));
        await until(() => seen.length > 0);
        expect(seen).toEqual([['mail', 'ada. *>', 'Hello']]);
      }),
    );

    it('is delivered to a group of a hub, beside events', () =>
      withTopics(async (topics) => {
        const { bus, opened } = test();
        const seen: string[] = [];
        const hub = bus.hub();
        hub.subscribeTopic(Mail, {
          group: 'mail',
          on: { 'mail-wanted': ({ data }) => seen.push(data.text) },
        });
        hub.subscribe({ group: 'mail', on: { 'post-published': ({ data }) => seen.push(data.title) } });
        await hub.start();
        await topics.publish(Mail, 'ada', wanted('Hello'));
        await until(() => seen.length === 1);
        await opened.publish('p1', 'News');
        await until(() => seen.length === 2);
        expect(seen).toEqual(['Hello', 'News']);
        await hub.stop();
      }));

    it('is delivered in order per key, also over a retry', () =>
      withTopics(async (topics) => {
        const { bus } = test();
        const seen: string[] = [];
        let failures = 0;
        bus.subscribeTopic(Mail, {
          group: 'mail',
          concurrency: 16,
          retry: quick,
          on: {
            'mail-wanted'({ key, data }) {
              if (data.text === '3' && key === 'k1' && ++failures < 3) throw new Error('not yet');
              seen.push(`${key} ${data.text}`);
            },
          },
        });
        const texts = Array.from({ length: 10 }, (_, index) => String(index));
        for (const text of texts)
          await Promise.all(['k1', 'k2', 'k3'].map((key) => topics.publish(Mail, key, wanted(text))));
        await until(() => seen.length === 30);
        for (const key of ['k1', 'k2', 'k3'])
          expect(seen.filter((line) => line.startsWith(key))).toEqual(texts.map((text) => `${key} ${text}`));
      }));

    it('has groups of its own, that go on where they were', () =>
      withTopics(async (topics) => {
        const { bus, opened, another } = test();
        const seen: string[] = [];
        const first = bus.subscribeTopic(Mail, {
          group: 'readers',
          types: ['mail-wanted', 'mail-refused'],
          handle: ({ type, data }) => seen.push(`mail: ${type} ${data.text}`),
        });
        bus.subscribeTopic(Newsletter, {
          group: 'readers',
          on: { 'mail-wanted': ({ data }) => seen.push(`news: ${data.text}`) },
        });
        bus.subscribe({ group: 'readers', on: { 'post-published': ({ data }) => seen.push(data.title) } });
        await opened.publish('p1', 'a post');
        await topics.publish(Mail, 'ada', wanted('a letter'));
        await topics.publish(Newsletter, 'ada', wanted('a paper'));
        await until(() => seen.length === 3);
        expect(seen.sort()).toEqual(['a post', 'mail: mail-wanted a letter', 'news: a paper']);
        await first.stop();
        await topics.publish(Mail, 'ada', wanted('another'));
        const later: string[] = [];
        (await another()).subscribeTopic(Mail, {
          group: 'readers',
          on: { 'mail-wanted': ({ data }) => later.push(data.text) },
        });
        await until(() => later.length > 0);
        expect(later).toEqual(['another']);
      }));

    it('begins where a new group asks for', () =>
      withTopics(async (topics) => {
        const { bus } = test();
        const seen: string[] = [];
        await topics.publish(Mail, 'ada', wanted('old'));
        const { position } = await topics.publish(Mail, 'ada', wanted('middle'));
        const subscribe = (group: string, from: 'new' | number) =>
          bus.subscribeTopic(Mail, {
            group,
            from,
            on: { 'mail-wanted': ({ data }) => seen.push(`${group} ${data.text}`) },
          }).ready;
        await Promise.all([subscribe('young', 'new'), subscribe('middling', position)]);
        await topics.publish(Mail, 'ada', wanted('new'));
        await until(() => seen.length === 3);
        expect(seen.sort()).toEqual(['middling middle', 'middling new', 'young new']);
      }));

    it('is what handlers act in the name of', () =>
      withTopics(async (topics) => {
        const { bus } = test();
        const traces: unknown[] = [];
        bus.subscribeTopic(Mail, {
          group: 'mail',
          on: { 'mail-wanted': () => traces.push(currentTrace()) },
        });
        await topics.publish(Mail, 'ada', wanted('a', { id: 'e1', correlationId: 'request' }));
        await until(() => traces.length > 0);
        expect(traces).toEqual([{ correlationId: 'request', causationId: 'e1' }]);
      }));
  });

  describe('a dead letter of a topic', () => {
    it('is apart from that of the store at the same position, and redriven by itself', () =>
      withTopics(async (topics) => {
        const { bus, opened } = test();
        let isBad = true;
        const seen: string[] = [];
        const refuse = (text: string) => {
          if (isBad && !text.startsWith('late')) throw new Error(`refused ${text}`);
          seen.push(text);
        };
        const common = { group: 'mail', retry: { ...quick, attempts: 2 } };
        bus.subscribe({ ...common, on: { 'post-published': ({ data }) => refuse(data.title) } });
        bus.subscribeTopic(Mail, { ...common, on: { 'mail-wanted': ({ data }) => refuse(data.text) } });
        await opened.publish('p1', 'a post');
        await topics.publish(Mail, 'ada', wanted('a letter', { id: 'e1' }));
        const list = (state?: 'all') =>
          Array.fromAsync(bus.deadLetters.list({ group: 'mail', ...(state && { state }) }));
        await until(async () => (await list()).length === 2);
        await topics.publish(Mail, 'ada', wanted('late'));
        await until(async () => (await list('all')).length === 3);
        const letter = (await list()).find(({ topic }) => topic === 'mail');
        expect(letter).toMatchObject({
          id: 'mail@mail.1',
          group: 'mail',
          topic: 'mail',
          aggregate: { type: 'mail', id: 'ada' },
          position: 1,
          type: 'mail-wanted',
          eventId: 'e1',
          errors: [{ message: 'refused a letter' }, { message: 'refused a letter' }],
        });
        expect((await list()).find(({ topic }) => topic === undefined)).toMatchObject({
          id: 'mail.1',
          aggregate: { type: 'post', id: 'p1' },
        });
        const ids = async (topic: string | null) =>
          (await Array.fromAsync(bus.deadLetters.list({ topic }))).map(({ id }) => id);
        expect([await ids('mail'), await ids(null), await ids('other')]).toEqual([
          ['mail@mail.1'],
          ['mail.1'],
          [],
        ]);
        isBad = false;
        await bus.deadLetters.redrive('mail@mail.1');
        await until(async () => (await list('all')).length === 1);
        expect(seen).toEqual(['a letter', 'late']);
        expect(await bus.deadLetters.get('mail.1')).toMatchObject({ eventId: expect.any(String) });
      }));
  });

  it('refuses what no subscription to a topic can have', () => {
    const { bus } = test();
    const subscribe = (options: object) => () => bus.subscribeTopic(Mail, options as never);
    expect(subscribe({ group: 'mail', on: {} })).toThrow(
      expect.objectContaining({ code: 'INVALID_SUBSCRIPTION' }),
    );
    expect(subscribe({ group: 'mail', on: { 'post-published': () => {} } })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_EVENT_TYPE' }),
    );
    expect(subscribe({ group: '', on: { 'mail-wanted': () => {} } })).toThrow(
      expect.objectContaining({ code: 'INVALID_SUBJECT_TOKEN' }),
    );
  });
}
