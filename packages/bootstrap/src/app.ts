import type { NatsConnection } from '@nats-io/nats-core';
import type { Alerts, Bus, Commands, Middleware, Operations } from '@pipit/bus';
import type { Projection, View } from '@pipit/projection';
import type { Saga, SagaDetails, Sagas } from '@pipit/saga';
import type { Aggregate, EventStore, StoreEvent } from '@pipit/store';
import type { LayoutName } from '@pipit/types-registry';
import type { Logger } from 'pino';
import type { AppConfig, ConfigOptions } from './config/config.ts';
import type { Get } from './lifecycle/container.ts';
import type { Health } from './lifecycle/health.ts';
import type { Stop } from './lifecycle/lifecycle.ts';
import type { Part } from './lifecycle/part.ts';
import type { SuperviseOptions } from './lifecycle/supervise.ts';
import type { RunningProjections } from './projections/running-projections.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

// biome-ignore lint/suspicious/noExplicitAny: input and results are of any type
export type AnySaga = Saga<string, any, any>;

export interface AppOptions<A extends Aggregate = Aggregate> extends ConfigOptions {
  /** Of the application, its store and its stream: letters, digits, `-` and `_`. */
  readonly name: string;
  readonly aggregates: readonly A[];
  /** Read models that this process keeps up to date; those that stand on parts are made when these have started. */
  readonly projections?: readonly Projection[] | ((get: Get) => readonly Projection[]);
  /** Processes that this process drives, with every version that has instances. They are kept in the store. */
  readonly sagas?: readonly AnySaga[] | ((get: Get) => readonly AnySaga[]);
  /** Told of each saga that needs attention, at least once. */
  readonly onAttention?: (saga: SagaDetails) => unknown;
  /** How events lie on subjects, chosen once per stream. Default: `aggregate`. */
  readonly layout?: LayoutName;
  /** Behaviour around all handlers of the bus, the first outermost. */
  readonly use?: readonly Middleware[];
  /** Told of every dead letter. Closed after the bus has stopped. */
  readonly alerts?: Alerts;
  /**
   * What the application stands on, such as the database of its views: started before it, and stopped after everything
   * else, when nothing uses it any more; also when the start fails.
   */
  readonly parts?: readonly Part[];
  /** Default: JSON lines on standard error, secrets redacted, at the `logLevel`. */
  readonly logger?: Logger;
  /** Whether to stop at SIGINT and SIGTERM; default true. */
  readonly signals?: boolean;
  /**
   * Whether to make spans and metrics, with the providers that are registered with `@opentelemetry/api`. Default: where that
   * is installed.
   */
  readonly telemetry?: boolean;
  /** What `readConfig` has read before, in place of the options and variables that it reads. */
  readonly config?: AppConfig;
  /** Where variables are read from; default `process.env`. */
  readonly env?: NodeJS.ProcessEnv;
}

/** A running application. */
export interface App<A extends Aggregate = Aggregate> {
  readonly name: string;
  readonly config: AppConfig;
  readonly logger: Logger;
  readonly store: EventStore<A>;
  /** What its groups could not handle is in `bus.deadLetters`. */
  readonly bus: Bus<StoreEvent<A>>;
  /** Commands and queries, between the processes of this application. */
  readonly commands: Commands;
  /**
   * What came from outside, and all that followed. Events that the store appends in an operation are recorded, and how
   * the groups of the bus handle them.
   */
  readonly operations: Operations;
  /** Those that this process runs. */
  readonly projections: RunningProjections;
  /** Starts sagas, and tells how far they are. */
  readonly sagas: Sagas;
  /** Spans of what comes from outside; without OpenTelemetry it does nothing. */
  readonly telemetry: Telemetry;
  /** The rows of a projection, whichever process builds them. */
  view<Row>(projection: Projection<Row>): View<Row>;
  /** Yours to use, not to close. */
  readonly connection: NatsConnection;
  /** Whether the connection to NATS is up at this moment. */
  readonly connected: boolean;
  /** The value of a part that has started. @throws PartError */
  readonly get: Get;
  /**
   * Starts a part that uses the application, such as an HTTP server, after those that it needs. Tried again, with growing
   * delays and until the `startTimeout`, where it fails for what may pass.
   *
   * @throws PartError where another part has its name; the error of its last try; TimeoutError
   */
  start<Value>(part: Part<Value>): Promise<Value>;
  /**
   * Runs a background process until the application stops, which aborts its signal. One that fails is started again, with
   * growing delays and up to a limit; one that resolves has done its work. How it is shows in the `health`.
   */
  supervise(name: string, run: (signal: AbortSignal) => unknown, options?: SuperviseOptions): void;
  /** Asks each part how it is, within a second or so: for readiness probes. */
  health(): Promise<Health>;
  /**
   * Has something of yours stopped, before what the application itself consists of. What is attached or started later
   * stops earlier.
   */
  onStop(part: string, stop: Stop): void;
  /**
   * Stops everything in the reverse order of its start and releases it, also what comes after a part that fails. Then
   * nothing of the application keeps the process alive. The second call returns what the first did.
   *
   * @throws StopError naming the parts that did not stop in good order
   */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
