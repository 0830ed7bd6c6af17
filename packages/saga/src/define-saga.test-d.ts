import { defineEvent } from '@pipit/types-registry';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { defineSaga, type InputOf, type ResultsOf } from './define-saga.ts';
import { registerSteps } from './register-steps.ts';
import type { Sagas } from './sagas.ts';

const Checked = defineEvent('text-checked', z.object({ saga: z.string(), ok: z.boolean() }));

const publishing = defineSaga({
  name: 'publishing',
  input: z.object({ slug: z.string(), times: z.number().default(1) }),
  events: [Checked],
  startOn: { 'text-checked': ({ data }) => ({ id: data.saga, input: { slug: data.saga } }) },
  correlate: { 'text-checked': ({ data }) => data.saga },
  steps: (saga) =>
    saga
      .step('reserve', {
        run: ({ input, results, key }) => {
          expectTypeOf(input).toEqualTypeOf<{ slug: string; times: number }>();
          expectTypeOf(results).toEqualTypeOf<Record<never, never>>();
          expectTypeOf(key).toBeString();
          return Promise.resolve({ slug: input.slug });
        },
        compensate: ({ result }) => {
          expectTypeOf(result).toEqualTypeOf<{ slug: string } | undefined>();
        },
      })
      .waitFor('verdict', 'text-checked', { within: 1_000 })
      .waitFor('second', 'text-checked', { within: 1_000, late: 'go-on' })
      .waitFor('third', 'text-checked', { when: ({ input }) => input.times > 1 })
      .waitFor('fourth', 'text-checked', { within: 1, late: 'fail' as 'fail' | 'go-on' })
      .waitFor('fifth', 'text-checked', {
        within: 1,
        late: 'fail',
        when: ({ results }) => results.verdict.ok,
      })
      .waitFor('sixth', 'text-checked')
      .step('maybe', { when: ({ results }) => results.verdict.ok, run: () => 1 })
      .step('publish', {
        run: ({ results }) => {
          expectTypeOf(results.reserve).toEqualTypeOf<{ slug: string }>();
          expectTypeOf(results.verdict.ok).toBeBoolean();
          expectTypeOf(results.second).toEqualTypeOf<{ saga: string; ok: boolean } | undefined>();
          expectTypeOf(results.third).toEqualTypeOf<{ saga: string; ok: boolean } | undefined>();
          expectTypeOf(results.fourth).toEqualTypeOf<{ saga: string; ok: boolean } | undefined>();
          expectTypeOf(results.fifth).toEqualTypeOf<{ saga: string; ok: boolean } | undefined>();
          expectTypeOf(results.sixth).toEqualTypeOf<{ saga: string; ok: boolean }>();
          expectTypeOf(results.maybe).toEqualTypeOf<number | undefined>();
          return results.reserve.slug;
        },
      }),
});

test('input and results are inferred', () => {
  expectTypeOf<InputOf<typeof publishing>>().toEqualTypeOf<{ slug: string; times?: number | undefined }>();
  expectTypeOf<ResultsOf<typeof publishing>['publish']>().toBeString();
  expectTypeOf(publishing.name).toEqualTypeOf<'publishing'>();
});

test('an instance is started with what fits', () => {
  const { start } = {} as Sagas;
  void start(publishing, 'p1', { slug: 'a' });
  // @ts-expect-error slug is missing
  void start(publishing, 'p1', {});
  // @ts-expect-error slug is text
  void start(publishing, 'p1', { slug: 1 });
});

test('what makes no sense does not compile', () => {
  defineSaga({
    name: 'x',
    input: z.null(),
    events: [Checked],
    // @ts-expect-error there is no such event
    correlate: { other: () => 'x' },
    // @ts-expect-error there is no such event
    steps: (saga) => saga.waitFor('a', 'other'),
  });
  defineSaga({
    name: 'x',
    input: z.null(),
    events: [Checked],
    // @ts-expect-error there is no such option
    steps: (saga) => saga.waitFor('a', 'text-checked', { witin: 1 }),
  });
  defineSaga({
    name: 'x',
    input: z.null(),
    // @ts-expect-error a condition is asked there and then
    steps: (saga) => saga.step('a', { when: async () => true, run: () => 1 }),
  });
  defineSaga({
    name: 'x',
    input: z.null(),
    steps: (saga) =>
      saga
        .step('a', { run: () => 1 })
        // @ts-expect-error there is a step of this name
        .step('a', { run: () => 1 }),
  });
  defineSaga({
    name: 'x',
    input: z.null(),
    steps: (saga) =>
      saga
        // @ts-expect-error b comes later
        .step('a', { run: ({ results }) => results.b })
        .step('b', { run: () => 1 }),
  });
  defineSaga({
    name: 'x',
    input: z.null(),
    // @ts-expect-error nothing to run, and nothing said of its result
    steps: (saga) => saga.step('a', {}),
  });
  defineSaga({
    name: 'x',
    input: z.null(),
    steps: (saga) =>
      saga.step('a', {
        result: z.number(),
        // @ts-expect-error the result is a number
        run: () => 'one',
      }),
  });
});

test('functions are registered for steps that are there', () => {
  const declared = defineSaga({
    name: 'declared',
    input: z.object({ n: z.number() }),
    steps: (saga) => saga.step('double', { result: z.number() }),
  });
  registerSteps(declared).step('double', { run: ({ input }) => input.n * 2 });
  // @ts-expect-error there is no such step
  registerSteps(declared).step('triple', { run: () => 1 });
  // @ts-expect-error the result is a number
  registerSteps(declared).step('double', { run: () => 'two' });
});
