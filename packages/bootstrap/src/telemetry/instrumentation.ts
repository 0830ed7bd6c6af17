import type {
  Bus,
  Commands,
  Middleware,
  OperationRecorder,
  RequestMiddleware,
  Subscription,
} from '@pipit/bus';
import type { RunningProjection, RunOptions } from '@pipit/projection';
import type { EventStore, EventStoreOptions } from '@pipit/store';
import type { AnySaga } from '../app.ts';
import type { Telemetry } from './telemetry.ts';

/** What is put around the parts of an application, each at the place where it is opened. */
export interface Instrumentation extends Telemetry {
  readonly storeOptions: Pick<EventStoreOptions, 'aroundAppend'>;
  readonly use: readonly Middleware[];
  readonly useForRequests: readonly RequestMiddleware[];
  projectionOptions(name: string): Pick<RunOptions, 'aroundBatch'>;
  store<S extends Pick<EventStore, 'execute'>>(store: S): S;
  recorder(recorder: OperationRecorder): OperationRecorder;
  bus<B extends Pick<Bus, 'deadLetters'>>(bus: B): B;
  commands(commands: Commands): Commands;
  sagas(sagas: readonly AnySaga[]): readonly AnySaga[];
  /** Measures how late they are, whenever metrics are collected, until the signal aborts. */
  watchProjections(projections: Iterable<RunningProjection>, signal: AbortSignal): void;
  /** Measures how far groups are behind, as often. @param subscriptions those there are at that time */
  watchGroups(subscriptions: Iterable<Subscription>, signal: AbortSignal): void;
}

/** Nothing around anything: each part is what it would be without. */
export const noInstrumentation: Instrumentation = {
  storeOptions: {},
  use: [],
  useForRequests: [],
  projectionOptions: () => ({}),
  store: (store) => store,
  recorder: (recorder) => recorder,
  bus: (bus) => bus,
  commands: (commands) => commands,
  sagas: (sagas) => sagas,
  request: (_, work) => work(() => {}),
  watchProjections() {},
  watchGroups() {},
};
