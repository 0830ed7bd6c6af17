import { encodeToken, type Logger, type RecordedEvent } from '@pipit/types-registry';
import type { Saga } from './define-saga.ts';
import { movingOn } from './moving-on.ts';
import type { SagaRepository, StoredSaga } from './repository.ts';
import { SagaExistsError } from './saga-errors.ts';
import { startSaga } from './start-saga.ts';

interface Receiving {
  readonly repository: SagaRepository;
  /** The registered versions of a saga. */
  readonly versions: ReadonlyMap<number, Saga>;
  readonly logger: Logger;
}

/** Starts what an event starts, and keeps it for the instances that it belongs to. */
export async function receiveEvent(
  { repository, versions, logger }: Receiving,
  event: RecordedEvent,
): Promise<void> {
  const sagas = [...versions.values()].toSorted((one, other) => other.version - one.version);
  const [newest] = sagas;
  if (newest === undefined) return;
  const facts = { saga: newest.name, event: event.type, position: event.position };

  // Where it begins with other events by now, those of older versions begin nothing.
  const start = newest.startOf(event);
  if (start !== undefined) {
    try {
      await startSaga(repository, newest, start.id, start.input);
    } catch (error) {
      if (!(error instanceof SagaExistsError)) throw error;
      logger.warn({ ...facts, id: start.id }, 'an event starts a saga that is there with another input');
    }
  }

  for (const id of new Set(sagas.flatMap((saga) => saga.correlate(event)))) {
    if (!canBeAnId(id) || !(await repository.exists(newest, id, event.time))) {
      logger.info({ ...facts, id }, 'an event belongs to no saga');
      continue;
    }
    await movingOn(repository, newest, id, 1, async (stored) => {
      if (!isWanted(versions, id, stored, event)) return;
      const change = {
        kind: 'event-received',
        eventId: event.id,
        event: event.type,
        data: event.data,
      } as const;
      await repository.append(newest, id, stored, [{ ...change, status: stored.state.status }]);
    });
  }
}

function canBeAnId(id: string): boolean {
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
