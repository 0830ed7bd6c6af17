import type { Bus } from '@pipit/bus';
import { jetStreamBus, jetStreamCommands, jetStreamOperations } from '@pipit/bus/jetstream';
import { type EventReader, runProjection, viewOf } from '@pipit/projection';
import type { Aggregate, EventStore } from '@pipit/store';
import { jetStreamStore } from '@pipit/store/jetstream';
import type { Logger } from 'pino';
import type { App, AppOptions } from './app.ts';
import { connectOnce } from './connect.ts';
import { closeConnection, watchConnection } from './connection-watch.ts';
import { explained } from './explain-failure.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { startLocalServer } from './local-server.ts';
import { createLogger } from './logger.ts';
import { personalFieldsOf } from './logger-personal.ts';
import { protectLogger } from './logger-protected.ts';
import { rememberPayloads } from './logger-remembers.ts';
import { openSagas } from './open-sagas.ts';
import { openViews } from './open-views.ts';
import { readConfig } from './read-config.ts';
import { requirePermissions } from './require-permissions.ts';
import { runProjections } from './running-projections.ts';
import { stopOnSignals } from './signals.ts';
import { untilPossible } from './until-possible.ts';

/**
 * Starts an application: configuration, logs, a local nats-server unless one is named, connection, operations, store,
 * bus, commands, projections and sagas, in this order. What may pass, a server or a database that is not there yet, is tried
 * again until `startTimeout`; what cannot is an error at once. Whatever was started is released before the error is
 * thrown.
 *
 * @throws ConfigError; ConnectionError, its `reason` telling apart a server that cannot be reached, that refuses the
 * login, and that has no JetStream; UnsupportedServerError, StreamMismatchError, InvalidSubjectTokenError, TimeoutError;
 * RepositoryError, where views cannot be kept; the errors of `startNatsServer`
 */
export async function createApp<A extends Aggregate>(options: AppOptions<A>): Promise<App<A>> {
  const personal = personalFieldsOf(options);
  const { logger, remember } = protectLogger(options.logger ?? createLogger(options.name, 'info'), personal);
  const use = [...(personal.size > 0 ? [rememberPayloads(remember)] : []), ...(options.use ?? [])];
  const lifecycle = createLifecycle(logger, options.stopTimeout ?? 10_000);
  for (const [part, stop] of Object.entries(options.onStop ?? {})) lifecycle.add(part, stop);
  try {
    const { config, login } = readConfig(options, options.env ?? process.env);
    if (options.logger === undefined) logger.level = config.logLevel;
    return await start({ ...options, use }, { config, login, logger, lifecycle });
  } catch (error) {
    logger.debug({ err: error }, 'did not start');
    // What the caller has to know is why it did not start; what would not stop has been logged.
    await lifecycle.stop().catch(() => {});
    throw error;
  }
}

interface Begun extends ReturnType<typeof readConfig> {
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
}

async function start<A extends Aggregate>(
  options: AppOptions<A>,
  { config, login, logger, lifecycle }: Begun,
): Promise<App<A>> {
  const { name, stream, layout, use, alerts, sagas: ofSagas = [], startTimeout = 30_000 } = options;
  // What sagas are kept in is nothing the caller appends to.
  const aggregates = [...new Set([...options.aggregates, ...ofSagas.map((saga) => saga.aggregate)])] as A[];
  const { add, stop, stopping: signal } = lifecycle;
  if (options.signals !== false) add('signals', stopOnSignals(stop, logger));

  let { servers } = config.nats;
  if (servers === undefined) {
    const server = await startLocalServer(config.dataDir, logger);
    add('nats-server', server.stop);
    signal.throwIfAborted();
    servers = [server.url];
  }

  const patience = { deadline: Date.now() + startTimeout, logger, signal };
  const { tls } = config.nats;
  const { connection, watch } = await untilPossible(
    async (timeLeft) => {
      const timeout = Math.min(timeLeft, 5_000);
      const opened = await connectOnce({ name, servers, login, tls, timeout });
      const opening = { connection: opened, watch: watchConnection(opened, logger) };
      // At once, so that a connection that is made after all, when nobody waits for it any longer, is closed as well.
      add('connection', () => closeConnection(opening.connection, opening.watch, logger));
      return opening;
    },
    { doing: 'Connecting to NATS', ...patience },
  );
  signal.throwIfAborted();
  logger.info({ server: connection.getServer(), version: connection.info?.version }, 'connected to NATS');

  const operations = await jetStreamOperations({ connection, store: name, logger });
  // Half of the time to wait for the last records, half for those being written when that is up.
  add('operations', () => operations.close({ timeout: Math.ceil(lifecycle.timeLeft() / 2) }));
  const { recorder } = operations;

  const openStore = () =>
    jetStreamStore({
      connection,
      name,
      aggregates,
      ...(stream && { stream }),
      ...(layout && { layout }),
      onDrift: (differences) =>
        logger.warn({ stream: name, differences }, 'the stream is not as asked; left as it is'),
      onAppended: recorder.appended,
      logger,
    });
  const store = await untilPossible(() => explained(connection, name, openStore), {
    doing: 'Opening the store',
    ...patience,
  });
  add('store', store.close);

  const openBus = async () => {
    await requirePermissions(connection, name);
    return jetStreamBus({
      connection,
      store: name,
      aggregates,
      logger,
      recorder,
      ...(use && { use }),
      ...(alerts && { alerts }),
    });
  };
  if (alerts) add('alerts', () => alerts.close());
  const bus = await untilPossible(() => explained(connection, name, openBus), {
    doing: 'Opening the bus',
    ...patience,
  });
  add('bus', () => bus.stop({ timeout: lifecycle.timeLeft() }));
  const commands = jetStreamCommands({ connection, store: name, logger });
  add('commands', () => commands.stop({ timeout: lifecycle.timeLeft() }));

  // A projection may be of any aggregates; the store refuses those that it does not hold.
  const reader = store as EventStore as EventReader;
  const defined = options.projections ?? [];
  await untilPossible(() => openViews(defined), { doing: 'Opening the views', ...patience });
  signal.throwIfAborted();
  const projections = runProjections(defined, (projection) => {
    const running = runProjection(reader, projection, { logger });
    add(`projection ${projection.name}`, running.stop);
    return running;
  });

  const sagas = await untilPossible(
    () =>
      explained(connection, name, () =>
        openSagas({ options, connection, store, bus: bus as unknown as Bus, logger }),
      ),
    { doing: 'Opening the sagas', ...patience },
  );
  add('sagas', () => sagas.stop({ timeout: lifecycle.timeLeft() }));

  signal.throwIfAborted();
  logger.info({ store: name, projections: projections.size }, 'started');
  return {
    name,
    config,
    logger,
    store,
    bus,
    commands,
    operations,
    projections,
    sagas,
    view: viewOf,
    connection,
    get connected() {
      return watch.connected;
    },
    onStop: add,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
