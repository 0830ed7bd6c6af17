import { defineEvent } from '@pipit/types-registry';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createSagas } from '../create-sagas.ts';
import { defineSaga, type Saga } from '../define-saga.ts';
import type { SagaRepository } from '../repository.ts';
import { SagaMovedError } from '../saga-errors.ts';
import { noSaga } from '../saga-state.ts';
import type { Sagas } from '../sagas.ts';
import { formOf } from '../step.ts';

/** A repository, and what is needed to test it. */
export interface OpenedSagas {
  /** As if by another process. */
  another(): Promise<SagaRepository>;
  /** Where time has to be turned. Default: it passes. */
  advance?(milliseconds: number): void;
  close?(): Promise<void>;
}

const Answered = defineEvent('saga-contract-answered', z.object({ saga: z.string() }));
const calls: string[] = [];
let hold: Promise<void> | undefined;

const contractSaga = defineSaga({
  name: 'contract',
  input: z.object({ text: z.string() }),
  events: [Answered],
  correlate: { 'saga-contract-answered': ({ data }) => data.saga },
  steps: (saga) =>
    saga
      .step('first', {
        async run({ key, input }) {
          calls.push(key);
          await hold;
          return input.text;
        },
        compensate: ({ key }) => void calls.push(key),
      })
      .sleep('pause', 50)
      .waitFor('answer', 'saga-contract-answered', { within: 200 })
      .step('last', { run: ({ key }) => void calls.push(key) }),
});

const saga = contractSaga as unknown as Saga;
const none = { state: noSaga, revision: 0 };
const started = {
  kind: 'started',
  version: 1,
  steps: ['first'],
  forms: ['action'],
  input: { text: 'a' },
  status: 'running',
} as const;
const logger = { info() {}, warn() {}, error() {} };

/**
 * What every repository of sagas keeps to.
 *
 * @param open a new one, that knows of the aggregate of the saga it is given
 */
