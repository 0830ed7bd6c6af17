import { PipitError } from '@pipit/types-registry';

/** An argument that no operation, and no question for one, can work with. Nothing was recorded, nothing was run. */
export class InvalidOperationError extends PipitError {
  readonly code = 'INVALID_OPERATION';
  readonly option: string;

  constructor(option: string, reason: string, cause?: unknown) {
    super(`The operation's ${option} ${reason}.`, { cause });
    this.option = option;
  }
}

/** The start of an operation is not on record, so it was not run. Running it again is safe. */
export class OperationNotRecordedError extends PipitError {
  readonly code = 'OPERATION_NOT_RECORDED';
  readonly operationId: string;
  readonly kind: string;
  /** The operation's name; `name` is the error's. */
  readonly operation: string;

  constructor(
    facts: { readonly id: string; readonly kind: string; readonly name: string; readonly timeout: number },
    cause: unknown,
  ) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `The start of ${facts.kind} ${JSON.stringify(facts.name)} (${facts.id}) could not be recorded within ` +
        `${facts.timeout} ms: ${reason}. It was not run. Run it again when the server is back, or give it ` +
        "unrecorded: 'run' to run without a record.",
      { cause },
    );
    this.operationId = facts.id;
    this.kind = facts.kind;
    this.operation = facts.name;
  }
}

/** Operations are closed. Nothing was recorded, nothing was run. */
export class OperationsClosedError extends PipitError {
  readonly code = 'OPERATIONS_CLOSED';

  constructor(store: string) {
    super(`The operations of store ${store} are closed: they take no new one.`);
  }
}

/** Operations could not be read: the server stayed away past the deadline, or refuses. Asking again is safe. */
export class OperationsReadError extends PipitError {
  readonly code = 'OPERATIONS_READ';
  readonly stream: string;

  constructor(stream: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `Stream ${stream} could not be read: ${reason}. Check that the server is up and that this connection may use ` +
        'JetStream direct get on it, then ask again.',
      { cause },
    );
    this.stream = stream;
  }
}
