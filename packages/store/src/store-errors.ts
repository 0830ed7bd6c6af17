import { type AggregateRef, PipitError } from '@pipit/types-registry';
import { conflictMessage, usedUp } from './conflict-message.ts';
import type { ExpectedRevision } from './expected-revision.ts';

/** The aggregate is not at the expected revision. Nothing was written. */
export class ConflictError extends PipitError {
  readonly code = 'CONFLICT';
  readonly aggregate: AggregateRef;
  readonly expected: ExpectedRevision;
  /** The revision the aggregate has; 0 where it does not exist. */
  readonly actual: number;

  /** @param retries how often `execute` decided again, where they are used up */
  constructor(aggregate: AggregateRef, expected: ExpectedRevision, actual: number, retries?: number) {
    const name = nameOf(aggregate);
    super(retries === undefined ? conflictMessage(name, expected, actual) : usedUp(name, retries, actual));
    this.aggregate = aggregate;
    this.expected = expected;
    this.actual = actual;
  }
}

/**
 * It could not be found out whether events were stored: the connection or the server stayed away past the deadline.
 * Appending again with events of the same ids is safe and settles it.
 */
export class AppendInDoubtError extends PipitError {
  readonly code = 'APPEND_IN_DOUBT';
  readonly aggregate: AggregateRef;
  readonly eventIds: readonly string[];

  constructor(aggregate: AggregateRef, eventIds: readonly string[], cause: unknown) {
    super(
      `Whether ${eventIds.length} event(s) of ${nameOf(aggregate)} were stored could not be found out in time. ` +
        `Append them again with the same ids (${eventIds.join(', ')}) while the store remembers ids (two minutes by ` +
        "default): what is stored is not stored twice. Later, look for the ids among the aggregate's events first.",
      { cause },
    );
    this.aggregate = aggregate;
    this.eventIds = eventIds;
  }
}

/** The server refused to store events, for good: a limit, a permission. Nothing was written. */
export class AppendRejectedError extends PipitError {
  readonly code = 'APPEND_REJECTED';
  readonly aggregate: AggregateRef;
  /** The server's own error code (https://docs.nats.io, JetStream API errors). */
  readonly serverCode: number;

  constructor(aggregate: AggregateRef, serverCode: number, description: string) {
    super(
      `The server refused to store events of ${nameOf(aggregate)}: ${description} (${serverCode}). Nothing was written.`,
    );
    this.aggregate = aggregate;
    this.serverCode = serverCode;
  }
}

/** The server refused to create the store's stream. Nothing was changed. */
export class StreamRefusedError extends PipitError {
  readonly code = 'STREAM_REFUSED';
  readonly store: string;
  /** The server's own error code (https://docs.nats.io, JetStream API errors). */
  readonly serverCode: number;

  constructor(store: string, serverCode: number, description: string, cause: unknown) {
    super(
      `The server refused to create stream ${store}: ${description} (${serverCode}). Nothing was changed: ` +
        'choose another name or other settings, or make room for it.',
      { cause },
    );
    this.store = store;
    this.serverCode = serverCode;
  }
}

/** An event with this id is in the store already, as another event or in another place. Nothing was written. */
export class DuplicateEventIdError extends PipitError {
  readonly code = 'DUPLICATE_EVENT_ID';
  readonly aggregate: AggregateRef;
  readonly eventIds: readonly string[];

  constructor(aggregate: AggregateRef, eventIds: readonly string[]) {
    super(
      `Of the event ids ${eventIds.join(', ')} at least one was used before, and not by the same append to ` +
        `${nameOf(aggregate)}. Nothing was written: leave the id out, or repeat the append exactly.`,
    );
    this.aggregate = aggregate;
    this.eventIds = eventIds;
  }
}

/** A unique key is held by another aggregate. Nothing was written. */
export class KeyTakenError extends PipitError {
  readonly code = 'KEY_TAKEN';
  /** The kind of key, such as `email`; its value is left out, since errors end up in logs. */
  readonly key: string;
  /** Who holds it. */
  readonly owner: AggregateRef;
  /** Who wanted to reserve or release it. */
  readonly aggregate: AggregateRef;

  constructor({ name }: { readonly name: string }, owner: AggregateRef, aggregate: AggregateRef) {
    super(
      `The ${name} that ${nameOf(aggregate)} wants to change is held by ${nameOf(owner)}. Nothing was written: ` +
        'choose another value, or have its owner release it.',
    );
    this.key = name;
    this.owner = owner;
    this.aggregate = aggregate;
  }
}

/** An aggregate's revisions are not 1, 2, 3 …: events were lost or written past Pipit. Its state would be a lie. */
export class MissingRevisionError extends PipitError {
  readonly code = 'MISSING_REVISION';
  /** The stream, which is named as the store. */
  readonly stream: string;
  readonly aggregate: AggregateRef;
  readonly expected: number;
  readonly actual: number;
  readonly position: number;

  constructor(stream: string, aggregate: AggregateRef, expected: number, actual: number, position: number) {
    super(
      `${nameOf(aggregate)} in stream ${stream} has revision ${actual} at position ${position} where ${expected} should be. ` +
        'Restore the stream from a backup, or find out who writes to it without Pipit.',
    );
    this.stream = stream;
    this.aggregate = aggregate;
    this.expected = expected;
    this.actual = actual;
    this.position = position;
  }
}

/** The store was closed before the call, or while it was read. */
export class StoreClosedError extends PipitError {
  readonly code = 'STORE_CLOSED';
  readonly store: string;

  constructor(store: string) {
    super(`Store ${store} is closed. Open it again, or close it only when nothing needs it any more.`);
    this.store = store;
  }
}

/** The stream of a running store is gone or cannot be read. */
export class ReadFailedError extends PipitError {
  readonly code = 'READ_FAILED';
  readonly store: string;
  /** Whether there is no such stream, so that there is nothing to read. */
  readonly missing: boolean;

  constructor(store: string, doing: string, cause: unknown, missing = false) {
    super(`Store ${store} could not ${doing}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
    this.store = store;
    this.missing = missing;
  }
}

function nameOf({ type, id }: AggregateRef): string {
  return `${type} ${JSON.stringify(id)}`;
}
