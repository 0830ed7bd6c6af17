import { describe, expect, it } from 'vitest';
import { Account, Counted, Deposited, Opened, type StoreOfTest, Tally } from './contract-aggregates.ts';

/** States that are kept, in memory or in snapshots, must never show. */
export function warmContract(store: StoreOfTest): void {
  describe('a state that is kept', () => {
    const deposit = (cents: number) => Deposited.create({ cents });

    it('is not decided upon when another store has written since', async () => {
      const other = await store.another();
      await store().execute(Account, 'a', () => Opened.create({ owner: 'ada' }));
      await other.append(Account, 'a', deposit(100));
      const result = await store().execute(Account, 'a', ({ cents }) => deposit(cents + 1), { retries: 0 });
      expect(result).toMatchObject({ revision: 3, state: { cents: 201 } });
      await other.execute(Account, 'a', ({ cents }) => deposit(cents));
      expect((await store().load(Account, 'a')).state.cents).toBe(402);
    });

    it('is not what a refusal or a decision to do nothing rests on', async () => {
      const other = await store.another();
      await store().execute(Account, 'a', () => deposit(1));
      await other.append(Account, 'a', deposit(10));
      const withdraw = ({ cents }: { readonly cents: number }) => {
        if (cents < 11) throw new RangeError(`only ${cents}`);
        return [];
      };
      expect(await store().execute(Account, 'a', withdraw)).toMatchObject({ revision: 2, events: [] });
      await other.append(Account, 'a', deposit(1));
      expect(await store().execute(Account, 'a', () => [])).toMatchObject({
        revision: 3,
        state: { cents: 12 },
      });
    });

    it('does not make an expectation hold that does not', async () => {
      const other = await store.another();
      await store().execute(Account, 'a', () => deposit(1));
      await other.append(Account, 'a', deposit(1));
      const stale = store().execute(Account, 'a', () => deposit(1), { expected: 1 });
      await expect(stale).rejects.toMatchObject({ code: 'CONFLICT', expected: 1, actual: 2 });
      const fresh = await store().execute(Account, 'a', () => deposit(1), { expected: 2 });
      expect(fresh.revision).toBe(3);
    });

    it('lets every writer win that decides again, on one store and on several', async () => {
      const other = await store.another();
      await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 === 0 ? store() : other).execute(Account, 'a', ({ cents }) => deposit(cents + 1), {
            retries: 100,
          }),
        ),
      );
      expect(await other.load(Account, 'a')).toMatchObject({ revision: 20, state: { cents: 2 ** 20 - 1 } });
    });

    it('cannot be changed by who gets it', async () => {
      const { state } = await store().execute(Account, 'a', () => deposit(1));
      expect(() => Object.assign(state, { cents: 1_000_000 })).toThrow(TypeError);
      expect((await store().load(Account, 'a')).state).toEqual({ owner: '', cents: 1, slips: 0 });
      expect(() => Object.assign(Account.initial, { cents: 1 })).toThrow(TypeError);
    });

    it('of an earlier revision is still the state of that revision', async () => {
      for (let by = 1; by <= 35; by += 1) await store().execute(Tally, 't', () => Counted.create({ by }));
      expect(await store().load(Tally, 't', { toRevision: 7 })).toMatchObject({ state: { total: 28 } });
      expect(await store().load(Tally, 't')).toMatchObject({ revision: 35, state: { total: 630 } });
    });

    it('is found again by another store, which goes on where it ends', async () => {
      for (let by = 1; by <= 35; by += 1) await store().execute(Tally, 't', () => Counted.create({ by }));
      const other = await store.another();
      expect(await other.load(Tally, 't')).toMatchObject({ revision: 35, state: { total: 630 } });
      const result = await other.execute(Tally, 't', ({ total }) => Counted.create({ by: total }));
      expect(result).toMatchObject({ revision: 36, state: { total: 1260 } });
      expect(await store().load(Tally, 't')).toMatchObject({ revision: 36, state: { total: 1260 } });
    });
  });
}
