import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Bus, Schedules } from '@pipit/bus';
import type { EventStore } from '@pipit/store';
import { PipitError } from '@pipit/types-registry';
import { withEffects } from './decide-effects.ts';
import type { SagaRepository } from './repository.ts';
import { runOnBus, timerDue, timersTopic } from './run-on-bus.ts';
import { SagaBehindError, SagaMovedError } from './saga-errors.ts';

export interface EventStoreSagasOptions {
  /** Holds the aggregates of the sagas, `saga.aggregate`, and those that their steps append to. */
  readonly store: Pick<EventStore, 'load' | 'exists' | 'execute' | 'append' | 'appendAll' | 'latest'>;
  /** Of that store. */
  readonly bus: Pick<Bus, 'subscribe' | 'subscribeTopic'>;
  /** Of that store. */
  readonly schedules: Pick<Schedules, 'at'>;
  /** Default: the system's. */
  readonly clock?: () => Date;
}

/** How often it is looked for a revision that a replica may not have yet. */
const looks = 10;

/**
 * Keeps sagas in an event store: an instance is an aggregate, each of its transitions one event, appended together with
 * what the step appends. A group of the bus, `saga-<name>`, hands each instance to one process at a time; timers are
 * schedules of the store.
 */
export function eventStoreSagas({ store, bus, schedules, clock }: EventStoreSagasOptions): SagaRepository {
  return {
    now: clock ?? (() => new Date()),
    async load({ name, aggregate }, id, known = 0) {
      for (let look = 1; ; look += 1) {
        const { state, revision } = await store.load(aggregate, id);
        if (revision >= known) return { state, revision };
        if (look === looks) throw new SagaBehindError({ name, id }, known, revision);
        await delay(look * 10);
      }
    },
    exists: ({ aggregate }, id) => store.exists(aggregate, id),
    async append({ name, aggregate }, id, before, changes, effects = []) {
      const own = { aggregate, id, events: changes.map(aggregate.eventOf), expected: before.revision };
      try {
        const { events, revision } = await withEffects(
          store,
          effects,
          { type: aggregate.type, id },
          async (others) => {
            // One aggregate without a batch, which takes the server less.
            if (others.length === 0) return await store.append(aggregate, id, own.events, own);
            const [result] = (await store.appendAll([own, ...others])).results;
            return result as Awaited<ReturnType<typeof store.append>>;
          },
        );
        const state = events.reduce(aggregate.evolve, before.state);
        return { state, revision, position: events.at(-1)?.position ?? 0 };
      } catch (error) {
        // Of other aggregates it is decided again.
        const isMoved = error instanceof PipitError && error.code === 'CONFLICT';
        throw isMoved ? new SagaMovedError({ name, id }, before.revision) : error;
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
      await schedules.at(`saga-${schedule}`, time, timersTopic(name), id, timerDue.create({ id, timer }));
    },
    run: (saga, driver, options) => runOnBus(bus, saga, driver, options),
  };
}
