export type { AggregateIndexer } from './aggregate-indexer.ts';
export { defineProjection, type Projection } from './define-projection.ts';
export type { EventBatch, EventReader, EventSelection } from './event-reader.ts';
export {
  InvalidProjectionError,
  ProjectionBehindError,
  ProjectionFailedError,
  ProjectionStoppedError,
} from './projection-errors.ts';
export type { Projector } from './projector.ts';
export type { ReadRepository, Repository, Where } from './repository.ts';
export {
  type ProjectionLogger,
  type ProjectionStatus,
  type RunningProjection,
  type RunOptions,
  runProjection,
  type WaitOptions,
} from './run-projection.ts';
