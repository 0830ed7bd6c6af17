export {
  type Aggregate,
  type CommandDefinitionOf,
  type Decision,
  type DefinitionOf,
  defineAggregate,
  type SnapshotPolicy,
  type StateOf,
} from './aggregate.ts';
export type { AroundAppend, PendingChange } from './append/around-append.ts';
export { type KeyChange, release, reserve, type UniqueKey } from './append/unique-key.ts';
export { createEventStore, type EventStoreOptions } from './create-event-store.ts';
export type {
  AggregateRange,
  Appended,
  AppendedPart,
  AppendPart,
  AppendRequest,
  EventLog,
  LogQuery,
  StoredBatch,
} from './event-log.ts';
export type {
  AggregateCommand,
  AppendAllOptions,
  AppendAllResult,
  AppendOptions,
  AppendResult,
  Change,
  DecisionContext,
  EventBatch,
  EventStore,
  ExecuteOptions,
  ExecuteResult,
  FollowOptions,
  Items,
  LatestOptions,
  Loaded,
  LoadOptions,
  Reading,
  ReadOptions,
  StoreEvent,
} from './event-store.ts';
export type { ExpectedRevision } from './expected-revision.ts';
export { InvalidArgumentError } from './invalid-argument.ts';
export { EvolveFailedError } from './state/evolve.ts';
export type { SnapshotKey, SnapshotStore } from './state/snapshot-store.ts';
export {
  AppendInDoubtError,
  AppendRejectedError,
  ConflictError,
  DuplicateEventIdError,
  KeyTakenError,
  MissingRevisionError,
  ReadFailedError,
  StoreClosedError,
  StreamRefusedError,
} from './store-errors.ts';
