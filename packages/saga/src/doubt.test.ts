import { defineAggregate } from '@pipit/store';
import { memoryStore } from '@pipit/store/memory';
import { defineEvent } from '@pipit/types-registry';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineSaga } from './define-saga.ts';
import { StepInDoubtError } from './saga-errors.ts';
import { testSagas } from './spec/test-sagas.ts';

const Counted = defineEvent('counted', z.object({ by: z.number() }));
const Counter = defineAggregate('counter', {
  events: [Counted],
  initial: 0,
  evolve: { counted: (sum, { data }) => sum + data.by },
});
const logger = { info() {}, warn() {}, error() {} };

/** One step, whose attempts do what they are told, and what it is undone with. */
function charging(attempts: readonly ((add: (by: number) => void, signal: AbortSignal) => unknown)[]) {
  const undone: { readonly wasDone: boolean; readonly result: unknown }[] = [];
  const saga = defineSaga({
    name: 'charging',
    input: z.null(),
    steps: (steps) =>
      steps
        .step('charge', {
          timeout: 20,
          retry: { attempts: attempts.length, backoff: 0 },
          run: async ({ attempt, append, signal }) =>
            await attempts[attempt - 1]?.((by) => append(Counter, 'c', Counted.create({ by })), signal),
          compensate: ({ wasDone, result, append }) => {
            undone.push({ wasDone, result });
            append(Counter, 'c', Counted.create({ by: -1 }));
          },
        })
        .step('fail', {
          retry: { attempts: 1 },
          run: () => {
            throw new Error('no');
          },
        }),
  });
  return { saga, undone };
}

async function run(attempts: Parameters<typeof charging>[0], dieAt?: number) {
  const { saga, undone } = charging(attempts);
  const store = memoryStore({ name: 'counters', aggregates: [Counter] });
  const test = testSagas({ sagas: [saga], store, logger, ...(dieAt !== undefined && { dieAt }) });
  await test.survive(() => test.sagas.start(saga, 'c', null));
  for (const _ of attempts) {
    test.clock.advance(1);
    await test.survive();
  }
  test.resume();
  const state = (await test.sagas.get({ name: 'charging', id: 'c' }))?.state;
  const sum = (await store.load(Counter, 'c')).state;
  await test.sagas.stop();
  return { state, undone, sum, awaits: test.awaits };
}

const fail = () => {
  throw new Error('declined');
};
const hang = (_: unknown, signal: AbortSignal) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

describe('a step that has failed', () => {
  it('is not undone where each attempt says that it did nothing', async () => {
    expect(await run([fail, fail])).toMatchObject({ state: 'compensated', undone: [], sum: 0 });
  });

  it('is undone where an attempt before the last was not over in time', async () => {
    const undone = [{ wasDone: false, result: undefined }];
    expect(await run([hang, fail])).toMatchObject({ state: 'compensated', undone, sum: 0 });
  });

  it('is undone where it says that it may have done its work', async () => {
    const unanswered = () => {
      throw new StepInDoubtError('no answer');
    };
    const undone = [{ wasDone: false, result: undefined }];
    expect(await run([unanswered, fail])).toMatchObject({ state: 'compensated', undone, sum: 0 });
  });

  it('is undone where it did its work, and what it appends is refused', async () => {
    const append = (add: (by: number) => void) => add('much' as never);
    const undone = [{ wasDone: false, result: undefined }];
    expect(await run([append])).toMatchObject({ state: 'compensated', undone, sum: 0 });
  });

  it('is undone where an attempt died with its process', async () => {
    const { awaits } = await run([fail]);
    const ends = [];
    for (let at = 1; at <= awaits; at += 1) ends.push(await run([fail], at));
    for (const { state, sum } of ends) expect([state, sum]).toEqual(['compensated', 0]);
    expect(ends.some(({ undone }) => undone.length === 1)).toBe(true);
  });
});

it('a step that is done is undone with its result, and with what its compensation appends', async () => {
  const done = (add: (by: number) => void) => {
    add(5);
    return 'receipt';
  };
  const undone = [{ wasDone: true, result: 'receipt' }];
  expect(await run([done])).toMatchObject({ state: 'compensated', undone, sum: 4 });
});
