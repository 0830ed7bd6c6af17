import type { LastChange, StoredSaga } from './repository.ts';
import type { SagaChange, SagaStatus } from './saga-change.ts';
import type { SagaRef } from './saga-errors.ts';
import type { Failure } from './saga-state.ts';

/** What an instance waits for, if anything. */
export interface WaitingFor {
  readonly step: string;
  /** The type of event; missing where it is only a time. */
  readonly event?: string;
  /** When the time is up, or the next attempt is made. */
  readonly until?: Date;
  /** The attempt that is made then; missing where the step waits by itself. */
  readonly attempt?: number;
}

/** One thing that has happened to an instance, with what its kind says. */
export type HistoryEntry = SagaChange extends infer Change
  ? Change extends SagaChange
    ? Omit<Change, 'kind' | 'status'> & {
        readonly at: Date;
        readonly what: Change['kind'];
        /** What it left the instance in. */
        readonly state: SagaStatus;
      }
    : never
  : never;

/** An instance, as far as its last change tells. */
export interface SagaSummary extends SagaRef {
  readonly state: SagaStatus;
  readonly changedAt: Date;
  readonly last: HistoryEntry;
  readonly waitingFor: WaitingFor | undefined;
}

/** All that is known of an instance. */
export interface SagaDetails extends SagaSummary {
  readonly version: number;
  readonly startedAt: Date;
  readonly input: unknown;
  readonly results: Readonly<Record<string, unknown>>;
  readonly history: readonly HistoryEntry[];
  /** The steps that are still to be undone, the next one first. */
  readonly rollback: readonly string[];
  /** Why it is undone. */
  readonly failure: Failure | undefined;
  /** What the last attempt to undo a step has failed with, until that is undone. */
  readonly attention: Failure | undefined;
}

export function summaryOf(name: string, { id, change, at }: LastChange): SagaSummary {
  const last = entryOf(change, at);
  return { name, id, state: change.status, changedAt: last.at, last, waitingFor: waitingAfter(change) };
}

/** @returns nothing where the instance was not started */
export function detailsOf({ name, id }: SagaRef, { state }: StoredSaga): SagaDetails | undefined {
  const history = state.changes.map(({ change, at }) => entryOf(change, at));
  const [first, last] = [history[0], history.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const { version, status, input, results, rollback, failure, attention, timer, waiting } = state;
  const step = status === 'compensating' ? rollback[0] : state.steps[state.at];
  const retry = timer && { step: step ?? '', until: new Date(timer.at), attempt: state.attempts + 1 };
  return {
    name,
    id,
    version,
    state: status,
    startedAt: first.at,
    changedAt: last.at,
    input,
    results,
    waitingFor: waiting && !waiting.isOver ? waitingFor(waiting.step, waiting.event, waiting.until) : retry,
    last,
    history,
    rollback,
    failure,
    attention,
  };
}

function entryOf({ kind, status, ...facts }: SagaChange, at: number): HistoryEntry {
  return { ...facts, at: new Date(at), what: kind, state: status } as HistoryEntry;
}

function waitingAfter(change: SagaChange): WaitingFor | undefined {
  if (change.kind === 'waiting') return waitingFor(change.step, change.event, change.until);
  if (!('retryAt' in change) || change.retryAt === undefined) return undefined;
  return { step: change.step, until: new Date(change.retryAt), attempt: change.attempt + 1 };
}

function waitingFor(step: string, event: string | undefined, until: string | number | undefined): WaitingFor {
  return {
    step,
    ...(event !== undefined && { event }),
    ...(until !== undefined && { until: new Date(until) }),
  };
}
