import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createSagas } from './create-sagas.ts';
import { defineSaga } from './define-saga.ts';
import { memorySagas } from './memory-sagas.ts';
import { Checked, publishingIn, recorded, Submitted, type World, world } from './publishing.fixture.ts';
import { registerSteps } from './register-steps.ts';
import type { SagaDetails } from './saga-details.ts';
import { type SagaTest, type SagaTestOptions, testSagas } from './spec/test-sagas.ts';

const hour = 3_600_000;
const name = 'publishing';

let outside: World;
let test: SagaTest;
let attention: SagaDetails[];
const open: SagaTest[] = [];
const logged: [string, object][] = [];
const log = (facts: object, message: string) => void logged.push([message, facts]);
const logger = { info: log, warn: log, error: log };

function opened(options: Partial<SagaTestOptions> = {}): SagaTest {
  const made = testSagas({
    sagas: [publishingIn(outside)],
    logger,
    onAttention: (saga) => attention.push(saga),
    ...options,
  });
  open.push(made);
  return made;
}

beforeEach(() => {
  outside = world();
  attention = [];
  logged.length = 0;
  test = opened();
});

afterEach(async () => {
  await Promise.all(open.splice(0).map(({ sagas }) => sagas.stop()));
});

const start = (id = 'p1') => test.sagas.start(publishingIn(outside), id, { slug: id });
const answer = (verdict: 'good' | 'bad', id = 'p1', eventId?: string) =>
  test.sagas.deliver(recorded(Checked, { saga: id, verdict }, eventId));
const state = async (id = 'p1') => (await test.sagas.get({ name, id }))?.state;
const kinds = async (id = 'p1') => (await test.sagas.get({ name, id }))?.history.map(({ what }) => what);

describe('a saga', () => {
  it('does its steps in order, waits for its event, and ends with what each step returned', async () => {
    expect(await start()).toEqual({ name, id: 'p1', isNew: true, position: undefined });
    await test.settled();
    expect(outside.calls).toEqual(['publishing/p1/reserve', 'publishing/p1/ask']);
    expect(await test.sagas.get({ name, id: 'p1' })).toMatchObject({
      state: 'running',
      waitingFor: { step: 'verdict', event: 'text-checked', until: new Date('2026-01-01T01:00:00Z') },
    });
    await answer('good');
    await test.settled();
    expect(await test.sagas.get({ name, id: 'p1' })).toMatchObject({
      name,
      id: 'p1',
      version: 1,
      state: 'completed',
      waitingFor: undefined,
      input: { slug: 'p1' },
      results: { reserve: { slug: 'p1' }, verdict: { verdict: 'good' }, publish: '/posts/p1' },
    });
    expect(await kinds()).toEqual([
      'started',
      'step-succeeded',
      'step-succeeded',
      'waiting',
      'event-received',
      'step-succeeded',
      'step-succeeded',
      'step-succeeded',
    ]);
  });

  it('undoes what was done, the last first, where a step fails for good', async () => {
    await start();
    await test.settled();
    await answer('bad');
    await test.settled();
    expect(await test.sagas.get({ name, id: 'p1' })).toMatchObject({
      state: 'compensated',
      failure: { step: 'publish', reason: 'failed', error: { name: 'RefusedError' } },
      rollback: [],
    });
    expect(outside.calls.slice(2)).toEqual([
      'publishing/p1/ask/compensate',
      'publishing/p1/reserve/compensate',
    ]);
  });

  it('undoes what was done where its event does not come in time', async () => {
    await start();
    await test.settled();
    test.clock.advance(hour - 1);
    await test.settled();
    expect(await state()).toBe('running');
    test.clock.advance(1);
    await test.settled();
    expect(await state()).toBe('compensated');
    await answer('good');
    await test.settled();
    expect(await state()).toBe('compensated');
  });

  it('keeps an event that comes before it is waited for, and takes each event once', async () => {
    const held = Promise.withResolvers<void>();
    outside.breaks((key) => (key.endsWith('ask') ? held.promise : undefined));
    await start();
    await answer('good', 'p1', 'e1');
    await answer('good', 'p1', 'e1');
    held.resolve();
    await test.settled();
    expect(await state()).toBe('completed');
    expect((await kinds())?.filter((kind) => kind === 'event-received')).toHaveLength(1);
  });

  it('is started by an event, once however often that comes', async () => {
    const event = recorded(Submitted, { slug: 'hello' });
    await test.sagas.deliver(event);
    await test.sagas.deliver(event);
    await test.settled();
    expect(outside.calls).toEqual(['publishing/p1/reserve', 'publishing/p1/ask']);
  });

  it('is started once with one input, and refused with another', async () => {
    await start();
    expect(await start()).toMatchObject({ isNew: false });
    const other = test.sagas.start(publishingIn(outside), 'p1', { slug: 'another' });
    await expect(other).rejects.toMatchObject({ code: 'SAGA_EXISTS', id: 'p1' });
  });

  it('passes over a step that its data say is not to be done', async () => {
    await test.sagas.start(publishingIn(outside), 'p1', { slug: 'p1', isQuiet: true });
    await test.settled();
    await answer('good');
    await test.settled();
    expect(await state()).toBe('completed');
    expect((await kinds())?.at(-1)).toBe('steps-skipped');
    expect(outside.calls).not.toContain('publishing/p1/tell');
  });

  it('that an event belongs to and is not there is passed over, and told', async () => {
    await answer('good', 'nobody');
    expect(await state('nobody')).toBeUndefined();
    expect(logged.map(([message]) => message)).toContain('an event belongs to no saga');
  });

  it.each(['a.b', '*', '>', 'x y', '🪶', 'a/b'])('may have the id %j', async (id) => {
    await start(id);
    await test.settled();
    await answer('good', id);
    await test.settled();
    expect(await state(id)).toBe('completed');
  });
});

