import { setTimeout as delay } from 'node:timers/promises';
import { ConnectionError, encodeToken, type Logger } from '@pipit/types-registry';
import type { Alerts } from '../alerts.ts';
import type { Subscription } from '../bus.ts';
import { GroupLostError, GroupMismatchError, StoppedError, SubscribeFailedError } from '../bus-errors.ts';
import type { CheckedOptions } from '../check-subscribe-options.ts';
import type { OperationRecorder } from '../operations.ts';
import { within } from '../within.ts';
import type { EventSource } from './delivered-item.ts';
import { ensureGroup } from './ensure-group.ts';
import type { GroupMember } from './group-context.ts';
import type { JetStreamLetters } from './letters/jetstream-letters.ts';
import { isConnected, type OpenStore } from './open-store.ts';
import { joinOrderedGroup } from './ordered/ordered-group.ts';
import { joinSharedGroup } from './shared-group.ts';

export interface SubscriptionContext {
  readonly store: OpenStore;
  readonly source: EventSource;
  readonly letters: JetStreamLetters;
  readonly instance: string;
  /** The types of aggregates that may have these types of events. */
  readonly aggregateTypes: readonly string[];
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
/** Milliseconds for the server to take leave of a member without handlers under way. */
const farewell = 2_000;

export function startSubscription(
  context: SubscriptionContext,
  options: CheckedOptions,
): JetStreamSubscription {
  const { store, source, letters, instance, logger, alerts, recorder, lease } = context;
  const { group, signal } = options;
  const facts = { store: store.name, group };
  const ready = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  // They are for who looks; what goes wrong is logged.
  ready.promise.catch(() => {});
  closed.promise.catch(() => {});

  let member: GroupMember | undefined;
  let joining: Promise<void> | undefined;
  let stopping: Promise<void> | undefined;

  async function join(): Promise<void> {
    const consumer = encodeToken('group', group);
    const { layout, name } = store;
    const filters = context.aggregateTypes.map((type) => layout.typeFilter(name, type));
    try {
      const { from, partitions } = options;
      const added = await ensureGroup(store, {
        group,
        stream: name,
        consumer,
        filters,
        from,
        partitions,
        lease,
      });
      if (added.length > 0) {
        const message = `Group ${group} existed, and gets events of ${added.join(', ')} too from about now on`;
        logger.info({ ...facts, added }, message);
      }
    } catch (cause) {
      const error =
        cause instanceof GroupMismatchError ? cause : new SubscribeFailedError(name, group, cause);
      return fail(error);
    }
    if (stopping !== undefined) return;
    const asked = new Set(context.aggregateTypes.map((type) => encodeToken('aggregate type', type)));
    const joinGroup = options.partitions === undefined ? joinSharedGroup : joinOrderedGroup;
    member = joinGroup({
      store,
      source,
      letters,
      options,
      consumer,
      asked,
      lease,
      instance,
      logger,
      alerts,
      recorder,
      onLost: (cause) => fail(new GroupLostError(name, group, cause)),
      onRefused: (cause) => fail(new SubscribeFailedError(name, group, cause)),
    });
    ready.resolve();
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
    const stopped = (async () => {
      await joining;
      await member?.stop();
    })();
    const nothingToWaitFor = new AbortController();
    const inTime = await within(timeout, Promise.race([stopped, unreachable(nothingToWaitFor.signal)]));
    nothingToWaitFor.abort();
    if (!inTime) {
      const count = member?.running ?? 0;
      if (count > 0) {
        const message = `Group ${group} stops without waiting for ${count} handlers, which did not end in ${timeout} ms`;
        logger.warn({ ...facts, count }, message);
      }
      member?.giveUp(new StoppedError(`The subscription of group ${group}`));
      // It gives their events back, and sends that off.
      await within(flushTimeout, stopped.then(flush));
    } else await flush();
    if (error === undefined) closed.resolve();
    else closed.reject(error);
  }

  /** Fulfilled when no handler is under way and the server is not there, or does not answer: nothing else is worth it. */
  async function unreachable(done: AbortSignal): Promise<void> {
    let idleSince: number | undefined;
    while (!done.aborted) {
      const now = performance.now();
      idleSince = (member?.running ?? 0) > 0 ? undefined : (idleSince ?? now);
      if (idleSince !== undefined && (!isConnected(store) || now - idleSince > farewell)) return;
      await delay(20);
    }
  }

  async function flush(): Promise<void> {
    // Closed under the group, which has been logged, or by who stops it that way: what was not acknowledged comes again.
    if (store.connection.isClosed()) return;
    try {
      if (!isConnected(store)) throw new Error('the server is away');
      const answered = await within(flushTimeout, store.connection.flush());
      if (!answered) throw new Error(`no answer in ${flushTimeout} ms`);
    } catch (error) {
      const err = error as Error;
      const message = `Group ${group} stops, and its last acknowledgements may not have arrived, which means repeated events: ${err.message}`;
      logger.warn({ ...facts, err }, message);
    }
  }

  const onAbort = () => void end(stopTimeout);
  if (signal?.aborted) onAbort();
  else {
    signal?.addEventListener('abort', onAbort, { once: true });
    joining = join();
  }

  return {
    group,
    ready: ready.promise,
    closed: closed.promise,
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
