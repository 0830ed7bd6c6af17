import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lostInRoundTrip } from './round-trip.ts';

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('nothing is lost of what JSON can carry, whatever its keys are called', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => lostInRoundTrip(json(value), json(value)) === undefined));
});

test('any change of one value is found where it is', () => {
  const path = fc.array(fc.oneof(fc.nat({ max: 2 }), fc.constantFrom('a', '__proto__', 'constructor')), {
    maxLength: 4,
  });
  fc.assert(
    fc.property(path, fc.jsonValue(), fc.jsonValue(), (keys, before, after) => {
      fc.pre(JSON.stringify(json(before)) !== JSON.stringify(json(after)));
      // Objects on both sides would differ further down.
      fc.pre(typeof before !== 'object' || before === null);
      expect(lostInRoundTrip(nest(keys, json(before)), nest(keys, json(after)))?.path).toEqual(keys);
    }),
  );
});

function nest(keys: readonly (string | number)[], value: unknown): unknown {
  return keys.reduceRight<unknown>(
    (inner, key) =>
      typeof key === 'number'
        ? [...Array.from({ length: key }, () => 'before'), inner]
        : Object.fromEntries([
            ['before', 1],
            [key, inner],
          ]),
    value,
  );
}

test.each<[string, unknown, unknown]>([
  ['-0 and 0', { z: -0 }, { z: 0 }],
  ['NaN and NaN', [Number.NaN], [Number.NaN]],
  ['a key without a value and no key', { a: 1, b: undefined }, { a: 1 }],
  ['no key and a key without a value', { a: 1 }, { a: 1, b: undefined }],
  ['keys in another order', { a: 1, b: 2 }, { b: 2, a: 1 }],
  ['a buffer and a plain byte array', Buffer.from('a'), new Uint8Array([97])],
  ['an object without a prototype and a plain one', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  ['equal dates', new Date(5), new Date(5)],
  ['equal maps', new Map([['a', new Set([1])]]), new Map([['a', new Set([1])]])],
])('%s count as the same', (_, written, read) => {
  expect(lostInRoundTrip(written, read)).toBeUndefined();
});

const withProto = JSON.parse('{"__proto__":{"a":1}}');
test.each<[string, unknown, unknown, (string | number)[]]>([
  ['a lost key', { a: { b: 1, c: 2 } }, { a: { b: 1 } }, ['a', 'c']],
  ['an added key', { a: { b: 1 } }, { a: { b: 1, c: 2 } }, ['a', 'c']],
  ['an added key in front', { b: 1 }, { a: 2, b: 1 }, ['a']],
  ['a key added where another had no value', { a: undefined, b: 1 }, { b: 1, c: 2 }, ['c']],
  ['a renamed key', { a: 1 }, { b: 1 }, ['a']],
  ['a lost own __proto__', withProto, {}, ['__proto__']],
  ['an added own __proto__', {}, withProto, ['__proto__']],
  ['a lost own constructor', { constructor: 1 }, {}, ['constructor']],
  ['a shorter list', { a: [1, 2] }, { a: [1] }, ['a']],
  ['a list that became an object', [1], { 0: 1 }, []],
  ['undefined in a list', [1, undefined], [1, null], [1]],
  ['a date that became text', { d: new Date(0) }, { d: '1970-01-01T00:00:00.000Z' }, ['d']],
  ['another date', new Date(0), new Date(1), []],
  ['other bytes', Buffer.from('a'), Buffer.from('b'), []],
  ['an object that lost its class', { m: new URLSearchParams('a=1') }, { m: {} }, ['m']],
  ['null for an object', {}, null, []],
])('%s is found', (_, written, read, path) => {
  expect(lostInRoundTrip(written, read)?.path).toEqual(path);
});

test.each<[unknown, unknown, string]>([
  [Number.NaN, null, 'is read back as null where NaN was written'],
  [new Map(), {}, 'is read back as a value of Object where a value of Map was written'],
  [[1, 2], [1], 'is read back as an array of 1 where an array of 2 was written'],
  [new Date(Number.NaN), null, 'is read back as null where the date NaN was written'],
  ['x'.repeat(100), undefined, `is read back as undefined where "${'x'.repeat(40)}…" was written`],
  [() => 1, undefined, 'is read back as undefined where a function was written'],
  [1n, Object.create(Object.create(null)), 'is read back as a value of no class where 1 was written'],
])('a loss is told in words', (written, read, message) => {
  expect(lostInRoundTrip(written, read)?.message).toBe(message);
});

test("a key on everybody's prototype is nobody's loss", () => {
  // Nothing but the comparison runs meanwhile: others, the test runner too, may trip over such a key.
  Object.defineProperty(Object.prototype, 'polluted', { value: 1, enumerable: true, configurable: true });
  const same = lostInRoundTrip({ a: 1 }, { a: 1 });
  const added = lostInRoundTrip({ a: 1 }, { b: 1, a: 1 });
  const lost = lostInRoundTrip(Object.fromEntries([['polluted', 1]]), {});
  Reflect.deleteProperty(Object.prototype, 'polluted');

  expect(same).toBeUndefined();
  expect(added?.path).toEqual(['b']);
  expect(lost?.path).toEqual(['polluted']);
});
