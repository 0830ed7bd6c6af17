import { attempt, keptOutcome } from './attempt.ts';
import type { Effect } from './effect.ts';
import type { Action } from './next-action.ts';
import type { SagaChange } from './saga-change.ts';
import { DeadlineError } from './saga-errors.ts';
import type { ActionStep, StepContext } from './step.ts';
import {
  compensated,
  compensationFailed,
  failed,
  type Standing,
  skipped,
  succeeded,
  waiting,
} from './transitions.ts';

/** What is to be stored of something that was done. */
export interface Done {
  readonly change: SagaChange;
  readonly effects?: readonly Effect[];
  /** What is to be stored where the effects cannot be, for this reason. */
  readonly orElse?: (error: Error) => Done;
  /** Where an attempt has failed. */
  readonly error?: Error;
}

export type ToDo = Exclude<Action, { readonly kind: 'end' | 'attention' | 'sleep' }>;

interface Performing {
  readonly saga: string;
  readonly id: string;
  readonly signal: AbortSignal;
  /** Another process may have been at it, and died before it could say so. */
  readonly isAgain: boolean;
}

/** Does what is next for an instance. @throws the signal's reason */
export async function perform(
  action: ToDo,
  standing: () => Standing,
  { saga, id, signal, isAgain }: Performing,
): Promise<Done> {
  const { results, attempts } = standing().state;
  const factsOf = (...parts: readonly string[]) => {
    const { state } = standing();
    // What a step does to them is nobody else's.
    const own = structuredClone({ input: state.input, results: state.results });
    return { id, ...own, key: keyOf(saga, id, ...parts), attempt: attempts + 1 };
  };

  async function run(step: ActionStep): Promise<Done> {
    const outcome = keptOutcome(step, await attempt(step, step.run ?? missing, factsOf(step.name), signal));
    if (outcome.ok) {
      const { result, effects } = outcome;
      const failing = (error: Error): Done => {
        // Without effects it is the result that cannot be kept, and to do the work once more would not change that.
        const reason = effects.length === 0 ? 'mismatch' : 'failed';
        const retry = effects.length === 0 ? undefined : step.retry;
        return { change: failed(standing(), step, { reason, error, inDoubt: true }, retry), error };
      };
      return { change: succeeded(standing(), step, result), effects, orElse: failing };
    }
    const { reason, error, inDoubt } = outcome;
    const retry = reason === 'mismatch' ? undefined : step.retry;
    return { change: failed(standing(), step, { reason, error, inDoubt: inDoubt || isAgain }, retry), error };
  }

  async function compensate(step: ActionStep): Promise<Done> {
    const undo = (step.compensate ?? missing) as (context: StepContext) => unknown;
    const wasDone = Object.hasOwn(results, step.name);
    const own = factsOf(step.name, 'compensate');
    const facts = { ...own, result: own.results[step.name], wasDone };
    const outcome = await attempt(step, undo, facts, signal);
    const failing = (error: Error): Done => {
      const why = outcome.ok ? ({ reason: 'failed', error } as const) : outcome;
      return { change: compensationFailed(standing(), step, why, step.compensateRetry), error };
    };
    if (!outcome.ok) return failing(outcome.error);
    // What the step would have appended was not, so there is nothing to make up for.
    const effects = wasDone ? outcome.effects : [];
    return { change: compensated(standing(), step), effects, orElse: failing };
  }

  switch (action.kind) {
    case 'run':
      return await run(action.step);
    case 'compensate':
      return await compensate(action.step);
    case 'skip':
      return { change: skipped(standing(), action.steps) };
    case 'wait':
      return { change: waiting(standing(), action.step) };
    case 'take':
      return { change: succeeded(standing(), action.step, action.event.data, action.event.id) };
    case 'late': {
      const { step } = action;
      if (step.goesOn) return { change: succeeded(standing(), step, undefined) };
      const error = new DeadlineError(step.name, step.event, step.within ?? 0);
      return { change: failed(standing(), step, { reason: 'deadline', error }), error };
    }
    case 'refused': {
      const { step, error } = action;
      return { change: failed(standing(), step, { reason: 'failed', error }), error };
    }
  }
}

/** No two steps, instances or sagas have the same: a slash in a name does not count as one between names. */
function keyOf(...parts: readonly string[]): string {
  return parts.map((part) => part.replace(/[%/]/g, encodeURIComponent)).join('/');
}

/** Sagas with steps that nobody has registered are not run. */
function missing(): never {
  throw new Error('The step has no function.');
}
