import { setTimeout as delay } from 'node:timers/promises';
import { ConnectionError, decodeToken, type Logger } from '@pipit/types-registry';
import type { Alerts } from '../alerts.ts';
import type { Subscription } from '../bus.ts';
import { GroupLostError, GroupMismatchError, StoppedError, SubscribeFailedError } from '../bus-errors.ts';
import type { CheckedOptions } from '../check-subscribe-options.ts';
import type { OperationRecorder } from '../operations.ts';
import { within } from '../within.ts';
import { ensureGroup, isMissingConsumer } from './ensure-group.ts';
import type { EventSource } from './event-source.ts';
import { flushAcknowledgements } from './flush-acknowledgements.ts';
import type { GroupMember } from './group-context.ts';
import { type GroupPlace, groupPlace } from './group-place.ts';
import { type Insistence, insist } from './insist.ts';
import type { JetStreamLetters } from './letters/jetstream-letters.ts';
import { isMissingStream, type OpenStore } from './open-store.ts';
import { joinOrderedGroup } from './ordered/ordered-group.ts';
import { serverFailure } from './server-failure.ts';
import { joinSharedGroup } from './shared-group.ts';
import { untilUnreachable } from './until-unreachable.ts';

export interface SubscriptionContext {
  readonly store: OpenStore;
  readonly source: EventSource;
  readonly topic?: string;
  readonly letters: JetStreamLetters;
  readonly instance: string;
  /** The group's name on the server. */
  readonly consumer: string;
  /** The subject of what a group gets that asks for these. */
  readonly filterOf: (types: ReadonlySet<string>) => string;
  /** Tokens of the types of aggregates, or the topic, that this member has handlers for. */
  readonly asked: ReadonlySet<string>;
  /** Has to be done before the group can be made. */
  readonly prepare?: () => Promise<unknown>;
  readonly lease: number;
  readonly logger: Logger;
  readonly alerts: Alerts | undefined;
  readonly recorder: OperationRecorder | undefined;
}

export interface JetStreamSubscription extends Subscription {
  /** The connection is back. */
  reconnected(): void;
  /** The connection is closed, for good: by an error, or by whoever it belongs to. */
  disconnected(cause: Error | undefined): void;
}

const stopTimeout = 10_000;
/** Milliseconds for the last acknowledgements to leave, also where the time to stop is up. */
const flushTimeout = 500;

