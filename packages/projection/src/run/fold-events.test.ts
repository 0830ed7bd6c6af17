import { expect, it } from 'vitest';
import type { StoredRow } from '../repository.ts';
import { counted } from '../testing/contract-log.ts';
import { foldEvents } from './fold-events.ts';

const storedAs = <Row>(row: Row): StoredRow<Row> => ({
  row,
  position: 1,
  createdAt: new Date(1),
  updatedAt: new Date(1),
  revision: undefined,
});
const next = [{ event: counted(2, ['a']), keys: ['a'] }];

it('a function that changes the row it gets, and returns it, fails instead of losing its event', () => {
  const add = (row: { count: number } | undefined) => {
    if (row !== undefined) row.count += 1;
    return row;
  };
  expect(() => foldEvents({ project: add }, () => storedAs({ count: 1 }), next)).toThrow(TypeError);
});

it('a row that is changed in a map, which cannot be frozen, is written, and what was stored stays as it was', () => {
  const stored = storedAs({ seen: new Set([1]) });
  const add = (row: { seen: Set<number> } | undefined) => {
    row?.seen.add(2);
    return row;
  };
  const changes = foldEvents({ project: add }, () => stored, next);
  expect(changes).toMatchObject([{ key: 'a', row: { seen: new Set([1, 2]) }, position: 2 }]);
  expect(stored.row).toEqual({ seen: new Set([1]) });
});

it('a row that a function hands back as it is has not changed', () => {
  expect(
    foldEvents<{ count: number }>({ project: (row) => row }, () => storedAs({ count: 1 }), next),
  ).toEqual([]);
});
