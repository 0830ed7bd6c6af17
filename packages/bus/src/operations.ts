import type { AggregateRef, JsonValue } from '@pipit/types-registry';

/** What opens a chain of events: something asked for it, something outside called, the clock, or anything else. */
export type OperationKind = 'command' | 'webhook' | 'schedule' | 'external';

/**
 * `running` means that no end is on record: it runs, or its process died, or its end could not be recorded. There is no
 * heartbeat; the start and the instance tell who to ask.
 */
export type OperationState = 'running' | 'succeeded' | 'failed';

/**
 * Keeps on record what came from outside and all that followed from it: the operation, the events appended in it, and
 * what each group made of each event.
 *
 * Not promised: that the record is complete. It is written beside the events, not with them: see `OperationRecorder`.
 */
export interface Operations {
  /**
   * Records the start, runs `work`, records its end, and gives back its result or throws what it throws. Events
   * appended in it, also after an `await`, carry the operation's id as their correlation and as their cause.
   *
   * Inside another operation, or a handler of one's event, it belongs to that one: its events keep the outer
   * correlation, and have the inner operation as their cause. Inside any other chain it begins one of its own.
   *
   * The start is on record before `work` begins. The end is recorded after the result is known, and not waited for.
   *
   * @throws InvalidOperationError, OperationNotRecordedError: `work` has not been called
   */
  operation<Result>(options: OperationOptions, work: OperationWork<Result>): Promise<Result>;

  /**
   * The whole chain, as far as it is on record; `undefined` where nothing is. Also for an operation inside another: its
   * part of that one's chain. What this process has handed over by now is waited for, two seconds at most.
   *
   * @throws OperationsReadError, InvalidOperationError for an id that no operation has
   */
  get(id: string, options?: ChainOptions): Promise<OperationChain | undefined>;

  /**
   * Operations, the one whose start was recorded last first, also those inside others.
   *
   * @throws OperationsReadError, InvalidOperationError; as it is read
   */
  list(query?: OperationQuery): AsyncIterable<Operation>;

  readonly recorder: OperationRecorder;

  /**
   * Waits until everything handed over is on record, and gives up what is left when the time is up, with an error in
   * the log. Further operations are refused.
   *
   * @param options.timeout milliseconds; default 5,000
   */
  close(options?: { readonly timeout?: number }): Promise<void>;
}

export type OperationWork<Result> = (context: OperationContext) => Result | PromiseLike<Result>;

export interface OperationContext {
  readonly id: string;
  /** The one given with the options. */
  readonly signal: AbortSignal | undefined;
}

/** JSON, where a key whose value is `undefined` counts as absent. */
export type JsonInput = JsonValue | undefined | readonly JsonInput[] | { readonly [key: string]: JsonInput };

export interface OperationOptions {
  readonly kind: OperationKind;
  /** Any text that takes at most 128 bytes as a subject token, such as the command's type. */
  readonly name: string;
  /** Kept as it is. Together with `user` it takes at most `maxInputBytes`; more is refused, never cut. */
  readonly input?: JsonInput;
  /** Who it is for or from. */
  readonly user?: JsonInput;
  /** Handed to `work`. Where it has aborted before, nothing is recorded and its reason thrown. */
  readonly signal?: AbortSignal;
  /** Milliseconds until the start has to be on record. Default: 5,000. */
  readonly timeout?: number;
  /**
   * What to do when it is not: `refuse` throws OperationNotRecordedError, `run` logs it, goes on trying, and calls
   * `work`. Default: `refuse`.
   */
  readonly unrecorded?: 'refuse' | 'run';
}

export interface OperationQuery {
  readonly kind?: OperationKind;
  readonly name?: string;
  readonly state?: OperationState;
  /** Started at this time or later, by the clock of its process. */
  readonly from?: Date;
  /** Started before this time. */
  readonly to?: Date;
  /** Default: all. */
  readonly limit?: number;
}

