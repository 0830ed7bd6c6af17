import type { Bus, Subscription, Topic } from '@pipit/bus';
import { defineEvent, defineRegistry, PipitError, type RecordedEvent } from '@pipit/types-registry';
import { z } from 'zod';
import type { Saga } from './define-saga.ts';
import type { RunningSaga, RunOptions, SagaDriver } from './repository.ts';
import { triggers } from './saga-change.ts';
import { noSaga } from './saga-state.ts';

/** Milliseconds: a step may take as long as its own timeout says. */
const unlimited = 2 ** 31 - 1;
/** Errors that stay as they are, however often it is tried: a dead letter tells of them. */
const lasting = new Set(['INVALID_SAGA_INPUT', 'INVALID_SUBJECT_TOKEN']);
/** For as long as a service is away, and until a process with the right version is there: in the end once a minute. */
const retry = {
  attempts: Number.MAX_SAFE_INTEGER,
  backoff: 500,
  when: (error: Error) => !(error instanceof PipitError && lasting.has(error.code)),
} as const;
/** Deliveries of an event whose instance was not started, or not yet: about half a minute, longer than a lease. */
const patience = 7;

export const timerDue = defineEvent('saga-timer-due', z.object({ id: z.string(), timer: z.number() }));
const { events: catalog } = defineRegistry({ events: [timerDue] });

/** Where the timers of a saga fire. */
export function timersTopic(name: string): Topic<string, typeof timerDue> {
  return { name: `timers-of-saga-${name}`, events: [timerDue], catalog };
}

/** Drives the instances of a saga, one process of all at a time each, by groups of the bus. */
export function runOnBus(
  bus: Pick<Bus, 'subscribe' | 'subscribeTopic'>,
  { name, aggregate }: Saga,
  driver: SagaDriver,
  { concurrency, events }: RunOptions,
): RunningSaga {
  const common = { concurrency, retry, timeout: unlimited } as const;
  const subscriptions: Subscription[] = [
    bus.subscribe({
      ...common,
      group: `saga-${name}`,
      types: triggers.map(aggregate.typeOf),
      handle(event, { signal, deliveryCount }) {
        const { id } = event.aggregate;
        const { revision } = event;
        const isAgain = deliveryCount > 1;
        // Delivered again, it is not all that has happened.
        const isAll = revision === 1 && !isAgain;
        const latest = isAll ? { state: aggregate.evolve(noSaga, event), revision } : undefined;
        return driver.drive({ id, revision, latest, isAgain }, signal);
      },
    }),
    bus.subscribeTopic(timersTopic(name), {
      ...common,
      group: `saga-${name}`,
      on: { 'saga-timer-due': ({ data: { id, timer } }) => driver.wake(id, timer) },
    }),
  ];
  if (events.length > 0)
    subscriptions.push(
      bus.subscribe({
        ...common,
        group: `events-of-saga-${name}`,
        // A saga that is new does not begin with the past.
        from: 'new',
        // One that waits for its instance to be started is not in the way of others.
        order: 'none',
        types: events.map(({ type }) => type),
        handle: (event: RecordedEvent, { deliveryCount }) => driver.receive(event, deliveryCount < patience),
      }),
    );
  return {
    ready: Promise.all(subscriptions.map(({ ready }) => ready)).then(() => undefined),
    async stop(options) {
      await Promise.all(subscriptions.map((subscription) => subscription.stop(options)));
    },
  };
}
