import { describe, expect, it } from 'vitest';
import { InvalidArgumentError } from '../invalid-argument.ts';
import { memoryStore } from '../memory.ts';
import { sequentialIds } from '../spec.ts';
import { Account, Deposited } from './account.fixture.ts';

describe('sequential ids', () => {
  it('are the same in every run', () => {
    for (let run = 0; run < 2; run += 1) {
      const newId = sequentialIds();
      expect([newId(), newId()]).toEqual(['id-000001', 'id-000002']);
    }
    expect(sequentialIds('order')()).toBe('order-000001');
  });

  it('sort as text in the order they were made', () => {
    const newId = sequentialIds();
    const ids = Array.from({ length: 1200 }, newId);
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(1200);
  });

  it('are ids that a store takes, whatever the prefix', async () => {
    for (const prefix of ['', 'order', 'ö 🐦\r\n%']) {
      const store = memoryStore({ name: 'bank', aggregates: [Account], newId: sequentialIds(prefix) });
      const deposits = [Deposited.create({ cents: 1 }), Deposited.create({ cents: 2 })];
      await store.append(Account, 'a', deposits);
      const ids = (await Array.fromAsync(store.read())).map(({ id }) => id);
      expect(ids).toEqual([`${prefix}-000001`, `${prefix}-000002`]);
    }
    expect(() => sequentialIds('\ud800')).toThrow(InvalidArgumentError);
  });
});
