import { deserialize, serialize } from 'node:v8';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { type Codec, messagePack, rawBytes } from './codec.ts';
import { defineEvent, type EventDefinition } from './define-event.ts';
import { decodePayload, encodePayload } from './payload.ts';
import {
  AsyncSchemaError,
  InvalidPayloadError,
  MalformedBytesError,
  UnknownSchemaVersionError,
  UpcastError,
} from './registry-errors.ts';

const v8: Codec = { name: 'v8', contentType: 'application/x-v8', encode: serialize, decode: deserialize };
const anything = {
  json: defineEvent('anything', z.any()),
  messagepack: defineEvent('anything', z.any(), { codec: messagePack }),
  bytes: defineEvent('anything', z.any(), { codec: rawBytes }),
  v8: defineEvent('anything', z.any(), { codec: v8 }),
};

function read(definition: EventDefinition, schemaVersion: number, value: unknown): unknown {
  const { contentType } = definition.codec;
  const bytes = definition.codec.encode(value);
  return decodePayload(definition, definition.codec, { contentType, schemaVersion, bytes });
}

function refusal(definition: EventDefinition, input: unknown): InvalidPayloadError {
  try {
    encodePayload(definition, input);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidPayloadError);
    return error as InvalidPayloadError;
  }
  throw new Error('the payload was written');
}

const cyclic: { list: unknown[] } = { list: [] };
cyclic.list.push(cyclic);
class Money {
  readonly cents = 5;
}
const deep = Array.from({ length: 20_000 }).reduce<unknown>((inner) => [inner], 0);

test.each<[keyof typeof anything, string, unknown, (string | number)[]]>([
  ['json', 'NaN', { a: [1, Number.NaN] }, ['a', 1]],
  ['json', 'Infinity', { a: -Infinity }, ['a']],
  ['json', 'a bigint', { a: { b: [0, 1n] } }, ['a', 'b', 1]],
  ['json', 'a Map', { a: new Map([[1, 2]]) }, ['a']],
  ['json', 'a Set', { a: new Set([1]) }, ['a']],
  ['json', 'nothing at all', undefined, []],
  ['json', 'undefined in a list', [1, undefined], [1]],
  ['json', 'a hole in a list', Array.from({ length: 2 }).with(0, 1), [1]],
  ['json', 'a Date', { at: new Date(0) }, ['at']],
  ['json', 'bytes', { a: new Uint8Array(2) }, ['a']],
  ['json', 'a function', { f: () => 1 }, ['f']],
  ['json', 'a symbol', { s: Symbol('s') }, ['s']],
  ['json', 'an object of a class', { price: new Money() }, ['price']],
  ['json', 'an object that holds itself', cyclic, []],
  ['json', 'an object too deep for the stack', deep, []],
  ['messagepack', 'a bigint', { a: { b: [0, 1n] } }, ['a', 'b', 1]],
  ['messagepack', 'a Map', { a: new Map([[1, 2]]) }, ['a']],
  ['messagepack', 'nothing at all', undefined, []],
  ['messagepack', 'undefined in a list', [1, undefined], [1]],
  ['messagepack', 'an invalid Date', { at: new Date(Number.NaN) }, ['at']],
  ['messagepack', 'a function', { f: () => 1 }, ['f']],
  ['messagepack', 'an object of a class', { price: new Money() }, ['price']],
  ['messagepack', 'a key __proto__', { a: JSON.parse('{"__proto__":{"x":1}}') }, ['a']],
  ['messagepack', 'a list of floats', { a: new Float64Array(2) }, ['a']],
  ['messagepack', 'half of a surrogate pair in a long text', { a: `${'x'.repeat(300)}\udc00` }, ['a']],
  ['messagepack', 'an object that holds itself', cyclic, []],
  ['bytes', 'a text', 'hello', []],
  ['bytes', 'an object of bytes', { a: new Uint8Array() }, []],
  ['bytes', 'an object, whatever is in it', { a: 'text' }, []],
  ['v8', 'a copy that holds itself, which cannot be compared', cyclic, []],
])('%s: %s is refused before it is written, with its place', (codec, _, input, path) => {
  const error = refusal(anything[codec], input);
  expect(error).toMatchObject({
    code: 'INVALID_PAYLOAD',
    kind: 'event',
    type: 'anything',
    phase: 'read-back',
  });
  expect(error.issues).toHaveLength(1);
  expect(error.issues[0]?.path).toEqual(path);
  expect(error.message).toContain('nothing was written');
});

