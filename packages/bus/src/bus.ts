import type { RecordedEvent } from '@pipit/types-registry';

/**
 * Delivers the events of one store to handlers, at least once.
 *
 * Not promised: that a handler sees an event only once, and that the events of one aggregate reach it in order across
 * retries, or at a `concurrency` above 1.
 */
export interface Bus<Event extends RecordedEvent = RecordedEvent> {
  /**
   * Joins a group and starts to handle its events. Returns at once; what goes wrong later is logged, and rejects
   * `ready` and `closed`.
   *
   * @throws InvalidSubscriptionError, UnknownEventTypeError, InvalidSubjectTokenError (the group's name), StoppedError
   */
  subscribe(options: SubscribeOptions<Event>): Subscription;

  /** Stops every subscription as its own `stop` does, and refuses new ones. */
  stop(options?: StopOptions): Promise<void>;
}

export interface SubscribeOptions<Event extends RecordedEvent> {
  /**
   * Subscriptions of one group, in this process or others, share the work; every group gets every event. The server
   * remembers how far a group has come. Any text that takes at most 128 bytes as a subject token.
   */
  readonly group: string;
  /** A function per type of event. Events of other types are passed over. */
  readonly on: Handlers<Event>;
  /** Where a new group begins: with the store's first event, or the next one. A group that exists goes on. Default: `start`. */
  readonly from?: 'start' | 'new';
  /** How many events this subscription handles at a time. Default: 1. */
  readonly concurrency?: number;
  /** Milliseconds a handler may take; then its signal aborts and it has failed. Default: 30,000. */
  readonly timeout?: number;
  /** Milliseconds until an event whose handler failed comes again. Default: 1,000. */
  readonly redeliveryDelay?: number;
  /** Aborting it is `stop()`. */
  readonly signal?: AbortSignal;
}

export type Handlers<Event extends RecordedEvent> = {
  readonly [Type in Event['type']]?: Handler<Extract<Event, { readonly type: Type }>>;
};

/**
 * Handles one event. The event is acknowledged when it returns, or when the promise it returns is fulfilled; if it
 * throws, rejects or takes too long, the event comes again. Events it appends carry the correlation of the one it
 * handles.
 */
export type Handler<Event extends RecordedEvent> = (event: Event, context: HandlerContext) => unknown;

export interface HandlerContext {
  readonly group: string;
  /** 1 for the first delivery to the group. Counts deliveries, also those whose process died. */
  readonly deliveryCount: number;
  /** Aborts when the handler's time is up, and when a stop does not wait for it any longer. */
  readonly signal: AbortSignal;
}

export interface StopOptions {
  /** Milliseconds to wait for handlers under way; then at most 500 more for acknowledgements to leave. Default: 10,000. */
  readonly timeout?: number;
}

/** One member of a group. */
export interface Subscription {
  readonly group: string;
  /**
   * Fulfilled when the group exists on the server, so that it gets every event from now on.
   *
   * Rejects with GroupMismatchError, SubscribeFailedError, or StoppedError where a stop came first. Nobody has to
   * look: it is logged too.
   */
  readonly ready: Promise<void>;
  /**
   * Fulfilled after a stop. Rejects where the subscription ended by itself: as `ready` does, with GroupLostError, or
   * with ConnectionError when the connection was closed under it. An outage of the server does not end it.
   */
  readonly closed: Promise<void>;
  /**
   * Takes no more events, gives back those not begun, waits for the handlers under way and sends their
   * acknowledgements. Handlers still running when the time is up are aborted by their signal and their events given
   * back. It does not reject; calling it again waits for the same end.
   */
  stop(options?: StopOptions): Promise<void>;
}
