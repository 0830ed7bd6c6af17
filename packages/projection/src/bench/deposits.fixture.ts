import { defineAggregate, type EventStore } from '@pipit/store';
import { defineEvent, type EventOf } from '@pipit/types-registry';
import { z } from 'zod';

export const Deposited = defineEvent(
  'money-deposited',
  z.object({
    owner: z.string(),
    cents: z.int().positive(),
    currency: z.string().length(3),
    note: z.string(),
  }),
);

export const Account = defineAggregate('account', {
  events: [Deposited],
  initial: {},
  evolve: { 'money-deposited': (state) => state },
});

/** What all sides make of the events. */
export const balance = z.object({ owner: z.string(), cents: z.number(), deposits: z.number() });
export type Balance = z.infer<typeof balance>;
export type Deposit = EventOf<typeof Deposited>['data'];

export function afterDeposit(row: Balance | undefined, { owner, cents }: Deposit): Balance {
  return { owner, cents: (row?.cents ?? 0) + cents, deposits: (row?.deposits ?? 0) + 1 };
}

/** Events of one row; between two of them lies one of every other row. */
export const eventsPerRow = 10;
const width = 256;
const cents = 125;
const note = 'x'.repeat(180);

export async function writeDeposits(store: EventStore<typeof Account>, events: number): Promise<void> {
  const rows = events / eventsPerRow;
  let next = 0;
  const append = async () => {
    while (next < events) {
      const at = next;
      next += 1;
      const event = Deposited.create({ owner: `owner ${at % rows}`, cents, currency: 'GBP', note });
      await store.append(Account, `account-${at % rows}`, event, { expected: Math.floor(at / rows) });
    }
  };
  await Promise.all(Array.from({ length: width }, append));
}

/** Proves that a side has done all of the work. */
export function requireAll(side: string, balances: Iterable<Balance>, events: number): void {
  let deposits = 0;
  let sum = 0;
  for (const row of balances) {
    deposits += row.deposits;
    sum += row.cents;
  }
  if (deposits !== events || sum !== events * cents)
    throw new Error(`${side} has ${deposits} deposits in its rows, not ${events}`);
}
