import { describe, expect, it } from 'vitest';
import { deepFreeze } from './deep-freeze.ts';

describe('deepFreeze', () => {
  it('freezes plain objects and arrays all the way down', () => {
    const state = { list: [{ deep: { x: 1 } }], text: '', none: null, bare: Object.create(null) };
    expect(deepFreeze(state)).toBe(true);
    expect(() => Object.assign(state.list[0]?.deep ?? {}, { x: 2 })).toThrow(TypeError);
    expect(() => state.list.push({ deep: { x: 2 } })).toThrow(TypeError);
  });

  it('takes a state that shares parts with the one before it', () => {
    const before = { items: [{ a: 1 }] };
    deepFreeze(before);
    expect(deepFreeze({ ...before, total: 1 })).toBe(true);
  });

  it('goes on below what its owner froze', () => {
    const state = Object.freeze({ inner: { x: 1 } });
    expect(deepFreeze(state)).toBe(true);
    expect(Object.isFrozen(state.inner)).toBe(true);
  });

  it('goes on below symbols, and below what is not listed', () => {
    const key = Symbol('key');
    const state = Object.defineProperty({ [key]: { list: [1] } }, 'hidden', { value: { list: [1] } });
    expect(deepFreeze(state)).toBe(true);
    expect(() => state[key].list.push(2)).toThrow(TypeError);
    expect(Object.isFrozen(Reflect.get(state, 'hidden').list)).toBe(true);
  });

  it('says so where something can still be changed', () => {
    for (const open of [new Map(), new Set(), new Date(), new (class Money {})(), new Uint8Array(1), () => 1])
      expect(deepFreeze({ list: [open] })).toBe(false);
    expect(deepFreeze({ count: 1n, symbol: Symbol('s'), none: undefined })).toBe(true);
  });

  it('comes to an end where a state holds itself', () => {
    const state: { self?: unknown } = {};
    state.self = state;
    expect(deepFreeze(state)).toBe(false);
  });
});
