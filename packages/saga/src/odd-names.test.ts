import { expect, it } from 'vitest';
import { z } from 'zod';
import { defineSaga } from './define-saga.ts';
import { eventStoreSagas } from './event-store-sagas.ts';
import { testSagas } from './spec/test-sagas.ts';

const logger = { info() {}, warn() {}, error() {} };
const sleeping = (name: string, steps: readonly [string, ...string[]]) =>
  defineSaga({
    name,
    input: z.null(),
    steps: (saga) =>
      steps.reduce((list, step) => list.sleep(step as never, 1_000) as unknown as typeof saga, saga),
  });

it.each(['toString', 'constructor', '__proto__'])(
  'a step %s that was passed over is not undone',
  async (name) => {
    const undone: string[] = [];
    const saga = defineSaga({
      name: 'odd',
      input: z.null(),
      steps: (steps) =>
        steps
          .step(name as 'odd', { when: () => false, run: () => 1, compensate: () => void undone.push(name) })
          .step('other', { run: () => 1, compensate: () => void undone.push('other') })
          .step('fail', {
            run() {
              throw new Error('no');
            },
            retry: { attempts: 1 },
          }),
    });
    const { sagas, settled } = testSagas({ sagas: [saga], logger });
    await sagas.start(saga, 's', null);
    await settled();
    expect((await sagas.get({ name: 'odd', id: 's' }))?.state).toBe('compensated');
    expect(undone).toEqual(['other']);
  },
);

it('two steps are not one with both their names', async () => {
  const registered = [sleeping('odd', ['a', 'b'])];
  const logged: unknown[] = [];
  const test = testSagas({ sagas: registered, logger: { ...logger, warn: (facts) => logged.push(facts) } });
  await test.sagas.start(sleeping('odd', ['a', 'b']), 's', null);
  await test.settled();
  registered[0] = sleeping('odd', ['a\nb']);
  test.resume();
  test.clock.advance(3_600_000);
  await test.settled();
  expect(logged).toMatchObject([{ err: { code: 'SAGA_VERSION' } }]);
});

it('no two steps have the same key', async () => {
  const keys: string[] = [];
  const keyed = (name: string, step: string) =>
    defineSaga({
      name,
      input: z.null(),
      steps: (saga) => saga.step(step, { run: ({ key }) => void keys.push(key) }),
    });
  const odd = [keyed('a', 'b/c'), keyed('a/b', 'c'), keyed('a%2Fb', 'c')];
  const { sagas, settled } = testSagas({ sagas: odd, logger });
  await sagas.start(odd[0] as never, 'd', null as never);
  await sagas.start(odd[1] as never, 'd', null as never);
  await sagas.start(odd[1] as never, 'd/c', null as never);
  await sagas.start(odd[2] as never, 'd', null as never);
  await settled();
  expect(keys).toEqual(['a/d/b%2Fc', 'a%2Fb/d/c', 'a%2Fb/d%2Fc/c', 'a%252Fb/d/c']);
});

it('no two instances have the same timers', async () => {
  const set: string[] = [];
  const { wakeAt } = eventStoreSagas({
    store: {} as never,
    bus: {} as never,
    schedules: { at: async (id) => void set.push(id) },
  });
  await wakeAt(sleeping('a/b', ['rest']), 'c', 2, new Date());
  await wakeAt(sleeping('a', ['rest']), 'b/c', 2, new Date());
  await wakeAt(sleeping('a', ['rest']), 'b/c', 5, new Date());
  await wakeAt(sleeping('a', ['rest']), 'b/c', 5, new Date());
  expect(new Set(set).size).toBe(3);
});

it('a saga whose name is too long for what is made of it is refused', () => {
  expect(() => sleeping('x'.repeat(103), ['rest'])).not.toThrow();
  expect(() => sleeping('x'.repeat(104), ['rest'])).toThrow(
    expect.objectContaining({ code: 'INVALID_SUBJECT_TOKEN', message: expect.stringContaining('saga name') }),
  );
});
