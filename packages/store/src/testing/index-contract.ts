import { describe, expect, it } from 'vitest';
import { reserve } from '../append/unique-key.ts';
import { Account, Deposited, Note, Noted, Opened, type StoreOfTest } from './contract-aggregates.ts';

export function indexContract(store: StoreOfTest): void {
  describe('the index', () => {
    it('lists each aggregate of a type once, whatever its id', async () => {
      const ids = ['a', 'a-b', 'a.b', 'a0', '🐦', '*', '>', 'b', '10', '9'];
      for (const id of ids) {
        await store().append(Account, id, [Opened.create({ owner: 'ada' }), reserve('name', id)]);
        await store().append(Account, id, Deposited.create({ cents: 1 }));
      }
      await store().append(Note, 'n', Noted.create({ text: '' }));
      const listed = await Array.fromAsync(store().ids(Account));
      expect(listed.toSorted()).toEqual(ids.toSorted());
      expect(await Array.fromAsync(store().ids(Account))).toEqual(listed);
      expect(await store().count(Account)).toBe(ids.length);
      expect(await Array.fromAsync(store().ids(Note))).toEqual(['n']);
    });

    it('is empty where nothing is', async () => {
      expect(await Array.fromAsync(store().ids(Account))).toEqual([]);
      expect(await store().count(Account)).toBe(0);
      expect(await store().exists(Account, 'a')).toBe(false);
    });

    it('ends with the reason of its signal', async () => {
      for (const id of ['a', 'b']) await store().append(Account, id, Opened.create({ owner: 'ada' }));
      const reason = new Error('enough');
      const aborted = store().ids(Account, { signal: AbortSignal.abort(reason) });
      await expect(Array.fromAsync(aborted)).rejects.toBe(reason);
      const end = new AbortController();
      const ids = store().ids(Account, { signal: end.signal })[Symbol.asyncIterator]();
      await ids.next();
      end.abort(reason);
      await expect(ids.next()).rejects.toBe(reason);
    });

    it('knows whether an aggregate exists', async () => {
      await store().append(Account, 'a', Opened.create({ owner: 'ada' }));
      expect(await store().exists(Account, 'a')).toBe(true);
      expect(await store().exists(Account, 'A')).toBe(false);
      expect(await (await store.another()).exists(Account, 'a')).toBe(true);
    });

    it('refuses aggregates it does not know', async () => {
      const stranger = { ...Account, type: 'stranger' } as never;
      const unknown = { code: 'INVALID_ARGUMENT' };
      await expect(Array.fromAsync(store().ids(stranger))).rejects.toMatchObject(unknown);
      await expect(store().count(stranger)).rejects.toMatchObject(unknown);
      await expect(store().exists(stranger, 'a')).rejects.toMatchObject(unknown);
    });
  });
}