export function testSagaRepository(implementation: string, open: (saga: Saga) => Promise<OpenedSagas>): void {
  describe(`sagas in ${implementation}`, () => {
    let opened: OpenedSagas;
    let repository: SagaRepository;
    const running: Sagas[] = [];

    beforeEach(async () => {
      calls.length = 0;
      hold = undefined;
      opened = await open(saga);
      repository = await opened.another();
    });

    afterEach(async () => {
      await Promise.all(running.splice(0).map((sagas) => sagas.stop({ timeout: 100 })));
      await opened.close?.();
    });

    async function run(on: SagaRepository = repository): Promise<Sagas> {
      const sagas = createSagas({ sagas: [contractSaga], repository: on, logger });
      running.push(sagas);
      await sagas.ready;
      return sagas;
    }

    /** With the clock turned on, where it has to be. */
    async function until(look: () => Promise<unknown> | unknown, wanted: unknown): Promise<void> {
      await vi.waitFor(
        async () => {
          opened.advance?.(10);
          expect(await look()).toEqual(wanted);
        },
        { timeout: 20_000, interval: 5 },
      );
    }

    const stateOf = async (sagas: Sagas, id: string) => (await sagas.get({ name: 'contract', id }))?.state;

    it('keep changes in order, and one of two writers wins', async () => {
      const other = await opened.another();
      const first = await repository.append(saga, 'a', none, [started]);
      expect(first).toMatchObject({ revision: 1, state: { status: 'running', input: { text: 'a' } } });
      const change = {
        kind: 'step-succeeded',
        step: 'first',
        attempt: 1,
        result: { n: 1 },
        status: 'running',
      } as const;
      const writes = await Promise.allSettled([
        repository.append(saga, 'a', first, [change]),
        other.append(saga, 'a', first, [change]),
      ]);
      const refused = writes.filter(({ status }) => status === 'rejected');
      expect(refused).toEqual([{ status: 'rejected', reason: expect.any(SagaMovedError) }]);
      expect(await other.load(saga, 'a', 2)).toMatchObject({
        revision: 2,
        state: { results: { first: { n: 1 } } },
      });
      await expect(repository.append(saga, 'a', none, [started])).rejects.toBeInstanceOf(SagaMovedError);
    });

    it('say of an instance that was not started that it is not there', async () => {
      expect(await repository.load(saga, 'none')).toMatchObject({ revision: 0 });
      expect(await repository.exists(saga, 'none')).toBe(false);
      await repository.append(saga, 'a', none, [started]);
      expect(await repository.exists(saga, 'a')).toBe(true);
    });

    it('list the last change of each instance', async () => {
      await repository.append(saga, 'b', await repository.append(saga, 'b', none, [started]), [
        { kind: 'steps-skipped', steps: ['first'], status: 'completed' },
      ]);
      await repository.append(saga, 'a', none, [started]);
      const found = (await Array.fromAsync(repository.latest(saga))).map(({ id, revision, change, at }) => [
        id,
        revision,
        change.status,
        typeof at,
      ]);
      expect(found.toSorted()).toEqual([
        ['a', 1, 'running', 'number'],
        ['b', 2, 'completed', 'number'],
      ]);
    });

    it('hand an instance over to be driven, and wake it at its times', async () => {
      const sagas = await run();
      await sagas.start(contractSaga, 'a', { text: 'hello' });
      await until(() => stateOf(sagas, 'a'), 'compensated');
      const { history } = (await sagas.get({ name: 'contract', id: 'a' })) ?? {};
      expect(history?.map(({ what }) => what)).toEqual([
        'started',
        'step-succeeded',
        'waiting',
        'woken',
        'step-succeeded',
        'waiting',
        'woken',
        'step-failed',
        'step-compensated',
      ]);
      expect(calls).toEqual(['contract/a/first', 'contract/a/first/compensate']);
    });

    it('hand over what was started while nobody was there', async () => {
      await repository.append(saga, 'a', none, [
        { ...started, steps: saga.steps.map(({ name }) => name), forms: saga.steps.map(formOf) },
      ]);
      const sagas = await run(await opened.another());
      await until(() => stateOf(sagas, 'a'), 'compensated');
    });

    it('hand an instance over to one driver at a time', async () => {
      const [one, other] = await Promise.all([run(), run(await opened.another())]);
      const held = Promise.withResolvers<void>();
      hold = held.promise;
      for (const id of ['a', 'b', 'c', 'd']) await one.start(contractSaga, id, { text: id });
      await until(() => calls.length, 4);
      await other.deliver(answer('a'));
      held.resolve();
      await until(
        async () => (await Promise.all(['b', 'c', 'd'].map((id) => stateOf(one, id)))).join(),
        'compensated,compensated,compensated',
      );
      await until(() => stateOf(one, 'a'), 'completed');
      expect(calls.filter((key) => key.endsWith('first')).toSorted()).toEqual(
        ['a', 'b', 'c', 'd'].map((id) => `contract/${id}/first`),
      );
    });

    it('hand an instance over again where its driver was stopped', async () => {
      const first = await run();
      hold = new Promise(() => {});
      await first.start(contractSaga, 'a', { text: 'a' });
      await until(() => calls.length, 1);
      await first.stop({ timeout: 20 });
      hold = undefined;
      const second = await run(await opened.another());
      await until(() => stateOf(second, 'a'), 'compensated');
      expect(calls.filter((key) => key === 'contract/a/first')).toHaveLength(2);
    });

    it('take any id a subject can hold', async () => {
      for (const id of ['a.b', '*', '>', 'x y', '🪶', '=', 'x'.repeat(128)]) {
        await repository.append(saga, id, none, [started]);
        expect(await repository.load(saga, id, 1)).toMatchObject({ revision: 1 });
      }
    });
  });
}

function answer(id: string) {
  const event = Answered.create({ saga: id });
  return {
    ...event,
    id: crypto.randomUUID(),
    aggregate: { type: 'answers', id },
    revision: 1,
    schemaVersion: 1,
    time: new Date(),
    metadata: {},
    correlationId: id,
    causationId: undefined,
    traceparent: undefined,
    store: 'contract',
    position: 1,
  };
}