test.each<[keyof typeof anything, string, unknown, unknown]>([
  ['json', '-0, as 0', { z: -0 }, { z: 0 }],
  ['json', 'a key without a value, as absent', { a: 1, b: undefined }, { a: 1 }],
  ['json', 'half of a surrogate pair', { s: '\ud800', '\udc00': 1 }, { s: '\ud800', '\udc00': 1 }],
  ['json', 'null', null, null],
  ['messagepack', '-0, as 0', { z: -0 }, { z: 0 }],
  ['messagepack', 'NaN and Infinity', [Number.NaN, Infinity], [Number.NaN, Infinity]],
  ['messagepack', 'a Date', { at: new Date(-1) }, { at: new Date(-1) }],
  ['messagepack', 'bytes', { a: Buffer.from('a') }, { a: new Uint8Array([97]) }],
  ['messagepack', 'a key without a value, as absent', { a: 1, b: undefined }, { a: 1 }],
  ['bytes', 'bytes', Buffer.from('a'), new Uint8Array([97])],
  ['bytes', 'no bytes', new Uint8Array(), new Uint8Array()],
  ['v8', 'a Map of bigints, by a codec of the user', new Map([[1n, { a: 1n }]]), new Map([[1n, { a: 1n }]])],
])('%s: %s is written, and the writer gets what readers will', (codec, _, input, expected) => {
  const definition = anything[codec];
  const { data, ...payload } = encodePayload(definition, input);
  expect(data).toEqual(expected);
  expect(decodePayload(definition, definition.codec, payload)).toEqual(expected);
  expect(payload).toMatchObject({ contentType: definition.codec.contentType, schemaVersion: 1 });
});

test('an own __proto__ stays a key, and changes no object', () => {
  const input = JSON.parse('{"a":{"__proto__":{"polluted":true},"constructor":1}}');
  const { data } = encodePayload(anything.json, input);
  expect(JSON.stringify(data)).toBe(JSON.stringify(input));
  expect('polluted' in (data as { a: object }).a).toBe(false);
});

test('a payload that does not fit is refused with every place where it does not', () => {
  const Published = defineEvent('post-published', z.object({ title: z.string(), tags: z.array(z.string()) }));
  const error = refusal(Published, { title: 5, tags: ['a', null] });
  expect(error).toMatchObject({ phase: 'write', type: 'post-published', schemaVersion: 1 });
  expect(error.issues.map(({ path }) => path)).toEqual([['title'], ['tags', 1]]);
  expect(error.message).toContain('tags.1: ');
});

test('what the schema makes of a payload is written: defaults, trimmed text, dropped keys', () => {
  const Published = defineEvent('p', z.object({ title: z.string().trim(), lang: z.string().default('en') }));
  const { data, bytes } = encodePayload(Published, { title: ' Hi ', extra: 1 });
  expect(data).toEqual({ title: 'Hi', lang: 'en' });
  expect(Buffer.from(bytes).toString()).toBe('{"title":"Hi","lang":"en"}');
});

test('a schema that turns text into dates and reads its own dates back is fine in JSON', () => {
  const Planned = defineEvent('p', z.object({ at: z.coerce.date() }));
  expect(encodePayload(Planned, { at: '2026-01-01' }).data).toEqual({ at: new Date('2026-01-01') });
});

test.each<[string, z.ZodType, unknown, (string | number)[]]>([
  ['adds to its own result', z.object({ t: z.string().transform((text) => `${text}!`) }), { t: 'a' }, ['t']],
  ['takes no result of its own', z.object({ n: z.string().transform(Number) }), { n: '5' }, ['n']],
  ['makes a date that JSON turns into text', z.object({ d: z.date() }), { d: new Date(0) }, ['d']],
  ['counts', z.object({ a: z.array(z.number().transform((n) => n + 1)) }), { a: [1] }, ['a', 0]],
])('a schema that %s is refused when it is first written, with the place', (_, schema, input, path) => {
  const error = refusal(defineEvent('p', schema), input);
  expect(error.phase).toBe('read-back');
  expect(error.issues[0]?.path).toEqual(path);
});