describe('a step', () => {
  it('is tried again later, each time a little later than before', async () => {
    outside.breaks((key, attempt) => {
      if (key.endsWith('reserve') && attempt < 3) throw new Error(`down ${attempt}`);
    });
    await start();
    await test.settled();
    expect((await test.sagas.get({ name, id: 'p1' }))?.waitingFor).toEqual({
      step: 'reserve',
      until: new Date('2026-01-01T00:00:01Z'),
      attempt: 2,
    });
    test.clock.advance(1_000);
    await test.settled();
    test.clock.advance(1_999);
    await test.settled();
    expect(outside.calls).toHaveLength(2);
    test.clock.advance(1);
    await test.settled();
    expect(outside.effects).toEqual(['publishing/p1/ask', 'publishing/p1/reserve']);
    expect(await state()).toBe('running');
  });

  it('that failed in all attempts is not undone itself, since it did nothing', async () => {
    outside.breaks((key) => {
      if (key.endsWith('/ask')) throw new Error('down');
    });
    await start();
    await test.settled();
    for (let turn = 0; turn < 2; turn += 1) {
      test.clock.advance(60_000);
      await test.settled();
    }
    expect(await state()).toBe('compensated');
    expect(outside.calls.filter((key) => key.endsWith('compensate'))).toEqual([
      'publishing/p1/reserve/compensate',
    ]);
  });

  it('that hangs is told by its signal, and undone as well, since nobody knows what it did', async () => {
    const signals: AbortSignal[] = [];
    const undone: unknown[] = [];
    const late = Promise.withResolvers<void>();
    const hanging = defineSaga({
      name: 'hanging',
      input: z.null(),
      steps: (saga) =>
        saga.step('hang', {
          timeout: 20,
          retry: { attempts: 1 },
          run: async ({ signal }) => {
            signals.push(signal);
            await late.promise;
            return 'too late';
          },
          compensate: ({ result }) => void undone.push(result),
        }),
    });
    test = opened({ sagas: [hanging] });
    await test.sagas.start(hanging, 'h', null);
    await test.settled();
    late.resolve();
    await test.settled();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(undone).toEqual([undefined]);
    expect(await test.sagas.get({ name: 'hanging', id: 'h' })).toMatchObject({
      state: 'compensated',
      results: {},
      failure: { reason: 'timed-out', error: { code: 'STEP_TIMEOUT' } },
    });
  });

  it.each([
    ['does not fit its schema', { n: 'one' }, 'n'],
    ['cannot be kept as JSON', { n: 1, at: new Date(0) }, 'at'],
  ])('whose result %s has failed, and is undone', async (_, result, place) => {
    let undone = 0;
    const counting = defineSaga({
      name: 'counting',
      input: z.null(),
      steps: (saga) =>
        saga.step('count', {
          result: z.looseObject({ n: z.number() }),
          run: () => result as never,
          compensate: () => {
            undone += 1;
          },
        }),
    });
    test = opened({ sagas: [counting] });
    await test.sagas.start(counting, 'c', null);
    await test.settled();
    const details = await test.sagas.get({ name: 'counting', id: 'c' });
    expect(details).toMatchObject({ state: 'compensated', failure: { reason: 'mismatch' } });
    expect(details?.failure?.error.message).toContain(place);
    expect(undone).toBe(1);
  });

  it('whose condition throws has failed', async () => {
    const picky = defineSaga({
      name: 'picky',
      input: z.null(),
      steps: (saga) =>
        saga.step('pick', {
          when: () => {
            throw new Error('cannot say');
          },
          run: () => 1,
        }),
    });
    test = opened({ sagas: [picky] });
    await test.sagas.start(picky, 'p', null);
    await test.settled();
    expect(await test.sagas.get({ name: 'picky', id: 'p' })).toMatchObject({
      state: 'compensated',
      failure: { step: 'pick', error: { message: 'cannot say' } },
    });
  });

  it('may be a time to wait for', async () => {
    const napping = defineSaga({
      name: 'napping',
      input: z.null(),
      steps: (saga) => saga.sleep('nap', 500).step('wake', { run: () => 'awake' }),
    });
    test = opened({ sagas: [napping] });
    await test.sagas.start(napping, 'n', null);
    await test.settled();
    expect((await test.sagas.get({ name: 'napping', id: 'n' }))?.waitingFor).toEqual({
      step: 'nap',
      until: new Date('2026-01-01T00:00:00.500Z'),
    });
    test.clock.advance(500);
    await test.settled();
    expect(await test.sagas.get({ name: 'napping', id: 'n' })).toMatchObject({
      state: 'completed',
      results: { wake: 'awake' },
    });
  });
});

