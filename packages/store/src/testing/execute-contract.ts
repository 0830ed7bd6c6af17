import { InvalidPayloadError } from '@pipit/types-registry';
import { describe, expect, it } from 'vitest';
import { ConflictError } from '../store-errors.ts';
import { Account, Deposit, Deposited, Opened, type StoreOfTest } from './contract-aggregates.ts';

export function executeContract(store: StoreOfTest): void {
  describe('execute', () => {
    it('loads, decides, appends, and returns the state after', async () => {
      await store().execute(Account, 'a', () => Opened.create({ owner: 'ada' }));
      const result = await store().execute(Account, 'a', (state, { revision }) => {
        expect([state.owner, revision]).toEqual(['ada', 1]);
        return [Deposited.create({ cents: 1 }), Deposited.create({ cents: 2 })];
      });
      expect(result).toMatchObject({ state: { owner: 'ada', cents: 3 }, revision: 3, position: 3 });
      expect(result.events).toHaveLength(2);
      expect(result.state).toEqual((await store().load(Account, 'a')).state);
    });

    it('appends nothing when there is nothing to do', async () => {
      const { revision } = await store().append(Account, 'a', Opened.create({ owner: 'ada' }));
      expect(await store().execute(Account, 'a', () => [])).toMatchObject({ revision, events: [] });
      expect(await store().position()).toBe(1);
    });

    it('passes commands to the decide function of the aggregate, and what it throws to the caller', async () => {
      await expect(store().execute(Account, 'a', Deposit.create({ cents: 5 }))).rejects.toThrow(
        'there is no such account',
      );
      await store().append(Account, 'a', Opened.create({ owner: 'ada' }));
      await store().execute(Account, 'a', Deposit.create({ cents: 5 }));
      expect(await store().execute(Account, 'a', Deposit.create({ cents: 0 }))).toMatchObject({
        revision: 2,
        state: { cents: 5 },
      });
      await expect(store().execute(Account, 'a', Deposit.create({ cents: 0.5 }))).rejects.toThrow(
        InvalidPayloadError,
      );
    });

    it('decides again on a fresh state when another writer came first', async () => {
      await store().append(Account, 'a', Opened.create({ owner: 'ada' }));
      const deposits = Array.from({ length: 20 }, () =>
        store().execute(Account, 'a', ({ cents }) => Deposited.create({ cents: cents + 1 }), {
          retries: 100,
        }),
      );
      await Promise.all(deposits);
      expect(await store().load(Account, 'a')).toMatchObject({ revision: 21, state: { cents: 2 ** 20 - 1 } });
    });

    it('refuses retries that are no number of times', async () => {
      for (const retries of [-1, 0.5, Number.NaN, '3' as never]) {
        const executed = store().execute(Account, 'a', () => [], { retries });
        await expect(executed).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', argument: 'retries' });
      }
    });

    it('gives up after the retries it was told', async () => {
      let decisions = 0;
      const beaten = store().execute(
        Account,
        'a',
        () => {
          decisions += 1;
          throwAway.push(store().append(Account, 'a', Deposited.create({ cents: 1 })));
          return Deposited.create({ cents: 100 });
        },
        { retries: 2 },
      );
      const throwAway: Promise<unknown>[] = [];
      await expect(beaten).rejects.toThrow(ConflictError);
      await expect(beaten).rejects.toThrow(
        'tried 3 times (retries: 2), and each time another writer came first',
      );
      await Promise.all(throwAway);
      expect(decisions).toBe(3);
      expect(await store().load(Account, 'a')).toMatchObject({ revision: 3, state: { cents: 3 } });
    });

    it('decides one after the other where many decide at once, so that all of them win', async () => {
      await store().append(Account, 'a', Opened.create({ owner: 'ada' }));
      let decisions = 0;
      const deposit = () => {
        decisions += 1;
        return Deposited.create({ cents: 1 });
      };
      const results = await Promise.all(
        Array.from({ length: 50 }, () => store().execute(Account, 'a', deposit, { retries: 0 })),
      );
      expect(results.map(({ revision }) => revision)).toEqual(
        Array.from({ length: 50 }, (_, index) => index + 2),
      );
      expect(decisions).toBe(50);
      expect((await store().load(Account, 'a')).state).toMatchObject({ cents: 50 });
    });

    it('is a conflict at once where the caller acted upon another revision', async () => {
      await store().append(Account, 'a', [Opened.create({ owner: 'ada' }), Deposited.create({ cents: 1 })]);
      let decided = false;
      const stale = store().execute(
        Account,
        'a',
        () => {
          decided = true;
          return [];
        },
        { expected: 1 },
      );
      await expect(stale).rejects.toMatchObject({ code: 'CONFLICT', expected: 1, actual: 2 });
      expect(decided).toBe(false);
    });
  });
}
