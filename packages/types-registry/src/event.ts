/** A value that JSON can carry. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/**
 * What the user says about an event beside its payload. Any names, any JSON; text under a name of lower-case letters and
 * digits becomes a CloudEvents extension, which other CloudEvents software sees.
 */
export type Metadata = Readonly<Record<string, JsonValue>>;

/** One aggregate: a consistency boundary with events of its own, numbered by revision. */
export interface AggregateRef<Type extends string = string> {
  /** Type and id are any text whose subject token takes at most 128 bytes; see `encodeToken`. */
  readonly type: Type;
  readonly id: string;
}

/** A fact about one aggregate. Immutable. */
export interface DomainEvent<Type extends string = string, Data = unknown> {
  /** UUIDv7 unless the user gave another. Unique in its store. */
  readonly id: string;
  readonly type: Type;
  readonly aggregate: AggregateRef;
  /** 1 for the aggregate's first event, then 2, 3 … without a gap. */
  readonly revision: number;
  /** The version of the payload as it was written; `data` has been brought up to the current one. */
  readonly schemaVersion: number;
  /** When it happened, in milliseconds' precision, by the writer's clock. */
  readonly time: Date;
  readonly data: Data;
  readonly metadata: Metadata;
  /** The chain of events this one belongs to: the id of the first, where nobody set another. */
  readonly correlationId: string;
  /** The event or operation that led to this one; `undefined` where nothing known did. */
  readonly causationId: string | undefined;
  /** W3C Trace Context, as it was written: what comes from other producers is not checked. */
  readonly traceparent: string | undefined;
}

/** An event in its log. */
export interface RecordedEvent<Type extends string = string, Data = unknown> extends DomainEvent<Type, Data> {
  /** The name of the store, which is the name of its stream. */
  readonly store: string;
  /** The event's place in the one order of its store: the sequence in its stream, from 1, not without gaps. */
  readonly position: number;
}

/** What the user may say of an event that is to be; all of it is filled in otherwise. */
export interface NewEventOptions {
  /** Giving the same id again makes an append repeatable: the second does nothing and answers like the first. */
  readonly id?: string;
  /** From year 0 to 9999. Default: now, by the writer's clock. */
  readonly time?: Date;
  readonly metadata?: Metadata;
  /** Default for the three: what `withTrace` has set around the append. */
  readonly correlationId?: string;
  readonly causationId?: string;
  /** A malformed one is an `InvalidEventError` here; `withTrace` drops it. */
  readonly traceparent?: string;
}

/** An event that has not been appended. Its payload is validated when it is. */
export interface NewEvent<Type extends string = string, Input = unknown> extends NewEventOptions {
  readonly type: Type;
  readonly data: Input;
}
