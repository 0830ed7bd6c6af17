import { describe, expect, it } from 'vitest';
import { memoryOperationLog } from '../memory/operations/memory-operations.ts';
import { createOperations } from './create-operations.ts';
import { newOperationId } from './operation-id.ts';

const open = { kind: 'command', name: 'open' } as const;

describe('operations', () => {
  it('take clock, ids and the name of the process from whoever makes them', async () => {
    const id = newOperationId();
    const clock = () => new Date(7);
    const own = createOperations(memoryOperationLog('blog'), { clock, newId: () => id, instance: 'i1' });
    expect(await own.operation(open, (context) => context.id)).toBe(id);
    expect((await own.get(id))?.operation).toMatchObject({
      instance: 'i1',
      startedAt: clock(),
      endedAt: clock(),
    });
  });

  it('refuse ids that cannot be told from those of events', async () => {
    const own = createOperations(memoryOperationLog('blog'), { newId: () => 'e1' });
    await expect(own.operation(open, () => {})).rejects.toMatchObject({
      code: 'INVALID_OPERATION',
      option: 'id',
    });
  });

  it('refuse limits that make no sense', () => {
    expect(() => createOperations(memoryOperationLog('blog'), { maxInputBytes: 0 })).toThrow('maxInputBytes');
  });

  it('show the events of an operation that another store has on record', async () => {
    const id = newOperationId();
    const own = createOperations(memoryOperationLog('other'), {});
    const aggregate = { type: 'account', id: 'a1' };
    const event = { id: 'e1', type: 'opened', aggregate, position: 1, time: new Date() };
    own.recorder.appended([{ ...event, correlationId: id, causationId: id }]);
    expect(await own.get(id)).toMatchObject({ id, operation: undefined, events: [{ id: 'e1' }] });
  });
});
