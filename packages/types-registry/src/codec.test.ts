import fc from 'fast-check';
import { expect, test } from 'vitest';
import { builtInCodecs, json, mediaType, messagePack, rawBytes } from './codec.ts';

test('JSON gives back every JSON value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const written = JSON.parse(JSON.stringify(value));
      expect(json.decode(json.encode(written))).toEqual(written);
    }),
  );
});

test('JSON is UTF-8 on the wire, lone surrogates included', () => {
  expect(Buffer.from(json.encode({ a: 'é\ud800' })).toString('hex')).toBe(
    Buffer.from('{"a":"é\\ud800"}', 'utf8').toString('hex'),
  );
  expect(json.decode(json.encode('\ud800'))).toBe('\ud800');
});

test('JSON keeps __proto__ a key like any other', () => {
  const value = JSON.parse('{"__proto__":{"a":1},"constructor":2}');
  const read = json.decode(json.encode(value)) as object;
  expect(Object.entries(read)).toEqual([
    ['__proto__', { a: 1 }],
    ['constructor', 2],
  ]);
  expect('a' in read).toBe(false);
});

test('MessagePack gives back what JSON can carry and more', () => {
  const bytes = fc.uint8Array();
  const date = fc.date({ noInvalidDate: true, min: new Date('1900-01-01'), max: new Date('9999-12-31') });
  const leaf = fc.oneof(fc.jsonValue({ stringUnit: 'binary' }), bytes, date, fc.double());
  const key = fc.string().filter((name) => name !== '__proto__');
  fc.assert(
    fc.property(fc.dictionary(key, leaf), (value) => {
      const plain = { ...value };
      fc.pre(!JSON.stringify(plain).includes('"__proto__"'));
      expect(messagePack.decode(messagePack.encode(plain))).toEqual(withoutNegativeZero(plain));
    }),
  );
});

function withoutNegativeZero(value: unknown): unknown {
  if (value === 0) return 0;
  if (Array.isArray(value)) return value.map(withoutNegativeZero);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) === Uint8Array.prototype)
    return value;
  if (value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutNegativeZero(item)]));
}

test('raw bytes are stored as they are, without a copy', () => {
  const bytes = new Uint8Array([1, 2, 3]);
  expect(rawBytes.encode(bytes)).toBe(bytes);
  fc.assert(
    fc.property(fc.uint8Array(), (value) => {
      expect(rawBytes.decode(rawBytes.encode(value))).toEqual(value);
    }),
  );
});

test('raw bytes are read as a plain view of just their part of a buffer', () => {
  const read = rawBytes.decode(Buffer.from('abcdef').subarray(2, 4));
  expect(read).toEqual(new Uint8Array([99, 100]));
  expect(Object.getPrototypeOf(read)).toBe(Uint8Array.prototype);
});

test('bytes inside a MessagePack payload are plain as well, whatever subclass the transport hands over', () => {
  const read = messagePack.decode(Buffer.from(messagePack.encode({ a: Buffer.from('x') }))) as { a: unknown };
  expect(Object.getPrototypeOf(read.a)).toBe(Uint8Array.prototype);
});

test('raw bytes take bytes only', () => {
  for (const value of ['a', [1], { 0: 1 }, null, undefined, new ArrayBuffer(1)]) {
    expect(() => rawBytes.encode(value)).toThrow('the bytes codec takes a Uint8Array');
  }
});

test.each(builtInCodecs)(
  '$name never answers bad bytes with a value of another kind of error than an exception',
  (codec) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        let value: unknown;
        try {
          value = codec.decode(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          return;
        }
        expect(value).not.toBeUndefined();
      }),
    );
  },
);

test.each(['', '{', '{"a":1}x', 'undefined', "{'a':1}", '\xff', '"\xc3"'])('%j is not JSON', (text) => {
  expect(() => json.decode(Buffer.from(text, 'latin1'))).toThrow();
});

test.each([
  ['an array of 2^25', 'dd01ffffff'],
  ['a map of 2^32', 'dfffffffff'],
  ['a text of 4 GB', 'dbffffffff'],
  ['bytes of 4 GB', 'c6ffffffff'],
  ['an extension of 4 GB', 'c9ffffffff01'],
])('a few bytes that claim %s are refused before memory is taken', (_, hex) => {
  expect(() => messagePack.decode(Buffer.from(hex, 'hex'))).toThrow('Max length exceeded');
});

test.each([
  ['application/json', 'application/json'],
  ['Application/JSON ; charset=utf-8', 'application/json'],
  [' text/x;a=b;c=d', 'text/x'],
])('the media type of %j is %s', (contentType, expected) => {
  expect(mediaType(contentType)).toBe(expected);
});
