import type { Saga } from './define-saga.ts';
import { movingOn } from './moving-on.ts';
import type { SagaRepository } from './repository.ts';

/** Lets an instance go on whose timer this still is, and whose time has come. */
export async function wakeSaga(
  repository: SagaRepository,
  saga: Saga,
  id: string,
  timer: number,
): Promise<void> {
  await movingOn(repository, saga, id, timer, async (stored) => {
    const { state } = stored;
    // It has gone on without it.
    if (state.timer?.id !== timer) return;
    const time = new Date(state.timer.at);
    if (time > repository.now()) await repository.wakeAt(saga, id, timer, time);
    else await repository.append(saga, id, stored, [{ kind: 'woken', timer, status: state.status }]);
  });
}
