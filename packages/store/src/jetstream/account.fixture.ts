import { defineEvent } from '@pipit/types-registry';
import { z } from 'zod';
import { defineAggregate } from '../aggregate.ts';

export const Deposited = defineEvent('deposited', z.object({ cents: z.int(), note: z.string().optional() }));

export const Account = defineAggregate('account', {
  events: [Deposited],
  initial: { cents: 0 },
  evolve: { deposited: ({ cents }, { data }) => ({ cents: cents + data.cents }) },
});

/** Has snapshots. */
export const Tally = defineAggregate('tally', {
  events: [Deposited],
  initial: { cents: 0 },
  evolve: { deposited: ({ cents }, { data }) => ({ cents: cents + data.cents }) },
  snapshot: { version: 1, every: 1 },
});

export const deposit = (cents: number) => Deposited.create({ cents });
