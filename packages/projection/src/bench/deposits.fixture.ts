import type { JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { defineAggregate, type EventStore } from '@pipit/store';
import { jetStreamStore } from '@pipit/store/jetstream';
import { defineEvent, type EventOf } from '@pipit/types-registry';
import { z } from 'zod';
import { fillStore } from './fill-store.fixture.ts';

export const type = 'money-deposited';

export const Deposited = defineEvent(
  type,
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
  evolve: { [type]: (state: object) => state },
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
const cents = 125;
const note = 'x'.repeat(180);

export const depositOf = (owner: number): Deposit => ({
  owner: `owner ${owner}`,
  cents,
  currency: 'GBP',
  note,
});

/** A store with so many deposits. */
export async function writeDeposits(
  connection: NatsConnection,
  manager: JetStreamManager,
  events: number,
  progress: (text: string) => void,
): Promise<EventStore<typeof Account>> {
  const name = `bank-${events}`;
  const store = await jetStreamStore({ connection, name, aggregates: [Account] });
  const rows = events / eventsPerRow;
  await fillStore(connection, manager, {
    store: name,
    aggregateType: 'account',
    events,
    eventAt: (index) => ({
      id: `account-${index % rows}`,
      revision: Math.floor(index / rows) + 1,
      type,
      data: depositOf(index % rows),
    }),
    progress,
  });
  return store;
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
