import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InvalidArgumentError } from '../invalid-argument.ts';
import { appendContract } from './append-contract.ts';
import { batchContract } from './batch-contract.ts';
import { Account, aggregates, type ContractStore, contractTime, Opened } from './contract-aggregates.ts';
import { eventContract } from './event-contract.ts';
import { executeContract } from './execute-contract.ts';
import { expectedRevisionContract } from './expected-revision-contract.ts';
import { followContract } from './follow-contract.ts';
import { indexContract } from './index-contract.ts';
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
        InvalidArgumentError,
      );
      await expect(store().load(Account, 'a')).rejects.toThrow(InvalidArgumentError);
      await expect(Array.fromAsync(store().read())).rejects.toThrow(InvalidArgumentError);
    });
  });
}
