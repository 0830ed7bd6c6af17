export {
  type Aggregate,
  type CommandDefinitionOf,
  type Decision,
  type DefinitionOf,
  defineAggregate,
  type StateOf,
} from './aggregate.ts';
export { createEventStore, type EventStoreOptions } from './create-event-store.ts';
export type { Appended, AppendRequest, EventLog, LogQuery, StoredBatch } from './event-log.ts';
export type {
  AggregateCommand,
  AppendOptions,
  AppendResult,
  DecisionContext,
  EventBatch,
  EventStore,
  ExecuteOptions,
  ExecuteResult,
  FollowOptions,
  Loaded,
  LoadOptions,
  ReadOptions,
  StoreEvent,
} from './event-store.ts';
export type { ExpectedRevision } from './expected-revision.ts';
export { InvalidArgumentError } from './invalid-argument.ts';
export {
  AppendInDoubtError,
  AppendRejectedError,
  ConflictError,
  DuplicateEventIdError,
  MissingRevisionError,
  ReadFailedError,
  StreamRefusedError,
} from './store-errors.ts';
