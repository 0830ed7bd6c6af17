import pLimit from 'p-limit';
import { type AlarmClock, systemClock } from './alarm-clock.ts';
import type { SagaRepository, StoredSaga } from './repository.ts';
import { isTrigger } from './saga-change.ts';
import { EffectFailedError, NoEventsError, SagaMovedError, SagasStoppedError } from './saga-errors.ts';
import { evolveSaga, noSaga } from './saga-state.ts';

/** Milliseconds after which an instance that could not be driven is handed over again. */
const secondTry = 500;

interface Runner {
  hand(id: string): void;
}

/**
 * Keeps sagas in this process, gone with it: for tests, trials and what may be forgotten. Steps can append no events.
 *
 * @param clock default: the system's; `turnedClock` for one that a test owns
 */
export function memorySagas(clock: AlarmClock = systemClock): SagaRepository {
  const kept = new Map<string, Map<string, StoredSaga>>();
  /** The one that came last is handed what there is to do. */
  const runners = new Map<string, Runner[]>();
  /** Instances to be handed over, by the revision that they are to be driven from; and timers whose time has come. */
  const open = new Map<string, Map<string, number>>();
  const due = new Map<string, Map<string, number>>();
  /** What silences the timers that are set. */
  const alarms = new Map<string, () => void>();

  const none: StoredSaga = { state: noSaga, revision: 0 };
  const ofName = <Value>(map: Map<string, Value>, name: string, make: () => Value) => {
    const found = map.get(name) ?? make();
    map.set(name, found);
    return found;
  };
  const instances = (name: string) => ofName(kept, name, () => new Map<string, StoredSaga>());
  const openOf = (name: string) => ofName(open, name, () => new Map<string, number>());
  const dueOf = (name: string) => ofName(due, name, () => new Map<string, number>());
  const runnersOf = (name: string) => ofName(runners, name, (): Runner[] => []);
  const hand = (name: string, id: string) => runnersOf(name).at(-1)?.hand(id);
  const handAll = (name: string) => {
    for (const id of [...openOf(name).keys(), ...dueOf(name).keys()]) hand(name, id);
  };

  return {
    now: clock.now,
    load: async ({ name }, id) => instances(name).get(id) ?? none,
    exists: async ({ name }, id) => instances(name).has(id),
    async append({ name }, id, { revision: expected }, changes, effects = []) {
      const stored = instances(name).get(id) ?? none;
      if (stored.revision !== expected) throw new SagaMovedError({ name, id }, expected);
      if (effects.length > 0) throw new EffectFailedError(new NoEventsError({ name, id }));
      const at = clock.now().getTime();
      let { state, revision } = stored;
      for (const change of changes) {
        revision += 1;
        // As if it had been written and read again.
        state = evolveSaga(state, { change: structuredClone(change), revision, at });
      }
      instances(name).set(id, { state, revision });
      if (changes.some(({ kind }) => isTrigger(kind))) {
        openOf(name).set(id, revision);
        hand(name, id);
      }
      return { state, revision };
    },
    async *latest({ name }) {
      for (const [id, { state }] of instances(name)) {
        const last = state.changes.at(-1);
        if (last !== undefined) yield { ...last, id };
      }
    },
    async wakeAt({ name }, id, timer, time) {
      const key = JSON.stringify([name, id, timer]);
      alarms.get(key)?.();
      const ring = () => {
        alarms.delete(key);
        // An earlier one that rings late does not take the place of the one that counts.
        dueOf(name).set(id, Math.max(timer, dueOf(name).get(id) ?? 0));
        hand(name, id);
      };
      alarms.set(key, clock.ringAt(time, ring));
    },
    run({ name }, driver, { concurrency }) {
      const limit = pLimit(concurrency);
      const stopping = new AbortController();
      const busy = new Set<string>();
      const working = new Set<Promise<void>>();
      let isStopped = false;

      async function work(id: string): Promise<void> {
        if (isStopped || busy.has(id)) return;
        busy.add(id);
        try {
          for (;;) {
            const timer = dueOf(name).get(id);
            const revision = openOf(name).get(id);
            if (timer !== undefined) {
              await driver.wake(id, timer);
              if (dueOf(name).get(id) === timer) dueOf(name).delete(id);
            } else if (revision !== undefined) {
              await driver.drive(id, revision, stopping.signal);
              if (openOf(name).get(id) === revision) openOf(name).delete(id);
            } else return;
            if (isStopped) return;
          }
        } catch {
          // The driver has said what is wrong.
          if (!isStopped) clock.ringAt(new Date(clock.now().getTime() + secondTry), () => take(id));
        } finally {
          busy.delete(id);
        }
      }

      function take(id: string): void {
        if (isStopped || busy.has(id)) return;
        const done = limit(() => work(id));
        working.add(done);
        void done.then(() => working.delete(done));
      }

      const runner = { hand: take };
      runnersOf(name).push(runner);
      handAll(name);
      return {
        ready: Promise.resolve(),
        async stop({ timeout }) {
          isStopped = true;
          const left = runnersOf(name).filter((other) => other !== runner);
          runners.set(name, left);
          const timer = setTimeout(() => stopping.abort(new SagasStoppedError()), timeout);
          await Promise.all(working);
          clearTimeout(timer);
          handAll(name);
        },
      };
    },
  };
}
