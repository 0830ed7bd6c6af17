import type { NatsConnection, QueuedIterator, Status } from '@nats-io/nats-core';
import {
  defineRegistry,
  guardLogger,
  type Logger,
  processWarnings,
  type RecordedEvent,
} from '@pipit/types-registry';
import type { AggregateEvents } from '../aggregate-events.ts';
import type { Alerts } from '../alerts.ts';
import type { Bus } from '../bus.ts';
import { StoppedError } from '../bus-errors.ts';
import { checkSubscribeOptions } from '../check-subscribe-options.ts';
import type { Middleware } from '../middleware.ts';
import type { OperationRecorder } from '../operations.ts';
import { instanceName } from './instance.ts';
import { deadLetters } from './letters/dead-letters.ts';
import { ensureDeadStream } from './letters/dead-stream.ts';
import { jetStreamLetters } from './letters/jetstream-letters.ts';
import { type JetStreamPrefix, openStore } from './open-store.ts';
import { type JetStreamSubscription, startSubscription } from './subscription.ts';

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
  const source = { store: store.name, layout: store.layout, events };
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

  return {
    deadLetters: deadLetters(store, letters),
    subscribe(given) {
      if (stopping !== undefined) throw new StoppedError(`The bus of store ${store.name}`);
      const checked = checkSubscribeOptions(events, given, { use: options.use, logger });
      const aggregateTypes = aggregates
        .filter((aggregate) => aggregate.events.some(({ type }) => checked.handlers.has(type)))
        .map(({ type }) => type);
      const subscription = startSubscription(
        { store, source, letters, instance, aggregateTypes, lease, logger, alerts, recorder },
        checked,
      );
      subscriptions.add(subscription);
      // Why it ends has been logged where it is an error.
      const leave = () => subscriptions.delete(subscription);
      void subscription.closed.then(leave, leave);
      return subscription;
    },
    async stop(stopOptions) {
      stopping ??= Promise.all([...subscriptions].map((subscription) => subscription.stop(stopOptions)));
      await stopping;
      statuses.stop();
    },
  };
}
