import type { Logger, RecordedEvent } from '@pipit/types-registry';
import type { StopOptions, SubscribeOptions, Subscription } from '../bus.ts';
import { StoppedError } from '../bus-errors.ts';
import type { Hub, HubOptions } from '../hub.ts';
import { HubFailedError, HubStartedError, InvalidHubError } from '../hub-errors.ts';
import type { Topic, TopicEventOf } from '../topics.ts';

/** What a hub needs of its bus. */
export interface HubBus<Event extends RecordedEvent> {
  readonly store: string;
  readonly logger: Logger;
  /** Checks the options of a subscription, and returns what begins it. */
  prepare<const Type extends Event['type'] = never>(
    options: SubscribeOptions<Event, Type>,
  ): () => Subscription;
  prepareTopic<T extends Topic, const Type extends TopicEventOf<T>['type'] = never>(
    topic: T,
    options: SubscribeOptions<TopicEventOf<T>, Type>,
  ): () => Subscription;
}

interface Prepared {
  readonly group: string;
  readonly begin: () => Subscription;
}

export function createHub<Event extends RecordedEvent>(
  { store, logger, prepare, prepareTopic }: HubBus<Event>,
  { signal, onFailure = 'continue' }: HubOptions = {},
): Hub<Event> {
  if (onFailure !== 'continue' && onFailure !== 'stop') {
    const shown = JSON.stringify(onFailure);
    throw new InvalidHubError('onFailure', `must be 'continue' or 'stop', not ${shown}`);
  }
  const prepared: Prepared[] = [];
  const running: Subscription[] = [];
  const closed = Promise.withResolvers<void>();
  // It is for who looks; what goes wrong is logged.
  closed.promise.catch(() => {});
  let starting: Promise<void> | undefined;
  let stopping: Promise<void> | undefined;
  let failure: HubFailedError | undefined;

  async function begin(): Promise<void> {
    if (stopping !== undefined) throw new StoppedError('The hub');
    const readies = prepared.map(beginOne);
    void Promise.all(running.map(watch)).then(settle);
    try {
      await Promise.all(readies);
    } catch (error) {
      await stop();
      throw error;
    }
  }

  async function beginOne({ group, begin }: Prepared): Promise<void> {
    try {
      const subscription = begin();
      running.push(subscription);
      await subscription.ready;
    } catch (error) {
      if (error instanceof StoppedError) throw error;
      failure ??= new HubFailedError(group, 'could not begin, and its hub is stopped', error);
      throw failure;
    }
  }

  async function watch({ group, closed }: Subscription): Promise<void> {
    try {
      await closed;
    } catch (cause) {
      failure ??= new HubFailedError(group, 'of a hub ended by itself', cause);
      if (onFailure === 'continue' || stopping !== undefined) return;
      const message = `Group ${group} ended by itself, and its hub stops the other groups`;
      logger.warn({ store, group }, message);
      void stop();
    }
  }

  function settle(): void {
    signal?.removeEventListener('abort', onAbort);
    if (failure === undefined) closed.resolve();
    else closed.reject(failure);
  }

  function stop(options?: StopOptions): Promise<void> {
    stopping ??= stopAll(options);
    return stopping;
  }

  async function stopAll(options: StopOptions | undefined): Promise<void> {
    if (starting === undefined) settle();
    await Promise.all(running.map((subscription) => subscription.stop(options)));
    await closed.promise.catch(() => {});
  }

  function requireOpen(group: string): void {
    if (stopping !== undefined) throw new StoppedError('The hub');
    if (starting !== undefined) throw new HubStartedError(group);
  }

  const onAbort = () => void stop();
  if (signal?.aborted) onAbort();
  else signal?.addEventListener('abort', onAbort, { once: true });

  return {
    subscribe(options) {
      requireOpen(options.group);
      prepared.push({ group: options.group, begin: prepare(options) });
    },
    subscribeTopic(topic, options) {
      requireOpen(options.group);
      prepared.push({ group: options.group, begin: prepareTopic(topic, options) });
    },
    start() {
      if (stopping !== undefined && failure === undefined) return Promise.reject(new StoppedError('The hub'));
      starting ??= begin();
      return starting;
    },
    stop,
    closed: closed.promise,
  };
}
