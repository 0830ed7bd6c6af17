import { InvalidPayloadError, UnknownEventTypeError } from '@pipit/types-registry';
import { describe, expect, it } from 'vitest';
import { defineAggregate } from '../aggregate.ts';
import { InvalidArgumentError } from '../invalid-argument.ts';
import {
  Account,
  contractTime,
  Deposited,
  Noted,
  Opened,
  Scanned,
  type StoreOfTest,
} from './contract-aggregates.ts';

export function appendContract(store: StoreOfTest): void {
  describe('append', () => {
    it('fills in id, time and revision, and says where the event is', async () => {
      const result = await store().append(Account, 'a', Opened.create({ owner: 'ada' }));
      expect(result).toMatchObject({ revision: 1, position: 1 });
      const [event] = result.events;
      expect(event).toMatchObject({
        type: 'account-opened',
        aggregate: { type: 'account', id: 'a' },
        revision: 1,
        position: 1,
        schemaVersion: 1,
        time: contractTime,
        data: { owner: 'ada' },
        metadata: {},
        causationId: undefined,
        traceparent: undefined,
        store: store().name,
      });
      expect(event?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
      expect(event?.correlationId).toBe(event?.id);
    });

    it('returns the events as they are read again', async () => {
      const slip = Scanned.create(
        { image: new Uint8Array([0, 255, 10, 13]) },
        { metadata: { teller: '7', nested: { a: [1] } } },
      );
      const { events } = await store().append(Account, 'a', [Opened.create({ owner: 'ada' }), slip]);
      expect(await Array.fromAsync(store().read())).toEqual(events);
    });

    it('returns and stores what was given, whatever happens to it later', async () => {
      const time = new Date('2020-01-01');
      const metadata = { teller: 'bob', nested: { list: [1] }, none: undefined as never };
      const appending = store().append(
        Account,
        'a',
        Opened.create({ owner: 'ada' }, { id: 'x', time, metadata }),
      );
      time.setFullYear(1999);
      metadata.teller = 'eve';
      metadata.nested.list.push(2);
      const [event] = (await appending).events;
      metadata.nested.list.push(3);
      expect(event?.time).toEqual(new Date('2020-01-01'));
      expect(event?.metadata).toEqual({ teller: 'bob', nested: { list: [1] } });
      expect(Object.keys(event?.metadata ?? {})).not.toContain('none');
      expect(await Array.fromAsync(store().read())).toEqual([event]);
    });

    it('numbers the events of an aggregate without a gap, and positions over the whole store', async () => {
      await store().append(Account, 'a', Opened.create({ owner: 'ada' }));
      await store().append(Account, 'b', Opened.create({ owner: 'bob' }));
      const several = await store().append(Account, 'a', [
        Deposited.create({ cents: 1 }),
        Deposited.create({ cents: 2 }),
      ]);
      expect(several.events.map(({ revision, position }) => [revision, position])).toEqual([
        [2, 3],
        [3, 4],
      ]);
      expect(several).toMatchObject({ revision: 3, position: 4 });
    });

    it('stores several events or none', async () => {
      const broken = Deposited.create({ cents: -1 });
      await expect(store().append(Account, 'a', [Opened.create({ owner: 'ada' }), broken])).rejects.toThrow(
        InvalidPayloadError,
      );
      expect(await Array.fromAsync(store().read())).toEqual([]);
      expect(await store().load(Account, 'a')).toMatchObject({ revision: 0 });
    });

    it('refuses an empty list, an id used twice, an aggregate and an event it does not know', async () => {
      await expect(store().append(Account, 'a', [])).rejects.toThrow(InvalidArgumentError);
      const twice = Deposited.create({ cents: 1 }, { id: 'same' });
      await expect(store().append(Account, 'a', [twice, twice])).rejects.toThrow(InvalidArgumentError);
      const Stranger = defineAggregate('stranger', {
        events: [Noted],
        initial: {},
        evolve: { noted: (s) => s },
      });
      await expect(
        store().append(Stranger as never, 'a', Noted.create({ text: '' }) as never),
      ).rejects.toThrow(InvalidArgumentError);
      await expect(store().append(Account, 'a', Noted.create({ text: '' }) as never)).rejects.toThrow(
        InvalidArgumentError,
      );
      const unknown = { type: '__proto__', data: {} };
      await expect(store().append(Account, 'a', unknown as never)).rejects.toThrow(UnknownEventTypeError);
      expect(await store().position()).toBe(0);
    });
  });
}
