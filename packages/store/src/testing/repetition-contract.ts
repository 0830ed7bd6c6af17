import { describe, expect, it } from 'vitest';
import { DuplicateEventIdError } from '../store-errors.ts';
import { Account, Deposited, Opened, type StoreOfTest } from './contract-aggregates.ts';

export function repetitionContract(store: StoreOfTest): void {
  describe('an append that is repeated with the same ids', () => {
    it('writes nothing and answers as the first did', async () => {
      const one = Opened.create({ owner: 'ada' }, { id: 'first' });
      const first = await store().append(Account, 'a', one, { expected: 0 });
      await store().append(Account, 'a', Deposited.create({ cents: 1 }));
      expect(await store().append(Account, 'a', one, { expected: 0 })).toMatchObject({
        revision: 1,
        position: first.position,
      });
      expect(await store().append(Account, 'a', one)).toMatchObject({
        revision: 1,
        position: first.position,
      });
      expect(await store().position()).toBe(2);
    });

    it('does so for several events', async () => {
      const several = [
        Opened.create({ owner: 'ada' }, { id: 'x 1' }),
        Deposited.create({ cents: 1 }, { id: 'ö 2' }),
      ];
      const first = await store().append(Account, 'a', several);
      expect(await store().append(Account, 'a', several)).toMatchObject({
        revision: 2,
        position: first.position,
      });
      expect(await store().position()).toBe(2);
    });

    it('answers with the events as they were stored', async () => {
      const first = await store().append(
        Account,
        'a',
        Opened.create({ owner: 'ada' }, { id: 'x', metadata: { try: '1' } }),
      );
      const second = await store().append(
        Account,
        'a',
        Opened.create({ owner: 'ada' }, { id: 'x', metadata: { try: '2' } }),
      );
      expect(second).toEqual(first);
    });

    it('leaves the state that execute returns as it is', async () => {
      await store().append(Account, 'a', Opened.create({ owner: 'ada' }));
      const decide = () => Deposited.create({ cents: 100 }, { id: 'once' });
      const first = await store().execute(Account, 'a', decide);
      const second = await store().execute(Account, 'a', decide);
      expect(second).toEqual(first);
      expect(second.state.cents).toBe(100);
    });

    it('is no repetition where more events, or other ones, come with a known id', async () => {
      await store().append(Account, 'a', Deposited.create({ cents: 1 }, { id: 'known' }));
      const known = Deposited.create({ cents: 1 }, { id: 'known' });
      const longer = store().append(Account, 'a', [known, Deposited.create({ cents: 2 })], {
        expected: 'none',
      });
      await expect(longer).rejects.toThrow(/expected not to exist|was used before/);
      const other = store().append(Account, 'a', Deposited.create({ cents: 999 }, { id: 'known' }));
      await expect(other).rejects.toThrow(DuplicateEventIdError);
      expect(await store().load(Account, 'a')).toMatchObject({ revision: 1, state: { cents: 1 } });
    });

    it('is refused where an id was used for something else', async () => {
      await store().append(Account, 'a', Opened.create({ owner: 'ada' }, { id: 'taken' }));
      const elsewhere = store().append(Account, 'b', Opened.create({ owner: 'bob' }, { id: 'taken' }));
      await expect(elsewhere).rejects.toThrow(DuplicateEventIdError);
      const mixed = [
        Deposited.create({ cents: 1 }, { id: 'new' }),
        Deposited.create({ cents: 1 }, { id: 'taken' }),
      ];
      await expect(store().append(Account, 'a', mixed)).rejects.toThrow(DuplicateEventIdError);
      expect(await store().position()).toBe(1);
    });
  });
}
