export type { AlarmClock } from './alarm-clock.ts';
export { createSagas, type SagasOptions } from './create-sagas.ts';
export { defineSaga, type InputOf, type ResultsOf, type Saga } from './define-saga.ts';
export type { Effect } from './effect.ts';
export { type EventStoreSagasOptions, eventStoreSagas } from './event-store-sagas.ts';
export { type MemorySagasOptions, memorySagas } from './memory-sagas.ts';
export { type Registration, registerSteps, type StepHandlers } from './register-steps.ts';
export type {
  HandedInstance,
  LastChange,
  RunningSaga,
  RunOptions,
  SagaDriver,
  SagaRepository,
  StoredSaga,
} from './repository.ts';
export type {
  ChangeKind,
  FailureReason,
  SagaChange,
  SagaStatus,
  StepError,
  StoredChange,
} from './saga-change.ts';
export type { HistoryEntry, SagaDetails, SagaSummary, WaitingFor } from './saga-details.ts';
export {
  DeadlineError,
  EffectFailedError,
  InvalidInputError,
  InvalidSagaError,
  MissingStepsError,
  NoAttentionNeededError,
  NoEventsError,
  RepeatedEffectError,
  SagaBehindError,
  SagaExistsError,
  SagaMovedError,
  SagaNotFoundError,
  SagaNotStartedError,
  type SagaRef,
  SagasStoppedError,
  SagaVersionError,
  StepInDoubtError,
  StepResultError,
  StepTimeoutError,
  UnknownSagaError,
  UnknownVersionError,
} from './saga-errors.ts';
export type { Failure, ReceivedEvent, SagaState, Timer, Waiting } from './saga-state.ts';
export type { SagaSteps, StepList } from './saga-steps.ts';
export type { SagaQuery, Sagas, StartedSaga } from './sagas.ts';
export type {
  ActionStep,
  AnyStep,
  CompensateContext,
  DecideIn,
  StepContext,
  StepRetry,
  WaitStep,
} from './step.ts';
