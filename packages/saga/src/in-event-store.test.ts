import { memoryBus, memoryGroups, memorySchedules, memoryTopicLog, turnedClock } from '@pipit/bus/memory';
import { defineAggregate } from '@pipit/store';
import { memoryStore } from '@pipit/store/memory';
import { defineEvent } from '@pipit/types-registry';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { createSagas } from './create-sagas.ts';
import { defineSaga } from './define-saga.ts';
import { eventStoreSagas } from './event-store-sagas.ts';
import type { StepContext } from './step.ts';

const Counted = defineEvent('counted', z.object({ n: z.number() }));
const aggregate = (type: string) =>
  defineAggregate(type, {
    events: [Counted],
    initial: { n: 0 },
    evolve: {
      counted(_, { data }) {
        if (data.n < 0) throw new Error('cannot count this');
        return data;
      },
    },
  });
const Counter = aggregate('counter');
const Stranger = aggregate('stranger');
const logger = { info() {}, warn() {}, error() {} };

async function failureOf(run: (context: StepContext) => void) {
  const saga = defineSaga({
    name: 'counting',
    input: z.null(),
    steps: (steps) => steps.step('count', { run: (context) => run(context), retry: { attempts: 1 } }),
  });
  const clock = turnedClock('2026-01-01T00:00:00Z');
  const aggregates = [Counter, saga.aggregate];
  const store = memoryStore({ name: 'effects', aggregates, clock: clock.now });
  const topics = memoryTopicLog('effects');
  const bus = memoryBus({ store, aggregates, topics, groups: memoryGroups(), logger });
  const repository = eventStoreSagas({
    store,
    bus,
    schedules: memorySchedules(topics, clock),
    clock: clock.now,
  });
  await store.append(Counter, 'broken', Counted.create({ n: -1 }));
  const sagas = createSagas({ sagas: [saga], repository, logger });
  await sagas.start(saga, 'c', null);
  const details = () => sagas.get({ name: 'counting', id: 'c' });
  await expect.poll(async () => (await details())?.state).toBe('compensated');
  await sagas.stop();
  return (await details())?.failure;
}

it('a decision on an aggregate that the store does not hold fails its step', async () => {
  const failure = await failureOf(({ execute }) => execute(Stranger, 's', () => Counted.create({ n: 1 })));
  expect(failure).toMatchObject({ step: 'count', reason: 'failed', error: { code: 'INVALID_ARGUMENT' } });
});

it('a decision on an aggregate whose state cannot be told fails its step', async () => {
  const failure = await failureOf(({ execute }) =>
    execute(Counter, 'broken', () => Counted.create({ n: 1 })),
  );
  expect(failure).toMatchObject({ step: 'count', reason: 'failed', error: { code: 'EVOLVE_FAILED' } });
});

it('an event belongs to no instance also by a clock that stands still before its time', async () => {
  const { exists } = eventStoreSagas({
    store: { exists: async () => false } as never,
    bus: {} as never,
    schedules: {} as never,
    clock: () => new Date(0),
  });
  const saga = defineSaga({ name: 'any', input: z.null(), steps: (steps) => steps.sleep('rest', 1) });
  expect(await exists(saga as never, 'a', new Date())).toBe(false);
});
