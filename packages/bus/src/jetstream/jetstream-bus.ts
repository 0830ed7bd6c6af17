import type { NatsConnection, QueuedIterator, Status } from '@nats-io/nats-core';
import {
  defineRegistry,
  encodeToken,
  guardLogger,
  type Logger,
  processWarnings,
  type RecordedEvent,
} from '@pipit/types-registry';
import type { AggregateEvents } from '../aggregate-events.ts';
import type { Alerts } from '../alerts.ts';
import type { Bus } from '../bus.ts';
import { StoppedError } from '../bus-errors.ts';
import { type CheckedOptions, checkSubscribeOptions } from '../check-subscribe-options.ts';
import { groupToken } from '../group-token.ts';
import { createHub, type HubBus } from '../hub/create-hub.ts';
import type { Middleware } from '../middleware.ts';
import type { OperationRecorder } from '../operations.ts';
import { eventFilter, storeSource, topicSource } from './event-source.ts';
import { instanceName } from './instance.ts';
import { deadLetters } from './letters/dead-letters.ts';
import { ensureDeadStream } from './letters/dead-stream.ts';
import { jetStreamLetters } from './letters/jetstream-letters.ts';
import { type JetStreamPrefix, openStore } from './open-store.ts';
import { type JetStreamSubscription, type SubscriptionContext, startSubscription } from './subscription.ts';
import { ensureTopicsStream } from './topics/ensure-topics-stream.ts';
import { openTopicApi } from './topics/topic-api.ts';
import { topicFilter } from './topics/topic-subjects.ts';

export interface JetStreamBusOptions<A extends AggregateEvents = AggregateEvents> extends JetStreamPrefix {
  /** Yours: the bus neither opens nor closes it. It should reconnect without end (`maxReconnectAttempts: -1`). */
  readonly connection: NatsConnection;
  /** The name of the store whose events are delivered. It has to exist. */
  readonly store: string;
  /** The types of aggregates whose events can be subscribed to. */
  readonly aggregates: readonly A[];
  /** Default: process warnings (stderr, `process.on('warning')`) for what is a warning or an error. */
  readonly logger?: Logger;
  /** Behaviour around all handlers of this bus, the first outermost. */
  readonly use?: readonly Middleware[];
  /** Told of every dead letter. Yours: the bus does not close it. */
  readonly alerts?: Alerts;
  /** Of the store's operations: told how every event of theirs is handled. Default: nobody is told. */
  readonly recorder?: OperationRecorder;
}

/** Milliseconds after which the events of a member that died go to another. */
const defaultLease = 15_000;

/** @param lease the same for every member of every group, so it is no option. */
export async function openBus<Event extends RecordedEvent>(
  options: JetStreamBusOptions,
  lease = defaultLease,
): Promise<Bus<Event>> {
  const { connection, aggregates, alerts, recorder } = options;
  const logger = guardLogger(options.logger ?? processWarnings);
  const { events } = defineRegistry({ events: aggregates.flatMap((aggregate) => aggregate.events) });
  const store = await openStore(connection, options.store, options);
  await ensureDeadStream(store);
  const letters = jetStreamLetters(store);
  const source = storeSource(store.name, store.layout, events);
  const instance = instanceName();
  const subscriptions = new Set<JetStreamSubscription>();
  let stopping: Promise<unknown> | undefined;

  const statuses = connection.status() as QueuedIterator<Status>;
  void (async () => {
    for await (const { type } of statuses) {
      if (type === 'reconnect') for (const subscription of subscriptions) subscription.reconnected();
    }
  })();
  void connection.closed().then((cause) => {
    for (const subscription of subscriptions) subscription.disconnected(cause ?? undefined);
  });

  type Feed = Pick<SubscriptionContext, 'source' | 'topic' | 'consumer' | 'filterOf' | 'asked' | 'prepare'>;

  function start(checked: CheckedOptions, feed: Feed): JetStreamSubscription {
    if (stopping !== undefined) throw new StoppedError(`The bus of store ${store.name}`);
    const subscription = startSubscription(
      { store, letters, instance, lease, logger, alerts, recorder, ...feed },
      checked,
    );
    subscriptions.add(subscription);
    // Why it ends has been logged where it is an error.
    const leave = () => subscriptions.delete(subscription);
    void subscription.closed.then(leave, leave);
    return subscription;
  }

  async function ensureTopics(): Promise<void> {
    await ensureTopicsStream(await openTopicApi(connection, options), store.name);
  }

  const prepare: HubBus<Event>['prepare'] = (given) => {
    const checked = checkSubscribeOptions(events, given, { use: options.use, logger });
    const types = aggregates
      .filter((aggregate) => aggregate.events.some(({ type }) => checked.handlers.has(type)))
      .map(({ type }) => type);
    const feed: Feed = {
      source,
      consumer: groupToken(checked.group),
      filterOf: (tokens) => eventFilter(store, tokens),
      asked: new Set(types.map((type) => encodeToken('aggregate type', type))),
    };
    return () => start(checked, feed);
  };

  const prepareTopic: HubBus<Event>['prepareTopic'] = ({ name, catalog }, given) => {
    const checked = checkSubscribeOptions(catalog, given, { use: options.use, logger });
    const feed: Feed = {
      source: topicSource(store.name, catalog),
      topic: name,
      consumer: groupToken(checked.group, name),
      filterOf: () => topicFilter(store.name, name),
      asked: new Set([encodeToken('topic', name)]),
      prepare: ensureTopics,
    };
    return () => start(checked, feed);
  };

  return {
    deadLetters: deadLetters(store, letters),
    subscriptions,
    subscribe: (given) => prepare(given)(),
    subscribeTopic: (topic, given) => prepareTopic(topic, given)(),
    hub: (hubOptions) => createHub({ store: store.name, logger, prepare, prepareTopic }, hubOptions),
    async stop(stopOptions) {
      stopping ??= Promise.all([...subscriptions].map((subscription) => subscription.stop(stopOptions)));
      await stopping;
      statuses.stop();
    },
  };
}
