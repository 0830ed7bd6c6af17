import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { release, reserve } from '../append/unique-key.ts';
import { StoreClosedError } from '../store-errors.ts';
import { appendContract } from './append-contract.ts';
import { batchContract } from './batch-contract.ts';
import {
  Account,
  aggregates,
  type ContractStore,
  contractTime,
  Deposited,
  Note,
  Noted,
  Opened,
} from './contract-aggregates.ts';
import { eventContract } from './event-contract.ts';
import { executeContract } from './execute-contract.ts';
import { expectedRevisionContract } from './expected-revision-contract.ts';
import { followContract } from './follow-contract.ts';
import { indexContract } from './index-contract.ts';
import { latestContract } from './latest-contract.ts';
import { loadContract } from './load-contract.ts';
import { readContract } from './read-contract.ts';
import { repetitionContract } from './repetition-contract.ts';
import { timeContract } from './time-contract.ts';
import { uniqueKeyContract } from './unique-key-contract.ts';
import { warmContract } from './warm-contract.ts';

export interface OpenedStore {
  readonly store: ContractStore;
  /** Opens another store on the same events, as another process would. The suite closes it. */
  another(): Promise<ContractStore>;
  /** Whatever has to end with the test, the stores aside. */
  readonly release?: () => Promise<void>;
}

export type StoreOpener = (options: {
  readonly aggregates: typeof aggregates;
  readonly clock: () => Date;
}) => Promise<OpenedStore>;

const parts = [
  appendContract,
  expectedRevisionContract,
  repetitionContract,
  loadContract,
  executeContract,
  readContract,
  followContract,
  eventContract,
  batchContract,
  uniqueKeyContract,
  timeContract,
  indexContract,
  latestContract,
  warmContract,
];

/** What every event store promises. `open` gives a new, empty store each time. Runs under vitest. */
export function testEventStore(implementation: string, open: StoreOpener): void {
  describe(`${implementation} keeps the promises of an event store`, () => {
    let opened: OpenedStore;
    const others: ContractStore[] = [];
    const store = Object.assign(() => opened.store, {
      async another() {
        const other = await opened.another();
        others.push(other);
        return other;
      },
    });

    beforeEach(async () => {
      opened = await open({ aggregates, clock: () => contractTime });
    });

    afterEach(async () => {
      for (const other of others.splice(0)) await other.close();
      await opened.store.close();
      await opened.release?.();
    });

    for (const part of parts) part(store);

    it('refuses to work once it is closed', async () => {
      await store().close();
      await expect(store().append(Account, 'a', Opened.create({ owner: 'ada' }))).rejects.toThrow(
        StoreClosedError,
      );
      await expect(store().load(Account, 'a')).rejects.toThrow(StoreClosedError);
      await expect(Array.fromAsync(store().read())).rejects.toThrow(StoreClosedError);
    });

    it('finishes what is under way when it is closed, and ends its readers', async () => {
      const event = Opened.create({ owner: 'ada' });
      for (const id of ['a', 'b']) await store().append(Account, id, [event, reserve('name', id)]);
      const other = await store.another();
      const [read, ids] = [other.read()[Symbol.asyncIterator](), other.ids(Account)[Symbol.asyncIterator]()];
      const latest = other.latest(Account)[Symbol.asyncIterator]();
      await Promise.all([read.next(), ids.next(), latest.next()]);
      const follow = Array.fromAsync(other.follow());
      const deposit = Deposited.create({ cents: 1 });
      const work = [
        other.execute(Account, 'a', () => deposit),
        other.append(Account, 'b', [deposit, release('name', 'b')]),
        other.appendAll([{ aggregate: Note, id: 'n', events: Noted.create({ text: '' }) }]),
        other.load(Account, 'a'),
        other.keyOwner('name', 'a'),
        other.count(Account),
        other.exists(Account, 'a'),
        other.position(),
      ];
      const settled = Promise.allSettled(work);
      await other.close();
      const failed = (await settled).flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
      expect(failed).toEqual([]);
      expect((await store().load(Account, 'a')).revision).toBe(2);
      expect(await store().keyOwner('name', 'b')).toBeUndefined();
      const closed = { code: 'STORE_CLOSED' };
      await expect(read.next()).rejects.toMatchObject(closed);
      await expect(ids.next()).rejects.toMatchObject(closed);
      await expect(latest.next()).rejects.toMatchObject(closed);
      await follow;
    });
  });
}
