import type { JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { defineAggregate, type EventStore } from '@pipit/store';
import { jetStreamStore } from '@pipit/store/jetstream';
import { defineEvent, type EventOf } from '@pipit/types-registry';
import { z } from 'zod';
import { defineProjection, type Repository } from '../index.ts';
import { fillStore } from './fill-store.fixture.ts';

const type = 'meter-read';
const Read = defineEvent(type, z.object({ watts: z.int(), note: z.string() }));
const data = { watts: 230, note: 'x'.repeat(200) };

export const Meter = defineAggregate('meter', {
  events: [Read],
  initial: { watts: 0 },
  evolve: { [type]: (_: unknown, event: EventOf<typeof Read>) => ({ watts: event.data.watts }) },
});

export interface Reading {
  readonly watts: number;
  readonly times: number;
}

export function readingsIn(into: Repository<Reading>) {
  return defineProjection({
    name: 'readings',
    from: [Meter],
    on: {
      [type]: (row: Reading | undefined, event: EventOf<typeof Read>) => ({
        watts: (row?.watts ?? 0) + event.data.watts,
        times: (row?.times ?? 0) + 1,
      }),
    },
    into,
  });
}

/** Events of each aggregate. */
export const eventsEach = 10;

/** Aggregates whose events lie among each other; all of theirs come before those of the next. */
const together = 100;

/** A store with so many aggregates, a hundred at a time: the server looks at all that lies between two events of one. */
export async function writeMeters(
  connection: NatsConnection,
  manager: JetStreamManager,
  aggregates: number,
  progress: (text: string) => void,
): Promise<EventStore<typeof Meter>> {
  const name = `meters-${aggregates}`;
  const store = await jetStreamStore({ connection, name, aggregates: [Meter] });
  await fillStore(connection, manager, {
    store: name,
    aggregateType: 'meter',
    events: aggregates * eventsEach,
    eventAt(index) {
      const group = Math.floor(index / (together * eventsEach));
      const place = index % (together * eventsEach);
      const id = `meter-${group * together + (place % together)}`;
      return { id, revision: Math.floor(place / together) + 1, type, data };
    },
    progress,
  });
  return store;
}
