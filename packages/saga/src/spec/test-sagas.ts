import { setImmediate } from 'node:timers/promises';
import { createSagas, type SagasOptions } from '../create-sagas.ts';
import type { Saga } from '../define-saga.ts';
import { type MemorySagasOptions, memorySagas } from '../memory-sagas.ts';
import type { SagaRepository } from '../repository.ts';
import type { Sagas } from '../sagas.ts';
import { crashPoints } from './crash-points.ts';
import { type TurnedClock, turnedClock } from './turned-clock.ts';

/** Sagas in memory, with a clock that is turned, in a process that can die. */
export interface SagaTest {
  /** Those of the process that runs now. */
  readonly sagas: Sagas;
  readonly clock: TurnedClock;
  /** Awaits that this process has passed so far: of what keeps the sagas, and of the functions of steps. */
  readonly awaits: number;
  readonly isDead: boolean;
  /** Fulfilled when all instances wait or have ended, or the process is dead. */
  settled(): Promise<void>;
  /** Lets the process die, and starts another on what it has kept. */
  resume(): void;
  /**
   * Fulfilled when the work is done and all instances wait or have ended. Each process that dies meanwhile is followed by
   * another one, which does the work again.
   */
  survive(work?: () => Promise<unknown>): Promise<void>;
}

export interface SagaTestOptions extends Omit<SagasOptions, 'repository'> {
  /** The await at which the process dies, from 1, and those at which the ones after it do. Default: none. */
  readonly dieAt?: number | readonly number[];
  /** Default: 2026-01-01, midnight UTC. */
  readonly clock?: TurnedClock;
  /** What steps append to: a `memoryStore` of `@pipit/store/memory`. */
  readonly store?: NonNullable<MemorySagasOptions['store']>;
}

/** @throws as `createSagas` */
export function testSagas({
  dieAt = [],
  clock = turnedClock(),
  store,
  ...options
}: SagaTestOptions): SagaTest {
  const kept = memorySagas({ clock, ...(store && { store }) });
  const deaths = [dieAt].flat();
  let process = start();

  function start() {
    const points = crashPoints(deaths.shift() ?? Number.POSITIVE_INFINITY);
    let active = 0;
    const counted =
      <Parameters extends unknown[]>(work: (...parameters: Parameters) => Promise<void>) =>
      async (...parameters: Parameters) => {
        active += 1;
        try {
          await work(...parameters);
        } finally {
          active -= 1;
        }
      };
    const repository: SagaRepository = {
      ...points.repository(kept),
      run: (saga, { drive, wake, receive }, settings) =>
        kept.run(saga, { drive: counted(drive), wake: counted(wake), receive: counted(receive) }, settings),
    };
    const sagas = createSagas({
      ...options,
      sagas: options.sagas.map((saga) => points.saga(saga as Saga)),
      repository,
    });
    return { points, sagas, isIdle: () => active === 0 };
  }

  async function settled(): Promise<void> {
    for (let quiet = 0; quiet < 3 && !process.points.isDead; ) {
      await setImmediate();
      quiet = process.isIdle() ? quiet + 1 : 0;
    }
  }

  return {
    clock,
    settled,
    get sagas() {
      return process.sagas;
    },
    get awaits() {
      return process.points.passed;
    },
    get isDead() {
      return process.points.isDead;
    },
    resume() {
      process = start();
    },
    async survive(work) {
      for (let done = work === undefined; ; ) {
        const working = done ? undefined : work?.().then(() => (done = true));
        // It is listened to below; until then it may have failed already.
        working?.catch(() => {});
        await settled();
        while (!process.points.isDead && !done) await Promise.race([working, setImmediate()]);
        await settled();
        if (!process.points.isDead) return;
        process = start();
      }
    },
  };
}
