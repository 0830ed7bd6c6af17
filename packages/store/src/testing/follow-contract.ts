import { describe, expect, it } from 'vitest';
import { Account, Deposited, Note, Noted, Opened, type StoreOfTest } from './contract-aggregates.ts';

export function followContract(store: StoreOfTest): void {
  describe('follow', () => {
    it('says at once that there is nothing to read', async () => {
      for await (const batch of store().follow()) {
        expect(batch).toEqual({ events: [], position: 0, caughtUp: true, skipped: 0 });
        break;
      }
    });

    it('goes on live without a gap or a repetition', async () => {
      const total = 200;
      const append = async () => {
        for (let cents = 1; cents <= total; cents += 1)
          await store().append(Account, `a${cents % 7}`, Deposited.create({ cents }));
      };
      const appended = append();
      const end = new AbortController();
      const seen: number[] = [];
      for await (const { events } of store().follow({
        aggregate: Account,
        events: [Deposited],
        signal: end.signal,
      })) {
        seen.push(...events.map(({ data }) => data.cents));
        if (seen.length >= total) end.abort();
      }
      await appended;
      expect(seen).toEqual(Array.from({ length: total }, (_, index) => index + 1));
    });

    it('says how far it has seen the store, also past events that were not asked for', async () => {
      await store().append(Note, 'a', Noted.create({ text: 'one' }));
      await store().append(Account, 'a', Opened.create({ owner: 'ada' }));
      await store().append(Note, 'a', Noted.create({ text: 'two' }));
      const texts: string[] = [];
      for await (const { events, position, caughtUp } of store().follow({ aggregate: Account })) {
        texts.push(...events.map(({ type }) => type));
        if (!caughtUp) continue;
        expect(position).toBe(3);
        break;
      }
      expect(texts).toEqual(['account-opened']);
    });

    it('asks which aggregates are wanted, and passes over the others', async () => {
      for (const id of ['a', 'b', 'c']) await store().append(Account, id, Opened.create({ owner: id }));
      await store().append(Note, 'a', Noted.create({ text: 'one' }));
      const seen: string[] = [];
      for await (const { events, position, caughtUp } of store().follow({
        only: ({ type, id }) => type === 'account' && id !== 'b',
      })) {
        seen.push(...events.map(({ aggregate }) => aggregate.id));
        if (!caughtUp) continue;
        expect(position).toBe(4);
        break;
      }
      expect(seen).toEqual(['a', 'c']);
    });

    it('follows one aggregate', async () => {
      await store().append(Account, 'a', Opened.create({ owner: 'ada' }));
      await store().append(Account, 'b', Opened.create({ owner: 'bob' }));
      await store().append(Account, 'a', Deposited.create({ cents: 1 }));
      const seen: number[] = [];
      for await (const { events, position, caughtUp } of store().follow({ aggregate: Account, id: 'a' })) {
        seen.push(...events.map((event) => event.position));
        if (!caughtUp) continue;
        expect(position).toBe(3);
        break;
      }
      expect(seen).toEqual([1, 3]);
    });

    it('hands over few batches without an event, however many others there are, and still tells how far it is', async () => {
      const foreign = Array.from({ length: 1_000 }, () => Noted.create({ text: '' }));
      for (let round = 0; round < 4; round += 1) await store().append(Note, 'n', foreign);
      for (const id of ['b', 'a'])
        await store().append(Account, id, [Opened.create({ owner: 'ada' }), Deposited.create({ cents: 1 })]);
      const follows = [
        store().follow({ aggregate: Account, id: 'a' }),
        store().follow({ aggregate: Account }),
        store().follow({ events: [Opened] }),
      ];
      for (const following of follows) {
        let empty = 0;
        let before = 0;
        let seen = 0;
        for await (const { events, position, caughtUp } of following) {
          if (events.length === 0) empty += 1;
          expect(position).toBeGreaterThan(before);
          for (const event of events) expect(event.position).toBeGreaterThan(before);
          before = position;
          seen += events.length;
          if (caughtUp && position === 4_004) break;
        }
        expect(empty).toBeGreaterThan(0);
        expect(empty).toBeLessThan(8);
        expect(seen).toBeGreaterThan(1);
      }
    });

    it('begins at a position, and ends when its signal aborts or the store closes', async () => {
      for (let cents = 1; cents <= 5; cents += 1)
        await store().append(Account, 'a', Deposited.create({ cents }));
      const end = new AbortController();
      const seen: number[] = [];
      for await (const { events, caughtUp } of store().follow({ fromPosition: 4, signal: end.signal })) {
        seen.push(...events.map(({ position }) => position));
        if (caughtUp) end.abort();
      }
      expect(seen).toEqual([4, 5]);
      for await (const { caughtUp } of store().follow()) if (caughtUp) await store().close();
    });
  });
}
