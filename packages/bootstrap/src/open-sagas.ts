import type { NatsConnection } from '@nats-io/nats-core';
import { jetStreamSchedules } from '@pipit/bus/jetstream';
import { createSagas, type EventStoreSagasOptions, eventStoreSagas, type Sagas } from '@pipit/saga';
import type { Logger } from 'pino';
import type { AnySaga, AppOptions } from './app.ts';

interface Parts {
  readonly name: string;
  readonly sagas: readonly AnySaga[];
  readonly onAttention: AppOptions['onAttention'];
  readonly connection: NatsConnection;
  readonly store: EventStoreSagasOptions['store'];
  readonly bus: EventStoreSagasOptions['bus'];
  readonly logger: Logger;
}

/** Sagas that are kept in the store; without any, the server is not asked for what they need. */
export async function openSagas({
  name,
  sagas,
  onAttention,
  connection,
  store,
  bus,
  logger,
}: Parts): Promise<Sagas> {
  if (sagas.length === 0) return createSagas({ sagas, logger });
  const schedules = await jetStreamSchedules({ connection, store: name, logger });
  const repository = eventStoreSagas({ store, bus, schedules });
  const opened = createSagas({ sagas, repository, logger, ...(onAttention && { onAttention }) });
  try {
    // From now on no event that starts one is missed.
    await opened.ready;
  } catch (error) {
    await opened.stop();
    throw error;
  }
  return opened;
}
