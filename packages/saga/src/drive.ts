import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '@pipit/types-registry';
import type { Saga } from './define-saga.ts';
import { nextAction } from './next-action.ts';
import { type Done, perform } from './perform.ts';
import type { HandedInstance, SagaRepository, StoredSaga } from './repository.ts';
import { EffectFailedError, SagaMovedError, SagaVersionError } from './saga-errors.ts';
import { hasEnded, placeOf, type SagaState } from './saga-state.ts';
import { formOf } from './step.ts';

/** Milliseconds to tell of an instance that needs attention; then it is told again. */
const attentionTimeout = 30_000;

export interface DriveOptions {
  readonly repository: SagaRepository;
  /** The registered versions of the saga. */
  readonly versions: ReadonlyMap<number, Saga>;
  readonly logger: Logger;
  /** Told of an instance that needs attention, at least once. */
  readonly onAttention: (id: string, stored: StoredSaga) => Promise<void>;
}

/**
 * Goes on with an instance until it waits or has ended: each step, its outcome stored before the next one. Where it ends
 * early, by an error or by the death of the process, calling it again goes on from what was stored.
 *
 * @throws SagaVersionError; the signal's reason; what the repository throws
 */
export async function drive(
  saga: Saga,
  { id, revision, latest, isAgain: wasHanded }: HandedInstance,
  options: DriveOptions,
  signal: AbortSignal,
): Promise<void> {
  const { repository, versions, logger, onAttention } = options;
  const facts = { saga: saga.name, id };
  let stored = latest ?? (await repository.load(saga, id, revision));
  // Whoever has ended needs no definition, which may be gone by now.
  if (hasEnded(stored.state)) return;
  const definition = definitionOf(saga.name, id, versions, stored.state);
  const { steps } = definition;

  for (let isAgain = wasHanded; ; isAgain = false) {
    signal.throwIfAborted();
    const { state } = stored;
    const action = nextAction(steps, state);
    if (action.kind === 'end') return;
    if (action.kind === 'attention') {
      const patience = AbortSignal.timeout(attentionTimeout);
      return await unlessAborted(onAttention(id, stored), AbortSignal.any([signal, patience]));
    }
    if (action.kind === 'sleep') {
      const { timer } = state;
      if (timer !== undefined) await repository.wakeAt(saga, id, timer.id, new Date(timer.at));
      return;
    }
    const standing = () => ({ steps, state: stored.state, now: repository.now().getTime() });
    const done = await perform(action, standing, { saga: saga.name, id, signal, isAgain });
    try {
      stored = await store(done);
    } catch (error) {
      if (!(error instanceof SagaMovedError)) throw error;
      // Another process has been quicker: what it has done counts.
      stored = await repository.load(saga, id, stored.revision + 1);
    }
  }

  async function store(done: Done): Promise<StoredSaga> {
    const { change, effects, orElse, error } = done;
    if (error !== undefined) logger.warn({ ...facts, ...change, err: error }, 'a step of a saga has failed');
    const place = placeOf(stored.state);
    for (let before = stored; ; ) {
      try {
        return await repository.append(saga, id, before, [change], effects);
      } catch (thrown) {
        if (thrown instanceof EffectFailedError && orElse !== undefined)
          return await store(orElse(thrown.cause));
        if (!(thrown instanceof SagaMovedError)) throw thrown;
        before = await repository.load(saga, id, before.revision + 1);
        // An event may have come meanwhile; the step is still the one it is at.
        if (placeOf(before.state) !== place) throw thrown;
      }
    }
  }
}

/** @throws SagaVersionError */
function definitionOf(
  name: string,
  id: string,
  versions: ReadonlyMap<number, Saga>,
  { version, steps, forms }: SagaState,
): Saga {
  const found = versions.get(version);
  if (found === undefined) throw new SagaVersionError({ name, id }, version);
  const registered = found.steps.map((step) => step.name);
  const isSame = isDeepStrictEqual([registered, found.steps.map(formOf)], [steps, forms]);
  if (isSame) return found;
  const described = (names: readonly string[], kinds: readonly string[]) =>
    names.map((one, index) => `${one} (${kinds[index]})`);
  throw new SagaVersionError({ name, id }, version, {
    begun: described(steps, forms),
    registered: described(registered, found.steps.map(formOf)),
  });
}

/** @throws the signal's reason, once that aborts: work that hangs holds nobody up who stops */
async function unlessAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
