import { connect } from '@nats-io/transport-node';
import { jetStreamBus, jetStreamSchedules } from '@pipit/bus/jetstream';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { defineAggregate } from '@pipit/store';
import { jetStreamStore } from '@pipit/store/jetstream';
import { defineEvent } from '@pipit/types-registry';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { createSagas } from './create-sagas.ts';
import { defineSaga } from './define-saga.ts';
import { eventStoreSagas } from './event-store-sagas.ts';

const Called = defineEvent('called', z.object({ saga: z.string() }));
const Phone = defineAggregate('phone', { events: [Called], initial: null, evolve: { called: () => null } });
const logger = { info() {}, warn() {}, error() {} };
const patience = { timeout: 20_000 };

const calling = (name: string) =>
  defineSaga({
    name,
    input: z.null(),
    events: [Called],
    correlate: { called: ({ data }) => data.saga },
    steps: (saga) => saga.sleep('rest', 100).waitFor('call', 'called'),
  });

let server: NatsServer;
beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());

it('sagas whose names look like those of their groups and topics do not meet', async () => {
  const names = ['a', 'a-events', 'a-timers', 'a.b *>🪶', 'x'.repeat(103)];
  const defined = names.map(calling);
  const connection = await connect({ servers: server.url });
  const aggregates = [Phone, ...defined.map(({ aggregate }) => aggregate)];
  const store = await jetStreamStore({ connection, name: 'names', aggregates });
  const bus = await jetStreamBus({ connection, store: 'names', aggregates, logger });
  const schedules = await jetStreamSchedules({ connection, store: 'names' });
  const sagas = createSagas({
    sagas: defined,
    repository: eventStoreSagas({ store, bus, schedules }),
    logger,
  });
  await sagas.ready;
  const ids = ['one', 'two', 'three', 'four', 'five', 'six'];
  for (const id of ids) {
    for (const saga of defined) await sagas.start(saga, id, null);
    await store.append(Phone, id, Called.create({ saga: id }));
  }
  const open = async () =>
    (await Array.fromAsync(sagas.list({ state: 'running' }))).map(({ name, id }) => [name, id]);
  await expect.poll(open, patience).toEqual([]);
  await sagas.stop({ timeout: 100 });
  await bus.stop({ timeout: 100 });
  schedules.close();
  await store.close();
  await connection.close();
});
