import { PipitError } from './pipit-error.ts';

export type ConnectionErrorReason = 'unreachable' | 'unauthorized' | 'jetstream-disabled';

/** There is no working JetStream at the other end; `reason` tells the three cases apart. */
export class ConnectionError extends PipitError {
  readonly code = 'CONNECTION';
  readonly reason: ConnectionErrorReason;
  readonly servers: readonly string[];

  constructor(reason: ConnectionErrorReason, servers: readonly string[], message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
    this.servers = servers;
  }
}

/** The server lacks what Pipit's guarantees stand on. It would ignore guards in silence, so it is refused. */
export class UnsupportedServerError extends PipitError {
  readonly code = 'UNSUPPORTED_SERVER';
  readonly version: string;
  readonly missing: readonly string[];

  constructor(version: string, missing: readonly string[]) {
    super(
      `nats-server ${version} does not offer ${missing.join(', ')}. Pipit needs nats-server 2.12 or newer: ` +
        'upgrade the server (every server of a cluster), or point NATS_URL at another one.',
    );
    this.version = version;
    this.missing = missing;
  }
}

/** One setting of a stream or consumer that is not as asked. */
export interface StreamDifference {
  readonly setting: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** A stream of that name exists with settings that Pipit cannot work with. Nothing was changed. */
export class StreamMismatchError extends PipitError {
  readonly code = 'STREAM_MISMATCH';
  readonly stream: string;
  readonly differences: readonly StreamDifference[];

  constructor(stream: string, differences: readonly StreamDifference[]) {
    const list = differences.map(
      ({ setting, expected, actual }) =>
        `${setting} is ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`,
    );
    super(
      `Stream ${stream} exists with other settings: ${list.join('; ')}. Nothing was changed. ` +
        'Choose another store name, or bring the stream in line.',
    );
    this.stream = stream;
    this.differences = differences;
  }
}

/** A message, headers included, that is over what the server or the stream takes. It was neither sent nor stored. */
export class PayloadTooLargeError extends PipitError {
  readonly code = 'PAYLOAD_TOO_LARGE';
  readonly type: string;
  /** Bytes, headers included. */
  readonly size: number;
  /** Bytes. */
  readonly limit: number;

  constructor(type: string, size: number, limit: number) {
    super(
      `Event ${type} takes ${size} bytes with its headers, the limit is ${limit}. Nothing was written. ` +
        "Store the large part elsewhere and keep a reference in the event, or raise the server's max_payload.",
    );
    this.type = type;
    this.size = size;
    this.limit = limit;
  }
}

/**
 * The deadline passed. What that means for the work is in the message, and differs: of an append nothing was stored; a
 * handler may still be running, and its event comes again; a command may have been handled, so look before you repeat it.
 */
export class TimeoutError extends PipitError {
  readonly code = 'TIMEOUT';
  readonly operation: string;
  /** Milliseconds. */
  readonly timeout: number;

  constructor(facts: {
    readonly operation: string;
    readonly timeout: number;
    readonly advice: string;
    readonly cause?: unknown;
  }) {
    super(`${facts.operation} did not finish within ${facts.timeout} ms. ${facts.advice}`, {
      cause: facts.cause,
    });
    this.operation = facts.operation;
    this.timeout = facts.timeout;
  }
}
