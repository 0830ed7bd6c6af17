import { describe, expect, it } from 'vitest';
import { toJson } from './json-input.ts';

describe('input as JSON', () => {
  it.each([
    [null, 'null'],
    [{ a: [1, 'x', true, null], b: {} }, '{"a":[1,"x",true,null],"b":{}}'],
    [{ a: undefined }, '{}'],
    [Object.create(null) as object, '{}'],
    ['\ud800', '"\\ud800"'],
  ])('%o is %s', (input, text) => {
    expect(toJson(input as never)).toBe(text);
  });

  it('is nothing where there is none', () => {
    expect(toJson(undefined)).toBeUndefined();
  });

  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  it.each([
    [new Date(), 'a Date'],
    [{ map: new Map() }, 'a Map at "map"'],
    [[undefined], 'undefined in an array'],
    [{ n: Number.POSITIVE_INFINITY }, 'Infinity at "n"'],
    [{ n: 1n }, 'a bigint at "n"'],
    [() => {}, 'a function'],
    [{ s: Symbol('s') }, 'a symbol at "s"'],
    [{ toJSON: () => 'x' }, 'toJSON'],
    [new Uint8Array(1), 'a Uint8Array'],
    [circle, 'circular'],
  ])('%o is refused, and it is said where', (input, reason) => {
    expect(() => toJson(input as never)).toThrow(reason);
  });

  it('nested too deep is refused', () => {
    let deep: unknown[] = [];
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    expect(() => toJson(deep as never)).toThrow(RangeError);
  });
});
