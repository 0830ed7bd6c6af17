import type { RecordedEvent } from '@pipit/types-registry';
import type { StopOptions, SubscribeOptions } from './subscribe-options.ts';
import type { Topic, TopicEventOf } from './topics.ts';

/**
 * Subscriptions of one bus that are started and stopped as one: `bus.hub()`, subscribe, `start`.
 *
 * A hub runs once. One that was stopped, or could not start, is not started again: make a new one.
 */
export interface Hub<Event extends RecordedEvent = RecordedEvent> {
  /**
   * Adds a subscription, with the options of `bus.subscribe`, and does not begin it.
   *
   * @throws what `bus.subscribe` throws for these options; HubStartedError after `start`; StoppedError after `stop`
   */
  subscribe<const Type extends Event['type'] = never>(options: SubscribeOptions<Event, Type>): void;

  /** Adds a subscription to a topic, as `subscribe` adds one to events. */
  subscribeTopic<T extends Topic, const Type extends TopicEventOf<T>['type'] = never>(
    topic: T,
    options: SubscribeOptions<TopicEventOf<T>, Type>,
  ): void;

  /**
   * Begins all subscriptions. Fulfilled when every group exists on the server, so that it gets every event from now
   * on. Calling it again waits for the same beginning.
   *
   * Rejects with HubFailedError where one of them cannot begin: then all have been stopped again. With StoppedError
   * where a stop came first.
   */
  start(): Promise<void>;

  /**
   * Stops all subscriptions at the same moment, each as its own `stop` does, so that one timeout bounds them all. It
   * does not reject; calling it again waits for the same end.
   */
  stop(options?: StopOptions): Promise<void>;

  /**
   * Fulfilled when all subscriptions have ended by a stop or by their signals. Rejects with HubFailedError, which names
   * the first group that ended by itself, when all the others have ended as well. Nobody has to look: what goes wrong
   * is logged too.
   */
  readonly closed: Promise<void>;
}

export interface HubOptions {
  /** Aborting it is `stop()`. */
  readonly signal?: AbortSignal;
  /**
   * What becomes of the others when a running subscription ends by itself, because it may not receive any more for
   * instance. `continue`: they go on. `stop`: they are stopped, so that `closed` rejects soon and the process can be
   * started anew. A handler that fails ends no subscription. Default: `continue`.
   */
  readonly onFailure?: 'continue' | 'stop';
}
