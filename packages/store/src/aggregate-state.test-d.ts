import { defineEvent } from '@pipit/types-registry';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { defineAggregate, type StateOf } from './aggregate.ts';

const Opened = defineEvent('opened', z.object({ owner: z.string() }));
const Closed = defineEvent('closed', z.object({}));
const events = [Opened, Closed];

type Account = { kind: 'none' } | { kind: 'open'; owner: string } | { kind: 'closed' };
type Status = 'none' | 'open' | 'closed';
interface Item {
  id: string;
  cents: number;
  status: 'todo' | 'done';
}
interface Cart {
  items: Item[];
  total: number;
  count: bigint;
  tags: string[];
  pair: [string, number];
  seen: ReadonlySet<string>;
  byId: Record<string, Item>;
  last: Item | null;
  at?: Date;
}
const cart = {} as Cart;

test('a state that is a union is made without annotations', () => {
  const A = defineAggregate('a', {
    events,
    initial: { kind: 'none' } as Account,
    evolve: {
      opened: (_, { data }) => ({ kind: 'open', owner: data.owner }),
      closed: () => ({ kind: 'closed' }),
    },
  });
  expectTypeOf<StateOf<typeof A>>().toEqualTypeOf<Account>();
  defineAggregate('a', {
    events,
    initial: { kind: 'none' } as Account,
    evolve: {
      opened: (state, { data }) => (state.kind === 'none' ? { kind: 'open', owner: data.owner } : state),
      closed: (state) => {
        if (state.kind === 'open') return { kind: 'closed' };
        return state;
      },
    },
  });
  defineAggregate('a', {
    events,
    initial: { kind: 'none' } as Account,
    evolve: {
      opened(_, { data }) {
        return { kind: 'open', owner: data.owner };
      },
      closed() {
        return { kind: 'closed' };
      },
    },
  });
});

test('a state of literals, at its top or deep inside, is made without annotations', () => {
  const A = defineAggregate('a', {
    events,
    initial: { status: 'none' as Status, n: 0 },
    evolve: {
      opened: (state) => (state.status === 'none' ? { ...state, status: 'open' } : state),
      closed: () => ({ status: 'closed', n: 0 }),
    },
  });
  expectTypeOf<StateOf<typeof A>>().toEqualTypeOf<{ status: Status; n: number }>();
  defineAggregate('a', {
    events,
    initial: 'none' as Status,
    evolve: { opened: (_) => 'open', closed: () => 'closed' },
  });
  defineAggregate('a', {
    events,
    initial: undefined as { level: 1 | 2; on: true; kinds: { kind: 'x' | 'y' }[] } | undefined,
    evolve: {
      opened: (state) => (state ? { ...state, level: 2 } : undefined),
      closed: () => ({ level: 1, on: true, kinds: [{ kind: 'x' }] }),
    },
  });
});

test('lists, tuples, sets, maps and what is folded of them need no annotation', () => {
  defineAggregate('a', {
    events,
    initial: cart,
    evolve: {
      opened: (state, { data, time }) => ({
        ...state,
        at: time,
        items: state.items.map((item) => ({ ...item, status: 'done' })),
        total: state.items.reduce((sum, { cents }) => sum + cents, 0),
        count: state.items.reduce((count) => count + 1n, 0n),
        tags: [...state.tags, data.owner],
        pair: ['a', 1],
        seen: new Set([...state.seen, data.owner]),
        byId: { ...state.byId, a: { id: 'a', cents: 1, status: 'todo' } },
      }),
      closed: () => ({
        items: [{ id: 'a', cents: 1, status: 'done' }],
        total: 0,
        count: 0n,
        tags: [],
        pair: ['a', 1],
        seen: new Set<string>(),
        byId: {},
        last: null,
      }),
    },
  });
  const Counts = defineAggregate('a', {
    events,
    initial: new Map<string, number>(),
    evolve: { opened: (state, { data }) => new Map(state).set(data.owner, 1), closed: () => new Map() },
  });
  expectTypeOf<StateOf<typeof Counts>>().toEqualTypeOf<Map<string, number>>();
  defineAggregate('a', {
    events,
    initial: {} as { owner?: string },
    evolve: { opened: (state, { data }) => ({ ...state, owner: data.owner }), closed: () => ({}) },
  });
});

test('functions that are written elsewhere, and states that are a type parameter, are taken', () => {
  const evolve = { opened: (state: Cart) => state, closed: (): Cart => cart };
  expectTypeOf(defineAggregate('a', { events, initial: cart, evolve }).initial).toEqualTypeOf<Cart>();
  const define = <State extends { n: number }>(initial: State) =>
    defineAggregate('a', {
      events,
      initial,
      evolve: { opened: (state) => ({ ...state, n: 1 }), closed: () => initial },
    });
  expectTypeOf(define({ n: 0, m: '' }).initial).toEqualTypeOf<{ n: number; m: string }>();
});

test('another literal, or a member of the union without one of its fields, does not compile', () => {
  defineAggregate('a', {
    events,
    initial: { kind: 'none' } as Account,
    evolve: {
      // @ts-expect-error the owner is missing
      opened: (_) => ({ kind: 'open' }),
      // @ts-expect-error there is no such kind
      closed: () => ({ kind: 'gone' }),
    },
  });
  defineAggregate('a', {
    events,
    initial: { status: 'none' as Status },
    evolve: {
      // @ts-expect-error there is no such status
      opened: (state) => ({ ...state, status: 'gone' }),
      // @ts-expect-error the status is missing
      closed: () => ({}),
    },
  });
});
