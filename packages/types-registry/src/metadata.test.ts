import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvalidEventError, MalformedEnvelopeError } from './envelope-errors.ts';
import type { JsonValue, Metadata } from './event.ts';
import { metadataHeader, metadataHeaders, parseMetadataHeader } from './metadata.ts';

test('text under a CloudEvents extension name is an extension', () => {
  expect(metadataHeaders({ tenant: 'acme corp', region: '' })).toEqual([
    ['ce-tenant', 'acme%20corp'],
    ['ce-region', ''],
  ]);
});

test('other names and other values share one JSON header', () => {
  const metadata = { userId: 'u1', retries: 3, flag: true, nothing: null, roles: ['a'], 'x-y': 'z' };
  const [header, ...others] = metadataHeaders(metadata);
  expect(others).toEqual([]);
  expect(header?.[0]).toBe('Pipit-Metadata');
  expect(Object.fromEntries(parseMetadataHeader(header?.[1] ?? ''))).toEqual(metadata);
});

test.each([
  ...['id', 'source', 'specversion', 'type', 'time', 'subject', 'datacontenttype', 'dataschema', 'data'],
  ...['schemaversion', 'revision', 'correlationid', 'causationid', 'traceparent', 'tracestate'],
  ...['__proto__', 'constructor2Upper', 'Nats-Msg-Id', 'Nats-Rollup', 'a\r\nb', '', 'x'.repeat(21)],
])('metadata named %j cannot pose as an attribute or a header', (name) => {
  const metadata = JSON.parse(`{${JSON.stringify(name)}:"9"}`) as Metadata;
  const headers = metadataHeaders(metadata);
  expect(headers.map(([header]) => header)).toEqual([metadataHeader]);
  expect(parseMetadataHeader(headers[0]?.[1] ?? '')).toEqual([[name, '9']]);
});

test('no metadata makes a header name or value that could end the header', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), (metadata) => {
      for (const [name, value] of metadataHeaders(metadata as Metadata)) {
        expect(name).toMatch(/^(?:ce-[a-z0-9]{1,20}|Pipit-Metadata)$/);
        expect(value).toMatch(/^[!#-~]*$/);
      }
    }),
  );
});

test('a key without a value counts as absent', () => {
  expect(metadataHeaders({ a: undefined as unknown as JsonValue })).toEqual([]);
});

const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;
test.each<[string, unknown, string]>([
  ['NaN', { a: Number.NaN }, 'metadata a is read back as null where NaN was written'],
  ['Infinity, deep down', { a: { b: [1, Infinity] } }, 'metadata a.b.1 is read back as null'],
  ['a bigint', { a: 1n }, 'metadata has no JSON form'],
  ['a Date', { a: new Date(0) }, 'metadata a is read back as "1970-01-01T00:00:00.000Z" where the date 0'],
  ['a Map', { a: new Map() }, 'where a value of Map was written'],
  ['a function', { a: () => 1 }, 'metadata a is read back as undefined where a function was written'],
  ['a symbol', { a: Symbol('s') }, 'metadata a is read back as undefined where Symbol(s)'],
  ['undefined in a list', { a: [undefined] }, 'metadata a.0 is read back as null where undefined'],
  ['itself', cyclic, 'metadata has no JSON form'],
  ['half of a surrogate pair', { tenant: '\ud800' }, 'metadata tenant holds half of a surrogate pair'],
  ['a list instead of an object', ['a'], 'metadata is not a plain object'],
  ['a Map instead of an object', new Map([['a', 1]]), 'metadata is not a plain object'],
  ['null instead of an object', null, 'metadata is not a plain object'],
])('metadata holding %s is refused before it is written', (_, metadata, message) => {
  expect(() => metadataHeaders(metadata as Metadata)).toThrow(InvalidEventError);
  expect(() => metadataHeaders(metadata as Metadata)).toThrow(message);
});

test.each(['', 'x', '[1]', 'null', '"a"', '%', '%7B', '{"a":1'])('the header %j is no metadata', (value) => {
  expect(() => parseMetadataHeader(value)).toThrow(MalformedEnvelopeError);
});
