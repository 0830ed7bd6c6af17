import { setImmediate } from 'node:timers/promises';
import { createSagas, type SagasOptions } from '../create-sagas.ts';
import type { Saga } from '../define-saga.ts';
import { memorySagas } from '../memory-sagas.ts';
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
  /** Lets the process die, and starts another on what it has kept. It may die as well. @param dieAt as in the options */
  resume(dieAt?: number): void;
}

export interface SagaTestOptions extends Omit<SagasOptions, 'repository'> {
  /** The await at which the process dies, from 1. Default: none. */
  readonly dieAt?: number;
  /** Default: 2026-01-01, midnight UTC. */
  readonly clock?: TurnedClock;
}

/** @throws as `createSagas` */
export function testSagas({ dieAt, clock = turnedClock(), ...options }: SagaTestOptions): SagaTest {
  const kept = memorySagas(clock);
  let process = start(dieAt);

  function start(at = Number.POSITIVE_INFINITY) {
    const points = crashPoints(at);
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

  return {
    clock,
    get sagas() {
      return process.sagas;
    },
    get awaits() {
      return process.points.passed;
    },
    get isDead() {
      return process.points.isDead;
    },
    async settled() {
      for (let quiet = 0; quiet < 3 && !process.points.isDead; ) {
        await setImmediate();
        quiet = process.isIdle() ? quiet + 1 : 0;
      }
    },
    resume(at) {
      process = start(at);
    },
  };
}
