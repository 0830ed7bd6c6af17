import { defineEvent } from '@pipit/types-registry';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineAggregate } from '../aggregate.ts';
import { memoryStore } from '../memory.ts';

const Tagged = defineEvent('tagged', z.object({ tag: z.string() }));

function tagged<State>(initial: State) {
  return defineAggregate('tagged', { events: [Tagged], initial, evolve: { tagged: (state) => state } });
}

describe('the initial state of an aggregate', () => {
  it('cannot be changed for others by who gets it, also where it cannot be frozen', async () => {
    const initial = () => ({
      tags: new Set(['a']),
      more: new Map([['k', { list: [1] }]]),
      at: new Date(7),
      bytes: new Uint8Array([1]),
      [Symbol.for('s')]: { n: 1 },
    });
    const Aggregate = tagged(initial());
    const store = memoryStore({ name: 'tags', aggregates: [Aggregate] });
    await store.append(Aggregate, 'real', Tagged.create({ tag: 'x' }));
    for (const id of ['nobody', 'real']) {
      const { state } = await store.load(Aggregate, id);
      expect(state).toEqual(initial());
      state.tags.add('b');
      state.more.clear();
      state.at.setTime(8);
      state.bytes[0] = 2;
    }
    const executed = await store.execute(Aggregate, 'third', ({ tags }) => {
      tags.add('c');
      return [];
    });
    expect(executed.revision).toBe(0);
    expect((await store.load(Aggregate, 'real')).state).toEqual(initial());
    expect((await store.load(Aggregate, 'third')).state).toEqual(initial());
    expect(Aggregate.initial).toEqual(initial());
  });

  it('is the same object for all where it can be frozen', () => {
    const Aggregate = tagged({ list: [{ n: 1 }] });
    expect(Aggregate.initial).toBe(Aggregate.initial);
    expect(() => Object.assign(Aggregate.initial.list[0] ?? {}, { n: 2 })).toThrow(TypeError);
  });

  it('may hold an instance of a class that its owner froze', () => {
    class Money {
      readonly #cents = 5;
      get cents() {
        return this.#cents;
      }
    }
    expect(tagged({ balance: Object.freeze(new Money()) }).initial.balance.cents).toBe(5);
    expect(() => tagged({ balance: new Money() })).toThrow(/an instance of Money that is not frozen/);
  });

  it('is refused when it can be neither frozen nor copied', () => {
    const self: { self?: unknown } = {};
    self.self = self;
    for (const initial of [
      { at: () => 1 },
      self,
      { deep: [new WeakMap()] },
      new (class Tags extends Set {})(),
    ])
      expect(() => tagged(initial)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
