import { InvalidPayloadError } from '@pipit/types-registry';
import { describe, expect, it } from 'vitest';
import { InvalidArgumentError } from '../invalid-argument.ts';
import { ConflictError } from '../store-errors.ts';
import { Account, Deposited, Note, Noted, Opened, type StoreOfTest } from './contract-aggregates.ts';

export function batchContract(store: StoreOfTest): void {
  describe('appendAll', () => {
    const deposit = (cents: number) => Deposited.create({ cents });

    it('appends to several aggregates, in the order of the changes and without a gap', async () => {
      await store().append(Account, 'b', Opened.create({ owner: 'bob' }));
      const { position, results } = await store().appendAll([
        {
          aggregate: Account,
          id: 'a',
          events: [Opened.create({ owner: 'ada' }), deposit(1)],
          expected: 'none',
        },
        { aggregate: Note, id: 'n', events: Noted.create({ text: 'two accounts' }) },
        { aggregate: Account, id: 'b', events: deposit(2), expected: 1 },
      ]);
      expect(position).toBe(5);
      expect(results.map(({ revision, position: last }) => [revision, last])).toEqual([
        [2, 3],
        [1, 4],
        [2, 5],
      ]);
      const events = await Array.fromAsync(store().read({ fromPosition: 2 }));
      const [first, second, third] = results;
      expect(events).toEqual([...first.events, ...second.events, ...third.events]);
    });

    it('writes nothing where one of the aggregates is not as expected, and says which', async () => {
      await store().append(Account, 'b', Opened.create({ owner: 'bob' }));
      const refused = store().appendAll([
        { aggregate: Account, id: 'a', events: deposit(1) },
        { aggregate: Account, id: 'b', events: deposit(1), expected: 'none' },
      ]);
      await expect(refused).rejects.toMatchObject({
        code: 'CONFLICT',
        aggregate: { type: 'account', id: 'b' },
        expected: 'none',
        actual: 1,
      });
      expect(await store().position()).toBe(1);
    });

    it('writes nothing where one of the events cannot be written', async () => {
      const refused = store().appendAll([
        { aggregate: Account, id: 'a', events: deposit(1) },
        { aggregate: Account, id: 'b', events: deposit(-1) },
      ]);
      await expect(refused).rejects.toThrow(InvalidPayloadError);
      expect(await store().position()).toBe(0);
    });

    it('has exactly one winner in a race over any of its aggregates', async () => {
      const other = await store.another();
      for (let round = 0; round < 10; round += 1) {
        const shared = {
          aggregate: Account,
          id: `shared-${round}`,
          events: deposit(1),
          expected: 0,
        } as const;
        const outcomes = await Promise.allSettled([
          store().appendAll([{ aggregate: Account, id: `left-${round}`, events: deposit(1) }, shared]),
          other.appendAll([shared, { aggregate: Account, id: `right-${round}`, events: deposit(1) }]),
        ]);
        const lost = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
        expect(lost).toHaveLength(1);
        expect(lost[0]).toBeInstanceOf(ConflictError);
      }
      expect(await store().position()).toBe(20);
    });

    it('lets crossing appends that expect any revision both win', async () => {
      const other = await store.another();
      const changes = (ids: readonly [string, string]) =>
        ids.map((id) => ({ aggregate: Account, id, events: deposit(1) }) as const);
      for (let round = 0; round < 10; round += 1) {
        await Promise.all([
          store().appendAll(changes(['a', 'b'])),
          other.appendAll(changes(['b', 'a'])),
          store().append(Account, 'a', deposit(1)),
        ]);
      }
      expect(await store().load(Account, 'a')).toMatchObject({ revision: 30 });
      expect(await store().load(Account, 'b')).toMatchObject({ revision: 20 });
    });

    it('answers a repetition as it did the first time', async () => {
      const changes = [
        { aggregate: Account, id: 'a', events: Deposited.create({ cents: 1 }, { id: 'out' }) },
        { aggregate: Account, id: 'b', events: Deposited.create({ cents: 1 }, { id: 'in' }) },
      ] as const;
      const first = await store().appendAll(changes);
      await store().append(Account, 'a', deposit(5));
      expect(await store().appendAll(changes)).toEqual(first);
      expect(await store().position()).toBe(3);
    });

    it('refuses what cannot be one append', async () => {
      const change = { aggregate: Account, id: 'a', events: deposit(1) } as const;
      const same = Deposited.create({ cents: 1 }, { id: 'same' });
      const refused = [
        store().appendAll([]),
        store().appendAll([change, change]),
        store().appendAll([
          { ...change, events: same },
          { ...change, id: 'b', events: same },
        ]),
        store().appendAll([change, { ...change, id: 'b', events: [] }]),
        store().append(
          Account,
          'a',
          Array.from({ length: 1001 }, () => deposit(1)),
        ),
      ];
      for (const append of refused) await expect(append).rejects.toThrow(InvalidArgumentError);
      await expect(refused[1]).rejects.toThrow(/account "a" twice/);
      await expect(refused[4]).rejects.toThrow(/1001 events and keys, and at most 1000/);
      expect(await store().position()).toBe(0);
    });

    it('stores as many events at once as it says it does', async () => {
      const events = Array.from({ length: 1000 }, () => deposit(1));
      expect(await store().append(Account, 'a', events)).toMatchObject({ revision: 1000, position: 1000 });
    });
  });
}
