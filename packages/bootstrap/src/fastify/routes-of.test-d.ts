import { defineProjection } from '@pipit/projection';
import { memoryRepository } from '@pipit/projection/memory';
import { defineAggregate } from '@pipit/store';
import { defineCommand, defineEvent, defineQuery } from '@pipit/types-registry';
import { expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import type { App } from '../app.ts';
import type { routesOf as ofApp } from './routes-of.ts';

declare const routesOf: typeof ofApp;

const Registered = defineEvent('user-registered', z.object({ name: z.string() }));
const Paid = defineEvent('order-paid', z.object({ cents: z.int() }));
const User = defineAggregate('user', {
  events: [Registered],
  initial: undefined as { name: string } | undefined,
  evolve: { 'user-registered': (_, { data }) => data },
});
const Order = defineAggregate('order', {
  events: [Paid],
  initial: 0,
  evolve: { 'order-paid': (cents, { data }) => cents + data.cents },
});
const users = defineProjection({
  name: 'users',
  from: [User],
  on: { 'user-registered': (_, { data, revision }) => ({ name: data.name, revision }) },
  into: memoryRepository<{ name: string; revision: number }>(),
});
const Ban = defineCommand('ban', z.object({ id: z.string(), days: z.number() }));
const Count = defineQuery('count', z.object({ of: z.string() }), z.number());

declare const app: App<typeof User>;
const { create, decide, show, send } = routesOf(app);
const body = z.object({ name: z.string() });

it('routes that decide know the state, the body and the parameters, and take only what belongs together', () => {
  decide('PATCH /teams/:team/users/:id', User, {
    body,
    decide(user, { id, params, body, revision }) {
      expectTypeOf(user).toEqualTypeOf<{ name: string } | undefined>();
      expectTypeOf(params).toEqualTypeOf<{ readonly team: string; readonly id: string }>();
      expectTypeOf([id, body.name]).toEqualTypeOf<string[]>();
      expectTypeOf(revision).toEqualTypeOf<number>();
      return Registered.create(body);
    },
    answer: z.object({ name: z.string() }),
    toAnswer: ({ state, body }) => ({ name: state?.name ?? body.name }),
  });
  // @ts-expect-error the path does not say whom
  decide('PATCH /users', User, { decide: () => [] });
  // @ts-expect-error no aggregate of this application
  decide('PATCH /orders/:id', Order, { decide: () => [] });
  // @ts-expect-error an event of another aggregate
  decide('PATCH /users/:id', User, { decide: () => Paid.create({ cents: 1 }) });
  // @ts-expect-error no such parameter
  decide('PATCH /users/:id', User, { decide: (_, { params }) => (params.team === '' ? [] : []) });
  // @ts-expect-error reading decides nothing
  decide('GET /users/:id', User, { decide: () => [] });
  // @ts-expect-error an answer that does not fit its schema
  decide('PATCH /users/:id', User, { decide: () => [], answer: body, toAnswer: () => ({ nmae: 'Ada' }) });
});

it('routes that create take first events of their aggregate, now or later', () => {
  create('POST /users', User, {
    body,
    events: async ({ body }) => Registered.create(body),
    location: '/users/:id',
  });
  // @ts-expect-error an event of another aggregate
  create('POST /users', User, { body, events: () => Paid.create({ cents: 1 }) });
  // @ts-expect-error what the body does not have
  create('POST /users', User, { body, events: ({ body }) => Registered.create({ name: body.title }) });
});

it('routes that show take a row as it is where it fits, and ask how where it does not', () => {
  show('GET /users/:id', users, { answer: body });
  show('GET /users/:id', users, {
    answer: z.object({ id: z.string() }),
    toAnswer: ({ name }, { params }) => ({ id: params.id + name }),
  });
  // @ts-expect-error the row has no id
  show('GET /users/:id', users, { answer: z.object({ id: z.string() }) });
  // @ts-expect-error the path does not say which
  show('GET /users', users, { answer: body });
});

it('routes that send take what the command takes', () => {
  send('POST /bans', Ban);
  send('GET /counts/:of', Count);
  send('POST /users/:id/ban', Ban, {
    body: z.object({ days: z.number() }),
    payload: ({ params, body }) => ({ id: params.id, days: body.days }),
  });
  // @ts-expect-error the body alone is not what the command takes
  send('POST /users/:id/ban', Ban, { body: z.object({ days: z.number() }) });
  // @ts-expect-error days are a number
  send('POST /users/:id/ban', Ban, { body: z.object({ id: z.string(), days: z.string() }) });
  // @ts-expect-error something is missing
  send('POST /users/:id/ban', Ban, { payload: ({ params }) => ({ id: params.id }) });
});
