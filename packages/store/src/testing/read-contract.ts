import { beforeEach, describe, expect, it } from 'vitest';
import { InvalidArgumentError } from '../invalid-argument.ts';
import {
  Account,
  type ContractStore,
  Deposited,
  Note,
  Noted,
  Opened,
  Scanned,
  type StoreOfTest,
} from './contract-aggregates.ts';

export function readContract(store: StoreOfTest): void {
  describe('read', () => {
    beforeEach(async () => {
      await store().append(Account, 'a', Opened.create({ owner: 'ada' }));
      await store().append(Note, 'a', Noted.create({ text: 'one' }));
      await store().append(Account, 'b', Opened.create({ owner: 'bob' }));
      await store().append(Account, 'a', [Deposited.create({ cents: 1 }), Deposited.create({ cents: 2 })]);
      await store().append(Note, 'b', Noted.create({ text: 'two' }));
    });

    const read = (options?: Parameters<ContractStore['read']>[0]) => Array.fromAsync(store().read(options));
    const positions = (events: readonly { readonly position: number }[]) =>
      events.map(({ position }) => position);

    it('gives all events in the order of positions', async () => {
      expect(positions(await read())).toEqual([1, 2, 3, 4, 5, 6]);
    });

    it('begins at a position', async () => {
      expect(positions(await read({ fromPosition: 4 }))).toEqual([4, 5, 6]);
      expect(positions(await read({ fromPosition: 7 }))).toEqual([]);
    });

    it('selects by type of aggregate and by type of event', async () => {
      expect(positions(await read({ aggregate: Note }))).toEqual([2, 6]);
      expect(positions(await read({ aggregate: [Note, Account] }))).toEqual([1, 2, 3, 4, 5, 6]);
      expect(positions(await read({ aggregate: [Note, Note] }))).toEqual([2, 6]);
      expect(positions(await read({ events: [Deposited, Noted] }))).toEqual([2, 4, 5, 6]);
      expect(positions(await read({ aggregate: Account, events: [Opened], fromPosition: 2 }))).toEqual([3]);
      expect(positions(await read({ aggregate: Account, events: [Scanned] }))).toEqual([]);
    });

    it('selects one aggregate, and revisions of it', async () => {
      expect(positions(await read({ aggregate: Account, id: 'a' }))).toEqual([1, 4, 5]);
      expect(positions(await read({ aggregate: Account, id: 'a', fromRevision: 2 }))).toEqual([4, 5]);
      expect(positions(await read({ aggregate: Account, id: 'a', fromRevision: 2, toRevision: 2 }))).toEqual([
        4,
      ]);
      expect(
        positions(await read({ aggregate: Account, id: 'a', events: [Deposited], fromPosition: 5 })),
      ).toEqual([5]);
      expect(positions(await read({ aggregate: Account, id: 'c' }))).toEqual([]);
    });

    it('refuses what makes no sense', async () => {
      await expect(read({ fromPosition: 0 })).rejects.toThrow(InvalidArgumentError);
      await expect(read({ fromRevision: 1 } as never)).rejects.toThrow(InvalidArgumentError);
      await expect(read({ id: 'a' } as never)).rejects.toThrow(InvalidArgumentError);
      await expect(read({ aggregate: [] })).rejects.toThrow(InvalidArgumentError);
      for (const events of [[], ['noted'], 'noted', [undefined]])
        await expect(read({ events: events as never })).rejects.toThrow(InvalidArgumentError);
      for (const toRevision of [Number.NaN, -1, 1.5]) {
        const one = { aggregate: Account, id: 'a', toRevision } as const;
        await expect(read(one)).rejects.toThrow(InvalidArgumentError);
      }
    });

    it('ends where the store ended when it was called, whatever is appended meanwhile', async () => {
      const seen: number[] = [];
      for await (const { position } of store().read()) {
        seen.push(position);
        await store().append(Note, 'c', Noted.create({ text: 'more' }));
      }
      expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
    });

    it('ends with the reason of its signal, before and while it reads', async () => {
      const reason = new Error('enough');
      const signal = AbortSignal.abort(reason);
      await expect(Array.fromAsync(store().read({ signal }))).rejects.toBe(reason);
      const one = { aggregate: Account, id: 'a' } as const;
      await expect(Array.fromAsync(store().read({ ...one, signal }))).rejects.toBe(reason);
      await expect(store().load(Account, 'a', { signal })).rejects.toBe(reason);

      const end = new AbortController();
      const seen: number[] = [];
      const reading = (async () => {
        for await (const { position } of store().read({ signal: end.signal })) {
          seen.push(position);
          end.abort(reason);
        }
      })();
      await expect(reading).rejects.toBe(reason);
      expect(seen).toEqual([1]);
    });

    it('can be left before its end', async () => {
      for await (const { position } of store().read()) if (position === 2) break;
      expect(positions(await read())).toHaveLength(6);
    });
  });
}
