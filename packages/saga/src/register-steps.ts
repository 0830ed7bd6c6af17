import type { Saga } from './define-saga.ts';
import { InvalidSagaError } from './saga-errors.ts';
import type { CompensateContext, StepContext } from './step.ts';

/** The functions of a step. */
export interface StepHandlers<Input, Results, Result> {
  /** As in the definition. */
  readonly run: (context: StepContext<Input, Partial<Results>>) => Result | Promise<Result>;
  readonly compensate?: (context: CompensateContext<Input, Partial<Results>, NoInfer<Result>>) => unknown;
}

/** A saga whose steps get their functions where they are run. */
export interface Registration<Name extends string, Input, Results> {
  /** The saga with the functions that it has got so far. */
  readonly saga: Saga<Name, Input, Results>;
  /** @throws InvalidSagaError where there is no such step */
  step<Step extends keyof Results & string>(
    name: Step,
    handlers: StepHandlers<Input, Results, Results[Step]>,
  ): Registration<Name, Input, Results>;
}

/**
 * Registers functions for the steps of a saga by their names. What is missing in the end is refused by `createSagas`.
 */
export function registerSteps<Name extends string, Input, Results>(
  saga: Saga<Name, Input, Results>,
): Registration<Name, Input, Results> {
  return {
    saga,
    step(name, handlers) {
      const found = saga.steps.find((step) => step.name === name);
      if (found?.kind !== 'action') {
        const known = saga.steps.filter(({ kind }) => kind === 'action').map((step) => step.name);
        throw new InvalidSagaError(
          saga.name,
          `has no step ${JSON.stringify(name)} to register, only ${known.join(', ')}`,
        );
      }
      if (found.run !== undefined)
        throw new InvalidSagaError(saga.name, `has a function for step ${JSON.stringify(name)} already`);
      const { run, compensate } = handlers as StepHandlers<unknown, unknown, unknown>;
      const registered = { ...found, run, compensate: compensate as typeof found.compensate };
      const steps = saga.steps.map((step) => (step === found ? registered : step)) as typeof saga.steps;
      return registerSteps({ ...saga, steps });
    },
  };
}
