import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { defineSaga } from '../define-saga.ts';
import { testSagas } from './test-sagas.ts';
import { turnedClock } from './turned-clock.ts';

const logger = { info() {}, warn() {}, error() {} };
const unhandled: unknown[] = [];
const note = (error: unknown) => void unhandled.push(error);

beforeEach(() => void process.on('unhandledRejection', note));
afterEach(() => {
  process.off('unhandledRejection', note);
  unhandled.length = 0;
});

it('what comes due at once does not wait for the clock to be turned', async () => {
  const saga = defineSaga({
    name: 'quick',
    input: z.null(),
    steps: (steps) =>
      steps.sleep('rest', 0).step('try', {
        run({ attempt }) {
          if (attempt === 1) throw new Error('busy');
        },
        retry: { backoff: 0 },
      }),
  });
  const test = testSagas({ sagas: [saga], logger });
  await test.sagas.start(saga, 'q', null);
  await test.settled();
  expect((await test.sagas.get({ name: 'quick', id: 'q' }))?.state).toBe('completed');
});

it('an alarm for a time that has come rings later than it is set, and once, and not where it was silenced', async () => {
  const clock = turnedClock();
  const rung: string[] = [];
  clock.ringAt(clock.now(), () => rung.push('now'));
  clock.ringAt(new Date(0), () => rung.push('silenced'))();
  expect(rung).toEqual([]);
  await Promise.resolve();
  clock.advance(1);
  expect(rung).toEqual(['now']);
});

it('work that fails is told by `survive`, and nowhere else', async () => {
  const saga = defineSaga({ name: 'any', input: z.null(), steps: (steps) => steps.sleep('rest', 1) });
  const test = testSagas({ sagas: [saga], logger });
  await expect(test.survive(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  expect(unhandled).toEqual([]);
});