describe('a compensation that fails for good', () => {
  async function stuck() {
    outside.breaks((key) => {
      if (key.endsWith('ask/compensate')) throw new Error('cannot take it back');
    });
    await start();
    await test.settled();
    await answer('bad');
    await test.settled();
    for (let turn = 0; turn < 4; turn += 1) {
      expect(await state()).toBe('compensating');
      test.clock.advance(60_000);
      await test.settled();
    }
  }

  it('needs attention, and says everything a person has to know', async () => {
    await stuck();
    expect(await test.sagas.get({ name, id: 'p1' })).toMatchObject({
      state: 'needs-attention',
      rollback: ['ask', 'reserve'],
      failure: { step: 'publish' },
      attention: { step: 'ask', error: { message: 'cannot take it back' } },
      waitingFor: undefined,
    });
    expect(attention.map(({ id, state }) => [id, state])).toEqual([['p1', 'needs-attention']]);
    expect(outside.calls).not.toContain('publishing/p1/reserve/compensate');
  });

  it('goes on where a person says to try it again', async () => {
    await stuck();
    outside.breaks(() => {});
    await test.sagas.retry({ name, id: 'p1' }, 'ada');
    await test.settled();
    expect(await state()).toBe('compensated');
    expect(outside.effects).toContain('publishing/p1/ask/compensate');
    const { history } = (await test.sagas.get({ name, id: 'p1' })) as SagaDetails;
    expect(history.find(({ what }) => what === 'resumed')).toMatchObject({ action: 'retry', by: 'ada' });
  });

  it('is passed over where a person says that it is done', async () => {
    await stuck();
    await test.sagas.skip({ name, id: 'p1' });
    await test.settled();
    expect(await state()).toBe('compensated');
    expect(outside.calls.at(-1)).toBe('publishing/p1/reserve/compensate');
  });

  it('ends the saga where a person gives it up', async () => {
    await stuck();
    await test.sagas.abandon({ name, id: 'p1' });
    await test.settled();
    expect(await state()).toBe('abandoned');
    expect(outside.calls).not.toContain('publishing/p1/reserve/compensate');
  });

  it('is not told how to go on where nobody needs to', async () => {
    await start();
    await expect(test.sagas.retry({ name, id: 'p1' })).rejects.toMatchObject({ code: 'NO_ATTENTION_NEEDED' });
    await expect(test.sagas.skip({ name, id: 'none' })).rejects.toMatchObject({ code: 'SAGA_NOT_FOUND' });
    await expect(test.sagas.abandon({ name: 'none', id: 'p1' })).rejects.toMatchObject({
      code: 'UNKNOWN_SAGA',
    });
  });
});

