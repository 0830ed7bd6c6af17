import type { DeliveredEvent } from './delivered-event.ts';
import type { HandlerContext } from './handler-context.ts';
import type { Middleware } from './middleware.ts';

export type SubscribeOptions<
  Event extends DeliveredEvent,
  Type extends Event['type'] = never,
> = GroupOptions & (HandlerPerType<Event> | HandlerOfTypes<Event, Type>);

export interface HandlerPerType<Event extends DeliveredEvent> {
  /** A function per type of event. Events of other types are passed over. */
  readonly on: Handlers<Event>;
  readonly types?: never;
  readonly handle?: never;
}

export interface HandlerOfTypes<Event extends DeliveredEvent, Type extends Event['type']> {
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

export type Handlers<Event extends DeliveredEvent> = {
  readonly [Type in Event['type']]?: Handler<Extract<Event, { readonly type: Type }>>;
};

/**
 * Handles one event. The event is acknowledged when it returns, or when the promise it returns is fulfilled; if it
 * throws, rejects or takes too long, the event comes again. Events it appends carry the correlation of the one it
 * handles.
 */
export type Handler<Event extends DeliveredEvent> = (event: Event, context: HandlerContext) => unknown;

export interface StopOptions {
  /** Milliseconds to wait for handlers under way; then at most 500 more for acknowledgements to leave. Default: 10,000. */
  readonly timeout?: number;
}
