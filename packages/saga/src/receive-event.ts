import { encodeToken, type Logger, type RecordedEvent } from '@pipit/types-registry';
import type { Saga } from './define-saga.ts';
import { movingOn } from './moving-on.ts';
import type { SagaRepository, StoredSaga } from './repository.ts';
import { SagaExistsError, SagaNotStartedError } from './saga-errors.ts';
import { startSaga } from './start-saga.ts';

interface Receiving {
  readonly repository: SagaRepository;
  /** The registered versions of a saga. */
  readonly versions: ReadonlyMap<number, Saga>;
  readonly logger: Logger;
}

/**
 * Starts what an event starts, and keeps it for the instances that it belongs to.
 *
 * @param isPatient whether the event comes again where an instance was not started, or not yet
 * @throws SagaNotStartedError; InvalidInputError where an event starts what its input does not fit
 */
export async function receiveEvent(
  receiving: Receiving,
  event: RecordedEvent,
  isPatient: boolean,
): Promise<void> {
  const { versions, repository, logger } = receiving;
  const sagas = [...versions.values()].toSorted((one, other) => other.version - one.version);
  const [newest] = sagas;
  if (newest === undefined) return;
  const facts = factsOf(newest, event);
  await startBy(receiving, newest, event);

  const missing: string[] = [];
  for (const id of new Set(sagas.flatMap((saga) => saga.correlate(event)))) {
    if (!isId(id)) {
      logger.warn({ ...facts, id }, 'an event belongs to a saga with an id that none can have');
    } else if (await repository.exists(newest, id)) {
      await movingOn(repository, newest, id, 1, async (stored) => {
        if (isWanted(versions, id, stored, event)) await keep(repository, newest, id, stored, event);
      });
    } else missing.push(id);
  }
  const [first] = missing;
  if (first === undefined) return;
  // What starts it may have come before, and be handled a moment later.
  const mayBeStarted = isPatient && sagas.some((saga) => saga.isStartedByEvents);
  if (mayBeStarted) throw new SagaNotStartedError({ name: newest.name, id: first });
  logger.info({ ...facts, ids: missing }, 'an event belongs to no saga');
}

async function startBy({ repository, logger }: Receiving, saga: Saga, event: RecordedEvent): Promise<void> {
  const start = saga.startOf(event);
  if (start === undefined) return;
  try {
    await startSaga(repository, saga, start.id, start.input);
  } catch (error) {
    if (!(error instanceof SagaExistsError)) throw error;
    logger.warn(
      { ...factsOf(saga, event), id: start.id },
      'an event starts a saga that is there with another input',
    );
  }
}

async function keep(
  repository: SagaRepository,
  saga: Saga,
  id: string,
  stored: StoredSaga,
  { id: eventId, type, data }: RecordedEvent,
): Promise<void> {
  const { status } = stored.state;
  const change = { kind: 'event-received', eventId, event: type, data, status } as const;
  await repository.append(saga, id, stored, [change]);
}

function isId(id: string): boolean {
  try {
    encodeToken('saga id', id);
    return true;
  } catch {
    return false;
  }
}

/** Whether it is for an instance, and a step that is still to come waits for it, as far as that is known here. */
function isWanted(
  versions: ReadonlyMap<number, Saga>,
  instance: string,
  { state }: StoredSaga,
  event: RecordedEvent,
): boolean {
  if (state.status !== 'running' || state.receivedIds.includes(event.id)) return false;
  const saga = versions.get(state.version);
  if (saga === undefined) return true;
  // What another version correlates is not for this one.
  if (!saga.correlate(event).includes(instance)) return false;
  return saga.steps.slice(state.at).some((step) => step.kind === 'wait' && step.event === event.type);
}

function factsOf({ name }: Saga, { id: eventId, type: eventType, position }: RecordedEvent) {
  return { saga: name, eventId, eventType, position };
}
