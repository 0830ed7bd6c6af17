import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Bus, Schedules, Subscription, Topic } from '@pipit/bus';
import type { Aggregate, Change, EventStore } from '@pipit/store';
import { defineEvent, defineRegistry, PipitError, type RecordedEvent } from '@pipit/types-registry';
import { z } from 'zod';
import type { Saga } from './define-saga.ts';
import type { Effect } from './effect.ts';
import type { RunningSaga, RunOptions, SagaDriver, SagaRepository } from './repository.ts';
import type { SagaAggregate } from './saga-aggregate.ts';
import { triggers } from './saga-change.ts';
import { EffectFailedError, SagaBehindError, SagaMovedError } from './saga-errors.ts';
import { noSaga } from './saga-state.ts';
import { errorOf } from './thrown.ts';

export interface EventStoreSagasOptions {
  /** Holds the aggregates of the sagas, `saga.aggregate`, and those that their steps append to. */
  readonly store: Pick<EventStore, 'load' | 'exists' | 'append' | 'appendAll' | 'latest'>;
  /** Of that store. */
  readonly bus: Pick<Bus, 'subscribe' | 'subscribeTopic'>;
  /** Of that store. */
  readonly schedules: Pick<Schedules, 'at'>;
  /** Default: the system's. */
  readonly clock?: () => Date;
}

/** How often it is looked for a revision that a replica may not have yet. */
const looks = 10;
/** Milliseconds after which what starts an instance has been handled, where it came before. */
const onItsWay = 2_000;
/** How often effects are decided again where somebody else has appended to their aggregates. */
const decisions = 6;
/** Milliseconds: a step may take as long as its own timeout says. */
const unlimited = 2 ** 31 - 1;
/** For as long as the database or another service is away, and until a process with the right version is there. */
const retry = { attempts: 20, backoff: 500 } as const;

const timerDue = defineEvent('saga-timer-due', z.object({ id: z.string(), timer: z.number() }));
const { events: catalog } = defineRegistry({ events: [timerDue] });

/**
 * Keeps sagas in an event store: an instance is an aggregate, each of its transitions one event, appended together with
 * what the step appends. A group of the bus, `saga-<name>`, hands each instance to one process at a time; timers are
 * schedules of the store.
 */
export function eventStoreSagas({ store, bus, schedules, clock }: EventStoreSagasOptions): SagaRepository {
  const now = clock ?? (() => new Date());

  return {
    now,
    async load({ name, aggregate }, id, known = 0) {
      for (let look = 1; ; look += 1) {
        const { state, revision } = await store.load(aggregate, id);
        if (revision >= known) return { state, revision };
        if (look === looks) throw new SagaBehindError({ name, id }, known, revision);
        await delay(look * 10);
      }
    },
    async exists({ aggregate }, id, since) {
      // Counted, since this clock may be behind the one that tells `since`.
      const left = Math.min(onItsWay, since.getTime() + onItsWay - now().getTime());
      for (let wait = 0; ; wait += onItsWay / looks) {
        if (await store.exists(aggregate, id)) return true;
        if (wait > left) return false;
        await delay(onItsWay / looks);
      }
    },
    async append(saga, id, before, changes, effects = []) {
      const { aggregate } = saga;
      const events = changes.map(aggregate.eventOf);
      for (let decision = 1; ; decision += 1) {
        const own = { aggregate, id, events, expected: before.revision };
        try {
          const others = await Promise.all(effects.map((effect) => changeOf(effect)));
          const { events: stored, revision } = await appendTogether(own, others.filter(isChange));
          const state = stored.reduce(aggregate.evolve, before.state);
          return { state, revision, position: stored.at(-1)?.position ?? 0 };
        } catch (error) {
          if (!isConflict(error)) throw isOfEffects(error) ? new EffectFailedError(errorOf(error)) : error;
          const moved = error.aggregate;
          if (moved.type === aggregate.type && moved.id === id)
            throw new SagaMovedError({ name: saga.name, id }, before.revision);
          if (decision === decisions) throw error;
        }
      }
    },
    async *latest({ aggregate }, signal) {
      for await (const event of store.latest(aggregate, signal && { signal }))
        yield { ...aggregate.changeOf(event), id: event.aggregate.id };
    },
    async wakeAt({ name }, id, timer, time) {
      const schedule = createHash('sha256')
        .update(JSON.stringify([name, id, timer]))
        .digest('base64url');
      await schedules.at(`saga-${schedule}`, time, topicOf(name), id, timerDue.create({ id, timer }));
    },
    run: (saga, driver, options) => run(bus, saga, driver, options),
  };

  /** One aggregate without a batch, which takes the server less. */
  async function appendTogether(own: OwnChange, others: readonly Change<Aggregate>[]) {
    const { aggregate, id, events, expected } = own;
    if (others.length === 0) return await store.append(aggregate, id, events, { expected });
    const [result] = (await store.appendAll([own as Change<Aggregate>, ...others])).results;
    return result as Awaited<ReturnType<typeof store.append>>;
  }

  async function changeOf({ aggregate, id, decide, events }: Effect): Promise<Change<Aggregate> | undefined> {
    if (decide === undefined) return { aggregate, id, events: events ?? [] };
    const { state, revision } = await store.load(aggregate, id);
    try {
      const decided = decide(state);
      const isEmpty = Array.isArray(decided) && decided.length === 0;
      return isEmpty ? undefined : { aggregate, id, events: decided, expected: revision };
    } catch (error) {
      throw new EffectFailedError(errorOf(error));
    }
  }
}

