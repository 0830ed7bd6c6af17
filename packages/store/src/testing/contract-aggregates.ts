import { defineCommand, defineEvent, messagePack } from '@pipit/types-registry';
import { z } from 'zod';
import { defineAggregate } from '../aggregate.ts';
import type { EventStore } from '../event-store.ts';

/** What the stores of the suite hold. The suite of each subject stands beside this file. */

export const Opened = defineEvent('account-opened', z.object({ owner: z.string() }));
export const Deposited = defineEvent('deposited', z.object({ cents: z.int().positive() }));
export const Scanned = defineEvent('slip-scanned', z.object({ image: z.instanceof(Uint8Array) }), {
  codec: messagePack,
});
export const Deposit = defineCommand('deposit', z.object({ cents: z.int() }));
export const Noted = defineEvent(
  'noted',
  z.object({ text: z.string(), more: z.record(z.string(), z.unknown()).optional() }),
);
export const Counted = defineEvent('counted', z.object({ by: z.int() }));

export const Account = defineAggregate('account', {
  events: [Opened, Deposited, Scanned],
  commands: [Deposit],
  initial: { owner: '', cents: 0, slips: 0 },
  evolve: {
    'account-opened': (state, { data }) => ({ ...state, owner: data.owner }),
    deposited: (state, { data }) => ({ ...state, cents: state.cents + data.cents }),
    'slip-scanned': (state) => ({ ...state, slips: state.slips + 1 }),
  },
  decide: {
    deposit({ data }, state) {
      if (state.owner === '') throw new RangeError('there is no such account');
      return data.cents === 0 ? [] : Deposited.create({ cents: data.cents });
    },
  },
});

export const Note = defineAggregate('note', {
  events: [Noted],
  initial: { text: '' },
  evolve: { noted: (_, { data }) => ({ text: data.text }) },
});

/** Has snapshots. */
export const Tally = defineAggregate('tally', {
  events: [Counted],
  initial: { total: 0 },
  evolve: { counted: ({ total }, { data }) => ({ total: total + data.by }) },
  snapshot: { version: 1, every: 10 },
});

export const aggregates = [Account, Note, Tally];
export type ContractStore = EventStore<typeof Account | typeof Note | typeof Tally>;

/** The store that was opened, empty, for the test that runs; `another` is a second one on the same events. */
export interface StoreOfTest {
  (): ContractStore;
  another(): Promise<ContractStore>;
}

/** What the clock of every store of the suite says. */
export const contractTime = new Date('2026-01-02T03:04:05.678Z');
