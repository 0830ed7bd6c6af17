import { PipitError } from '@pipit/types-registry';
import type { Doubt, InboxKey } from './inbox.ts';

/** A living process is at the effect of this event, or was a moment ago. Nothing was done; it can be asked again later. */
export class InboxBusyError extends PipitError {
  readonly code = 'INBOX_BUSY';
  readonly group: string;
  readonly eventId: string;

  constructor({ group, eventId }: InboxKey) {
    super(
      `Event ${eventId} is being handled by another delivery to group ${group}. Nothing was done here; it comes again, ` +
        'and is passed over when the other is done.',
    );
    this.group = group;
    this.eventId = eventId;
  }
}

/** An earlier try of this event was told to end, and its handler still runs in this process. Nothing was done now. */
export class StillRunningError extends PipitError {
  readonly code = 'STILL_RUNNING';
  readonly group: string;
  readonly eventId: string;

  constructor({ group, eventId }: InboxKey, cause: unknown) {
    super(
      `An earlier try of event ${eventId} in group ${group} was told to end by its signal, and still runs. Nothing was ` +
        'done now, and nothing will be as long as it runs: make the handler end on its signal.',
      { cause },
    );
    this.group = group;
    this.eventId = eventId;
  }
}

/** The process that was at the effect of this event has died: the effect may have happened or not. Nothing was done. */
export class InDoubtError extends PipitError {
  readonly code = 'IN_DOUBT';
  readonly group: string;
  readonly eventId: string;
  readonly begunAt: Date;

  constructor({ group, eventId, begunAt }: Doubt) {
    super(
      `The process that handled event ${eventId} for group ${group} since ${begunAt.toISOString()} has died, so the ` +
        'effect may have happened or not. Nothing was done. Find out: where it did not happen, forget the event in the ' +
        'inbox and redrive its dead letter; where it did, discard the dead letter. onDoubt decides it without a person.',
    );
    this.group = group;
    this.eventId = eventId;
    this.begunAt = begunAt;
  }
}

/** The place of the inbox could not be asked or written. The effect was not run, and the event comes again. */
export class InboxUnavailableError extends PipitError {
  readonly code = 'INBOX_UNAVAILABLE';
  readonly inbox: string;

  constructor(inbox: string, doing: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `Inbox ${inbox} could not ${doing}: ${reason}. The handler was not run. Check the server and that the account may ` +
        'use the bucket; the event comes again.',
      { cause },
    );
    this.inbox = inbox;
  }
}

/** Options that an inbox cannot work with. */
export class InvalidInboxError extends PipitError {
  readonly code = 'INVALID_INBOX';
  readonly option: string;

  constructor(option: string, reason: string) {
    super(`The inbox's ${option} ${reason}.`);
    this.option = option;
  }
}
