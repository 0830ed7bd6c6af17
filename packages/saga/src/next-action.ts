import type { SagaState } from './saga-state.ts';
import type { ActionStep, AnyStep, WaitStep } from './step.ts';
import { errorOf } from './thrown.ts';

/** What is to be done next for an instance. */
export type Action =
  | { readonly kind: 'run'; readonly step: ActionStep }
  | { readonly kind: 'compensate'; readonly step: ActionStep }
  | { readonly kind: 'skip'; readonly steps: readonly AnyStep[] }
  | { readonly kind: 'wait'; readonly step: WaitStep }
  | {
      readonly kind: 'take';
      readonly step: WaitStep;
      readonly event: { readonly id: string; readonly data: unknown };
    }
  | { readonly kind: 'late'; readonly step: WaitStep }
  /** The condition of a step has thrown. */
  | { readonly kind: 'refused'; readonly step: AnyStep; readonly error: Error }
  /** Until the time of its timer, or an event. */
  | { readonly kind: 'sleep' }
  | { readonly kind: 'attention' }
  | { readonly kind: 'end' };

/** A pure function of the definition and the state. */
export function nextAction(steps: readonly AnyStep[], state: SagaState): Action {
  if (state.status === 'needs-attention') return { kind: 'attention' };
  if (state.status === 'compensating') return nextCompensation(steps, state);
  if (state.status !== 'running') return { kind: 'end' };
  const skipped: AnyStep[] = [];
  for (const step of stepsFrom(steps, state)) {
    try {
      if (isWanted(step, state)) break;
    } catch (error) {
      if (skipped.length === 0) return { kind: 'refused', step, error: errorOf(error) };
      break;
    }
    skipped.push(step);
  }
  if (skipped.length > 0) return { kind: 'skip', steps: skipped };
  const step = steps[state.at];
  if (step === undefined) return { kind: 'end' };
  if (step.kind === 'wait') return nextOfWait(step, state);
  return state.timer === undefined ? { kind: 'run', step } : { kind: 'sleep' };
}

/** What has begun is not passed over. */
function stepsFrom(steps: readonly AnyStep[], { at, attempts, waiting }: SagaState): readonly AnyStep[] {
  return attempts > 0 || waiting !== undefined ? [] : steps.slice(at);
}

function isWanted({ when }: AnyStep, { input, results }: SagaState): boolean {
  return when === undefined || when({ input, results });
}

function nextOfWait(step: WaitStep, { received, waiting }: SagaState): Action {
  const event = received.find((one) => one.event === step.event);
  if (event !== undefined) return { kind: 'take', step, event };
  if (waiting === undefined) return { kind: 'wait', step };
  return waiting.isOver ? { kind: 'late', step } : { kind: 'sleep' };
}

function nextCompensation(steps: readonly AnyStep[], { rollback, timer }: SagaState): Action {
  if (timer !== undefined) return { kind: 'sleep' };
  const step = steps.find(({ name }) => name === rollback[0]);
  return step?.kind === 'action' ? { kind: 'compensate', step } : { kind: 'end' };
}

/** The steps to undo after one has failed: those that are done and can be undone, the last one first. */
export function rollbackOf(
  steps: readonly AnyStep[],
  { at, results }: SagaState,
  { isInDoubt }: { readonly isInDoubt: boolean },
): readonly string[] {
  const begun = steps.slice(0, isInDoubt ? at + 1 : at);
  return begun
    .filter(
      (step, index) =>
        step.kind === 'action' &&
        step.compensate !== undefined &&
        (index === at || Object.hasOwn(results, step.name)),
    )
    .map(({ name }) => name)
    .toReversed();
}
