import { describe, expect, it } from 'vitest';
import { Account, Deposited, Note, Noted, Opened, type StoreOfTest } from './contract-aggregates.ts';

export function loadContract(store: StoreOfTest): void {
  describe('load', () => {
    it('gives an aggregate that does not exist its initial state', async () => {
      expect(await store().load(Account, 'nobody')).toEqual({
        state: Account.initial,
        revision: 0,
        position: 0,
      });
    });

    it('folds the events of the one aggregate, and says the revision and position it saw', async () => {
      await store().append(Account, 'a', [Opened.create({ owner: 'ada' }), Deposited.create({ cents: 5 })]);
      await store().append(Account, 'ab', Opened.create({ owner: 'bob' }));
      await store().append(Account, 'a', Deposited.create({ cents: 2 }));
      await store().append(Note, 'a', Noted.create({ text: 'no account' }));
      expect(await store().load(Account, 'a')).toEqual({
        state: { owner: 'ada', cents: 7, slips: 0 },
        revision: 3,
        position: 4,
      });
      expect(await store().load(Account, 'ab')).toMatchObject({ revision: 1, position: 3 });
    });

    it('stops at a revision', async () => {
      await store().append(
        Account,
        'a',
        [1, 2, 3].map((cents) => Deposited.create({ cents })),
      );
      expect(await store().load(Account, 'a', { toRevision: 2 })).toMatchObject({
        revision: 2,
        position: 2,
        state: { cents: 3 },
      });
      expect(await store().load(Account, 'a', { toRevision: 0 })).toMatchObject({
        revision: 0,
        state: { cents: 0 },
      });
      expect(await store().load(Account, 'a', { toRevision: 9 })).toMatchObject({ revision: 3 });
    });

    it('reads aggregates of thousands of events', async () => {
      const deposits = Array.from({ length: 500 }, () => Deposited.create({ cents: 1 }));
      for (let round = 0; round < 3; round += 1) await store().append(Account, 'a', deposits);
      expect(await store().load(Account, 'a')).toMatchObject({
        revision: 1500,
        position: 1500,
        state: { cents: 1500 },
      });
    });

    it('reads thousands of events of several types in their order', async () => {
      const [deposits, openings] = [0, 1].map((kind) =>
        Array.from({ length: 600 }, (_, index) =>
          kind === 0 ? Deposited.create({ cents: 1 }) : Opened.create({ owner: `${index}` }),
        ),
      ) as [ReturnType<typeof Deposited.create>[], ReturnType<typeof Opened.create>[]];
      const mixed = deposits.flatMap((deposit, index) => (index < 300 ? [deposit, openings[index]] : []));
      for (const events of [deposits, openings, mixed, openings, deposits, deposits])
        await store().append(Account, 'a', events as typeof deposits);
      expect(await store().load(Account, 'a')).toMatchObject({
        revision: 3_600,
        position: 3_600,
        state: { cents: 2_100, owner: '599' },
      });
      const read = await Array.fromAsync(store().read({ aggregate: Account, id: 'a' }));
      expect(read.every(({ revision }, index) => revision === index + 1)).toBe(true);
    });
  });
}