type OwnChange = Change<SagaAggregate> & { readonly expected: number };

function isChange(change: Change<Aggregate> | undefined): change is Change<Aggregate> {
  return change !== undefined;
}

function run(
  bus: EventStoreSagasOptions['bus'],
  saga: Saga,
  driver: SagaDriver,
  { concurrency }: RunOptions,
): RunningSaga {
  const { name, aggregate, events } = saga;
  const group = `saga-${name}`;
  const common = { concurrency, retry, timeout: unlimited } as const;
  const subscriptions: Subscription[] = [
    bus.subscribe({
      ...common,
      group,
      types: triggers.map(aggregate.typeOf),
      handle(event, { signal, deliveryCount }) {
        const { id } = event.aggregate;
        // Delivered again, it is not all that has happened.
        const isAll = event.revision === 1 && deliveryCount === 1;
        const latest = isAll ? { state: aggregate.evolve(noSaga, event), revision: 1 } : undefined;
        return driver.drive(id, event.revision, signal, latest);
      },
    }),
    bus.subscribeTopic(topicOf(name), {
      ...common,
      group,
      on: { 'saga-timer-due': ({ data: { id, timer } }) => driver.wake(id, timer) },
    }),
  ];
  if (events.length > 0)
    subscriptions.push(
      bus.subscribe({
        ...common,
        // No name of another saga makes this one.
        group: `events-${group}`,
        from: 'new',
        types: events.map(({ type }) => type),
        handle: (event: RecordedEvent) => driver.receive(event),
      }),
    );
  return {
    ready: Promise.all(subscriptions.map(({ ready }) => ready)).then(() => undefined),
    async stop(options) {
      await Promise.all(subscriptions.map((subscription) => subscription.stop(options)));
    },
  };
}

/** Where the timers of a saga fire. */
function topicOf(name: string): Topic<string, typeof timerDue> {
  return { name: `saga-${name}-timers`, events: [timerDue], catalog };
}

interface Conflict extends PipitError {
  readonly aggregate: { readonly type: string; readonly id: string };
}

function isConflict(error: unknown): error is Conflict {
  return error instanceof PipitError && error.code === 'CONFLICT';
}

/** Errors of the store that say what is wrong with the events: to append them again would not help. */
const refusals = new Set([
  'DUPLICATE_EVENT_ID',
  'EVOLVE_FAILED',
  'INVALID_ARGUMENT',
  'INVALID_EVENT',
  'INVALID_PAYLOAD',
  'INVALID_SUBJECT_TOKEN',
  'KEY_TAKEN',
  'PAYLOAD_TOO_LARGE',
  'UNKNOWN_EVENT_TYPE',
]);

function isOfEffects(error: unknown): boolean {
  return error instanceof PipitError && refusals.has(error.code);
}
