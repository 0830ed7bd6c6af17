import type { RecordedEvent } from '@pipit/types-registry';
import type { DeadLetters } from './dead-letters.ts';
import type { Hub, HubOptions } from './hub.ts';
import type { StopOptions, SubscribeOptions } from './subscribe-options.ts';
import type { Topic, TopicEventOf } from './topics.ts';

export type { HandlerContext } from './handler-context.ts';
export type * from './subscribe-options.ts';

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

  /**
   * Joins a group of a topic of this store: all that `subscribe` says holds for the topic's events, with the key they
   * were published under where it says aggregate, and positions in the stream of topics. Groups of one name that
   * subscribe to events and to topics, or to several topics, are several groups.
   *
   * The stream of topics is made where there is none, with the replicas and storage of the store's.
   *
   * @throws InvalidSubscriptionError, UnknownEventTypeError, InvalidSubjectTokenError (the group's name), StoppedError
   */
  subscribeTopic<T extends Topic, const Type extends TopicEventOf<T>['type'] = never>(
    topic: T,
    options: SubscribeOptions<TopicEventOf<T>, Type>,
  ): Subscription;

  /**
   * Gathers subscriptions that are to be started and stopped as one.
   *
   * @throws InvalidHubError
   */
  hub(options?: HubOptions): Hub<Event>;

  /** What groups could not handle. */
  readonly deadLetters: DeadLetters;

  /** What this bus subscribes to, by its hubs as well, and has not ended. */
  readonly subscriptions: Iterable<Subscription>;

  /** Stops every subscription as its own `stop` does, and refuses new ones. */
  stop(options?: StopOptions): Promise<void>;
}

/** One member of a group. */
export interface Subscription {
  readonly group: string;
  /** The topic, where it is not subscribed to events of the store. */
  readonly topic: string | undefined;
  /**
   * Fulfilled when the group exists on the server, so that it gets every event from now on. Of types of events that
   * an older release which leads has no handler for, up to 3 s later.
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
   * How far the group is behind, all its members together. Waits for `ready`.
   *
   * Rejects as `ready` does; with GroupLostError where the group has been deleted; with ConnectionError where the server
   * cannot be asked. Not promised: that what was appended within the last milliseconds is counted.
   */
  lag(): Promise<GroupLag>;
  /**
   * Takes no more events, gives back those not begun, waits for the handlers under way and sends their
   * acknowledgements. Handlers still running when the time is up are aborted by their signal and their events given
   * back. It does not reject; calling it again waits for the same end.
   */
  stop(options?: StopOptions): Promise<void>;
}

export interface GroupLag {
  /**
   * Events that the group has not come to the end of: those not delivered yet, those under way, and those that wait for
   * their next try. Dead letters and what is parked behind them are not among them. Events of its aggregates that it has
   * no handler for are, until they are passed over.
   */
  readonly behind: number;
}
