import type { FailureReason, SagaStatus, StepError, StoredChange } from './saga-change.ts';

/** What is known of one saga: the fold of its changes. */
export interface SagaState {
  readonly status: SagaStatus;
  readonly version: number;
  /** Names of the steps of the definition it was started with. */
  readonly steps: readonly string[];
  /** What each of them is, as far as it may not change. */
  readonly forms: readonly string[];
  readonly input: unknown;
  readonly results: Readonly<Record<string, unknown>>;
  /** Index of the step it is at; as many as there are steps once all are done. */
  readonly at: number;
  /** Failed attempts so far of the step, or the compensation, it is at. */
  readonly attempts: number;
  /** The step it is at may have done its work, though no attempt of it has succeeded. */
  readonly inDoubt: boolean;
  /** Nothing is to be done before this time. */
  readonly timer: Timer | undefined;
  /** What the step it is at waits for. */
  readonly waiting: Waiting | undefined;
  /** Events that have come and have not been waited for yet. */
  readonly received: readonly ReceivedEvent[];
  /** Ids of all events that have come. */
  readonly receivedIds: readonly string[];
  /** Steps that are still to be undone, the next one first. */
  readonly rollback: readonly string[];
  /** Why it is undone. */
  readonly failure: Failure | undefined;
  /** What the last attempt to undo the step it is at has failed with. */
  readonly attention: Failure | undefined;
  readonly changes: readonly StoredChange[];
}

export interface Timer {
  /** The revision of the change that has set it, which tells it from those before. */
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface Waiting {
  readonly step: string;
  readonly event: string | undefined;
  /** Milliseconds since 1970. */
  readonly until: number | undefined;
  /** The time is up. */
  readonly isOver: boolean;
}

export interface ReceivedEvent {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

export interface Failure {
  readonly step: string;
  readonly reason: FailureReason;
  readonly error: StepError;
}

export const noSaga: SagaState = {
  status: 'running',
  version: 0,
  steps: [],
  forms: [],
  input: undefined,
  results: {},
  at: 0,
  attempts: 0,
  inDoubt: false,
  timer: undefined,
  waiting: undefined,
  received: [],
  receivedIds: [],
  rollback: [],
  failure: undefined,
  attention: undefined,
  changes: [],
};

/** The state after a change. */
export function evolveSaga(state: SagaState, stored: StoredChange): SagaState {
  const { change } = stored;
  return {
    ...state,
    ...changed(state, stored),
    status: change.status,
    changes: [...state.changes, stored],
  };
}

const settled = { attempts: 0, inDoubt: false, timer: undefined, waiting: undefined } as const;

function changed(state: SagaState, { change, revision }: StoredChange): Partial<SagaState> {
  switch (change.kind) {
    case 'started':
      return { version: change.version, steps: change.steps, forms: change.forms, input: change.input };
    case 'step-succeeded':
      return {
        ...settled,
        at: state.at + 1,
        results: { ...state.results, [change.step]: change.result },
        received: state.received.filter(({ id }) => id !== change.eventId),
      };
    case 'steps-skipped':
      return { ...settled, at: state.at + change.steps.length };
    case 'step-failed': {
      const { step, reason, error, rollback } = change;
      if (rollback === undefined) {
        const { attempt: attempts, inDoubt } = change;
        return { attempts, inDoubt, timer: timerOf(change, revision) };
      }
      return { ...settled, rollback, failure: { step, reason, error } };
    }
    case 'waiting': {
      const { step, event, until } = change;
      const at = until === undefined ? undefined : Date.parse(until);
      return {
        waiting: { step, event, until: at, isOver: false },
        timer: at === undefined ? undefined : { id: revision, at },
      };
    }
    case 'event-received': {
      const { eventId: id, event, data } = change;
      return {
        received: [...state.received, { id, event, data }],
        receivedIds: [...state.receivedIds, id],
      };
    }
    case 'woken':
      if (state.timer?.id !== change.timer) return {};
      return { timer: undefined, waiting: state.waiting && { ...state.waiting, isOver: true } };
    case 'step-compensated':
      return { ...settled, rollback: state.rollback.slice(1), attention: undefined };
    case 'compensation-failed': {
      const { step, reason, error } = change;
      return {
        attempts: change.attempt,
        timer: timerOf(change, revision),
        attention: { step, reason, error },
      };
    }
    case 'resumed':
      return {
        ...settled,
        attention: undefined,
        rollback: change.action === 'skip' ? state.rollback.slice(1) : state.rollback,
      };
  }
}

function timerOf({ retryAt }: { readonly retryAt?: string | undefined }, id: number): Timer | undefined {
  return retryAt === undefined ? undefined : { id, at: Date.parse(retryAt) };
}

/** Where in its course a saga is: as long as that is the same, nobody else has taken the step it is at. */
export function placeOf({ status, at, attempts, rollback, timer, waiting }: SagaState): string {
  const wait = waiting === undefined ? 'none' : waiting.isOver;
  return [status, at, attempts, rollback.length, timer?.id ?? 'none', wait].join(' ');
}

/** Nothing happens to it any more. */
export function hasEnded({ status }: SagaState): boolean {
  return status === 'completed' || status === 'compensated' || status === 'abandoned';
}
