import { PipitError, type StreamDifference } from '@pipit/types-registry';

/** Options that no subscription can work with. Nothing was done. */
export class InvalidSubscriptionError extends PipitError {
  readonly code = 'INVALID_SUBSCRIPTION';
  readonly option: string;

  constructor(option: string, reason: string) {
    super(`The subscription's ${option} ${reason}.`);
    this.option = option;
  }
}

/** There is no such store to subscribe to. */
export class StoreNotFoundError extends PipitError {
  readonly code = 'STORE_NOT_FOUND';
  readonly store: string;

  constructor(store: string, cause?: unknown) {
    super(
      `There is no store ${store}: its stream does not exist. Open the store first (jetStreamStore creates it), ` +
        'or check the name and the account.',
      { cause },
    );
    this.store = store;
  }
}

/** A consumer of the group's name exists with settings that the bus cannot work with. Nothing was changed. */
export class GroupMismatchError extends PipitError {
  readonly code = 'GROUP_MISMATCH';
  readonly store: string;
  readonly group: string;
  readonly differences: readonly StreamDifference[];

  constructor(store: string, group: string, differences: readonly StreamDifference[]) {
    const list = differences.map(
      ({ setting, expected, actual }) =>
        `${setting} is ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`,
    );
    super(
      `Group ${group} of store ${store} exists as a consumer with other settings: ${list.join('; ')}. ` +
        'Nothing was changed. Choose another group, or bring the consumer in line.',
    );
    this.store = store;
    this.group = group;
    this.differences = differences;
  }
}

/** The group could not be joined. */
export class SubscribeFailedError extends PipitError {
  readonly code = 'SUBSCRIBE_FAILED';
  readonly store: string;
  readonly group: string;

  constructor(store: string, group: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `Group ${group} of store ${store} could not be joined: ${reason}. Check the server, and that the account may ` +
        'create and read consumers; then subscribe again.',
      { cause },
    );
    this.store = store;
    this.group = group;
  }
}

/**
 * The stream of a group was deleted or replaced, and with it how far the group had come. A consumer that is deleted alone
 * is made again where the group has a member, and is missed by who asks for the lag.
 */
export class GroupLostError extends PipitError {
  readonly code = 'GROUP_LOST';
  readonly store: string;
  readonly group: string;

  constructor(store: string, group: string, cause?: unknown) {
    super(
      `Group ${group} of store ${store} is lost: its stream or its consumer was deleted or replaced, and with it how far the group had come. ` +
        'Open the store, or restore its stream; then open the bus again and subscribe, which makes a new group.',
      { cause },
    );
    this.store = store;
    this.group = group;
  }
}

/** A bus or subscription that was stopped before it could do this. */
export class StoppedError extends PipitError {
  readonly code = 'STOPPED';

  constructor(what: string) {
    super(`${what} was stopped. Nothing is delivered to it any more; make a new one to go on.`);
  }
}