test('an asynchronous schema is refused, with the name of its definition', () => {
  const Slow = defineEvent(
    'slow',
    z.string().refine(async () => true),
  );
  expect(() => encodePayload(Slow, 'a')).toThrow(AsyncSchemaError);
  expect(() => encodePayload(Slow, 'a')).toThrow('The zod schema of event slow answered with a promise');
});

test('zod answers a transform that throws with a promise as well, and the error says so', () => {
  const boom = (): string => {
    throw new Error('boom');
  };
  const Throwing = defineEvent('throwing', z.string().transform(boom));
  expect(() => encodePayload(Throwing, 'a')).toThrow(AsyncSchemaError);
  expect(() => encodePayload(Throwing, 'a')).toThrow('Or a transform or refinement in it threw');
});

const counter = defineEvent('counted', z.object({ n: z.number() }))
  .version(2, z.object({ count: z.number() }), ({ n }) => ({ count: n }))
  .version(3, z.object({ count: z.number(), unit: z.string().default('piece') }), ({ count }) => ({
    count: count * 10,
  }));

test('a payload of any version is brought up step by step', () => {
  expect(read(counter, 1, { n: 4 })).toEqual({ count: 40, unit: 'piece' });
  expect(read(counter, 2, { count: 4 })).toEqual({ count: 40, unit: 'piece' });
  expect(read(counter, 3, { count: 4, unit: 'kg' })).toEqual({ count: 4, unit: 'kg' });
});

test('the current version is the one that is written', () => {
  const { schemaVersion, data } = encodePayload(counter, { count: 1 });
  expect(schemaVersion).toBe(3);
  expect(data).toEqual({ count: 1, unit: 'piece' });
});

test('a payload is checked against the version it was written in, before any upcaster sees it', () => {
  expect(() => read(counter, 1, { count: 4 })).toThrow(
    'The payload of event counted (schema version 1) does not fit its schema: n: ',
  );
});

test.each([0, 4, -1, 1.5, Number.NaN])(
  'version %d is unknown, and the error says what is known',
  (version) => {
    expect(() => read(counter, version, { n: 4 })).toThrow(UnknownSchemaVersionError);
    expect(() => read(counter, version, { n: 4 })).toThrow(
      `counted has no schema version ${version}; this process knows 1, 2, 3.`,
    );
  },
);

function upcastBy(upcast: () => unknown) {
  return defineEvent('u', z.any()).version(2, z.number(), upcast as () => number);
}

test('an upcaster that throws is named with its step and cause', () => {
  const cause = new Error('boom');
  const Broken = upcastBy(() => {
    throw cause;
  });
  expect(() => read(Broken, 1, {})).toThrow(
    expect.objectContaining({ code: 'UPCAST_FAILED', type: 'u', from: 1, to: 2, cause }),
  );
});

test('an asynchronous upcaster is refused, and its rejection is nobody else’s', () => {
  const late = upcastBy(async () => Promise.reject(new Error('late')));
  expect(() => read(late, 1, {})).toThrow(UpcastError);
  expect(() => read(late, 1, {})).toThrow('upcasters cannot be asynchronous');
});

test('what an upcaster returns has to fit the next version', () => {
  const Wrong = upcastBy(() => 'text');
  expect(() => read(Wrong, 1, {})).toThrow(
    'The payload of event u (schema version 2) does not fit its schema',
  );
});

test('a codec that answers with anything but bytes is refused', () => {
  const codec = { ...v8, encode: () => 'text' as unknown as Uint8Array };
  expect(refusal(defineEvent('e', z.any(), { codec }), 1).message).toContain('the codec gave string');
});

test('a codec that cannot read what it wrote is found out at the first write', () => {
  const codec: Codec = {
    ...v8,
    decode() {
      throw new Error('one way only');
    },
  };
  const error = refusal(defineEvent('e', z.any(), { codec }), 1);
  expect(error.message).toContain('cannot be read again from v8: Error: one way only');
  expect(error.cause).toBeInstanceOf(Error);
});

test('bad bytes are an error of their own, with their size and codec', () => {
  const bytes = Buffer.from('{"n":');
  const payload = { contentType: 'application/json', schemaVersion: 1, bytes };
  expect(() => decodePayload(counter, counter.codec, payload)).toThrow(MalformedBytesError);
  expect(() => decodePayload(counter, counter.codec, payload)).toThrow('5 bytes are not valid json: ');
});
