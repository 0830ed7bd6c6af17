export type { LogFacts, Logger } from '@pipit/types-registry';
export type { AggregateIndexer } from './aggregate-indexer.ts';
export type {
  AggregateEvents,
  AggregateReader,
  AggregateReadOptions,
  AggregateSelection,
} from './aggregate-reader.ts';
export { defineProjection, type Projection } from './define-projection.ts';
export type {
  EventBatch,
  EventReader,
  EventSelection,
  FollowSelection,
} from './event-reader.ts';
export { FullProjectionFailedError, FullProjectionRefusedError } from './full/full-projection-errors.ts';
export type { FullProjectionProgress } from './full/full-projection-progress.ts';
export { type FullProjectionTask, fullProjectionTask } from './full/full-projection-task.ts';
export type { FullReader } from './full/project-aggregates.ts';
export { type FullProjectionOptions, runFullProjection } from './full/run-full-projection.ts';
export {
  CheckpointAheadError,
  InvalidProjectionError,
  ProjectionBehindError,
  ProjectionFailedError,
  ProjectionStoppedError,
} from './projection-errors.ts';
export type { Projector } from './projector.ts';
export type {
  Condition,
  OpenOptions,
  OwnedShard,
  Page,
  PageQuery,
  Range,
  ReadRepository,
  Repository,
  RowChange,
  SortField,
  StoredRow,
  VersionRows,
  ViewVersion,
  ViewVersions,
  Where,
} from './repository.ts';
export {
  InvalidKeyError,
  InvalidQueryError,
  InvalidRepositoryError,
  NewerTablesError,
  RepositoryError,
  type RepositoryErrorReason,
  RowMismatchError,
} from './repository-errors.ts';
export type { Lag, ShardLag } from './run/lag.ts';
export { type RunOptions, runProjection } from './run/run-projection.ts';
export type { ProjectionStatus, RunningProjection, WaitOptions } from './run/running-projection.ts';
export {
  InvalidVersionError,
  ShardsMismatchError,
  SourceMismatchError,
  StaleOwnerError,
  UnknownVersionError,
  VersionActiveError,
} from './version-errors.ts';
export { type View, viewOf } from './view.ts';
