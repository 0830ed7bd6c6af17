import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { defineAggregate } from '@pipit/store';
import { jetStreamStore } from '@pipit/store/jetstream';
import type { Scale } from '@pipit/tooling/bench';
import { defineEvent, type EventOf } from '@pipit/types-registry';
import { z } from 'zod';

export const type = 'money-deposited';
/** Aggregates, whose events follow each other by turns. */
const keys = 1_000;
const cents = 12_345;

const Deposited = defineEvent(
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
  initial: { cents: 0 },
  evolve: {
    [type]: (state: { readonly cents: number }, { data }: EventOf<typeof Deposited>) => ({
      cents: state.cents + data.cents,
    }),
  },
});

/** 256 bytes of JSON. */
const payload = { owner: 'ada lovelace', cents, currency: 'GBP', note: 'x'.repeat(192) };

/** A store full of events, which all rows deliver again and again, to another consumer each time. */
export interface EventLog {
  readonly store: string;
  readonly events: number;
  /** A name that no group has had. */
  newGroup(): string;
  /** Takes away the consumers of all groups there have been. */
  forgetGroups(): Promise<void>;
}

export async function writeEvents(connection: NatsConnection, scale: Scale): Promise<EventLog> {
  const name = 'delivered';
  const events = scale.of(30_000);
  scale.progress(`writes ${events} events`);
  const store = await jetStreamStore({ connection, name, aggregates: [Account] });
  for (let written = 0; written < events; written += keys) {
    const round = Array.from({ length: Math.min(keys, events - written) }, (_, key) =>
      store.append(Account, `account-${key}`, Deposited.create(payload)),
    );
    await Promise.all(round);
  }
  await store.close();
  const manager = await jetstreamManager(connection);
  let groups = 0;
  return {
    store: name,
    events,
    newGroup() {
      groups += 1;
      return `group-${groups}`;
    },
    forgetGroups: () => removeConsumers(manager, [name, `${name}_dead`]),
  };
}

async function removeConsumers(manager: JetStreamManager, streams: readonly string[]): Promise<void> {
  for (const stream of streams) {
    const names = [];
    for await (const { name } of manager.consumers.list(stream)) names.push(name);
    await Promise.all(names.map((name) => manager.consumers.delete(stream, name)));
  }
}

/** Counts what a handler has seen. */
export interface Count {
  /** Fulfilled when all events have come. */
  readonly all: Promise<void>;
  add(amount: number): void;
}

export function countOf(events: number): Count {
  const all = Promise.withResolvers<void>();
  let left = events;
  return {
    all: all.promise,
    add(amount) {
      if (amount !== cents) all.reject(new Error(`an event of ${amount} cents`));
      left -= 1;
      if (left === 0) all.resolve();
    },
  };
}