export function startSubscription(
  context: SubscriptionContext,
  options: CheckedOptions,
): JetStreamSubscription {
  const { store, source, consumer, filterOf, asked, letters, instance, logger, alerts, recorder, lease } =
    context;
  const { group, signal } = options;
  const facts = { store: store.name, group };
  const lookEvery = lease / 3;
  const ready = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  // They are for who looks; what goes wrong is logged.
  ready.promise.catch(() => {});
  closed.promise.catch(() => {});

  let member: GroupMember | undefined;
  let joining: Promise<void> | undefined;
  let noting: NodeJS.Timeout | undefined;
  let stopping: Promise<void> | undefined;
  const isOver = () => stopping !== undefined;
  const joiningPatience: Insistence = {
    isOver,
    onTrouble: (err) =>
      logger.warn({ ...facts, err }, `Group ${group} cannot begin yet: ${err.message}. It keeps asking`),
  };

  async function join(): Promise<void> {
    const { name } = store;
    let place: GroupPlace;
    try {
      await insist(async () => context.prepare?.(), joiningPatience);
      const added = await insist(() => ensure(options.from, asked), joiningPatience);
      if (added.length > 0) {
        const names = added.map((type) => decodeToken('aggregate type', type)).join(', ');
        logger.info({ ...facts, added }, `Group ${group} existed, and gets events of ${names} too`);
      }
      place = await insist(() => groupPlace(store, source.stream, consumer), joiningPatience);
      // Until the other members have looked, they would pass such events over.
      if (added.length > 0 && place.hadMembers) await delay(1.5 * lookEvery, undefined, { ref: false });
    } catch (cause) {
      const error =
        cause instanceof GroupMismatchError ? cause : new SubscribeFailedError(name, group, cause);
      return fail(error);
    }
    if (stopping !== undefined) return;
    // An outage is told of by those who wait for events.
    noting = setInterval(() => void place.note().catch(() => {}), lookEvery).unref();
    enter(place);
    ready.resolve();
  }

  function ensure(from: CheckedOptions['from'], types: ReadonlySet<string>): Promise<readonly string[]> {
    const { partitions } = options;
    return ensureGroup(store, {
      group,
      stream: source.stream,
      consumer,
      types,
      filterOf,
      from,
      partitions,
      lease,
    });
  }

  function enter(place: GroupPlace): void {
    const joinGroup = options.partitions === undefined ? joinSharedGroup : joinOrderedGroup;
    member = joinGroup({
      store,
      source,
      letters,
      options,
      consumer,
      asked,
      asksFor: (type) => place.asksFor(type),
      lease,
      instance,
      logger,
      alerts,
      recorder,
      onLost: (cause) => {
        if (stopping === undefined) joining = regain(place, cause);
      },
      onRefused: (cause) => fail(new SubscribeFailedError(store.name, group, cause)),
    });
  }

  /** The consumer was deleted. It is made again where the group is known to have been, so that nothing is left out. */
  async function regain(place: GroupPlace, cause: unknown): Promise<void> {
    try {
      const from = await insist(() => place.next(), { isOver });
      if (from === undefined) return fail(new GroupLostError(store.name, group, cause));
      const message =
        `The consumer of group ${group} was deleted, and is made again at position ${from}, where the group was known ` +
        'to be: events from there on may come again';
      logger.error({ ...facts, position: from, err: cause }, message);
      await endMember(stopTimeout);
      await insist(() => ensure(from, place.types), { isOver });
      if (stopping === undefined) enter(place);
    } catch (error) {
      if (isMissingStream(error)) return fail(new GroupLostError(store.name, group, error));
      fail(error instanceof GroupMismatchError ? error : new SubscribeFailedError(store.name, group, error));
    }
  }

  function fail(error: Error): void {
    if (stopping !== undefined) return;
    logger.error({ ...facts, err: error }, error.message);
    void end(stopTimeout, error);
  }

  function end(timeout: number, error?: Error): Promise<void> {
    stopping ??= shutDown(timeout, error);
    return stopping;
  }

  async function shutDown(timeout: number, error: Error | undefined): Promise<void> {
    signal?.removeEventListener('abort', onAbort);
    ready.reject(error ?? new StoppedError(`The subscription of group ${group}`));
    clearInterval(noting);
    await endMember(timeout, joining);
    if (error === undefined) closed.resolve();
    else closed.reject(error);
  }

  async function endMember(timeout: number, after?: Promise<void>): Promise<void> {
    const stopped = (async () => {
      await after;
      await member?.stop();
    })();
    const flush = () => flushAcknowledgements(store, group, flushTimeout, logger);
    const running = () => member?.running ?? 0;
    const decided = new AbortController();
    const unreachable = untilUnreachable(store, running, decided.signal);
    const inTime = await within(timeout, Promise.race([stopped, unreachable]));
    decided.abort();
    if (inTime) return flush();
    const count = running();
    if (count > 0) {
      const message = `Group ${group} stops without waiting for ${count} handlers, which did not end in ${timeout} ms`;
      logger.warn({ ...facts, count }, message);
    }
    member?.giveUp(new StoppedError(`The subscription of group ${group}`));
    // It gives their events back, and sends that off.
    await within(flushTimeout, stopped.then(flush));
  }

  const onAbort = () => void end(stopTimeout);
  if (signal?.aborted) onAbort();
  else {
    signal?.addEventListener('abort', onAbort, { once: true });
    joining = join();
  }

  return {
    group,
    topic: context.topic,
    ready: ready.promise,
    closed: closed.promise,
    async lag() {
      await ready.promise;
      try {
        const info = await store.manager.consumers.info(source.stream, consumer);
        return { behind: info.num_pending + info.num_ack_pending };
      } catch (cause) {
        if (isMissingConsumer(cause) || isMissingStream(cause))
          throw new GroupLostError(store.name, group, cause);
        const what = `The lag of group ${group} could not be read`;
        const advice = 'Ask again when the server answers.';
        throw serverFailure({ connection: store.connection, what, advice }, cause);
      }
    },
    stop: ({ timeout = stopTimeout } = {}) => end(timeout),
    reconnected: () => member?.reconnected(),
    disconnected: (cause) =>
      fail(
        new ConnectionError(
          'unreachable',
          [store.connection.getServer()],
          `The NATS connection was closed under group ${group}. Stop the bus before the connection; where it should ` +
            'outlive an outage, connect with maxReconnectAttempts: -1.',
          cause,
        ),
      ),
  };
}
