import { type JsonValue, PayloadTooLargeError, PipitError } from '@pipit/types-registry';

type Kind = 'command' | 'query';

/** What the errors are about; a definition is one. */
interface Asked {
  readonly kind: Kind;
  readonly type: string;
}

const nameOf = ({ kind, type }: Asked) => `${kind === 'command' ? 'Command' : 'Query'} ${type}`;

/** Everything that goes wrong with one command or query says with which. */
abstract class RequestFailure extends PipitError {
  readonly kind: Kind;
  readonly type: string;

  constructor({ kind, type }: Asked, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
    this.type = type;
  }
}

/** Something given to `handle` or `send` that makes no sense. Nothing was done. */
export class InvalidCommandOptionError extends PipitError {
  readonly code = 'INVALID_COMMAND_OPTION';
  readonly option: string;

  constructor(option: string, reason: string) {
    super(`The ${option} of a command or query ${reason}.`);
    this.option = option;
  }
}

/** One instance has one handler for a command or query. Nothing was changed. */
export class AlreadyHandledError extends RequestFailure {
  readonly code = 'ALREADY_HANDLED';

  constructor(asked: Asked) {
    super(
      asked,
      `${nameOf(asked)} has a handler here already. Stop that one first, or raise its concurrency to handle more at a time.`,
    );
  }
}

/** The server does not send requests to this handler. */
export class HandleFailedError extends RequestFailure {
  readonly code = 'HANDLE_FAILED';

  constructor(asked: Asked, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      asked,
      `${nameOf(asked)} cannot be handled here: ${reason}. Check the connection and what it may subscribe to; then handle it again.`,
      cause,
    );
  }
}

/** Nobody handles this. It was not handled and can be sent again. */
export class NoHandlerError extends RequestFailure {
  readonly code = 'NO_HANDLER';

  constructor(asked: Asked, subject: string) {
    super(
      asked,
      `${nameOf(asked)} has no handler: nobody listens to ${subject}. Start the process that handles it, on the same ` +
        'store name and account; then send it again.',
    );
  }
}

/** The instance it came to did not begin with it. It was not handled and can be sent again. */
export class NotHandledError extends RequestFailure {
  readonly code = 'NOT_HANDLED';
  readonly reason: 'busy' | 'stopping';

  constructor(asked: Asked, reason: 'busy' | 'stopping') {
    super(
      asked,
      reason === 'busy'
        ? `${nameOf(asked)} was refused: as many as may wait are waiting for its handler. Send it again later, start ` +
            'more instances, or raise the concurrency of the handler.'
        : `${nameOf(asked)} was not begun: the instance it came to stopped before. Send it again.`,
    );
    this.reason = reason;
  }
}

const lostAnswer = {
  'connection-lost': 'the connection was lost before its answer came',
  'handler-stopped': 'the instance that handled it stopped before it had an answer',
  stopped: 'waiting for its answer was stopped here',
} as const;

/** It was sent, and whether it was handled is not known. It is not sent again by itself. */
export class OutcomeUnknownError extends RequestFailure {
  readonly code = 'OUTCOME_UNKNOWN';
  readonly reason: keyof typeof lostAnswer;

  constructor(asked: Asked, reason: keyof typeof lostAnswer, cause?: unknown) {
    super(
      asked,
      `${nameOf(asked)} has no known outcome: ${lostAnswer[reason]}. It may have been handled: look at what it should ` +
        'have changed before you send it again.',
      cause,
    );
    this.reason = reason;
  }
}

/** What can be told of an error in another process. */
export interface RemoteFailure {
  readonly name: string;
  readonly code?: string;
  readonly message: string;
  readonly facts: Readonly<Record<string, JsonValue>>;
}

/**
 * The handler, or the side it runs on, failed. `code` is the code of the error there (`CONFLICT`, `INVALID_PAYLOAD`,
 * one of your own), `REMOTE_ERROR` where it has none: branch on it.
 */
export class RemoteError extends RequestFailure {
  readonly code: string;
  /** The name of the error there. */
  readonly remoteName: string;
  /** The message of the error there. */
  readonly remoteMessage: string;
  /** The error's own fields, as far as JSON can carry them. */
  readonly facts: Readonly<Record<string, JsonValue>>;
  /** Whether the handler was not even called, because the payload could not be read there. */
  readonly refused: boolean;

  constructor(asked: Asked, failure: RemoteFailure, how: 'failed' | 'refused') {
    super(
      asked,
      `${nameOf(asked)} ${how === 'failed' ? 'failed' : 'was refused'} where it is handled: ${failure.name}: ${failure.message}`,
    );
    this.refused = how === 'refused';
    this.code = failure.code ?? 'REMOTE_ERROR';
    this.remoteName = failure.name;
    this.remoteMessage = failure.message;
    this.facts = failure.facts;
  }
}

/** The reason of a handler's signal when its sender does not want the answer any more. */
export class CancelledError extends RequestFailure {
  readonly code = 'CANCELLED';

  constructor(asked: Asked) {
    super(asked, `${nameOf(asked)} was cancelled by its sender, who does not wait for the answer any more.`);
  }
}

/**
 * A request that is over what may be sent, and was not, or an answer that is: then the request has been handled, and its
 * sender gets a RemoteError with this code.
 */
export class MessageTooLargeError extends PayloadTooLargeError {
  readonly part: 'request' | 'answer';

  constructor(asked: Asked, part: 'request' | 'answer', size: number, limit: number) {
    super(asked.type, size, limit);
    this.part = part;
    const takes = `takes ${size} bytes, headers included, and the limit is ${limit}`;
    this.message =
      part === 'request'
        ? `${nameOf(asked)} ${takes}. It was not sent. Keep the large part elsewhere and send a reference, or raise the ` +
          'limit: max_payload of the server.'
        : `The answer to ${nameOf(asked)} ${takes}. It has been handled, and sending it again would handle it again. ` +
          'Answer with a reference or a part, or raise the limit: max_payload of the server.';
    // A stack begins with the message there was when it was taken.
    Error.captureStackTrace(this, MessageTooLargeError);
  }
}
