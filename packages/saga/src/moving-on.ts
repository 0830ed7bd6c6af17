import type { Saga } from './define-saga.ts';
import type { SagaRepository, StoredSaga } from './repository.ts';
import { SagaMovedError } from './saga-errors.ts';

/** Does something with an instance as it is, and again as it is then where it has moved on meanwhile. */
export async function movingOn(
  repository: SagaRepository,
  saga: Saga,
  id: string,
  known: number,
  work: (stored: StoredSaga) => Promise<void>,
): Promise<void> {
  for (let least = known; ; ) {
    const stored = await repository.load(saga, id, least);
    try {
      return await work(stored);
    } catch (error) {
      if (!(error instanceof SagaMovedError)) throw error;
      least = stored.revision + 1;
    }
  }
}