describe('a list of sagas', () => {
  it('can be told by name, state and age', async () => {
    await start('one');
    await start('two');
    await test.settled();
    test.clock.advance(1_000);
    await answer('good', 'two');
    await test.settled();
    const ids = async (query = {}) =>
      (await Array.fromAsync(test.sagas.list(query))).map(({ id }) => id).toSorted();
    expect(await ids()).toEqual(['one', 'two']);
    expect(await ids({ name, state: 'running' })).toEqual(['one']);
    expect(await ids({ state: ['completed', 'compensated'] })).toEqual(['two']);
    expect(await ids({ older: new Date('2026-01-01T00:00:01Z') })).toEqual(['one']);
    await expect(ids({ name: 'none' })).rejects.toMatchObject({ code: 'UNKNOWN_SAGA' });
    const [one] = await Array.fromAsync(test.sagas.list({ state: 'running' }));
    expect(one?.waitingFor).toMatchObject({ step: 'verdict', event: 'text-checked' });
  });
});

describe('a changed definition', () => {
  const counting = (version: number, names: readonly string[]) =>
    defineSaga({
      name: 'counting',
      version,
      input: z.null(),
      steps: (saga) =>
        names.reduce((steps, step) => steps.sleep(step as never, 1_000) as unknown as typeof saga, saga),
    });

  it('leaves instances with the version they began with, and their events', async () => {
    const first = defineSaga({
      name: 'counting',
      input: z.null(),
      events: [Checked],
      correlate: { 'text-checked': ({ data }) => data.saga },
      steps: (saga) => saga.waitFor('answer', 'text-checked').step('count', { run: () => 'one' }),
    });
    const second = defineSaga({
      name: 'counting',
      version: 2,
      input: z.null(),
      steps: (saga) => saga.step('count', { run: () => 'two' }),
    });
    const registered: (typeof first | typeof second)[] = [first];
    test = opened({ sagas: registered });
    await test.sagas.start(first, 'c', null);
    await test.settled();
    registered.unshift(second);
    test.resume();
    await test.sagas.start(second, 'd', null);
    await answer('good', 'c');
    await test.settled();
    const ends = ['c', 'd'].map((id) => test.sagas.get({ name: 'counting', id }));
    expect(await Promise.all(ends)).toMatchObject([
      { version: 1, state: 'completed', results: { count: 'one' } },
      { version: 2, state: 'completed', results: { count: 'two' } },
    ]);
  });

  it('that is not registered starts nothing', async () => {
    const other = { ...publishingIn(outside), version: 7 };
    const started = test.sagas.start(other, 'p1', { slug: 'p1' });
    await expect(started).rejects.toMatchObject({ code: 'UNKNOWN_SAGA_VERSION', version: 7 });
  });

  it.each([
    ['is not registered', counting(2, ['a'])],
    ['has other steps', counting(1, ['b', 'a'])],
  ])('is refused for an instance whose version %s, and tried again', async (_, changed) => {
    const first = counting(1, ['a', 'b']);
    const registered = [first];
    test = opened({ sagas: registered });
    await test.sagas.start(first, 'c', null);
    await test.settled();
    registered[0] = changed as typeof first;
    test.resume();
    test.clock.advance(1_000);
    await test.settled();
    expect(logged.at(-1)?.[1]).toMatchObject({ id: 'c', err: { code: 'SAGA_VERSION', version: 1 } });
    registered[0] = first;
    test.resume();
    await test.settled();
    test.clock.advance(5_000);
    await test.settled();
    expect((await test.sagas.get({ name: 'counting', id: 'c' }))?.state).toBe('completed');
  });
});

