import { connect } from '@nats-io/transport-node';
import type { Bus } from '@pipit/bus';
import { jetStreamBus, jetStreamSchedules } from '@pipit/bus/jetstream';
import { jetStreamStore } from '@pipit/store/jetstream';
import type { Logger } from '@pipit/types-registry';
import { createSagas } from '../create-sagas.ts';
import { eventStoreSagas } from '../event-store-sagas.ts';
import { Account, Office, transferring } from './transfer.fixture.ts';

/** A process that drives transfers, kept in the store `bank`. */
export async function openTransfers(
  servers: string,
  tell: (key: string) => Promise<void> | void,
  {
    logger = { info() {}, warn() {}, error() {} },
    isDriven = true,
  }: { logger?: Logger; isDriven?: boolean } = {},
) {
  const connection = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  const transfer = transferring(tell);
  const aggregates = [Account, Office, transfer.aggregate];
  const name = 'bank';
  const store = await jetStreamStore({ connection, name, aggregates, logger });
  const bus = await jetStreamBus({ connection, store: name, aggregates, logger });
  const schedules = await jetStreamSchedules({ connection, store: name, logger });
  const repository = eventStoreSagas({ store, bus: bus as unknown as Bus, schedules });
  const driven = { sagas: [transfer], repository, logger };
  const sagas = createSagas(
    isDriven ? driven : { ...driven, repository: { ...repository, run: () => notRun } },
  );
  await sagas.ready;
  return {
    transfer,
    store,
    sagas,
    async close() {
      await sagas.stop({ timeout: 1_000 });
      await bus.stop({ timeout: 1_000 });
      schedules.close();
      await store.close();
      await connection.close();
    },
  };
}

const notRun = { ready: Promise.resolve(), stop: async () => {} };
