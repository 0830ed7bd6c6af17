import { PipitError } from '@pipit/types-registry';

/** A subscription of a hub could not begin, or ended by itself; `cause` is its error. */
export class HubFailedError extends PipitError {
  readonly code = 'HUB_FAILED';
  readonly group: string;

  constructor(group: string, what: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`Group ${group} ${what}: ${reason}`, { cause });
    this.group = group;
  }
}

/** A subscription that came after its hub's start. Nothing was done. */
export class HubStartedError extends PipitError {
  readonly code = 'HUB_STARTED';
  readonly group: string;

  constructor(group: string) {
    super(
      `Group ${group} cannot be added to a hub that has been started. Add it before start(), to another hub, or ` +
        'subscribe to it on the bus.',
    );
    this.group = group;
  }
}

/** An option that no hub can work with. Nothing was done. */
export class InvalidHubError extends PipitError {
  readonly code = 'INVALID_HUB';
  readonly option: string;

  constructor(option: string, reason: string) {
    super(`The hub's ${option} ${reason}.`);
    this.option = option;
  }
}
