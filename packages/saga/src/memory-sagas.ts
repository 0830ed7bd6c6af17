import type { EventStore } from '@pipit/store';
import { type AlarmClock, systemClock } from './alarm-clock.ts';
import { withEffects } from './decide-effects.ts';
import { memoryRunners } from './memory-runners.ts';
import type { SagaRepository, StoredSaga } from './repository.ts';
import { isTrigger } from './saga-change.ts';
import { EffectFailedError, NoEventsError, SagaMovedError } from './saga-errors.ts';
import { evolveSaga, noSaga } from './saga-state.ts';

export interface MemorySagasOptions {
  /** Default: the system's; `turnedClock` of `@pipit/saga/spec` for one that a test owns. */
  readonly clock?: AlarmClock;
  /** What steps append to. Default: nothing, so that a step which appends has failed. */
  readonly store?: Pick<EventStore, 'load' | 'execute' | 'appendAll'>;
}

const none: StoredSaga = { state: noSaga, revision: 0 };

/**
 * Keeps sagas in this process, gone with it: for tests, trials and what may be forgotten. Instances that have ended are kept
 * as well.
 */
export function memorySagas({ clock = systemClock, store }: MemorySagasOptions = {}): SagaRepository {
  const kept = new Map<string, Map<string, StoredSaga>>();
  const appends = new Map<string, Promise<unknown>>();
  const alarms = new Map<string, () => void>();
  const runners = memoryRunners(clock);

  const find = (name: string, id: string) => kept.get(name)?.get(id) ?? none;

  /** One after the other, for each instance. */
  async function inTurn<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const turn = Promise.allSettled([appends.get(key)]).then(work);
    appends.set(key, turn);
    try {
      return await turn;
    } finally {
      if (appends.get(key) === turn) appends.delete(key);
    }
  }

  return {
    now: clock.now,
    load: async ({ name }, id) => find(name, id),
    exists: async ({ name }, id) => find(name, id).revision > 0,
    append: ({ name }, id, { revision: expected }, changes, effects = []) =>
      inTurn(JSON.stringify([name, id]), async () => {
        const before = find(name, id);
        if (before.revision !== expected) throw new SagaMovedError({ name, id }, expected);
        if (effects.length > 0) {
          if (store === undefined) throw new EffectFailedError(new NoEventsError({ name, id }));
          await withEffects(store, effects, undefined, async (others) => {
            if (others.length > 0) await store.appendAll(others);
          });
        }
        const at = clock.now().getTime();
        let { state, revision } = before;
        for (const change of changes) {
          revision += 1;
          // As if it had been written and read again.
          state = evolveSaga(state, { change: structuredClone(change), revision, at });
        }
        const ofName = kept.get(name) ?? new Map<string, StoredSaga>();
        kept.set(name, ofName.set(id, { state, revision }));
        if (changes.some(({ kind }) => isTrigger(kind))) runners.hand(name, id, revision);
        return { state, revision };
      }),
    async *latest({ name }) {
      for (const [id, { state }] of kept.get(name) ?? []) {
        const last = state.changes.at(-1);
        if (last !== undefined) yield { ...last, id };
      }
    },
    async wakeAt({ name }, id, timer, time) {
      const key = JSON.stringify([name, id, timer]);
      alarms.get(key)?.();
      const ring = () => {
        alarms.delete(key);
        runners.ring(name, id, timer);
      };
      alarms.set(key, clock.ringAt(time, ring));
    },
    run: ({ name }, driver, options) => runners.run(name, driver, options),
  };
}
