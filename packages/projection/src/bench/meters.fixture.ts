import { randomUUID } from 'node:crypto';
import type { JetStreamManager } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/nats-core';
import { defineAggregate, type EventStore } from '@pipit/store';
import { jetStreamStore } from '@pipit/store/jetstream';
import { defineEvent, type EventOf } from '@pipit/types-registry';
import { z } from 'zod';
import { defineProjection, type Repository } from '../index.ts';

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
  const body = JSON.stringify(data);
  const count = aggregates * eventsEach;
  for (let index = 0; index < count; index += 1) {
    const [group, place] = [Math.floor(index / (together * eventsEach)), index % (together * eventsEach)];
    const subject = `${name}.meter.meter-${group * together + (place % together)}`;
    const fields = eventHeaders(name, Math.floor(place / together) + 1);
    // The answer to one says that those before it are stored as well.
    if (index % 500 !== 499) connection.publish(subject, body, { headers: fields });
    else await connection.request(subject, body, { headers: fields, timeout: 30_000 });
    if ((index + 1) % 100_000 === 0) progress(`wrote ${index + 1} of ${count} events`);
  }
  await connection.flush();
  const { state } = await manager.streams.info(name);
  if (state.messages !== count) throw new Error(`the stream has ${state.messages} events, not ${count}`);
  return store;
}

/** An event as a store writes it. */
function eventHeaders(store: string, revision: number) {
  const id = randomUUID();
  const fields = headers();
  fields.set('ce-id', id);
  fields.set('ce-specversion', '1.0');
  fields.set('ce-source', `/${store}`);
  fields.set('ce-type', type);
  fields.set('ce-time', new Date().toISOString());
  fields.set('ce-revision', String(revision));
  fields.set('Nats-Msg-Id', id);
  return fields;
}
