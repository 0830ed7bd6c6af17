import { connect } from '@nats-io/transport-node';
import { jetStreamBus, jetStreamSchedules } from '@pipit/bus/jetstream';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { jetStreamStore } from '@pipit/store/jetstream';
import { afterAll, beforeAll } from 'vitest';
import { eventStoreSagas } from './event-store-sagas.ts';
import { testSagaRepository } from './testing.ts';

let server: NatsServer;
let stores = 0;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());

testSagaRepository('an event store on JetStream', async (saga) => {
  stores += 1;
  const name = `contract_${stores}`;
  const closing: (() => Promise<unknown>)[] = [];
  const answers = { ...saga.aggregate, type: 'answers', events: saga.events };
  return {
    async another() {
      const connection = await connect({ servers: server.url });
      const aggregates = [saga.aggregate, answers];
      const store = await jetStreamStore({ connection, name, aggregates });
      const bus = await jetStreamBus({ connection, store: name, aggregates });
      const schedules = await jetStreamSchedules({ connection, store: name });
      closing.push(async () => {
        await bus.stop({ timeout: 100 });
        schedules.close();
        await store.close();
        await connection.close();
      });
      return eventStoreSagas({ store, bus, schedules });
    },
    async close() {
      await Promise.all(closing.map((close) => close()));
    },
  };
});
