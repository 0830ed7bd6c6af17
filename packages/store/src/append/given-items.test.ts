import { defineEvent } from '@pipit/types-registry';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineAggregate } from '../aggregate.ts';
import { memoryStore } from '../memory.ts';
import { given } from '../spec.ts';
import { reserve } from './unique-key.ts';

const Noted = defineEvent('noted', z.object({ text: z.string() }));
const Note = defineAggregate('note', {
  events: [Noted],
  initial: { text: '' },
  evolve: { noted: (_, { data }) => data },
});
const note = Noted.create({ text: 'milk' });
const store = memoryStore({ name: 'notes', aggregates: [Note] });

const wrong: readonly (readonly [string, unknown, RegExp])[] = [
  ['nothing at all', undefined, /an event, or a list of events and keys \(.+\), not undefined/],
  ['null', null, /not null/],
  ['a promise', Promise.resolve(note), /not a promise: decide is not async/],
  ['a list with a hole', [note, undefined], /not undefined/],
  ['a definition', Noted, /has the definition of noted in it: call its create/],
  ['a name', 'noted', /not "noted"/],
  ['an object without a type', { data: {} }, /not an object without a type/],
];

describe('what an append or a decision is given', () => {
  it.each(wrong)('is refused where it is %s', async (_, items, message) => {
    const refusal = { code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) };
    await expect(store.append(Note, 'n', items as never)).rejects.toMatchObject(refusal);
    await expect(store.execute(Note, 'n', () => items as never)).rejects.toMatchObject(refusal);
    given(Note, [])
      .when(() => items as never)
      .thenThrows(message);
  });

  it('is one event, a list of events and keys, or an empty list to do nothing', async () => {
    await store.append(Note, 'n', note);
    await store.execute(Note, 'n', () => [note, reserve('text', 'milk')]);
    expect((await store.execute(Note, 'n', () => [])).revision).toBe(2);
  });
});
