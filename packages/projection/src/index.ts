export type { LogFacts, Logger } from '@pipit/types-registry';
export type { AggregateIndexer } from './aggregate-indexer.ts';
export { defineProjection, type Projection } from './define-projection.ts';
export type { EventBatch, EventReader, EventSelection, FollowSelection } from './event-reader.ts';
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
