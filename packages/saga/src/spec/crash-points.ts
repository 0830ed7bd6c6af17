import type { Saga } from '../define-saga.ts';
import type { SagaRepository } from '../repository.ts';
import type { AnyStep } from '../step.ts';

/** A process that dies at one of its awaits: nothing of it goes on behind that. */
export interface CrashPoints {
  /** Awaits that were passed so far. */
  readonly passed: number;
  readonly isDead: boolean;
  repository(repository: SagaRepository): SagaRepository;
  saga(saga: Saga): Saga;
}

/** @param at the await to die at, from 1, counted from here; never where it is `Infinity` */
export function crashPoints(at: number): CrashPoints {
  let passed = 0;
  let isDead = false;

  /** Never comes back from where the process dies. */
  async function pass(): Promise<void> {
    passed += 1;
    isDead ||= passed === at;
    if (isDead) await new Promise<never>(() => {});
  }

  /** Each call can be cut off before it is made, and before its answer is seen. */
  function fragile<Parameters extends unknown[], Result>(call: (...parameters: Parameters) => Result) {
    return async (...parameters: Parameters): Promise<Awaited<Result>> => {
      await pass();
      const result = await call(...parameters);
      await pass();
      return result;
    };
  }

  const fragileStep = (step: AnyStep): AnyStep =>
    step.kind === 'wait'
      ? step
      : {
          ...step,
          run: step.run && fragile(step.run),
          compensate: step.compensate && fragile(step.compensate),
        };

  return {
    get passed() {
      return passed;
    },
    get isDead() {
      return isDead;
    },
    saga: (saga) => ({ ...saga, steps: saga.steps.map(fragileStep) }),
    repository: (repository) => ({
      ...repository,
      load: fragile(repository.load),
      exists: fragile(repository.exists),
      append: fragile(repository.append),
      wakeAt: fragile(repository.wakeAt),
    }),
  };
}
