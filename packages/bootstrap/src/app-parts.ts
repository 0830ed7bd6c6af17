import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Bus } from '@pipit/bus';
import { jetStreamBus, jetStreamCommands, jetStreamOperations } from '@pipit/bus/jetstream';
import { type EventReader, type Projection, runProjection } from '@pipit/projection';
import type { Aggregate, EventStore } from '@pipit/store';
import { jetStreamStore } from '@pipit/store/jetstream';
import type { Logger } from 'pino';
import type { AnySaga, AppOptions } from './app.ts';
import { definePart } from './lifecycle/part.ts';
import { connectOnce, mayPass } from './nats/connect.ts';
import {
  type ConnectionWatch,
  closeConnection,
  requireAnswer,
  watchConnection,
} from './nats/connection-watch.ts';
import { explained } from './nats/explain-failure.ts';
import { startLocalServer } from './nats/local-server.ts';
import { requirePermissions } from './nats/require-permissions.ts';
import { openSagas } from './open-sagas.ts';
import { openViews } from './projections/open-views.ts';
import { type RunningProjections, runProjections } from './projections/running-projections.ts';
import type { Instrumentation } from './telemetry/instrumentation.ts';

interface Defined<A extends Aggregate>
  extends Pick<AppOptions<A>, 'name' | 'layout' | 'use' | 'alerts' | 'onAttention'> {
  readonly aggregates: readonly A[];
  readonly projections: readonly Projection[];
  readonly sagas: readonly AnySaga[];
  readonly telemetry: Instrumentation;
  /** Milliseconds that a part being stopped may take. */
  readonly timeLeft: () => number;
}

interface Connected {
  readonly connection: NatsConnection;
  readonly watch: ConnectionWatch;
  readonly logger: Logger;
}

/** What every application consists of, each with what it stands on. */
export function appParts<A extends Aggregate>({
  name,
  layout,
  use = [],
  alerts,
  onAttention,
  aggregates,
  projections,
  sagas,
  telemetry,
  timeLeft,
}: Defined<A>) {
  const servers = definePart('nats-server', {
    async start({ config, logger }) {
      if (config.nats.servers !== undefined) return { servers: config.nats.servers, local: undefined };
      const local = await startLocalServer(config, logger);
      return { servers: [local.url], local };
    },
    stop: ({ local }) => local?.stop(),
    check: ({ local }) => local?.requireRunning(),
    // Finding and fetching it has limits of its own, and says everything that was tried.
    mayPass: () => false,
    timeout: Number.POSITIVE_INFINITY,
  });

  const connected = definePart('connection', {
    needs: { servers },
    async start({ config, servers: { servers }, logger }): Promise<Connected> {
      const { login, tls } = config.nats;
      const timeout = Math.min(config.startTimeout, 5_000);
      const connection = await connectOnce({ name, servers, login, tls, timeout });
      const watch = watchConnection(connection, logger);
      logger.info({ server: connection.getServer(), version: connection.info?.version }, 'connected to NATS');
      return { connection, watch, logger };
    },
    stop: ({ connection, watch, logger }) => closeConnection(connection, watch, logger),
    check: ({ connection, watch }) => requireAnswer(connection, watch),
    mayPass,
  });

  const operations = definePart('operations', {
    needs: { connected },
    start: ({ connected: { connection }, logger }) =>
      jetStreamOperations({ connection, store: name, logger }),
    // Half of the time to wait for the last records, half for those being written when that is up.
    stop: (operations) => operations.close({ timeout: Math.ceil(timeLeft() / 2) }),
    mayPass,
  });

  const store = definePart('store', {
    needs: { connected, operations },
    start: ({ config, connected: { connection }, operations: { recorder }, logger }) =>
      explained(connection, name, async () => {
        const opened = await jetStreamStore({
          connection,
          name,
          aggregates,
          stream: config.stream,
          ...(layout && { layout }),
          onDrift: (differences) =>
            logger.warn({ stream: name, differences }, 'the stream is not as asked; left as it is'),
          onAppended: recorder.appended,
          ...telemetry.storeOptions,
          logger,
        });
        const manager = await jetstreamManager(connection, { checkAPI: false });
        const { num_replicas: replicas, storage } = (await manager.streams.info(name)).config;
        logger.info({ store: name, replicas, storage }, 'opened the store');
        return telemetry.store(opened);
      }),
    stop: (store) => store.close(),
    // Its stream is there, and has a leader.
    check: (store) => store.position(),
    mayPass,
  });

  const alerting = definePart('alerts', { start: () => alerts, stop: (alerts) => alerts?.close() });

  const bus = definePart('bus', {
    needs: { connected, operations, store, alerting },
    start: ({ connected: { connection }, operations: { recorder }, alerting: alerts, logger, signal }) =>
      explained(connection, name, async () => {
        await requirePermissions(connection, name);
        const opened = await jetStreamBus({
          connection,
          store: name,
          aggregates,
          logger,
          recorder: telemetry.recorder(recorder),
          use: [...telemetry.use, ...use],
          ...(alerts && { alerts }),
        });
        telemetry.watchGroups(opened.subscriptions, signal);
        return telemetry.bus(opened);
      }),
    stop: (bus) => bus.stop({ timeout: timeLeft() }),
    mayPass,
  });

  const commands = definePart('commands', {
    needs: { connected, bus },
    start: ({ connected: { connection }, logger }) =>
      telemetry.commands(
        jetStreamCommands({ connection, store: name, logger, use: telemetry.useForRequests }),
      ),
    stop: (commands) => commands.stop({ timeout: timeLeft() }),
  });

  const views = definePart('projections', {
    needs: { store },
    async start({ store, logger, signal }) {
      await openViews(projections);
      // A projection may be of any aggregates; the store refuses those that it does not hold.
      const reader = store as EventStore as EventReader;
      let running: RunningProjections | undefined;
      return {
        get running() {
          return running;
        },
        /** To catch up with much keeps a process busy, so it begins when all else is there. */
        run(): RunningProjections {
          running = runProjections(projections, (projection) =>
            runProjection(reader, projection, { logger, ...telemetry.projectionOptions(projection.name) }),
          );
          telemetry.watchProjections(running, signal);
          return running;
        },
      };
    },
    stop: ({ running }) => running?.stop(),
    check: ({ running }) => {
      const late = running?.late ?? [];
      if (late.length === 0) return;
      const list = late.map(({ name, status, position }) => `${name}: ${status}, at position ${position}`);
      throw new Error(list.join('; '));
    },
  });

  const driven = definePart('sagas', {
    needs: { connected, store, bus, views },
    start: ({ connected: { connection }, store, bus, logger }) =>
      explained(connection, name, () =>
        openSagas({
          name,
          sagas: telemetry.sagas(sagas),
          onAttention,
          connection,
          store,
          bus: bus as unknown as Bus,
          logger,
        }),
      ),
    stop: (sagas) => sagas.stop({ timeout: timeLeft() }),
    mayPass,
  });

  return { connected, operations, store, bus, commands, views, driven };
}
