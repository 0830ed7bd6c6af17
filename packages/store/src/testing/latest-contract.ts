import { describe, expect, it } from 'vitest';
import { reserve } from '../append/unique-key.ts';
import {
  Account,
  Counted,
  Deposited,
  Note,
  Noted,
  Opened,
  type StoreOfTest,
  Tally,
} from './contract-aggregates.ts';

const opened = Opened.create({ owner: 'ada' });
const deposited = Deposited.create({ cents: 1 });

export function latestContract(store: StoreOfTest): void {
  describe('latest', () => {
    it('gives the last event of each aggregate of a type, in the order of positions', async () => {
      const owners = ['a', 'a-b', 'a.b', '🐦', '*', '>'];
      for (const id of owners) await store().append(Account, id, [opened, reserve('name', id)]);
      await store().append(Note, 'a', Noted.create({ text: '' }));
      await store().append(Account, '*', [deposited, deposited]);
      await store().append(Account, 'a', deposited);
      await store().append(Account, 'a', opened);
      const latest = await Array.fromAsync(store().latest(Account));
      expect(latest.map(({ aggregate, revision }) => `${aggregate.id} ${revision}`)).toEqual([
        'a-b 1',
        'a.b 1',
        '🐦 1',
        '> 1',
        '* 3',
        'a 3',
      ]);
      expect(latest.at(-1)).toMatchObject({ type: 'account-opened', data: { owner: 'ada' } });
      const positions = latest.map(({ position }) => position);
      expect(positions).toEqual(positions.toSorted((a, b) => a - b));
      expect(await Array.fromAsync(store().latest(Note))).toMatchObject([{ type: 'noted' }]);
    });

    it('is empty where nothing is', async () => {
      await store().append(Note, 'a', Noted.create({ text: '' }));
      expect(await Array.fromAsync(store().latest(Account))).toEqual([]);
    });

    it('gives thousands', async () => {
      const count = 5_000;
      const increment = Counted.create({ by: 1 });
      for (let start = 0; start < count; start += 500) {
        const changes = Array.from({ length: 500 }, (_, index) => ({
          aggregate: Tally,
          id: `${start + index}`,
          events: [increment, increment],
        }));
        await store().appendAll(changes);
      }
      const latest = await Array.fromAsync(store().latest(Tally));
      expect(new Set(latest.map(({ aggregate }) => aggregate.id)).size).toBe(count);
      expect(latest.filter(({ revision }) => revision !== 2)).toEqual([]);
      expect(latest).toHaveLength(count);
    });

    it('misses none that is appended to meanwhile, and gives the last or a later one of each', async () => {
      const ids = Array.from({ length: 50 }, (_, index) => `a${index}`);
      for (const id of ids) await store().append(Account, id, [opened, deposited]);
      const end = new AbortController();
      const append = async () => {
        for (let index = 0; !end.signal.aborted; index += 1)
          await store().append(
            Account,
            ids[(index * 7) % ids.length] ?? '',
            index % 2 === 0 ? opened : deposited,
          );
      };
      const appending = append();
      for (let round = 0; round < 5; round += 1) {
        const before = new Map<string, number>();
        for (const id of ids) before.set(id, (await store().load(Account, id)).revision);
        const seen = new Map<string, number>();
        for await (const { aggregate, revision } of store().latest(Account)) seen.set(aggregate.id, revision);
        expect(ids.filter((id) => !((seen.get(id) ?? 0) >= (before.get(id) ?? 0)))).toEqual([]);
      }
      end.abort();
      await appending;
    });

    it('ends with the reason of its signal, before and while it reads', async () => {
      for (const id of ['a', 'b']) await store().append(Account, id, opened);
      const reason = new Error('enough');
      const aborted = store().latest(Account, { signal: AbortSignal.abort(reason) });
      await expect(Array.fromAsync(aborted)).rejects.toBe(reason);
      const end = new AbortController();
      const reading = store().latest(Account, { signal: end.signal })[Symbol.asyncIterator]();
      await reading.next();
      end.abort(reason);
      await expect(reading.next()).rejects.toBe(reason);
    });

    it('refuses what makes no sense', async () => {
      const stranger = { ...Account, type: 'stranger' } as never;
      const invalid = { code: 'INVALID_ARGUMENT' };
      await expect(Array.fromAsync(store().latest(stranger))).rejects.toMatchObject(invalid);
      const odd = store().latest(Account, { unreadable: 'hide' as never });
      await expect(Array.fromAsync(odd)).rejects.toMatchObject(invalid);
    });
  });
}
