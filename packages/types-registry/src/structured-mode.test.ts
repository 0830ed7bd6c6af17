import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MalformedEnvelopeError } from './envelope-errors.ts';
import { parseStructured } from './structured-mode.ts';

const event = {
  specversion: '1.0',
  id: 'e1',
  source: '/shop',
  type: 'ordered',
  revision: 1,
  data: { total: 5 },
};
const storedAt = () => new Date(99);
const parse = (value: unknown) => parseStructured(Buffer.from(JSON.stringify(value)), storedAt);
const { data: _, ...empty } = event;
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();

test('a JSON payload is handed to the JSON codec as it is', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (data) => {
      const { payload } = parse({ ...event, data });
      expect(payload.contentType).toBe('application/json');
      expect(JSON.stringify(JSON.parse(textOf(payload.bytes)))).toBe(JSON.stringify(data));
    }),
  );
});

test('data of any JSON content type is JSON', () => {
  for (const datacontenttype of [
    'application/vnd.shop+json',
    'text/json; charset=utf-8',
    'application/JSON',
  ]) {
    expect(parse({ ...event, datacontenttype }).payload.contentType).toBe('application/json');
  }
});

test('data of another content type is its text', () => {
  const { payload } = parse({ ...event, datacontenttype: 'application/xml', data: '<much wow="xml"/>' });
  expect(payload.contentType).toBe('application/xml');
  expect(textOf(payload.bytes)).toBe('<much wow="xml"/>');
});

test('data_base64 gives the bytes back that were put in', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const { payload } = parse({
        ...empty,
        datacontenttype: 'application/octet-stream',
        data_base64: Buffer.from(bytes).toString('base64'),
      });
      expect(payload.contentType).toBe('application/octet-stream');
      expect([...payload.bytes]).toEqual([...bytes]);
    }),
  );
});

test('a large data_base64 is read', () => {
  const bytes = Buffer.alloc(8_000_000, 7);
  expect(parse({ ...empty, data_base64: bytes.toString('base64') }).payload.bytes.byteLength).toBe(8_000_000);
});

test('numbers may be given as text', () => {
  expect(parse({ ...event, revision: '12', schemaversion: '3' })).toMatchObject({
    revision: 12,
    payload: { schemaVersion: 3 },
  });
  expect(parse({ ...event, revision: 12, schemaversion: 3 })).toMatchObject({
    revision: 12,
    payload: { schemaVersion: 3 },
  });
});

test('null is an attribute that is not set, but a payload that is', () => {
  const { payload, ...envelope } = parse({
    ...event,
    time: null,
    datacontenttype: null,
    data: null,
    data_base64: null,
    tenant: null,
    correlationid: null,
  });
  expect(envelope).toMatchObject({ time: storedAt(), metadata: {}, correlationId: undefined });
  expect(textOf(payload.bytes)).toBe('null');
});

test('extensions of every type are metadata; names that are no extension are not', () => {
  const { metadata } = parse({ ...event, tenant: 'a', flag: true, count: 2, subject: 's', Odd: 1, a_b: 1 });
  expect(metadata).toEqual({ tenant: 'a', flag: true, count: 2 });
});

test('keys that objects inherit stay what they are', () => {
  const body = JSON.stringify(event).replace('{', '{"constructor":"c","__proto__":{"polluted":true},');
  const { metadata } = parseStructured(Buffer.from(body), storedAt);
  expect(Object.entries(metadata)).toEqual([['constructor', 'c']]);
  expect('polluted' in metadata).toBe(false);
});

test.each<[string, unknown, string]>([
  ['no object', [event], 'structured body is not a JSON object'],
  ['null', null, 'structured body is not a JSON object'],
  ['no id', { ...event, id: undefined }, 'id is missing'],
  ['an empty id', { ...event, id: '' }, 'id is not a non-empty string: ""'],
  ['a number for an id', { ...event, id: 5 }, 'id is not a non-empty string: 5'],
  ['no source', { ...event, source: undefined }, 'source is missing'],
  ['no type', { ...event, type: null }, 'type is missing'],
  ['another specversion', { ...event, specversion: '0.3' }, 'only CloudEvents 1.0 is read'],
  ['no revision', { ...event, revision: undefined }, 'revision is missing'],
  ['revision 0', { ...event, revision: 0 }, 'revision is not a positive whole number: "0"'],
  ['a broken revision', { ...event, revision: 1.5 }, 'revision is not a positive whole number: "1.5"'],
  ['a huge revision', { ...event, revision: 1e21 }, 'revision is not a positive whole number: "1e+21"'],
  ['a revision that is a truth', { ...event, revision: true }, 'revision is not a non-empty string: true'],
  ['a time that is none', { ...event, time: 'soon' }, 'time is not an RFC 3339 time'],
  ['no payload', empty, 'payload is missing: no data, no data_base64'],
  ['two payloads', { ...event, data_base64: '' }, 'data stands beside data_base64'],
  ['a payload that is no base64', { ...empty, data_base64: 'a$b=' }, 'data_base64 is not base64'],
  ['base64 without padding', { ...empty, data_base64: 'YQ' }, 'data_base64 is not base64'],
  ['base64 that is no text', { ...empty, data_base64: 5 }, 'data_base64 is not base64'],
  [
    'an object that is not JSON',
    { ...event, datacontenttype: 'application/vnd.msgpack' },
    'data is neither text nor, by its datacontenttype "application/vnd.msgpack", JSON',
  ],
])('%s is refused by name', (_, body, reason) => {
  expect(() => parse(body)).toThrow(MalformedEnvelopeError);
  expect(() => parse(body)).toThrow(reason);
});

test('a body that is no JSON or no UTF-8 is refused', () => {
  for (const body of ['', '{', '\xff']) {
    expect(() => parseStructured(Buffer.from(body, 'latin1'), storedAt)).toThrow(
      'structured body is not JSON',
    );
  }
});
