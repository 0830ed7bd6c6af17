import { defineAggregate } from '@pipit/store';
import { defineCommand, defineEvent } from '@pipit/types-registry';
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

it('a step sends a command to an aggregate, which decides on it; what it refuses fails the step', async () => {
  const Add = defineCommand('add', z.object({ n: z.int() }));
  const Sum = defineAggregate('sum', {
    events: [Counted],
    initial: { n: 0 },
    evolve: { counted: ({ n }, { data }) => ({ n: n + data.n }) },
    commands: [Add],
    decide: {
      add({ data }, { n }) {
        if (n + data.n > 5) throw new Error('too much');
        return Counted.create({ n: data.n });
      },
    },
  });
  const saga = defineSaga({
    name: 'adding',
    input: z.object({ n: z.number() }),
    steps: (steps) =>
      steps.step('add', {
        run: ({ input, execute }) => execute(Sum, 's', Add.create({ n: input.n })),
        retry: { attempts: 1 },
      }),
  });
  const { store, repository } = memoryEventStore([Sum, saga.aggregate]);
  const sagas = createSagas({ sagas: [saga], repository, logger });
  const end = async (id: string, n: number) => {
    await sagas.start(saga, id, { n });
    const details = () => sagas.get({ name: 'adding', id });
    await expect.poll(async () => (await details())?.state).toMatch(/^comp\w+ed$/);
    return (await details())?.failure?.error ?? 'done';
  };
  expect(await end('one', 3)).toBe('done');
  expect(await end('more', 3)).toMatchObject({ message: 'too much' });
  expect(await end('wrong', 0.5)).toMatchObject({ code: 'INVALID_PAYLOAD' });
  expect((await store.load(Sum, 's')).state).toEqual({ n: 3 });
  await sagas.stop();
});
