import type { NatsConnection } from '@nats-io/nats-core';
import type { Alerts, Bus, Commands, Middleware, Operations } from '@pipit/bus';
import type { Projection, View } from '@pipit/projection';
import type { Saga, SagaDetails, Sagas } from '@pipit/saga';
import type { Aggregate, EventStore, StoreEvent } from '@pipit/store';
import type { StreamSettings } from '@pipit/store/jetstream';
import type { LayoutName } from '@pipit/types-registry';
import type { Logger } from 'pino';
import type { AppConfig, ConfigOptions } from './config.ts';
import type { Stop } from './lifecycle.ts';
import type { RunningProjections } from './running-projections.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

export interface AppOptions<A extends Aggregate = Aggregate> extends ConfigOptions {
  /** Of the application, its store and its stream: letters, digits, `-` and `_`. */
  readonly name: string;
  readonly aggregates: readonly A[];
  /** Read models that this process keeps up to date. */
  readonly projections?: readonly Projection[];
  /** Processes that this process drives, with every version that has instances. They are kept in the store. */
  // biome-ignore lint/suspicious/noExplicitAny: input and results are of any type
  readonly sagas?: readonly Saga<string, any, any>[];
  /** Told of each saga that needs attention, at least once. */
  readonly onAttention?: (saga: SagaDetails) => unknown;
  /** Settings of the stream when it is created: replicas, storage, limits … What differs later is logged, not changed. */
  readonly stream?: StreamSettings;
  /** How events lie on subjects, chosen once per stream. Default: `aggregate`. */
  readonly layout?: LayoutName;
  /** Behaviour around all handlers of the bus, the first outermost. */
  readonly use?: readonly Middleware[];
  /** Told of every dead letter. Closed after the bus has stopped. */
  readonly alerts?: Alerts;
  /**
   * What the application stands on and the caller has opened, such as the database of its views, and how to close each.
   * They are closed in reverse order after everything else, when nothing uses them any more; also when the start fails.
   */
  readonly onStop?: Readonly<Record<string, Stop>>;
  /** Default: JSON lines on standard error, secrets redacted, at the `logLevel`. */
  readonly logger?: Logger;
  /**
   * Milliseconds to go on trying while the server, or where views are kept, cannot be reached; default 30,000. Providing a
   * local server is extra.
   */
  readonly startTimeout?: number;
  /** Milliseconds that stopping may take; default 10,000. */
  readonly stopTimeout?: number;
  /** Whether to stop at SIGINT and SIGTERM; default true. */
  readonly signals?: boolean;
  /**
   * Whether to make spans and metrics, with the providers that are registered with `@opentelemetry/api`. Default: where that
   * is installed.
   */
  readonly telemetry?: boolean;
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
  /**
   * Attaches a part of your own, such as an HTTP server. Parts stop in the reverse order of being attached, all before
   * what the application itself consists of. What has to be there until the end is the option `onStop`.
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
