import { viewOf } from '@pipit/projection';
import type { Aggregate } from '@pipit/store';
import type { App, AppOptions } from './app.ts';
import { appParts } from './app-parts.ts';
import { type AppConfig, configOptions } from './config/config.ts';
import { ConfigError } from './config/config-error.ts';
import { readConfig } from './config/read-config.ts';
import { createContainer, type Get } from './lifecycle/container.ts';
import { healthOf } from './lifecycle/health.ts';
import { createLifecycle, type Lifecycle } from './lifecycle/lifecycle.ts';
import { stopOnSignals } from './lifecycle/signals.ts';
import { type Supervised, supervise } from './lifecycle/supervise.ts';
import { createLogger } from './logs/create-logger.ts';
import { personalFieldsOf } from './logs/personal-fields.ts';
import { type ProtectedLogger, protectLogger } from './logs/protect-logger.ts';
import { noInstrumentation } from './telemetry/instrumentation.ts';
import { loadInstrumentation } from './telemetry/load-instrumentation.ts';

/**
 * Starts an application: its configuration and logs, the parts it stands on, a local nats-server unless one is named,
 * connection, operations, store, bus, commands, projections and sagas, in this order. What may pass, a server or a database
 * that is not there yet, is tried again until `startTimeout`; what cannot is an error at once. Whatever was started is
 * released before the error is thrown.
 *
 * @throws ConfigError; PartError; ConnectionError, its `reason` telling apart a server that cannot be reached, that refuses
 * the login, and that has no JetStream; UnsupportedServerError, StreamMismatchError, InvalidSubjectTokenError, TimeoutError;
 * RepositoryError, where views cannot be kept; the errors of `startNatsServer`, and of the parts
 */
export async function createApp<A extends Aggregate, Variables = unknown>(
  options: AppOptions<A> & { readonly config?: AppConfig<Variables> },
): Promise<App<A> & { readonly config: AppConfig<Variables> }> {
  const config = configOf(options);
  const log = protectLogger(options.logger ?? createLogger(options.name, config.logLevel));
  log.hide(personalFieldsOf(options));
  const { logger } = log;
  const lifecycle = createLifecycle(logger, config.stopTimeout);
  try {
    const app = await start(options, { config, log, lifecycle });
    // Its configuration is the one that was given, where one was.
    return app as typeof app & { readonly config: AppConfig<Variables> };
  } catch (error) {
    logger.debug({ err: error }, 'did not start');
    await lifecycle.release();
    throw error;
  }
}

function configOf({ config, env, ...options }: AppOptions): AppConfig {
  if (config === undefined) return readConfig(options, env);
  const problems = configOptions
    .filter((field) => options[field] !== undefined)
    .map((field) => ({ field, message: 'is given beside config: give it to readConfig' }));
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

interface Begun {
  readonly config: AppConfig;
  readonly log: ProtectedLogger;
  readonly lifecycle: Lifecycle;
}

async function start<A extends Aggregate>(
  options: AppOptions<A>,
  { config, log, lifecycle }: Begun,
): Promise<App<A>> {
  const { name, aggregates } = options;
  const { logger } = log;
  if (options.signals !== false) lifecycle.add('signals', stopOnSignals(lifecycle.stop, logger));
  const container = createContainer({ config, logger, lifecycle });
  for (const part of options.parts ?? []) await container.start(part);

  const { get } = container;
  const sagas = made(options.sagas, get);
  const projections = made(options.projections, get);
  log.hide(personalFieldsOf({ aggregates, projections, sagas }));
  const telemetry =
    options.telemetry === false
      ? noInstrumentation
      : await loadInstrumentation({ store: name, sagas, logger });
  const parts = appParts({
    ...options,
    telemetry,
    // What sagas are kept in is nothing the caller appends to.
    aggregates: [...new Set([...aggregates, ...sagas.map((saga) => saga.aggregate)])] as A[],
    projections,
    sagas,
    timeLeft: lifecycle.timeLeft,
  });
  const { connection, watch } = await container.start(parts.connected);
  await container.start(parts.commands);
  await container.start(parts.driven);
  const running = get(parts.views).run();
  logger.info({ store: name, projections: projections.length }, 'started');

  const processes: Supervised[] = [];
  return {
    name,
    config,
    logger,
    store: get(parts.store),
    bus: get(parts.bus),
    commands: get(parts.commands),
    operations: get(parts.operations),
    projections: running,
    sagas: get(parts.driven),
    telemetry: { request: telemetry.request },
    view: viewOf,
    connection,
    get connected() {
      return watch.connected;
    },
    get,
    start: container.start,
    supervise(process, run, supervision) {
      const supervised = supervise(process, run, logger, supervision);
      processes.push(supervised);
      lifecycle.add(process, supervised.stop);
    },
    async health() {
      const background = processes.map(({ health }) => health);
      return healthOf([...(await container.health()), ...background], log.inText);
    },
    onStop: lifecycle.add,
    stop: lifecycle.stop,
    [Symbol.asyncDispose]: lifecycle.stop,
  };
}

function made<Value>(
  given: readonly Value[] | ((get: Get) => readonly Value[]) | undefined,
  get: Get,
): readonly Value[] {
  return typeof given === 'function' ? given(get) : (given ?? []);
}
