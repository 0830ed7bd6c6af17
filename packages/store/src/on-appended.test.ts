import { defineEvent, type RecordedEvent } from '@pipit/types-registry';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { defineAggregate } from './aggregate.ts';
import { memoryStore } from './memory.ts';

const Renamed = defineEvent('renamed', z.object({ to: z.string() }));
const Thing = defineAggregate('thing', {
  events: [Renamed],
  initial: { name: '' },
  evolve: { renamed: (_, { data }) => ({ name: data.to }) },
});

function open(onAppended: (events: readonly RecordedEvent[]) => void) {
  const log: string[] = [];
  const logger = { info: () => {}, warn: () => {}, error: (_: object, message: string) => log.push(message) };
  return { log, store: memoryStore({ name: 'things', aggregates: [Thing], onAppended, logger }) };
}

it('is told of what append, appendAll and execute have stored', async () => {
  const told: string[] = [];
  const { store } = open((events) => told.push(events.map(({ position }) => position).join()));
  await store.append(Thing, 'a', [Renamed.create({ to: '1' }), Renamed.create({ to: '2' })]);
  await store.appendAll([
    { aggregate: Thing, id: 'a', events: Renamed.create({ to: '3' }) },
    { aggregate: Thing, id: 'b', events: Renamed.create({ to: '1' }) },
  ]);
  await store.execute(Thing, 'a', () => Renamed.create({ to: '4' }));
  await store.append(Thing, 'a', Renamed.create({ to: '5' }), { expected: 1 }).catch(() => {});
  expect(told).toEqual(['1,2', '3,4', '5']);
});

it('harms no append by throwing', async () => {
  const { store, log } = open(() => {
    throw new Error('full');
  });
  expect(await store.append(Thing, 'a', Renamed.create({ to: '1' }))).toMatchObject({ revision: 1 });
  expect(log).toEqual(['onAppended of store things threw; the events are stored']);
});
