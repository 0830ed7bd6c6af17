import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { messagePack } from './codec.ts';
import { defineEvent } from './define-event.ts';
import { MalformedEnvelopeError, UnreadableEventError } from './envelope-errors.ts';
import type { Metadata } from './event.ts';
import { type EventDraft, eventHeaders } from './event-message.ts';
import { defineRegistry } from './registry.ts';
import {
  InvalidPayloadError,
  MalformedBytesError,
  UnknownCodecError,
  UnknownEventTypeError,
  UnknownSchemaVersionError,
} from './registry-errors.ts';
import {
  decodeEvent,
  eventTypeOf,
  readEnvelope,
  readUnrevisedEnvelope,
  type StoredMessage,
} from './stored-message.ts';

const Published = defineEvent('post-published', z.object({ title: z.string() }));
const Packed = defineEvent('post-packed', z.object({ size: z.number() }), { codec: messagePack });
const { events } = defineRegistry({ events: [Published, Packed] });
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

const { data: _, ...payload } = events.encode('post-published', { title: 'Hello' });
const draft: EventDraft = { id: 'e1', type: 'post-published', time: new Date(5), payload, metadata: {} };

/** The headers of a well-formed event, with some changed or (`undefined`) left out. */
function headers(changes: Readonly<Record<string, string | undefined>> = {}): [string, string][] {
  const all = { ...Object.fromEntries(eventHeaders('blog', draft)), 'ce-revision': '3', ...changes };
  return Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
}

function stored(lines: Iterable<readonly [string, string]>, body: Uint8Array = payload.bytes): StoredMessage {
  const map = new Map(lines);
  return {
    store: 'blog',
    position: 17,
    aggregate: { type: 'post', id: 'p1' },
    storedAt: new Date(99),
    header: (name) => map.get(name),
    headerNames: () => [...map.keys()],
    body,
  };
}

function structured(event: object | string, contentType = 'application/cloudevents+json'): StoredMessage {
  const body = typeof event === 'string' ? event : JSON.stringify(event);
  return stored([['Content-Type', contentType]], Buffer.from(body));
}

const inOneBody = {
  specversion: '1.0',
  id: 'e1',
  source: '/shop',
  type: 'post-published',
  revision: 3,
  data: { title: 'Hello' },
};

test('an event in binary mode is read with all that it says', () => {
  const written = eventHeaders('blog', {
    ...draft,
    correlationId: 'c1',
    causationId: 'e0',
    traceparent,
    metadata: { tenant: 'acme', retries: 2 },
  });
  expect(decodeEvent(events, stored([...written, ['ce-revision', '3']]))).toEqual({
    id: 'e1',
    type: 'post-published',
    aggregate: { type: 'post', id: 'p1' },
    revision: 3,
    schemaVersion: 1,
    time: new Date(5),
    data: { title: 'Hello' },
    metadata: { tenant: 'acme', retries: 2 },
    correlationId: 'c1',
    causationId: 'e0',
    traceparent,
    store: 'blog',
    position: 17,
  });
});

test('an event of no chain begins its own', () => {
  expect(decodeEvent(events, stored(headers()))).toMatchObject({
    correlationId: 'e1',
    causationId: undefined,
    traceparent: undefined,
    metadata: {},
  });
});

test('the codec an event names reads it', () => {
  const { data, ...packed } = events.encode('post-packed', { size: 7 });
  const lines = eventHeaders('blog', { ...draft, type: 'post-packed', payload: packed });
  const event = decodeEvent(events, stored([...lines, ['ce-revision', '1']], packed.bytes));
  expect(event.data).toEqual(data);
});

const name = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'id', 'type', 'revision', 'tenant', 'Nats-Msg-Id'),
);
const wellFormed = fc.string({ unit: 'binary' }).filter((value) => value.isWellFormed());
const metadata = fc
  .array(fc.tuple(name, fc.oneof(wellFormed, fc.jsonValue({ depthSize: 'small' }))))
  .map((entries) => JSON.parse(JSON.stringify(Object.fromEntries(entries))) as Metadata);

