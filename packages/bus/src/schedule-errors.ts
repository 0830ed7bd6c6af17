import { PipitError } from '@pipit/types-registry';

/** A schedule that could not be kept. Nothing was changed. */
export class InvalidScheduleError extends PipitError {
  readonly code = 'INVALID_SCHEDULE';
  readonly id: string;
  readonly field: string;

  constructor(id: string, field: string, reason: string, cause?: unknown) {
    super(`Schedule ${id} was not set: its ${field} ${reason}.`, { cause });
    this.id = id;
    this.field = field;
  }
}

/** The server does not take the schedule. Nothing was changed. */
export class ScheduleRefusedError extends PipitError {
  readonly code = 'SCHEDULE_REFUSED';
  readonly id: string;
  readonly stream: string;
  /** The server's own: JetStream's `err_code`, or 403 where the connection may not do this. */
  readonly errorCode: number;

  constructor(
    facts: { readonly id: string; readonly stream: string; readonly version: string | undefined },
    errorCode: number,
    description: string,
    cause?: unknown,
  ) {
    const { id, stream, version = 'of unknown version' } = facts;
    super(
      `Schedule ${id} was refused by nats-server ${version}: ${description} (${errorCode}). Nothing was changed. ` +
        `${adviceFor(errorCode)} and the limits and permissions of stream ${stream}.`,
      { cause },
    );
    this.id = id;
    this.stream = stream;
    this.errorCode = errorCode;
  }
}

/** No answer came, and the schedule may have been set. */
export class ScheduleInDoubtError extends PipitError {
  readonly code = 'SCHEDULE_IN_DOUBT';
  readonly id: string;

  constructor(id: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `Whether schedule ${id} was set is not known: ${reason}. Setting it again is safe, because it replaces itself; ` +
        'one whose time has come may then fire a second time, with the same event id where you give it one.',
      { cause },
    );
    this.id = id;
  }
}

const invalidPattern = 10189;

function adviceFor(errorCode: number): string {
  return errorCode === invalidPattern
    ? 'Older servers take only single dates: upgrade every server for every and cron; check the specification'
    : 'Check that the server has message schedules (2.12 or newer)';
}
