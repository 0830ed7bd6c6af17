import { rollbackOf } from './next-action.ts';
import type { ChangeOf, FailureReason, SagaChange } from './saga-change.ts';
import type { SagaState } from './saga-state.ts';
import type { AnyStep, StepRetry, WaitStep } from './step.ts';
import { keptError } from './thrown.ts';

const longestBackoff = 60_000;

/** Where an instance stands, and what time it is, in milliseconds since 1970. */
export interface Standing {
  readonly steps: readonly AnyStep[];
  readonly state: SagaState;
  readonly now: number;
}

interface Failed {
  readonly reason: FailureReason;
  readonly error: Error;
  /** Whether the attempt may have done its work nevertheless. */
  readonly inDoubt?: boolean;
}

export function skipped(standing: Standing, passed: readonly AnyStep[]): SagaChange {
  const steps = passed.map(({ name }) => name);
  return { kind: 'steps-skipped', steps, status: statusAfter(standing, steps.length) };
}

export function waiting({ now }: Standing, { name, event, within }: WaitStep): SagaChange {
  return {
    kind: 'waiting',
    step: name,
    ...(event !== undefined && { event }),
    ...(within !== undefined && { until: iso(now + within) }),
    status: 'running',
  };
}

export function succeeded(standing: Standing, step: AnyStep, result: unknown, eventId?: string): SagaChange {
  return {
    kind: 'step-succeeded',
    step: step.name,
    attempt: standing.state.attempts + 1,
    ...(result !== undefined && { result }),
    ...(eventId !== undefined && { eventId }),
    status: statusAfter(standing, 1),
  };
}

/** @param retry missing where the step is not tried again, whatever has failed */
export function failed(
  { steps, state, now }: Standing,
  step: AnyStep,
  { reason, error, inDoubt: isInDoubt = false }: Failed,
  retry?: Required<StepRetry>,
): ChangeOf<'step-failed'> {
  const attempt = state.attempts + 1;
  const inDoubt = state.inDoubt || isInDoubt;
  const kept = keptError(error);
  const facts = { kind: 'step-failed', step: step.name, attempt, reason, error: kept, inDoubt } as const;
  const retryAt = retry && retryTime(retry, attempt, error, now);
  if (retryAt !== undefined) return { ...facts, retryAt, status: 'running' };
  const rollback = rollbackOf(steps, { ...state, inDoubt });
  return {
    ...facts,
    rollback: [...rollback],
    status: rollback.length === 0 ? 'compensated' : 'compensating',
  };
}

export function compensated({ state }: Standing, step: AnyStep): SagaChange {
  const status = state.rollback.length === 1 ? 'compensated' : 'compensating';
  return { kind: 'step-compensated', step: step.name, attempt: state.attempts + 1, status };
}

export function compensationFailed(
  { state, now }: Standing,
  step: AnyStep,
  { reason, error }: Failed,
  retry: Required<StepRetry>,
): ChangeOf<'compensation-failed'> {
  const attempt = state.attempts + 1;
  const retryAt = retryTime(retry, attempt, error, now);
  return {
    kind: 'compensation-failed',
    step: step.name,
    attempt,
    reason,
    error: keptError(error),
    ...(retryAt !== undefined && { retryAt }),
    status: retryAt === undefined ? 'needs-attention' : 'compensating',
  };
}

function statusAfter({ steps, state }: Standing, count: number): 'completed' | 'running' {
  return state.at + count === steps.length ? 'completed' : 'running';
}

function retryTime(
  { attempts, backoff, when }: Required<StepRetry>,
  made: number,
  error: Error,
  now: number,
): string | undefined {
  if (made >= attempts || !mayPass(when, error)) return undefined;
  return iso(now + Math.min(backoff * 2 ** (made - 1), longestBackoff));
}

/** A condition that throws is no reason to give up. */
function mayPass(when: (error: Error) => boolean, error: Error): boolean {
  try {
    return when(error);
  } catch {
    return true;
  }
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
