import {
  type EventDefinition,
  guardLogger,
  type Logger,
  processWarnings,
  type RecordedEvent,
} from '@pipit/types-registry';
import type { Saga } from './define-saga.ts';
import { type DriveOptions, drive } from './drive.ts';
import { memorySagas } from './memory-sagas.ts';
import { receiveEvent } from './receive-event.ts';
import type { SagaRepository } from './repository.ts';
import { resume } from './resume.ts';
import { detailsOf, type SagaDetails, summaryOf } from './saga-details.ts';
import {
  InvalidSagaError,
  MissingStepsError,
  SagaNotStartedError,
  type SagaRef,
  SagasStoppedError,
  UnknownSagaError,
  UnknownVersionError,
} from './saga-errors.ts';
import type { Sagas } from './sagas.ts';
import { startSaga } from './start-saga.ts';
import type { AnyStep } from './step.ts';
import { wakeSaga } from './wake-saga.ts';

export interface SagasOptions {
  /** With every version that has instances. */
  // biome-ignore lint/suspicious/noExplicitAny: input and results are of any type
  readonly sagas: readonly Saga<string, any, any>[];
  /** Default: `memorySagas()`, gone with the process. */
  readonly repository?: SagaRepository;
  /** How many instances of a saga are driven at a time. Default: 16. */
  readonly concurrency?: number;
  /** Told of each instance that needs attention, at least once: again where it throws. */
  readonly onAttention?: (saga: SagaDetails) => unknown;
  /** Default: process warnings for what is a warning or an error. */
  readonly logger?: Logger;
}

/**
 * Drives sagas, from now on until `stop`.
 *
 * @throws MissingStepsError where a step has no function; InvalidSagaError where a version is registered twice
 */
export function createSagas(options: SagasOptions): Sagas {
  const { sagas, repository = memorySagas(), concurrency = 16, onAttention } = options;
  const logger = guardLogger(options.logger ?? processWarnings);
  const registered = byName(sagas);
  let stopped = false;

  function versionsOf(name: string): ReadonlyMap<number, Saga> {
    const versions = registered.get(name);
    if (versions === undefined) throw new UnknownSagaError(name, [...registered.keys()]);
    return versions;
  }

  const newestOf = (name: string) => newest(versionsOf(name));

  function requireRunning(): void {
    if (stopped) throw new SagasStoppedError();
  }

  async function act({ name, id }: SagaRef, action: 'retry' | 'skip' | 'abandon', by: string | undefined) {
    await resume(repository, newestOf(name), id, { action, by });
  }

  const running = [...registered].map(([name, versions]) => {
    const saga = newest(versions);
    const driving: DriveOptions = {
      repository,
      versions,
      logger,
      async onAttention(id, stored) {
        const details = detailsOf({ name, id }, stored);
        logger.error({ saga: name, id, ...details?.attention }, 'a saga needs attention');
        if (details !== undefined) await onAttention?.(details);
      },
    };
    const told = async <Result>(id: string | undefined, work: () => Promise<Result>) => {
      try {
        return await work();
      } catch (error) {
        const isExpected = error instanceof SagasStoppedError || error instanceof SagaNotStartedError;
        if (!isExpected)
          logger.warn({ saga: name, id, err: error }, 'a saga could not go on, and is tried again');
        throw error;
      }
    };
    return repository.run(
      saga,
      {
        drive: (instance, signal) => told(instance.id, () => drive(saga, instance, driving, signal)),
        wake: (id, timer) => told(id, () => wakeSaga(repository, saga, id, timer)),
        receive: (event, isPatient) =>
          told(undefined, () => receiveEvent({ repository, versions, logger }, event, isPatient)),
      },
      { concurrency, events: eventsOf(versions) },
    );
  });
  const ready = Promise.all(running.map((one) => one.ready)).then(() => undefined);
  ready.catch((error: unknown) => {
    // Whoever stops them before they have begun knows.
    if (!stopped) logger.error({ err: error }, 'sagas are not driven here');
  });

  return {
    ready,
    async start(saga, id, input) {
      requireRunning();
      const registeredSaga = versionsOf(saga.name).get(saga.version);
      if (registeredSaga === undefined) throw new UnknownVersionError(saga.name, saga.version);
      return await startSaga(repository, registeredSaga, id, input);
    },
    async deliver(event: RecordedEvent) {
      requireRunning();
      for (const versions of registered.values())
        await receiveEvent({ repository, versions, logger }, event, false);
    },
    async get({ name, id }) {
      return detailsOf({ name, id }, await repository.load(newestOf(name), id));
    },
    async *list({ name, state, older, signal } = {}) {
      const states = state === undefined ? undefined : [state].flat();
      for (const one of name === undefined ? registered.keys() : [name]) {
        for await (const last of repository.latest(newestOf(one), signal)) {
          const summary = summaryOf(one, last);
          if (states !== undefined && !states.includes(summary.state)) continue;
          if (older === undefined || summary.changedAt < older) yield summary;
        }
      }
    },
    retry: (saga, by) => act(saga, 'retry', by),
    skip: (saga, by) => act(saga, 'skip', by),
    abandon: (saga, by) => act(saga, 'abandon', by),
    async stop({ timeout = 10_000 } = {}) {
      stopped = true;
      await Promise.all(running.map((one) => one.stop({ timeout })));
    },
  };
}

/** @throws MissingStepsError; InvalidSagaError */
function byName(sagas: SagasOptions['sagas']): ReadonlyMap<string, ReadonlyMap<number, Saga>> {
  const registered = new Map<string, Map<number, Saga>>();
  for (const saga of sagas as readonly Saga[]) {
    const missing = saga.steps.flatMap(missingOf);
    if (missing.length > 0) throw new MissingStepsError(saga.name, missing);
    const versions = registered.get(saga.name) ?? new Map<number, Saga>();
    if (versions.has(saga.version))
      throw new InvalidSagaError(saga.name, `is registered twice with version ${saga.version}`);
    registered.set(saga.name, versions.set(saga.version, saga));
  }
  return registered;
}

function missingOf(step: AnyStep): readonly string[] {
  if (step.kind === 'wait') return [];
  const { name, run, compensate, compensates } = step;
  return [
    ...(run === undefined ? [name] : []),
    ...(compensates && compensate === undefined ? [`${name}/compensate`] : []),
  ];
}

/** Older versions may have instances that wait for events which the newest one does not know. */
function eventsOf(versions: ReadonlyMap<number, Saga>): readonly EventDefinition[] {
  const events = [...versions.values()].flatMap((saga) => saga.events);
  return [...new Map(events.map((event) => [event.type, event])).values()];
}

function newest(versions: ReadonlyMap<number, Saga>): Saga {
  return versions.get(Math.max(...versions.keys())) as Saga;
}
