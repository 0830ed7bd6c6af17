import pLimit from 'p-limit';
import type { AlarmClock } from './alarm-clock.ts';
import type { RunningSaga, RunOptions, SagaDriver } from './repository.ts';
import { SagasStoppedError } from './saga-errors.ts';

/** Milliseconds after which an instance that could not be driven is handed over again. */
const secondTry = 500;

/** What is to be done for an instance, until a driver has done it. */
interface Open {
  /** The revision that it is to be driven from. */
  revision: number | undefined;
  /** It has been handed to a driver, which has not come back. */
  isHanded: boolean;
  readonly timers: Set<number>;
}

/** Hands instances over to the drivers of this process. */
export interface MemoryRunners {
  hand(name: string, id: string, revision: number): void;
  /** The time of a timer has come. */
  ring(name: string, id: string, timer: number): void;
  run(name: string, driver: SagaDriver, options: Pick<RunOptions, 'concurrency'>): RunningSaga;
}

export function memoryRunners(clock: AlarmClock): MemoryRunners {
  const open = new Map<string, Map<string, Open>>();
  /** The one that came last is handed what there is to do. */
  const runners = new Map<string, ((id: string) => void)[]>();

  const handOver = (name: string, id: string) => runners.get(name)?.at(-1)?.(id);
  const handAll = (name: string) => {
    for (const id of open.get(name)?.keys() ?? []) handOver(name, id);
  };

  function openOf(name: string, id: string): Open {
    const ofName = open.get(name) ?? new Map<string, Open>();
    const found = ofName.get(id) ?? { revision: undefined, isHanded: false, timers: new Set() };
    open.set(name, ofName.set(id, found));
    return found;
  }

  /** One thing that is to be done for an instance; false where there is none. */
  async function workOn(name: string, id: string, driver: SagaDriver, signal: AbortSignal): Promise<boolean> {
    const todo = openOf(name, id);
    const [timer] = todo.timers;
    const { revision, isHanded: isAgain } = todo;
    if (timer !== undefined) {
      await driver.wake(id, timer);
      todo.timers.delete(timer);
    } else if (revision !== undefined) {
      todo.isHanded = true;
      await driver.drive({ id, revision, isAgain }, signal);
      todo.isHanded = false;
      if (todo.revision === revision) todo.revision = undefined;
    } else {
      open.get(name)?.delete(id);
      return false;
    }
    return true;
  }

  return {
    hand(name, id, revision) {
      openOf(name, id).revision = revision;
      handOver(name, id);
    },
    ring(name, id, timer) {
      openOf(name, id).timers.add(timer);
      handOver(name, id);
    },
    run(name, driver, { concurrency }) {
      const limit = pLimit(concurrency);
      const stopping = new AbortController();
      const busy = new Set<string>();
      const working = new Set<Promise<void>>();
      let isStopped = false;

      async function work(id: string): Promise<void> {
        try {
          while (!isStopped && (await workOn(name, id, driver, stopping.signal)));
        } catch {
          // The driver has said what is wrong.
          clock.ringAt(new Date(clock.now().getTime() + secondTry), () => hand(id));
        } finally {
          busy.delete(id);
        }
      }

      function hand(id: string): void {
        if (isStopped || busy.has(id)) return;
        busy.add(id);
        const done = limit(() => work(id));
        working.add(done);
        void done.then(() => working.delete(done));
      }

      runners.set(name, [...(runners.get(name) ?? []), hand]);
      handAll(name);
      return {
        ready: Promise.resolve(),
        async stop({ timeout }) {
          isStopped = true;
          runners.set(name, runners.get(name)?.filter((other) => other !== hand) ?? []);
          const timer = setTimeout(() => stopping.abort(new SagasStoppedError()), timeout);
          await Promise.all(working);
          clearTimeout(timer);
          handAll(name);
        },
      };
    },
  };
}
