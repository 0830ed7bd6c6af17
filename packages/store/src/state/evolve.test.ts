import { defineEvent } from '@pipit/types-registry';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineAggregate } from '../aggregate.ts';
import { memoryStore } from '../memory.ts';

const Made = defineEvent('made', z.object({}));
const Added = defineEvent('added', z.object({ item: z.string() }));

/** Changes what it gets. */
const Cart = defineAggregate('cart', {
  events: [Made, Added],
  initial: { items: [] as string[] },
  evolve: {
    made: () => ({ items: [] }),
    added(state, { data }) {
      state.items.push(data.item);
      return state;
    },
  },
});

/** Does not take everything. */
const Shelf = defineAggregate('shelf', {
  events: [Added],
  initial: { items: 0, at: [] as number[] },
  evolve: {
    added({ items, at }, { data, revision, position }) {
      if (data.item === '') throw new RangeError('an item has a name');
      return { items: items + 1, at: [...at, revision, position] };
    },
  },
});

const open = () => memoryStore({ name: 'shop', aggregates: [Cart, Shelf] });
const add = (item: string) => Added.create({ item });

describe('an evolve that throws', () => {
  it('on what was decided has nothing written', async () => {
    const store = open();
    await store.execute(Shelf, 's', () => add('a'));
    const failed = store.execute(Shelf, 's', () => [add('b'), add('')]);
    await expect(failed).rejects.toMatchObject({
      code: 'EVOLVE_FAILED',
      store: 'shop',
      aggregate: { type: 'shelf', id: 's' },
      type: 'added',
      revision: 3,
      position: undefined,
      cause: expect.any(RangeError),
    });
    await expect(failed).rejects.toThrow(
      /^evolve of shelf failed on added, revision 3 of "s": an item has a name\. Nothing was written\. Mend evolve: /,
    );
    expect(await store.load(Shelf, 's')).toMatchObject({ revision: 1, state: { items: 1 } });
    expect(await store.position()).toBe(1);
  });

  it('on what was decided about an old state has it decided again', async () => {
    const store = open();
    await store.execute(Shelf, 's', () => add('a'));
    await store.append(Shelf, 't', add('t'));
    const decide = ({ items }: { readonly items: number }) => {
      if (items === 1) store.append(Shelf, 's', add('b'));
      return add(items === 1 ? '' : 'c');
    };
    expect(await store.execute(Shelf, 's', decide)).toMatchObject({ revision: 3, state: { items: 3 } });
  });

  it('on a stored event says which, and where it is', async () => {
    const store = open();
    await store.append(Shelf, 's', [add('a'), add('')]);
    const failed = store.load(Shelf, 's');
    await expect(failed).rejects.toMatchObject({ code: 'EVOLVE_FAILED', revision: 2, position: 2 });
    await expect(failed).rejects.toThrow(
      /^evolve of shelf failed on added, revision 2 of "s", at position 2 of store shop: an item has a name\. Mend/,
    );
  });
});

describe('an evolve that throws on an event it has taken before', () => {
  const Opened = defineEvent('opened', z.object({}));
  const Door = defineAggregate('door', {
    events: [Opened],
    initial: { isOpen: false },
    evolve: {
      opened({ isOpen }) {
        if (isOpen) throw new RangeError('opened twice');
        return { isOpen: true };
      },
    },
  });

  it('lets the decision be repeated, with the same id, and writes nothing', async () => {
    const store = memoryStore({ name: 'house', aggregates: [Door] });
    const opened = Opened.create({}, { id: 'mine' });
    const first = await store.execute(Door, 'd', () => opened);
    expect(await store.execute(Door, 'd', () => opened)).toEqual(first);
    const other = store.execute(Door, 'd', () => Opened.create({}, { id: 'other' }));
    await expect(other).rejects.toMatchObject({ code: 'EVOLVE_FAILED', revision: 2 });
    expect(await store.position()).toBe(1);
  });

  it('does not hide that the event was stored', async () => {
    let calls = 0;
    const Impure = defineAggregate('impure', {
      events: [Opened],
      initial: { position: 0 },
      evolve: {
        opened(_, { position }) {
          calls += 1;
          if (calls === 2) throw new Error('not again');
          return { position };
        },
      },
    });
    const store = memoryStore({ name: 'house', aggregates: [Impure] });
    const result = await store.execute(Impure, 'i', () => Opened.create({}));
    expect(result).toMatchObject({ revision: 1, state: { position: 1 } });
  });
});

describe('a state', () => {
  it('is made of the events as they were stored', async () => {
    const store = open();
    await store.append(Shelf, 't', add('t'));
    const { state } = await store.execute(Shelf, 's', () => [add('a'), add('b')]);
    expect(state).toEqual({ items: 2, at: [1, 2, 2, 3] });
  });

  it('that evolve changes fails the first load', async () => {
    const store = open();
    await store.append(Cart, 'c', [Made.create({}), add('a')]);
    await expect(store.load(Cart, 'c')).rejects.toMatchObject({ code: 'EVOLVE_FAILED', revision: 2 });
  });

  it('that evolve changes only behind the first event has nothing written either', async () => {
    const store = open();
    const executed = store.execute(Cart, 'c', () => [Made.create({}), add('a')]);
    await expect(executed).rejects.toMatchObject({ code: 'EVOLVE_FAILED', revision: 2, position: undefined });
    expect(await store.position()).toBe(0);
  });

  it('that evolve changes has nothing written', async () => {
    const store = open();
    await store.execute(Cart, 'c', () => Made.create({}));
    await expect(store.execute(Cart, 'c', () => add('a'))).rejects.toMatchObject({
      code: 'EVOLVE_FAILED',
      revision: 2,
      cause: expect.any(TypeError),
    });
    expect(await store.position()).toBe(1);
  });
});
