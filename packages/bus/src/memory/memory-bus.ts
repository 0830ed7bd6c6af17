import {
  defineRegistry,
  guardLogger,
  type Logger,
  processWarnings,
  type RecordedEvent,
} from '@pipit/types-registry';
import type { AggregateEvents } from '../aggregate-events.ts';
import type { Alerts } from '../alerts.ts';
import type { Bus, Subscription } from '../bus.ts';
import { GroupMismatchError, StoppedError } from '../bus-errors.ts';
import { type CheckedOptions, checkSubscribeOptions } from '../check-subscribe-options.ts';
import { handlerRuns } from '../delivery/handler-runs.ts';
import { createSlots } from '../delivery/slots.ts';
import { createWorker } from '../delivery/worker.ts';
import { groupToken } from '../group-token.ts';
import { createHub, type HubBus } from '../hub/create-hub.ts';
import type { Middleware } from '../middleware.ts';
import type { OperationRecorder } from '../operations.ts';
import type { GroupProcess } from '../ordered/group-members.ts';
import { within } from '../within.ts';
import { type EventFeed, type MemoryFeed, storeFeed, topicFeed } from './memory-feed.ts';
import { type MemoryGroup, memoryGroup } from './memory-group.ts';
import { type MemoryLetters, memoryLetters } from './memory-letters.ts';
import { type MemoryTopicLog, memoryTopicLog } from './topics/memory-topic-log.ts';

/** What the groups of a store have come to, shared by the buses of one process that are to be like several processes. */
export interface MemoryGroups {
  readonly groups: Map<string, MemoryGroup>;
  letters: MemoryLetters | undefined;
}

export interface MemoryBusOptions<A extends AggregateEvents = AggregateEvents> {
  readonly store: EventFeed;
  readonly aggregates: readonly A[];
  /** What `memoryTopics` of this store publishes to. Default: one that nobody publishes to. */
  readonly topics?: MemoryTopicLog;
  /** Default: groups of its own. */
  readonly groups?: MemoryGroups;
  /** Default: process warnings for what is a warning or an error. */
  readonly logger?: Logger;
  /** Behaviour around all handlers of this bus, the first outermost. */
  readonly use?: readonly Middleware[];
  /** Told of every dead letter. Yours: the bus does not close it. */
  readonly alerts?: Alerts;
  /** Of the store's operations: told how every event of theirs is handled. */
  readonly recorder?: OperationRecorder;
}

const stopTimeout = 10_000;
let buses = 0;

