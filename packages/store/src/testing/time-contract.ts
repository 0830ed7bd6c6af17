import { describe, expect, it } from 'vitest';
import { InvalidArgumentError } from '../invalid-argument.ts';
import { Account, Deposited, Note, Noted, type StoreOfTest } from './contract-aggregates.ts';

export function timeContract(store: StoreOfTest): void {
  describe('time', () => {
    /** A time behind everything that is stored, and before everything that will be. */
    async function between(): Promise<Date> {
      const before = Date.now() + 5;
      await expect.poll(() => Date.now(), { interval: 1 }).toBeGreaterThan(before + 5);
      return new Date(before);
    }

    async function history(): Promise<readonly [Date, Date]> {
      await store().append(Account, 'a', Deposited.create({ cents: 1 }));
      const first = await between();
      await store().append(Account, 'a', Deposited.create({ cents: 2 }));
      await store().append(Note, 'n', Noted.create({ text: 'now' }));
      const second = await between();
      await store().append(Account, 'a', Deposited.create({ cents: 4 }));
      return [first, second];
    }

    const positions = (events: readonly { readonly position: number }[]) =>
      events.map(({ position }) => position);

    it('loads an aggregate as it was', async () => {
      const [first, second] = await history();
      expect(await store().load(Account, 'a', { asOf: new Date(0) })).toMatchObject({ revision: 0 });
      expect(await store().load(Account, 'a', { asOf: first })).toMatchObject({
        revision: 1,
        state: { cents: 1 },
      });
      // Also when a newer state is at hand.
      await store().load(Account, 'a');
      expect(await store().load(Account, 'a', { asOf: second })).toMatchObject({
        revision: 2,
        state: { cents: 3 },
      });
      expect(await store().load(Account, 'a')).toMatchObject({ revision: 3, state: { cents: 7 } });
    });

    it('reads from a time on and up to a time', async () => {
      const [first, second] = await history();
      const read = async (options: Parameters<ReturnType<StoreOfTest>['read']>[0]) =>
        positions(await Array.fromAsync(store().read(options)));
      expect(await read({ fromTime: first })).toEqual([2, 3, 4]);
      expect(await read({ fromTime: first, asOf: second })).toEqual([2, 3]);
      expect(await read({ fromTime: first, aggregate: Account, id: 'a' })).toEqual([2, 4]);
      expect(await read({ asOf: first })).toEqual([1]);
      expect(await read({ fromTime: first, fromPosition: 4 })).toEqual([4]);
      expect(await read({ fromTime: new Date(Date.now() + 60_000) })).toEqual([]);
    });

    it('follows from a time on', async () => {
      const [, second] = await history();
      const seen: number[] = [];
      for await (const { events, caughtUp } of store().follow({ fromTime: second })) {
        seen.push(...positions(events));
        if (!caughtUp) continue;
        if (seen.includes(5)) break;
        await store().append(Account, 'a', Deposited.create({ cents: 8 }));
      }
      expect(seen).toEqual([4, 5]);
      for await (const batch of store().follow({ fromTime: new Date(Date.now() + 60_000) })) {
        expect(batch).toMatchObject({ events: [], caughtUp: true, position: 5 });
        break;
      }
    });

    it('refuses a time that is none', async () => {
      const never = new Date(Number.NaN);
      await expect(store().load(Account, 'a', { asOf: never })).rejects.toThrow(InvalidArgumentError);
      for (const none of ['2026-01-01', 0, null] as never[])
        await expect(store().load(Account, 'a', { asOf: none })).rejects.toThrow(InvalidArgumentError);
      const read = Array.fromAsync(store().read({ fromTime: never }));
      await expect(read).rejects.toThrow(InvalidArgumentError);
    });
  });
}
