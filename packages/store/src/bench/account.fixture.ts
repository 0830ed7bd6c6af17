import { defineEvent, type EventOf } from '@pipit/types-registry';
import { z } from 'zod';
import { defineAggregate } from '../index.ts';

export const type = 'money-deposited';

const Deposited = defineEvent(
  type,
  z.object({
    owner: z.string(),
    cents: z.int().positive(),
    currency: z.string().length(3),
    note: z.string(),
  }),
);

const spec = {
  events: [Deposited],
  initial: { cents: 0, deposits: 0 },
  evolve: {
    [type]: ({ cents, deposits }: Balance, { data }: EventOf<typeof Deposited>) => ({
      cents: cents + data.cents,
      deposits: deposits + 1,
    }),
  },
};

interface Balance {
  readonly cents: number;
  readonly deposits: number;
}

export const Account = defineAggregate('account', spec);

/** `slowerThan` keeps a slow machine from taking a newer one while the loads are measured. */
export const AccountWithSnapshots = defineAggregate('account', {
  ...spec,
  snapshot: { version: 1, every: 100, slowerThan: Number.POSITIVE_INFINITY },
});

const payloadBytes = 256;

/** The same 256 bytes of JSON for both sides. */
export const payload = filledUp({ owner: 'ada lovelace', cents: 12_345, currency: 'GBP', note: '' });

export const deposit = () => Deposited.create(payload);

function filledUp<T extends { note: string }>(data: T): T {
  return { ...data, note: 'x'.repeat(payloadBytes - JSON.stringify(data).length) };
}
