import type { Bus } from '@pipit/bus';
import { memoryBus, memorySchedules, memoryTopicLog } from '@pipit/bus/memory';
import { defineAggregate } from '@pipit/store';
import { memoryStore } from '@pipit/store/memory';
import { defineEvent } from '@pipit/types-registry';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { createSagas } from './create-sagas.ts';
import { defineSaga } from './define-saga.ts';
import { eventStoreSagas } from './event-store-sagas.ts';

const Asked = defineEvent('asked', z.object({}));
const Answered = defineEvent('answered', z.object({ question: z.string() }));
const Question = defineAggregate('question', {
  events: [Asked],
  initial: 0,
  evolve: { asked: (n) => n + 1 },
});
const Answer = defineAggregate('answer', {
  events: [Answered],
  initial: 0,
  evolve: { answered: (n) => n + 1 },
});

const asking = defineSaga({
  name: 'asking',
  input: z.null(),
  events: [Asked, Answered],
  startOn: { asked: ({ aggregate }) => ({ id: aggregate.id, input: null }) },
  correlate: { answered: ({ data }) => data.question },
  steps: (saga) => saga.waitFor('answer', 'answered'),
});

it('an event that is handled before what starts its instance is kept for it, and those behind it do not wait', async () => {
  const aggregates = [Question, Answer, asking.aggregate];
  const store = memoryStore({ name: 'questions', aggregates });
  const topics = memoryTopicLog('questions');
  const bus = memoryBus({ store, aggregates, topics }) as unknown as Bus;
  const repository = eventStoreSagas({ store, bus, schedules: memorySchedules(topics) });
  const logger = { info() {}, warn() {}, error() {} };
  const sagas = createSagas({ sagas: [asking], repository, logger });
  await sagas.ready;
  const stateOf = async (id: string) => (await sagas.get({ name: 'asking', id }))?.state;
  await store.append(Answer, 'all', Answered.create({ question: 'late' }));
  await store.append(Answer, 'all', Answered.create({ question: 'nobody asks this' }));
  await store.append(Question, 'other', Asked.create({}));
  await store.append(Answer, 'all', Answered.create({ question: 'other' }));
  await expect.poll(() => stateOf('other'), { timeout: 5_000 }).toBe('completed');
  await store.append(Question, 'late', Asked.create({}));
  await expect.poll(() => stateOf('late'), { timeout: 10_000 }).toBe('completed');
  await sagas.stop();
  await bus.stop();
  await store.close();
});
