import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InvalidArgumentError } from '../invalid-argument.ts';
import { appendContract } from './append-contract.ts';
import { Account, aggregates, type ContractStore, contractTime, Opened } from './contract-aggregates.ts';
import { eventContract } from './event-contract.ts';
import { executeContract } from './execute-contract.ts';
import { expectedRevisionContract } from './expected-revision-contract.ts';
import { followContract } from './follow-contract.ts';
import { loadContract } from './load-contract.ts';
import { readContract } from './read-contract.ts';
import { repetitionContract } from './repetition-contract.ts';

export interface OpenedStore {
  readonly store: ContractStore;
  /** Whatever has to end with the test, the store aside. */
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
];

/** What every event store promises. `open` gives a new, empty store each time. Runs under vitest. */
export function testEventStore(implementation: string, open: StoreOpener): void {
  describe(`${implementation} keeps the promises of an event store`, () => {
    let opened: OpenedStore;
    const store = () => opened.store;

    beforeEach(async () => {
      opened = await open({ aggregates, clock: () => contractTime });
    });

    afterEach(async () => {
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
