import { PipitError } from './pipit-error.ts';

/** A name or id that cannot stand as one token of a subject. */
export class InvalidSubjectTokenError extends PipitError {
  readonly code = 'INVALID_SUBJECT_TOKEN';
  readonly what: string;
  readonly value: string;

  constructor(what: string, value: string, reason: string) {
    const shown =
      value.length > 64
        ? `${JSON.stringify(value.slice(0, 64))}… (${value.length} characters)`
        : JSON.stringify(value);
    super(`${what} ${shown} cannot be used: ${reason}.`);
    this.what = what;
    this.value = value;
  }
}

/** Headers or a structured body that are not the CloudEvent they claim to be. */
export class MalformedEnvelopeError extends PipitError {
  readonly code = 'MALFORMED_ENVELOPE';
  readonly attribute: string;

  constructor(attribute: string, reason: string, cause?: unknown) {
    super(`The event's ${attribute} ${reason}.`, { cause });
    this.attribute = attribute;
  }
}

/** Metadata, ids or times given by the user that an event cannot carry. Nothing was written. */
export class InvalidEventError extends PipitError {
  readonly code = 'INVALID_EVENT';
  readonly field: string;

  constructor(field: string, reason: string, cause?: unknown) {
    super(`The event's ${field} ${reason}. Nothing was written.`, { cause });
    this.field = field;
  }
}

/**
 * A stored event that cannot be read. `cause` is the reason: an `UnknownEventTypeError`, `InvalidPayloadError`,
 * `MalformedBytesError`, `MalformedEnvelopeError` …
 */
export class UnreadableEventError extends PipitError {
  readonly code = 'UNREADABLE_EVENT';
  readonly stream: string;
  readonly position: number;
  readonly type: string | undefined;

  constructor(facts: {
    readonly stream: string;
    readonly position: number;
    readonly type: string | undefined;
    readonly cause: unknown;
  }) {
    const { stream, position, type, cause } = facts;
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `Event ${type ?? '(of unknown type)'} at position ${position} of stream ${stream} cannot be read: ${reason}`,
      {
        cause,
      },
    );
    this.stream = stream;
    this.position = position;
    this.type = type;
  }
}
