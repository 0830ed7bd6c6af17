import { expect, it } from 'vitest';
import { findChange } from './find-change.ts';

it.each([
  [{ a: 1, b: undefined }, { a: 1 }],
  [{ a: -0 }, { a: 0 }],
  [{ a: [{ b: 'x' }] }, { a: [{ b: 'x' }] }],
  [{ at: new Date(5) }, { at: new Date(5) }],
  [null, null],
])('%j and %j are the same row', (row, checked) => {
  expect(findChange(row, checked)).toBeUndefined();
});

it.each([
  [{ a: 1, b: 2 }, { a: 1 }, ['b'], 'is left out by the schema'],
  [{ a: 1 }, { a: 1, b: 2 }, ['b'], 'is filled in by the schema'],
  [{ a: [{ b: ' x' }] }, { a: [{ b: 'x' }] }, ['a', 0, 'b'], 'is changed by the schema'],
  [{ a: [1, 2] }, { a: [1] }, ['a'], 'has 2 items, and 1 of them are kept'],
  [{ at: new Date(5) }, { at: new Date(6) }, ['at'], 'is changed by the schema'],
  [{ a: null }, { a: {} }, ['a'], 'is changed by the schema'],
  ['1', 1, [], 'is changed by the schema'],
])('of %j and %j the place is told', (row, checked, path, message) => {
  expect(findChange(row, checked)).toEqual({ path, message });
});
