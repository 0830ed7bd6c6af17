import { PipitError } from '@pipit/types-registry';

/** A projection cannot go on: an event cannot be read, or a function of its threw. Its rows stay as they were before. */
export class ProjectionFailedError extends PipitError {
  readonly code = 'PROJECTION_FAILED';
  readonly projection: string;
  readonly store: string;
  readonly position: number | undefined;
  readonly type: string | undefined;

  constructor(facts: {
    readonly projection: string;
    readonly store: string;
    readonly position?: number | undefined;
    readonly type?: string | undefined;
    readonly cause: unknown;
  }) {
    const { projection, store, position, type, cause } = facts;
    const place =
      position === undefined ? '' : ` at event ${type ?? '(of unknown type)'}, position ${position}`;
    const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/[.\s]+$/, '');
    super(
      `Projection ${projection} of store ${store} stopped${place}: ${reason}. Its rows show what came before. ` +
        'Correct the cause and run it again.',
      { cause },
    );
    this.projection = projection;
    this.store = store;
    this.position = position;
    this.type = type;
  }
}

/** A projection has not seen the position that was waited for. Wait again, or answer without it. */
export class ProjectionBehindError extends PipitError {
  readonly code = 'PROJECTION_BEHIND';
  readonly projection: string;
  /** `undefined` where the end of the log was waited for and could not be found out in time. */
  readonly awaited: number | undefined;
  /** How far it was when the time was up. */
  readonly position: number;
  /** Milliseconds. */
  readonly timeout: number;

  constructor(
    projection: string,
    awaited: number | undefined,
    position: number,
    timeout: number,
    cause?: unknown,
  ) {
    super(
      `Projection ${projection} has seen position ${position} and not ${awaited ?? 'the end of the log'} within ${timeout} ms. ` +
        'Wait again, or answer without it.',
      { cause },
    );
    this.projection = projection;
    this.awaited = awaited;
    this.position = position;
    this.timeout = timeout;
  }
}

/** A projection was stopped before it had seen the position that was waited for. */
export class ProjectionStoppedError extends PipitError {
  readonly code = 'PROJECTION_STOPPED';
  readonly projection: string;

  constructor(projection: string) {
    super(`Projection ${projection} has been stopped. Run it again to go on.`);
    this.projection = projection;
  }
}

/** Rows show more than the log has: it was restored from a backup, or made anew. Nothing was written. */
export class CheckpointAheadError extends PipitError {
  readonly code = 'CHECKPOINT_AHEAD';
  readonly projection: string;
  readonly version: number;
  /** Up to where the rows show the log. */
  readonly checkpoint: number;
  /** Where the log ends. */
  readonly position: number;

  constructor(facts: {
    readonly projection: string;
    readonly version: number;
    readonly store: string;
    readonly checkpoint: number;
    readonly position: number;
  }) {
    const { projection, version, store, checkpoint, position } = facts;
    super(
      `Version ${version} of projection ${projection} shows store ${store} up to position ${checkpoint}, but the store ` +
        `ends at ${position}: it was restored from a backup, or made anew. Raise the version to build the rows anew.`,
    );
    this.projection = projection;
    this.version = version;
    this.checkpoint = checkpoint;
    this.position = position;
  }
}

/** A projection cannot be defined like this. */
export class InvalidProjectionError extends PipitError {
  readonly code = 'INVALID_PROJECTION';
  readonly projection: string;

  constructor(projection: string, reason: string) {
    super(`Projection ${JSON.stringify(projection)} ${reason}.`);
    this.projection = projection;
  }
}