export interface Operation {
  readonly id: string;
  readonly kind: OperationKind;
  readonly name: string;
  readonly input: JsonValue | undefined;
  readonly user: JsonValue | undefined;
  /** By the clock of the process that ran it. */
  readonly startedAt: Date;
  readonly endedAt: Date | undefined;
  readonly state: OperationState;
  /** Of a failed one. */
  readonly error: ErrorFacts | undefined;
  /** The outermost operation: under its id the whole chain is kept. Its own id where it is the outermost. */
  readonly correlationId: string;
  /** The operation or event in whose trace it was opened. */
  readonly parentId: string | undefined;
  /** The process that ran it. */
  readonly instance: string;
}

/** What is kept of an error: name and code cut at 200, the message at 2,000 characters. */
export interface ErrorFacts {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
}

export interface ChainOptions {
  /** Records read at most: one for each event and each time a group handled it. Default: 100,000. */
  readonly limit?: number;
}

/** What an operation or event led to. */
export interface Branch {
  /** In the order of their positions. */
  readonly events: readonly ChainEvent[];
  /** In the order they were started. */
  readonly operations: readonly ChainOperation[];
}

export interface ChainOperation extends Branch {
  readonly id: string;
  /** `undefined` where only what followed is on record: its start has expired, or was never recorded. */
  readonly operation: Operation | undefined;
}

/** What is known of an event; its payload is in the store. */
export interface EventFacts {
  readonly id: string;
  readonly type: string;
  /** Of an event of a topic, the topic as `type` and the key as `id`; its position is that in the stream of topics. */
  readonly aggregate: AggregateRef;
  /** Of an event that was published to a topic. */
  readonly topic?: string;
  readonly position: number;
  readonly time: Date;
  readonly correlationId: string;
  readonly causationId: string | undefined;
}

export interface ChainEvent extends EventFacts, Branch {
  /** By name. */
  readonly groups: readonly GroupOutcome[];
}

/** What a group made of an event, by the clocks of its instances. */
export interface GroupOutcome {
  readonly group: string;
  /** The last on record. `retrying`: it failed, and was to come again. */
  readonly outcome: HandlingOutcome;
  /** When that was. */
  readonly at: Date;
  /** How often it was handled, as far as on record. */
  readonly attempts: number;
  /** Oldest first. */
  readonly failures: readonly Failure[];
}

export interface Failure {
  readonly attempt: number;
  readonly at: Date;
  readonly instance: string;
  readonly outcome: HandlingOutcome;
  readonly error: ErrorFacts;
}

export interface OperationChain extends ChainOperation {
  /** What belongs to the chain, and whose cause is not on record or leads back to itself. */
  readonly detached: Branch;
  /** `false` where there were more records than the limit. */
  readonly complete: boolean;
}

export type HandlingOutcome = 'handled' | 'retrying' | 'dead-lettered';

/** One time that a group handled an event, told when it is over. */
export interface Handling {
  /** Its `traceparent` is nothing that is recorded. */
  readonly event: EventFacts & { readonly traceparent?: string | undefined };
  readonly group: string;
  /** 1 for the first delivery. */
  readonly attempt: number;
  readonly outcome: HandlingOutcome;
  /** Whatever was thrown. */
  readonly error?: unknown;
  /** Default: now. */
  readonly at?: Date;
  /** Default: this process. */
  readonly instance?: string;
}

/**
 * Where the store and the bus report what happens to events. Both calls return at once and never throw; what does not
 * belong to an operation costs one look at its correlation id.
 *
 * Records are written in the background, and again over an outage of up to a minute; what could not be written by then
 * is logged as an error. Records that wait when the process dies are lost. An event whose record was lost appears in its
 * chain as soon as a group has handled it.
 */
export interface OperationRecorder {
  /** After an append, with what it stored. Reporting an event again changes nothing. */
  appended(events: readonly EventFacts[]): void;
  /** Reporting the same handling (event, group, attempt, time) again changes nothing. */
  handled(handling: Handling): void;
}
