import type { Saga } from './define-saga.ts';
import { movingOn } from './moving-on.ts';
import type { SagaRepository } from './repository.ts';

/** Lets an instance go on whose timer this still is: it has rung, whatever the clock says here. */
export async function wakeSaga(
  repository: SagaRepository,
  saga: Saga,
  id: string,
  timer: number,
): Promise<void> {
  await movingOn(repository, saga, id, timer, async (stored) => {
    const { state } = stored;
    // Otherwise it has gone on without it.
    if (state.timer?.id === timer)
      await repository.append(saga, id, stored, [{ kind: 'woken', timer, status: state.status }]);
  });
}
