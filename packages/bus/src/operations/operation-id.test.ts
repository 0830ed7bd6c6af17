import { expect, it } from 'vitest';
import { isOperationId, newOperationId } from './operation-id.ts';

it('an operation is told by its id', () => {
  expect(isOperationId(newOperationId())).toBe(true);
  const uuid = newOperationId().slice(3);
  for (const other of [uuid, `OP_${uuid}`, `op_${uuid}.x`, 'op_', 'op_1', '', undefined, 7])
    expect(isOperationId(other)).toBe(false);
});

it('ids sort in the order they were made', () => {
  const ids = Array.from({ length: 1_000 }, newOperationId);
  expect(ids.toSorted()).toEqual(ids);
});
