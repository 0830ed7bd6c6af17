import { defineEvent } from '@pipit/types-registry';
import { beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { createSagas } from './create-sagas.ts';
import { defineSaga } from './define-saga.ts';
import { memorySagas } from './memory-sagas.ts';
import { recorded } from './publishing.fixture.ts';
import { type SagaTest, testSagas } from './spec/test-sagas.ts';
import { stuck } from './stuck.fixture.ts';

const Opened = defineEvent('opened', z.object({ id: z.string() }));
const Ordered = defineEvent('ordered', z.object({ id: z.string() }));
const Paid = defineEvent('paid', z.object({ order: z.string(), customer: z.string() }));
const Called = defineEvent('called', z.object({ order: z.string() }));
const logger = { info() {}, warn() {}, error() {} };

const first = defineSaga({
  name: 'changing',
  input: z.null(),
  events: [Opened, Called, Paid],
  startOn: { opened: ({ data }) => ({ id: data.id, input: null }) },
  correlate: { called: ({ data }) => data.order, paid: ({ data }) => data.order },
  steps: (saga) => saga.waitFor('call', 'called').waitFor('payment', 'paid'),
});
const second = defineSaga({
  name: 'changing',
  version: 2,
  input: z.null(),
  events: [Ordered, Paid],
  startOn: { ordered: ({ data }) => ({ id: data.id, input: null }) },
  correlate: { paid: ({ data }) => data.customer },
  steps: (saga) => saga.waitFor('payment', 'paid'),
});
const details = (id: string) => test.sagas.get({ name: 'changing', id });

let test: SagaTest;
beforeEach(() => {
  test = testSagas({ sagas: [first, second], logger });
});

it('events of all versions are asked for', async () => {
  const repository = memorySagas();
  const asked: string[][] = [];
  const sagas = createSagas({
    sagas: [second, first],
    repository: {
      ...repository,
      run(saga, driver, options) {
        asked.push(options.events.map(({ type }) => type).toSorted());
        return repository.run(saga, driver, options);
      },
    },
    logger,
  });
  expect(asked).toEqual([['called', 'opened', 'ordered', 'paid']]);
  await sagas.stop();
});

it('an event that starts only an older version starts nothing', async () => {
  await test.sagas.deliver(recorded(Opened, { id: 'a' }));
  await test.sagas.deliver(recorded(Ordered, { id: 'b' }));
  expect(await details('a')).toBeUndefined();
  expect(await details('b')).toMatchObject({ version: 2 });
});

it('an event belongs to the instances that their own version says', async () => {
  await test.sagas.start(first, 'one', null);
  await test.sagas.start(second, 'two', null);
  await test.sagas.deliver(recorded(Paid, { order: 'two', customer: 'one' }));
  await test.settled();
  expect((await details('one'))?.history.map(({ what }) => what)).not.toContain('event-received');
  expect((await details('two'))?.state).toBe('running');
  await test.sagas.deliver(recorded(Called, { order: 'one' }));
  await test.sagas.deliver(recorded(Paid, { order: 'one', customer: 'two' }));
  await test.settled();
  expect((await details('one'))?.state).toBe('completed');
  expect((await details('two'))?.state).toBe('completed');
});

it('an instance that has ended needs its version no more', async () => {
  const mended = defineSaga({
    name: 'stuck',
    version: 2,
    input: z.null(),
    steps: (saga) => saga.sleep('rest', 1),
  });
  const warned: unknown[] = [];
  const registered = [stuck];
  const ending = testSagas({ sagas: registered, logger: { ...logger, warn: (facts) => warned.push(facts) } });
  await ending.sagas.start(stuck, 'e', null);
  await ending.settled();
  registered[0] = mended as never;
  ending.resume();
  await ending.settled();
  warned.length = 0;
  await ending.sagas.abandon({ name: 'stuck', id: 'e' });
  await ending.settled();
  expect((await ending.sagas.get({ name: 'stuck', id: 'e' }))?.state).toBe('abandoned');
  expect(warned).toEqual([]);
});
