import { describe, expect, it } from 'vitest';
import { InvalidArgumentError } from '../invalid-argument.ts';
import { ConflictError } from '../store-errors.ts';
import { Account, Deposited, Opened, type StoreOfTest } from './contract-aggregates.ts';

export function expectedRevisionContract(store: StoreOfTest): void {
  describe('expected revision', () => {
    it('lets an append through exactly when it holds', async () => {
      const deposit = Deposited.create({ cents: 1 });
      await expect(store().append(Account, 'a', deposit, { expected: 'exists' })).rejects.toThrow(
        ConflictError,
      );
      await store().append(Account, 'a', Opened.create({ owner: 'ada' }), { expected: 'none' });
      await expect(store().append(Account, 'a', deposit, { expected: 'none' })).rejects.toThrow(
        ConflictError,
      );
      await store().append(Account, 'a', deposit, { expected: 'exists' });
      await store().append(Account, 'a', deposit, { expected: 'any' });
      await store().append(Account, 'a', deposit, { expected: 3 });
      await expect(store().append(Account, 'a', deposit, { expected: 3 })).rejects.toThrow(ConflictError);
      await expect(store().append(Account, 'a', deposit, { expected: 9 })).rejects.toThrow(ConflictError);
      await expect(store().append(Account, 'b', deposit, { expected: 1 })).rejects.toThrow(ConflictError);
      await store().append(Account, 'b', deposit, { expected: 0 });
      expect(await store().load(Account, 'a')).toMatchObject({ revision: 4, state: { cents: 3 } });
    });

    it('names the actual revision in a conflict', async () => {
      await store().append(Account, 'a', [Opened.create({ owner: 'ada' }), Deposited.create({ cents: 5 })]);
      const conflict = store().append(Account, 'a', Deposited.create({ cents: 1 }), { expected: 1 });
      await expect(conflict).rejects.toMatchObject({
        code: 'CONFLICT',
        aggregate: { type: 'account', id: 'a' },
        expected: 1,
        actual: 2,
      });
    });

    it('refuses a timeout that no timer can keep', async () => {
      for (const timeout of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31]) {
        const appended = store().append(Account, 'a', Deposited.create({ cents: 1 }), { timeout });
        await expect(appended).rejects.toThrow(InvalidArgumentError);
      }
    });

    it('refuses a revision that is none', async () => {
      for (const expected of [-1, 1.5, Number.NaN, 'some']) {
        const appended = store().append(Account, 'a', Deposited.create({ cents: 1 }), {
          expected: expected as never,
        });
        await expect(appended).rejects.toThrow(InvalidArgumentError);
      }
    });

    it('has exactly one winner in a race, and tells the losers the actual revision', async () => {
      for (let round = 0; round < 20; round += 1) {
        const racers = Array.from({ length: 8 }, () =>
          store().append(Account, `race-${round}`, Deposited.create({ cents: 1 }), { expected: 0 }),
        );
        const outcomes = await Promise.allSettled(racers);
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        const lost = outcomes.flatMap((outcome) =>
          outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
        );
        for (const reason of lost) expect(reason).toMatchObject({ code: 'CONFLICT', actual: 1 });
      }
    });

    it('lets every append win that expects any revision', async () => {
      const deposits = Array.from({ length: 50 }, () =>
        store().append(Account, 'a', Deposited.create({ cents: 1 })),
      );
      const revisions = (await Promise.all(deposits)).map(({ revision }) => revision);
      expect(revisions.toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 50 }, (_, index) => index + 1),
      );
    });
  });
}