describe('steps that are registered by name', () => {
  const declared = defineSaga({
    name: 'declared',
    input: z.object({ n: z.number() }),
    steps: (saga) =>
      saga.step('double', { result: z.number() }).step('tell', { result: z.string() }).sleep('rest', 0),
  });

  it('are refused at start where they are missing, by their names', () => {
    const some = registerSteps(declared).step('double', { run: ({ input }) => input.n * 2 });
    expect(() => createSagas({ sagas: [some.saga] })).toThrow(
      expect.objectContaining({ code: 'MISSING_STEPS', saga: 'declared', steps: ['tell'] }),
    );
    const all = some.step('tell', { run: () => 'told' });
    expect(() => all.step('tell', { run: () => 'twice' })).toThrow('already');
    expect(() => registerSteps(declared).step('rest' as 'tell', { run: () => '' })).toThrow('double, tell');
  });

  it('are refused where they are to be undone, and nobody says how', () => {
    const undone = defineSaga({
      name: 'undone',
      input: z.null(),
      steps: (saga) => saga.step('charge', { result: z.number(), compensates: true }),
    });
    const { saga } = registerSteps(undone).step('charge', { run: () => 1 });
    expect(() => createSagas({ sagas: [saga] })).toThrow(
      expect.objectContaining({ code: 'MISSING_STEPS', steps: ['charge/compensate'] }),
    );
  });

  it('are done as any other', async () => {
    const { saga } = registerSteps(declared)
      .step('double', { run: ({ input }) => input.n * 2 })
      .step('tell', { run: ({ results }) => `it is ${results.double}` });
    test = opened({ sagas: [saga] });
    await test.sagas.start(saga, 'd', { n: 2 });
    await test.settled();
    test.clock.advance(0);
    await test.settled();
    expect(await test.sagas.get({ name: 'declared', id: 'd' })).toMatchObject({
      state: 'completed',
      results: { double: 4, tell: 'it is 4' },
    });
  });
});

describe('what a saga is started with', () => {
  it('is what its schema makes of it, the same for each step', async () => {
    const made = defineSaga({
      name: 'made',
      input: z.object({ token: z.string().default(() => crypto.randomUUID()) }),
      steps: (saga) =>
        saga
          .step('one', { run: ({ input }) => input.token })
          .sleep('nap', 1)
          .step('two', { run: ({ input }) => input.token }),
    });
    test = opened({ sagas: [made] });
    await test.sagas.start(made, 'm', {});
    await test.settled();
    test.resume();
    test.clock.advance(1);
    await test.settled();
    const { input, results } = (await test.sagas.get({ name: 'made', id: 'm' })) as SagaDetails;
    expect(results).toEqual({ one: results['two'], two: results['one'] });
    expect(input).toEqual({ token: results['one'] });
  });
});

describe('an event', () => {
  it('for several instances, and for several sagas, comes to each of them', async () => {
    const listening = (name: string) =>
      defineSaga({
        name,
        input: z.null(),
        events: [Checked],
        correlate: { 'text-checked': ({ data }) => data.saga.split(' ') },
        steps: (saga) => saga.waitFor('answer', 'text-checked'),
      });
    const [one, other] = [listening('one'), listening('other')];
    test = opened({ sagas: [one, other] });
    for (const saga of [one, other]) for (const id of ['a', 'b']) await test.sagas.start(saga, id, null);
    await test.settled();
    await answer('good', 'a b * nobody');
    await test.settled();
    const ended = await Array.fromAsync(test.sagas.list({ state: 'completed' }));
    expect(ended.map(({ name, id }) => `${name} ${id}`).toSorted()).toEqual([
      'one a',
      'one b',
      'other a',
      'other b',
    ]);
  });
});