test('ids, types, times and metadata of any kind read back as they were written', () => {
  const text = wellFormed.filter((value) => value !== '');
  fc.assert(
    fc.property(
      text,
      text,
      text,
      fc.date({ noInvalidDate: true, min: new Date(0) }),
      metadata,
      (id, type, chain, time, meta) => {
        fc.pre(time.getUTCFullYear() <= 9999);
        fc.pre(Object.values(meta).every((value) => typeof value !== 'string' || value.isWellFormed()));
        const written = {
          ...draft,
          id,
          type,
          time,
          correlationId: chain,
          causationId: chain,
          metadata: meta,
        };
        const message = stored([...eventHeaders('blog', written), ['ce-revision', '1']]);
        const read = readEnvelope(message);
        expect(read).toEqual({ ...written, revision: 1, traceparent: undefined });
        expect(Object.keys(read.metadata).sort()).toEqual(Object.keys(meta).sort());
        expect(eventTypeOf(message)).toBe(type);
      },
    ),
  );
});

test('an event of another producer is read: no time, its own extensions, any names and types of content', () => {
  const message = stored([
    ['ce-id', 'x%201'],
    ['ce-specversion', '1.0'],
    ['ce-source', 'https://shop.example/orders'],
    ['ce-type', 'post-published'],
    ['ce-revision', '1'],
    ['ce-subject', 'dropped'],
    ['ce-averylongextensionnamefromoutside', 'kept'],
    ['ce-not-a-name', 'dropped'],
    ['ce-traceparent', traceparent],
    ['content-type', 'application/json; charset=utf-8'],
  ]);
  expect(decodeEvent(events, message)).toMatchObject({
    id: 'x 1',
    time: new Date(99),
    data: { title: 'Hello' },
    metadata: { averylongextensionnamefromoutside: 'kept' },
    traceparent,
  });
  expect(readEnvelope(message).metadata).toEqual({ averylongextensionnamefromoutside: 'kept' });
  expect(readEnvelope(message).payload.contentType).toBe('application/json; charset=utf-8');
});

test('an empty extension is empty, not absent', () => {
  expect(readEnvelope(stored(headers({ 'ce-tenant': '' }))).metadata).toEqual({ tenant: '' });
});

test.each([
  ['ce-id', undefined, "The event's id is missing."],
  ['ce-id', '', 'id is missing'],
  ['ce-id', '%', 'id holds a broken percent-encoding'],
  ['ce-source', undefined, 'source is missing'],
  ['ce-specversion', undefined, 'specversion is missing'],
  ['ce-specversion', '0.3', 'specversion is "0.3"; only CloudEvents 1.0 is read'],
  ['ce-revision', undefined, 'revision is missing'],
  ['ce-revision', '0', 'revision is not a positive whole number: "0"'],
  ['ce-revision', '01', 'revision is not a positive whole number'],
  ['ce-revision', '1.5', 'revision is not a positive whole number'],
  ['ce-revision', '-1', 'revision is not a positive whole number'],
  ['ce-revision', '9007199254740993', 'revision is not a positive whole number'],
  ['ce-schemaversion', 'one', 'schemaversion is not a positive whole number'],
  ['ce-time', 'yesterday', 'time is not an RFC 3339 time: "yesterday"'],
  ['ce-tenant', '%GG', 'ce-tenant holds a broken percent-encoding'],
  ['Pipit-Metadata', '{', 'Pipit-Metadata is not JSON'],
])(
  'header %s being %j is named in the error, with the place and type of the event',
  (header, value, reason) => {
    const error = unreadable(stored(headers({ [header]: value })));
    expect(error).toMatchObject({
      code: 'UNREADABLE_EVENT',
      stream: 'blog',
      position: 17,
      type: 'post-published',
    });
    expect(error.cause).toBeInstanceOf(MalformedEnvelopeError);
    expect(error.message).toContain('Event post-published at position 17 of stream blog cannot be read: ');
    expect(error.message).toContain(reason);
  },
);

