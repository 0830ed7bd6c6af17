import type { RecordedEvent } from '@pipit/types-registry';
import type { DeadLetters } from './dead-letters.ts';
import type { HandlerContext } from './handler-context.ts';
import type { Middleware } from './middleware.ts';

export type { HandlerContext } from './handler-context.ts';

/**
 * Delivers the events of one store to handlers, at least once, and in order per aggregate unless a group asks for none.
 *
 * Not promised: that a handler sees an event only once. A repetition goes through the events of an aggregate in order
 * again.
 */
export interface Bus<Event extends RecordedEvent = RecordedEvent> {
  /**
   * Joins a group and starts to handle its events. Returns at once; what goes wrong later is logged, and rejects
   * `ready` and `closed`.
   *
   * @throws InvalidSubscriptionError, UnknownEventTypeError, InvalidSubjectTokenError (the group's name), StoppedError
   */
  subscribe<const Type extends Event['type'] = never>(options: SubscribeOptions<Event, Type>): Subscription;

  /** What groups could not handle. */
  readonly deadLetters: DeadLetters;

  /** Stops every subscription as its own `stop` does, and refuses new ones. */
  stop(options?: StopOptions): Promise<void>;
}

export type SubscribeOptions<Event extends RecordedEvent, Type extends Event['type'] = never> = GroupOptions &
  (HandlerPerType<Event> | HandlerOfTypes<Event, Type>);

export interface HandlerPerType<Event extends RecordedEvent> {
  /** A function per type of event. Events of other types are passed over. */
  readonly on: Handlers<Event>;
  readonly types?: never;
  readonly handle?: never;
}

export interface HandlerOfTypes<Event extends RecordedEvent, Type extends Event['type']> {
  /** The types of events to handle. Events of other types are passed over. */
  readonly types: readonly Type[];
  /** One function for all of them. */
  readonly handle: Handler<Extract<Event, { readonly type: Type }>>;
  readonly on?: never;
}

export interface GroupOptions {
  /**
   * Subscriptions of one group, in this process or others, share the work; every group gets every event. The server
   * remembers how far a group has come. Any text that takes at most 128 bytes as a subject token.
   */
  readonly group: string;
  /**
   * Where a new group begins: with the store's first event, the next one, the event at a position, which may be still
   * to come, or the first that was stored at a time or later (by the server's clock). A group that exists goes on.
   * Default: `start`.
   */
  readonly from?: 'start' | 'new' | number | Date;
  /** How many events this subscription handles at a time. Default: 1. */
  readonly concurrency?: number;
  /**
   * `key`: the events of one aggregate are handled one after the other, whatever the concurrency, however many
   * processes, and also while one of them waits for its next try; what comes behind a dead letter of the aggregate is
   * parked. `none`: an event that fails is overtaken. Fixed for the group when it is made. Default: `key`.
   */
  readonly order?: 'key' | 'none';
  /** Into how many parts the aggregates are divided among the members of an ordered group. Fixed. Default: 64. */
  readonly partitions?: number;
  readonly retry?: RetryOptions;
  /** Milliseconds a handler may take; then its signal aborts and it has failed. Default: 30,000. */
  readonly timeout?: number;
  /** Behaviour around the handlers, the first outermost. It stands inside the bus's own. */
  readonly use?: readonly Middleware[];
  /** Aborting it is `stop()`. */
  readonly signal?: AbortSignal;
}

export interface RetryOptions {
  /** How often an event is tried in all before it is a dead letter. Default: 5. */
  readonly attempts?: number;
  /**
   * Milliseconds before the second try, doubled for each further one up to a minute; or a function of the failed
   * attempt, from 1. Where that throws or gives no number it is a minute, below zero none. Default: 1,000.
   */
  readonly backoff?: number | ((attempt: number) => number);
  /** The part of each wait that is left to chance, from 0 to 1. Default: 0.2. */
  readonly jitter?: number;
  /** Whether trying again can help after this error; where not, the event is a dead letter at once. Where it throws, it can. Default: always. */
  readonly when?: (error: Error) => boolean;
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
