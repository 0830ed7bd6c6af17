import { expect, it } from 'vitest';
import { z } from 'zod';
import { defineSaga } from './define-saga.ts';
import { testSagas } from './spec/test-sagas.ts';

const logger = { info() {}, warn() {}, error() {} };

function withGetter(field: string): Error {
  return Object.defineProperty(new Error('boom'), field, {
    get() {
      throw new Error('do not look');
    },
  });
}

it.each<[string, unknown, object]>([
  ['nothing', undefined, { name: 'Error', message: 'undefined' }],
  ['what has no text', Object.create(null), { name: 'Error', message: 'what was thrown cannot be shown' }],
  ['an error that is frozen', Object.freeze(new TypeError('no')), { name: 'TypeError', message: 'no' }],
  ['whose message throws', withGetter('message'), { name: 'Error', message: 'its message cannot be shown' }],
  ['whose code throws', withGetter('code'), { name: 'Error', message: 'boom' }],
  ['whose message is no text', Object.assign(new Error('a'), { message: 5 }), { name: 'Error' }],
  ['whose name is no text', Object.assign(new Error('a'), { name: 5 }), { name: 'Error', message: 'a' }],
  ['larger than a message', new Error('x'.repeat(3_000_000)), { message: expect.stringContaining('cut') }],
])('a step that throws %s has failed as any other', async (_, thrown, error) => {
  const saga = defineSaga({
    name: 'throwing',
    input: z.null(),
    steps: (steps) =>
      steps.step('throw', {
        run() {
          throw thrown;
        },
        retry: { attempts: 1 },
      }),
  });
  const { sagas, settled } = testSagas({ sagas: [saga], logger });
  await sagas.start(saga, 's', null);
  await settled();
  const found = await sagas.get({ name: 'throwing', id: 's' });
  expect(found).toMatchObject({ state: 'compensated', failure: { step: 'throw', error } });
  expect(found?.failure?.error.message.length).toBeLessThan(3_000);
});
