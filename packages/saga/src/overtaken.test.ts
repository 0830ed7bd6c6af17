import { setImmediate } from 'node:timers/promises';
import { defineEvent } from '@pipit/types-registry';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { createSagas, type SagasOptions } from './create-sagas.ts';
import { defineSaga } from './define-saga.ts';
import { memorySagas } from './memory-sagas.ts';
import { recorded } from './publishing.fixture.ts';
import type { SagaRepository } from './repository.ts';
import type { Sagas } from './sagas.ts';
import { type TurnedClock, turnedClock } from './spec/turned-clock.ts';
import { stuck } from './stuck.fixture.ts';

const logger = { info() {}, warn() {}, error() {} };
const Answered = defineEvent('answered', z.object({}));
const waiting = defineSaga({
  name: 'waiting',
  input: z.null(),
  events: [Answered],
  correlate: { answered: () => 'a' },
  steps: (saga) => saga.waitFor('answer', 'answered', { within: 10_000 }).sleep('rest', 5_000),
});
const ref = { name: 'waiting', id: 'a' };

let clock: TurnedClock;
let repository: SagaRepository;
let thaw: PromiseWithResolvers<void>;
let frozen: boolean;
const running: Sagas[] = [];

beforeEach(() => {
  clock = turnedClock();
  repository = memorySagas({ clock });
  thaw = Promise.withResolvers();
  frozen = false;
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((sagas) => sagas.stop()));
});

function open(options: Partial<SagasOptions> = {}): Sagas {
  const sagas = createSagas({ sagas: [waiting], repository, logger, ...options });
  running.push(sagas);
  return sagas;
}

async function freeze(): Promise<void> {
  if (frozen) return;
  frozen = true;
  await thaw.promise;
}

async function settled(): Promise<void> {
  for (let turns = 0; turns < 10; turns += 1) await setImmediate();
}

it('a process that was frozen and sets an obsolete timer takes away no other', async () => {
  const frozenOne = open({
    repository: {
      ...repository,
      async wakeAt(...timer) {
        await freeze();
        await repository.wakeAt(...timer);
      },
    },
  });
  await frozenOne.start(waiting, 'a', null);
  await settled();
  const other = open();
  await other.deliver(recorded(Answered, {}));
  await settled();
  expect((await other.get(ref))?.waitingFor?.step).toBe('rest');
  thaw.resolve();
  await settled();
  clock.advance(5_000);
  await settled();
  expect((await other.get(ref))?.state).toBe('completed');
});

it('a process that was frozen and begins to wait again does not put off the time', async () => {
  const frozenOne = open({
    repository: {
      ...repository,
      async append(...change) {
        if (change[3][0]?.kind === 'waiting') await freeze();
        return await repository.append(...change);
      },
    },
  });
  await frozenOne.start(waiting, 'a', null);
  await settled();
  const other = open();
  await settled();
  const until = (await other.get(ref))?.waitingFor?.until;
  clock.advance(9_000);
  thaw.resolve();
  await settled();
  const found = await other.get(ref);
  expect(found?.history.map(({ what }) => what)).toEqual(['started', 'waiting']);
  expect(found?.waitingFor).toMatchObject({ step: 'answer', until });
});

it('an instance goes to the process that is left where another one on the same memory has stopped', async () => {
  const first = open();
  const second = open();
  await second.stop();
  await first.start(waiting, 'a', null);
  await settled();
  expect((await first.get(ref))?.waitingFor?.step).toBe('answer');
});

it('a stop does not wait for somebody who is told that an instance needs attention, and tells another', async () => {
  const asked = Promise.withResolvers<void>();
  const deaf = open({
    sagas: [stuck],
    onAttention() {
      asked.resolve();
      return new Promise(() => {});
    },
  });
  await deaf.start(stuck, 'a', null);
  await asked.promise;
  await deaf.stop({ timeout: 1 });
  const told = Promise.withResolvers<string>();
  open({ sagas: [stuck], onAttention: ({ id }) => told.resolve(id) });
  expect(await told.promise).toBe('a');
});