describe('sagas that cannot begin', () => {
  function beginning() {
    const ready = Promise.withResolvers<void>();
    const run = () => ({ ready: ready.promise, stop: async () => ready.reject(new Error('it was stopped')) });
    const repository = { ...memorySagas(), run };
    return { ready, sagas: createSagas({ sagas: [publishingIn(outside)], repository, logger }) };
  }

  it('say why', async () => {
    const { ready, sagas } = beginning();
    ready.reject(new Error('nobody answers'));
    await expect(sagas.ready).rejects.toThrow('nobody answers');
    expect(logged).toMatchObject([['sagas are not driven here', { err: { message: 'nobody answers' } }]]);
  });

  it('log nothing where they were stopped before', async () => {
    const { sagas } = beginning();
    await sagas.stop();
    await expect(sagas.ready).rejects.toThrow('it was stopped');
    expect(logged).toEqual([]);
  });
});

describe('bad input', () => {
  it.each([
    ['does not fit', { slug: 1 }],
    ['cannot be kept', { slug: 'a', at: new Date(0) }],
  ])('that %s starts nothing', async (_, input) => {
    const loose = defineSaga({
      name: 'loose',
      input: z.looseObject({ slug: z.string() }),
      steps: (saga) => saga.sleep('rest', 1),
    });
    test = opened({ sagas: [loose] });
    const started = test.sagas.start(loose, 'p1', input as never);
    await expect(started).rejects.toMatchObject({ code: 'INVALID_SAGA_INPUT', saga: 'loose' });
    expect(await test.sagas.get({ name: 'loose', id: 'p1' })).toBeUndefined();
  });

  it('that can only be checked asynchronously starts nothing', async () => {
    const checked = defineSaga({
      name: 'checked',
      input: z.string().refine(async () => true),
      steps: (saga) => saga.sleep('rest', 1),
    });
    test = opened({ sagas: [checked] });
    await expect(test.sagas.start(checked, 'c', 'x')).rejects.toMatchObject({ code: 'INVALID_SAGA_INPUT' });
  });

  it.each(['', 'x'.repeat(129)])('that no subject can hold is no id: %j', async (id) => {
    await expect(start(id)).rejects.toMatchObject({ code: 'INVALID_SUBJECT_TOKEN' });
  });

  it('in a definition is refused, and says what is wrong', () => {
    const define = (spec: object) =>
      defineSaga({ name: 'x', input: z.null(), steps: (saga) => saga.sleep('rest', 1), ...spec });
    const code = 'INVALID_SAGA';
    const refused = (spec: object, message: string) =>
      expect(() => define(spec)).toThrow(
        expect.objectContaining({ code, message: expect.stringContaining(message) }),
      );
    refused({ name: '' }, 'needs a name');
    refused({ version: 0 }, 'version 0');
    expect(() => define({ name: 'x'.repeat(116) })).toThrow(
      expect.objectContaining({ code: 'INVALID_SUBJECT_TOKEN' }),
    );
    refused({ steps: (saga: object) => saga }, 'no steps');
    refused({ steps: (s: { sleep(n: string, ms: number): object }) => s.sleep('a', -1) }, 'milliseconds -1');
    refused({ events: [Checked], correlate: { other: () => 'x' } }, 'other');
    refused(
      {
        events: [Checked],
        steps: (s: { waitFor(n: string, e: string): object }) => s.waitFor('a', 'text-checked'),
      },
      'correlate',
    );
    refused(
      {
        steps: (s: { sleep(n: string, ms: number): { sleep(n: string, ms: number): object } }) =>
          s.sleep('a', 1).sleep('a', 1),
      },
      'two steps',
    );
    expect(() => createSagas({ sagas: [define({}), define({})] })).toThrow('registered twice');
  });
});