export function openMemoryBus<Event extends RecordedEvent>(options: MemoryBusOptions): Bus<Event> {
  const { store, aggregates, alerts, recorder, groups = { groups: new Map(), letters: undefined } } = options;
  const logger = guardLogger(options.logger ?? processWarnings);
  const { events } = defineRegistry({ events: aggregates.flatMap((aggregate) => aggregate.events) });
  groups.letters ??= memoryLetters(store.name, (letter) => groups.groups.get(letter.token)?.resume(letter));
  const { letters } = groups;
  const { topics = memoryTopicLog(store.name) } = options;
  buses += 1;
  const instance = `memory-${process.pid}-${buses}`;
  const subscriptions = new Set<Subscription>();
  let stopping: Promise<unknown> | undefined;
  let joined = 0;

  function groupOf(options: CheckedOptions, token: string, feed: MemoryFeed): MemoryGroup {
    const known = groups.groups.get(token);
    if (known === undefined) {
      const created = memoryGroup(
        { store: store.name, feed, token, letters, instance, logger, alerts, recorder },
        options,
      );
      groups.groups.set(token, created);
      return created;
    }
    if (known.partitions === options.partitions) return known;
    const [expected, actual] = [options.partitions, known.partitions];
    throw new GroupMismatchError(store.name, options.group, [{ setting: 'partitions', expected, actual }]);
  }

  function join(checked: CheckedOptions, token: string, feed: MemoryFeed): Subscription {
    const { group, handlers, concurrency, timeout, retry, signal } = checked;
    const ready = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    ready.promise.catch(() => {});
    closed.promise.catch(() => {});
    const runs = handlerRuns({ group, timeout, when: retry.when, logger });
    const work = createWorker({ store: store.name, group, handlers, runs, logger });
    const running = new Set<Promise<unknown>>();
    joined += 1;
    const member: GroupProcess = {
      id: `${instance}-${joined}`,
      slots: createSlots(concurrency),
      handles: (type) => handlers.has(type),
      attempt(item, deliveryCount) {
        const outcome = work(item, deliveryCount);
        if (!(outcome instanceof Promise)) return outcome;
        running.add(outcome);
        void outcome.then(() => running.delete(outcome));
        return outcome;
      },
    };
    let joinedGroup: MemoryGroup | undefined;
    let ending: Promise<void> | undefined;

    function end(timeout: number, error?: Error): Promise<void> {
      ending ??= shutDown(timeout, error);
      return ending;
    }

    async function shutDown(timeout: number, error: Error | undefined): Promise<void> {
      signal?.removeEventListener('abort', onAbort);
      ready.reject(error ?? new StoppedError(`The subscription of group ${group}`));
      joinedGroup?.leave(member);
      member.slots.close();
      const inTime = await within(timeout, Promise.all(running));
      if (!inTime) {
        const count = running.size;
        const message = `Group ${group} stops without waiting for ${count} handlers, which did not end in ${timeout} ms`;
        logger.warn({ store: store.name, group, count }, message);
        runs.giveUp(new StoppedError(`The subscription of group ${group}`));
        await Promise.all(running);
      }
      if (error === undefined) closed.resolve();
      else closed.reject(error);
    }

    const onAbort = () => void end(stopTimeout);
    if (signal?.aborted) onAbort();
    else {
      signal?.addEventListener('abort', onAbort, { once: true });
      try {
        joinedGroup = groupOf(checked, token, feed);
        joinedGroup.join(member, retry);
        ready.resolve();
      } catch (error) {
        logger.error({ store: store.name, group, err: error }, (error as Error).message);
        void end(stopTimeout, error as Error);
      }
    }
    return {
      group,
      topic: feed.topic,
      ready: ready.promise,
      closed: closed.promise,
      async lag() {
        await ready.promise;
        // Who is ready has joined it.
        return (joinedGroup as MemoryGroup).lag();
      },
      stop: ({ timeout = stopTimeout } = {}) => end(timeout),
    };
  }

  function start(checked: CheckedOptions, token: string, feed: MemoryFeed): Subscription {
    if (stopping !== undefined) throw new StoppedError(`The bus of store ${store.name}`);
    const subscription = join(checked, token, feed);
    subscriptions.add(subscription);
    const leave = () => subscriptions.delete(subscription);
    void subscription.closed.then(leave, leave);
    return subscription;
  }

  const prepare: HubBus<Event>['prepare'] = (given) => {
    const checked = checkSubscribeOptions(events, given, { use: options.use, logger });
    const token = groupToken(checked.group);
    return () => start(checked, token, storeFeed(store, events));
  };

  const prepareTopic: HubBus<Event>['prepareTopic'] = ({ name, catalog }, given) => {
    const checked = checkSubscribeOptions(catalog, given, { use: options.use, logger });
    const token = groupToken(checked.group, name);
    return () => start(checked, token, topicFeed(topics, name, catalog));
  };

  return {
    deadLetters: letters,
    subscriptions,
    subscribe: (given) => prepare(given)(),
    subscribeTopic: (topic, given) => prepareTopic(topic, given)(),
    hub: (hubOptions) => createHub({ store: store.name, logger, prepare, prepareTopic }, hubOptions),
    async stop(stopOptions) {
      stopping ??= Promise.all([...subscriptions].map((subscription) => subscription.stop(stopOptions)));
      await stopping;
    },
  };
}
