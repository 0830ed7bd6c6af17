import type { Saga } from './define-saga.ts';
import { movingOn } from './moving-on.ts';
import type { SagaRepository } from './repository.ts';
import type { ChangeOf, SagaStatus } from './saga-change.ts';
import { NoAttentionNeededError, SagaNotFoundError } from './saga-errors.ts';
import type { SagaState } from './saga-state.ts';

type Action = ChangeOf<'resumed'>['action'];

/** Lets an instance that needs attention go on. @throws NoAttentionNeededError, SagaNotFoundError */
export async function resume(
  repository: SagaRepository,
  saga: Saga,
  id: string,
  { action, by }: { readonly action: Action; readonly by: string | undefined },
): Promise<void> {
  const ref = { name: saga.name, id };
  await movingOn(repository, saga, id, 0, async (stored) => {
    const { state } = stored;
    if (stored.revision === 0) throw new SagaNotFoundError(ref);
    if (state.status !== 'needs-attention') throw new NoAttentionNeededError(ref, state.status);
    const status = statusAfter(action, state);
    await repository.append(saga, id, stored, [
      { kind: 'resumed', action, ...(by !== undefined && { by }), status },
    ]);
  });
}

function statusAfter(action: Action, { rollback }: SagaState): SagaStatus {
  if (action === 'abandon') return 'abandoned';
  return action === 'skip' && rollback.length === 1 ? 'compensated' : 'compensating';
}
