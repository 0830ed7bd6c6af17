import { defineAggregate } from '@pipit/store';
import { defineEvent } from '@pipit/types-registry';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { createSagas } from './create-sagas.ts';
import { defineSaga } from './define-saga.ts';
import { memoryEventStore } from './event-store.fixture.ts';
import { recorded } from './publishing.fixture.ts';
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
  const { store, repository } = memoryEventStore([Counter, saga.aggregate]);
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

it('an event that belongs to what cannot be an instance as well is handed to those that can', async () => {
  const Answered = defineEvent('answered', z.object({ sagas: z.array(z.string()) }));
  const saga = defineSaga({
    name: 'waiting',
    input: z.null(),
    events: [Answered],
    correlate: { answered: ({ data }) => data.sagas },
    steps: (steps) => steps.waitFor('answer', 'answered'),
  });
  const Office = defineAggregate('office', {
    events: [Answered],
    initial: null,
    evolve: { answered: () => null },
  });
  const { repository } = memoryEventStore([saga.aggregate, Office]);
  const sagas = createSagas({ sagas: [saga], repository, logger });
  await sagas.start(saga, 's', null);
  const event = recorded(Answered, { sagas: ['', 'x'.repeat(200), 's'] });
  await sagas.deliver({ ...event, time: new Date(0) });
  await expect.poll(async () => (await sagas.get({ name: 'waiting', id: 's' }))?.state).toBe('completed');
  await sagas.stop();
});
