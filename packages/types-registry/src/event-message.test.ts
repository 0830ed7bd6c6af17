import { expect, test } from 'vitest';
import { InvalidEventError } from './envelope-errors.ts';
import { type EventDraft, eventHeaders } from './event-message.ts';

const draft: EventDraft = {
  id: '01f0-e1',
  type: 'post-published',
  time: new Date('2026-11-21T04:33:38.123Z'),
  payload: { contentType: 'application/json', schemaVersion: 1, bytes: new Uint8Array() },
  metadata: {},
};
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

test('an event with nothing but defaults has the six headers that CloudEvents and deduplication need', () => {
  expect(eventHeaders('blog', draft)).toEqual([
    ['Nats-Msg-Id', '01f0-e1'],
    ['ce-id', '01f0-e1'],
    ['ce-specversion', '1.0'],
    ['ce-source', '/blog'],
    ['ce-type', 'post-published'],
    ['ce-time', '2026-11-21T04:33:38.123Z'],
  ]);
});

test('what differs from its default is added', () => {
  const headers = eventHeaders('blog', {
    ...draft,
    payload: { ...draft.payload, contentType: 'application/vnd.msgpack', schemaVersion: 3 },
    correlationId: 'c 1',
    causationId: 'e0',
    traceparent,
    metadata: { tenant: 'acme', retries: 2 },
  });
  expect(headers.slice(6)).toEqual([
    ['ce-datacontenttype', 'application/vnd.msgpack'],
    ['ce-schemaversion', '3'],
    ['ce-correlationid', 'c%201'],
    ['ce-causationid', 'e0'],
    ['traceparent', traceparent],
    ['ce-tenant', 'acme'],
    ['Pipit-Metadata', '{%22retries%22:2}'],
  ]);
});

test('an id is the message id, in one encoding, however odd or long it is', () => {
  for (const id of ['a b\r\nNats-Rollup: all', '*.>', '__proto__', '😀', 'x'.repeat(10_000)]) {
    const headers = new Map(eventHeaders('blog', { ...draft, id }));
    expect(headers.get('Nats-Msg-Id')).toBe(headers.get('ce-id'));
    expect(headers.get('ce-id')).toMatch(/^[!#-~]+$/);
  }
});

test('metadata cannot set a header of the server', () => {
  const names = eventHeaders('blog', {
    ...draft,
    metadata: { 'Nats-Rollup': 'all', 'Nats-Expected-Last-Sequence': '1', natsttl: '1s' },
  }).map(([name]) => name);
  expect(names.filter((name) => name.startsWith('Nats-'))).toEqual(['Nats-Msg-Id']);
});

test.each<[string, object, string]>([
  ['an empty id', { id: '' }, "The event's id is empty. Nothing was written."],
  ['an id that is no text', { id: 5 }, 'id is not a string but number'],
  ['an id with half of a surrogate pair', { id: '\ud800' }, 'id holds half of a surrogate pair'],
  ['an empty type', { type: '' }, 'type is empty'],
  ['an empty correlation id', { correlationId: '' }, 'correlation id is empty'],
  ['an empty causation id', { causationId: '' }, 'causation id is empty'],
  ['a correlation id that is no text', { correlationId: null }, 'correlation id is not a string but object'],
  ['a time that is none', { time: new Date(Number.NaN) }, 'time is not a valid Date'],
  ['a malformed traceparent', { traceparent: 'x' }, 'traceparent is not one of W3C Trace Context: "x"'],
  ['a traceparent that is no text', { traceparent: 1 }, 'traceparent is not one of W3C Trace Context: 1'],
])('%s is refused before anything is written', (_, part, message) => {
  const bad = { ...draft, ...part } as EventDraft;
  expect(() => eventHeaders('blog', bad)).toThrow(InvalidEventError);
  expect(() => eventHeaders('blog', bad)).toThrow(message);
});
