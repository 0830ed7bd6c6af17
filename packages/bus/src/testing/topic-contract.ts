import {
  type Catalog,
  defineEvent,
  type EventDefinition,
  type StoredMessage,
  withTrace,
} from '@pipit/types-registry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decodeTopicEvent, type TopicEvent } from '../topic-event.ts';
import { defineTopic, type Topics } from '../topics.ts';

export const MailRequested = defineEvent('mail-requested', z.object({ to: z.string(), text: z.string() }));
const MailBounced = defineEvent('mail-bounced', z.object({ to: z.string() }));
export const Mail = defineTopic('mail', { events: [MailRequested, MailBounced] });
const Odd = defineTopic('a.b *>', { events: [MailRequested] });

export const mail = (text = 'Hello') => MailRequested.create({ to: 'ada', text });

export interface OpenedTopics {
  /** The name of the store. */
  readonly store: string;
  readonly topics: Topics;
  /** What the stream of topics holds by now. */
  messages(): Promise<readonly StoredMessage[]>;
  release(): Promise<void>;
}

/** The events of a topic, as its subscribers would get them. */
export async function topicEvents(
  opened: Pick<OpenedTopics, 'messages'>,
  catalog: Catalog<EventDefinition> = Mail.catalog,
): Promise<TopicEvent[]> {
  return (await opened.messages()).map((message) => decodeTopicEvent(catalog, message));
}

/** What every implementation of topics promises. `open` gives a new, empty one each time. Runs under vitest. */
export function topicContract(implementation: string, open: () => Promise<OpenedTopics>): void {
  describe(`${implementation} keeps the promises of topics`, () => {
    let opened: OpenedTopics;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(async () => {
      opened.topics.close();
      await opened.release();
    });

    it('gives subscribers what was published, complete', async () => {
      const time = new Date('2026-01-02T03:04:05.678Z');
      const options = {
        id: 'e1',
        time,
        metadata: { tenant: 'acme', retries: 2 },
        causationId: 'c',
        correlationId: 'k',
      };
      const event = MailRequested.create({ to: 'ada', text: 'Hello' }, options);
      const published = await opened.topics.publish(Mail, 'ada', event);
      expect(published).toEqual({ id: 'e1', position: 1, duplicate: false });
      expect(await topicEvents(opened)).toEqual([
        {
          ...options,
          type: 'mail-requested',
          topic: 'mail',
          key: 'ada',
          schemaVersion: 1,
          data: { to: 'ada', text: 'Hello' },
          traceparent: undefined,
          store: opened.store,
          position: 1,
        },
      ]);
    });

    it('fills in id, time and the correlation of what it runs in', async () => {
      const before = Date.now();
      const trace = { correlationId: 'request-7', causationId: 'e0' };
      const { id } = await withTrace(trace, () => opened.topics.publish(Mail, 'ada', mail()));
      const other = await opened.topics.publish(Mail, 'ada', mail());
      const [event, alone] = await topicEvents(opened);
      expect(event).toMatchObject({ id, ...trace });
      expect(event?.time.getTime()).toBeGreaterThanOrEqual(before);
      expect(other.id).not.toBe(id);
      expect(alone).toMatchObject({ id: other.id, correlationId: other.id, causationId: undefined });
    });

    it('stores an event of one id once', async () => {
      const event = MailRequested.create({ to: 'ada', text: 'Hello' }, { id: 'once' });
      const first = await opened.topics.publish(Mail, 'ada', event);
      expect(await opened.topics.publish(Mail, 'ada', event)).toEqual({ ...first, duplicate: true });
      expect(await topicEvents(opened)).toHaveLength(1);
    });

    it('keeps the order in which one publishes', async () => {
      const texts = Array.from({ length: 50 }, (_, index) => String(index));
      await Promise.all(texts.map((text) => opened.topics.publish(Mail, text, mail(text))));
      const events = await topicEvents(opened);
      expect(events.map(({ data }) => (data as { text: string }).text)).toEqual(texts);
      expect(events.map(({ position }) => position)).toEqual(texts.map((text) => Number(text) + 1));
    });

    it('takes any topic and key that a subject can hold', async () => {
      const keys = ['a.b', '*', '>', 'two words', '🐦', 'a\r\nb'];
      for (const key of keys) await opened.topics.publish(Odd, key, mail());
      const events = await topicEvents(opened, Odd.catalog);
      expect(events.map(({ topic, key }) => [topic, key])).toEqual(keys.map((key) => ['a.b *>', key]));
    });

    it('stores nothing of what it refuses', async () => {
      const { topics } = opened;
      const invalid = MailRequested.create({ to: 7, text: 'Hello' } as never);
      await expect(topics.publish(Mail, 'ada', invalid)).rejects.toMatchObject({ code: 'INVALID_PAYLOAD' });
      const stranger = { type: 'stranger', data: {} } as never;
      await expect(topics.publish(Mail, 'ada', stranger)).rejects.toMatchObject({
        code: 'UNKNOWN_EVENT_TYPE',
      });
      for (const key of ['', 'x'.repeat(129), '\ud800', undefined as never])
        await expect(topics.publish(Mail, key, mail())).rejects.toMatchObject({
          code: 'INVALID_SUBJECT_TOKEN',
        });
      for (const timeout of [0, -1, 1.5, Number.NaN, 100_001])
        await expect(topics.publish(Mail, 'ada', mail(), { timeout })).rejects.toMatchObject({
          code: 'INVALID_TOPIC',
        });
      const id = MailRequested.create({ to: 'ada', text: '' }, { id: '' });
      await expect(topics.publish(Mail, 'ada', id)).rejects.toMatchObject({ code: 'INVALID_EVENT' });
      const large = topics.publish(Mail, 'ada', mail('x'.repeat(1_100_000)));
      await expect(large).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE', type: 'mail-requested' });
      expect(await opened.messages()).toEqual([]);
    });

    it('publishes nothing once it is closed', async () => {
      opened.topics.close();
      opened.topics.close();
      await expect(opened.topics.publish(Mail, 'ada', mail())).rejects.toMatchObject({ code: 'STOPPED' });
    });
  });
}
