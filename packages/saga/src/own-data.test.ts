import { expect, it } from 'vitest';
import { z } from 'zod';
import { defineSaga } from './define-saga.ts';
import { testSagas } from './spec/test-sagas.ts';

const logger = { info() {}, warn() {}, error() {} };

it('what a step does to its input and to results is seen by no other step, and is not kept', async () => {
  const seen: unknown[] = [];
  const saga = defineSaga({
    name: 'sorting',
    input: z.object({ list: z.any() }),
    steps: (steps) =>
      steps
        .step('list', { run: () => [2, 1] })
        .step('sort', {
          run: ({ input, results }) => {
            input.list.sort();
            results.list.sort();
          },
        })
        .step('see', { run: ({ input, results }) => void seen.push(input.list, results.list) }),
  });
  const { sagas, settled } = testSagas({ sagas: [saga], logger });
  await sagas.start(saga, 's', { list: ['b', 'a'] });
  await settled();
  expect(seen).toEqual([
    ['b', 'a'],
    [2, 1],
  ]);
  expect(await sagas.get({ name: 'sorting', id: 's' })).toMatchObject({
    state: 'completed',
    input: { list: ['b', 'a'] },
    results: { list: [2, 1] },
  });
});

it('options that are there without a value are as those that are not', () => {
  const retry = { attempts: undefined, backoff: undefined, when: undefined } as object;
  const { steps } = defineSaga({
    name: 'any',
    input: z.null(),
    steps: (saga) => saga.step('do', { run: () => 1, retry, compensateRetry: retry }),
  });
  expect(steps[0]).toMatchObject({
    retry: { attempts: 3, backoff: 1_000, when: expect.any(Function) },
    compensateRetry: { attempts: 5, backoff: 1_000, when: expect.any(Function) },
  });
});
