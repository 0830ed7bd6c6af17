import { currentTrace, defineEvent, withTrace } from '@pipit/types-registry';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { defineAggregate } from './aggregate.ts';
import type { AroundAppend } from './append/around-append.ts';
import { memoryStore } from './memory.ts';

const Renamed = defineEvent('renamed', z.object({ to: z.string() }));
const Thing = defineAggregate('thing', {
  events: [Renamed],
  initial: { name: '' },
  evolve: { renamed: (_, { data }) => ({ name: data.to }) },
});
const renamed = (to: string) => Renamed.create({ to });

const open = (aroundAppend: AroundAppend) =>
  memoryStore({ name: 'things', aggregates: [Thing], aroundAppend });

it('surrounds every append, also each that execute makes, and hears what came of it', async () => {
  const heard: string[] = [];
  const store = open(async (changes, work) => {
    const of = changes.map(({ aggregate, events }) => `${aggregate.id} ${events}`).join();
    try {
      const results = await work();
      heard.push(`${of}: ${results.map(({ revision }) => revision).join()}`);
      return results;
    } catch (error) {
      heard.push(`${of}: ${(error as { code?: string }).code}`);
      throw error;
    }
  });
  await store.append(Thing, 'a', [renamed('1'), renamed('2')]);
  await store.appendAll([
    { aggregate: Thing, id: 'a', events: renamed('3') },
    { aggregate: Thing, id: 'b', events: renamed('1') },
  ]);
  let isFirst = true;
  await store.execute(Thing, 'b', () => {
    if (isFirst) void store.append(Thing, 'b', renamed('2'));
    isFirst = false;
    return renamed('3');
  });
  await expect(store.append(Thing, 'a', renamed('4'), { expected: 1 })).rejects.toThrow();
  await expect(store.append(Thing, 'a', Renamed.create({ to: 4 as never }))).rejects.toThrow();
  expect(heard).toEqual([
    'a 2: 2',
    'a 1,b 1: 3,1',
    'b 1: 2',
    'b 1: CONFLICT',
    'b 1: 3',
    'a 1: CONFLICT',
    'a 1: INVALID_PAYLOAD',
  ]);
});

it('gives events the trace that it calls the work in', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const store = open((_, work) => withTrace({ ...currentTrace(), traceparent }, work));
  const { events } = await withTrace({ correlationId: 'c1' }, () => store.append(Thing, 'a', renamed('1')));
  expect(events[0]).toMatchObject({ correlationId: 'c1', traceparent });
});