test('a message that is no event is unreadable, not a crash', () => {
  const error = unreadable(stored([], Buffer.from('hello')));
  expect(error.type).toBeUndefined();
  expect(error.message).toContain('Event (of unknown type) at position 17 of stream blog');
  expect(() => eventTypeOf(stored([]))).toThrow(UnreadableEventError);
});

test.each([
  [headers({ 'ce-type': 'nobody%20knows' }), payload.bytes, UnknownEventTypeError, 'nobody knows'],
  [headers({ 'ce-datacontenttype': 'text/x' }), payload.bytes, UnknownCodecError, 'post-published'],
  [headers({ 'ce-schemaversion': '2' }), payload.bytes, UnknownSchemaVersionError, 'post-published'],
  [headers(), Buffer.from('{'), MalformedBytesError, 'post-published'],
  [headers(), Buffer.from([0xff]), MalformedBytesError, 'post-published'],
  [headers(), Buffer.from('{"title":5}'), InvalidPayloadError, 'post-published'],
] as const)(
  'unknown type, codec or version, bad bytes and bad payload are told apart',
  (lines, body, cause, type) => {
    const error = unreadable(stored(lines, body));
    expect(error.cause).toBeInstanceOf(cause);
    expect(error.type).toBe(type);
  },
);

test('an event of one body (structured mode) is read, extensions and all', () => {
  const event = decodeEvent(
    events,
    structured({
      ...inOneBody,
      time: '2026-11-21T04:33:38Z',
      correlationid: 'c1',
      traceparent,
      tenant: 'acme',
      retries: 2,
    }),
  );
  expect(event).toMatchObject({
    id: 'e1',
    revision: 3,
    time: new Date('2026-11-21T04:33:38Z'),
    data: { title: 'Hello' },
    metadata: { tenant: 'acme', retries: 2 },
    correlationId: 'c1',
    traceparent,
  });
});

test.each(['application/cloudevents+json; charset=utf-8', 'APPLICATION/CloudEvents+JSON'])(
  'structured mode is known by its media type: %s',
  (contentType) => {
    expect(eventTypeOf(structured(inOneBody, contentType))).toBe('post-published');
    expect(decodeEvent(events, structured(inOneBody, contentType)).revision).toBe(3);
  },
);

test.each(['application/cloudevents-batch+json', 'application/cloudevents+avro'])(
  'the format %s is refused by name',
  (contentType) => {
    expect(unreadable(structured([inOneBody], contentType)).message).toContain(
      `is ${contentType}; only application/cloudevents+json is read`,
    );
  },
);

test('a structured event that is malformed still says its type', () => {
  const { revision: __, ...noRevision } = inOneBody;
  expect(unreadable(structured(noRevision))).toMatchObject({ type: 'post-published', position: 17 });
  expect(unreadable(structured('{')).type).toBeUndefined();
});

function unreadable(message: StoredMessage): UnreadableEventError {
  try {
    decodeEvent(events, message);
  } catch (error) {
    expect(error).toBeInstanceOf(UnreadableEventError);
    return error as UnreadableEventError;
  }
  throw new Error('the event was read');
}

test('an event of no aggregate is read without a revision, in both modes, and with the rest it must have', () => {
  const { revision: _, ...rest } = inOneBody;
  for (const message of [
    stored(headers({ 'ce-revision': undefined })),
    structured(rest),
    structured(inOneBody),
  ]) {
    const envelope = readUnrevisedEnvelope(message);
    expect(envelope).toMatchObject({ id: 'e1', type: 'post-published', metadata: {} });
    expect(envelope).not.toHaveProperty('revision');
  }
  expect(() => readEnvelope(structured(rest))).toThrow(MalformedEnvelopeError);
  expect(() => readUnrevisedEnvelope(structured({ ...rest, id: '' }))).toThrow(MalformedEnvelopeError);
});
