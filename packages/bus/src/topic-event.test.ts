import { eventHeaders, type StoredMessage } from '@pipit/types-registry';
import { expect, it } from 'vitest';
import { topicFilter, topicOfSubject } from './jetstream/topics/topic-subjects.ts';
import { Mail } from './testing/topic-contract.ts';
import { decodeTopicEvent } from './topic-event.ts';
import { defineTopic } from './topics.ts';

function stored(headers: Readonly<Record<string, string | undefined>>): StoredMessage {
  const { data: _, ...payload } = Mail.catalog.encode('mail-bounced', { to: 'ada' });
  const written = eventHeaders('shop', {
    id: 'e1',
    type: 'mail-bounced',
    time: new Date(5),
    payload,
    metadata: {},
  });
  const all = { ...Object.fromEntries(written), ...headers };
  return {
    store: 'shop_topics',
    position: 7,
    aggregate: { type: 'mail', id: 'ada' },
    storedAt: new Date(99),
    header: (name) => all[name],
    headerNames: () => Object.keys(all),
    body: payload.bytes,
  };
}

it('gives each firing of a repeating schedule an id of its own, the same at every reading', () => {
  const fired = (next: string) =>
    decodeTopicEvent(Mail.catalog, stored({ 'Pipit-Repeats': 'every', 'Nats-Schedule-Next': next }));
  expect(fired('2026-01-01T00:00:00Z').id).toBe('e1@2026-01-01T00:00:00Z');
  expect(fired('2026-01-01T00:00:00Z')).toEqual(fired('2026-01-01T00:00:00Z'));
  expect(fired('2026-01-01T00:00:01Z').id).not.toBe(fired('2026-01-01T00:00:00Z').id);
  expect(decodeTopicEvent(Mail.catalog, stored({ 'Nats-Schedule-Next': 'purge' })).id).toBe('e1');
  // Where the headers of the server are not at hand, the position tells them apart.
  expect(decodeTopicEvent(Mail.catalog, stored({ 'Pipit-Repeats': 'every' })).id).toBe('e1@7');
});

it('names stream, position and type of what cannot be read', () => {
  expect(() => decodeTopicEvent(Mail.catalog, stored({ 'ce-id': undefined }))).toThrow(
    expect.objectContaining({
      code: 'UNREADABLE_EVENT',
      stream: 'shop_topics',
      position: 7,
      type: 'mail-bounced',
    }),
  );
  expect(() => decodeTopicEvent(Mail.catalog, stored({ 'ce-type': 'stranger' }))).toThrow(
    expect.objectContaining({ cause: expect.objectContaining({ code: 'UNKNOWN_EVENT_TYPE' }) }),
  );
});

it('finds topic and key in a subject', () => {
  expect(topicFilter('shop', 'a.b')).toBe('shop_topics.a=2Eb.*');
  expect(topicOfSubject('shop_topics.a=2Eb.ada')).toEqual({ topic: 'a.b', key: 'ada' });
  for (const subject of ['shop_topics.mail', 'shop_topics.mail.a.b', 'shop_topics.mail.=', 'shop_topics'])
    expect(() => topicOfSubject(subject)).toThrow(expect.objectContaining({ code: 'INVALID_SUBJECT_TOKEN' }));
});

it('refuses a topic without events or with a name that no subject can hold', () => {
  expect(() => defineTopic('mail', { events: [] })).toThrow(
    expect.objectContaining({ code: 'INVALID_TOPIC' }),
  );
  expect(() => defineTopic('', { events: Mail.events })).toThrow(
    expect.objectContaining({ code: 'INVALID_SUBJECT_TOKEN' }),
  );
});
