export type { LogFacts, Logger } from '@pipit/types-registry';
export type { AggregateIndexer } from './aggregate-indexer.ts';
export { defineProjection, type Projection } from './define-projection.ts';
export type { EventBatch, EventReader, EventSelection } from './event-reader.ts';
export {
  InvalidProjectionError,
  ProjectionBehindError,
  ProjectionFailedError,
  ProjectionStoppedError,
  RepositoryInUseError,
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
export { type RunOptions, runProjection } from './run-projection.ts';
export type { ProjectionStatus, RunningProjection, WaitOptions } from './running-projection.ts';
export {
  InvalidVersionError,
  ShardsMismatchError,
  SourceMismatchError,
  StaleOwnerError,
  UnknownVersionError,
  VersionActiveError,
} from './version-errors.ts';
