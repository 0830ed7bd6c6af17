import { defineCommand, defineEvent, defineState } from '@pipit/types-registry';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { defineAggregate } from './aggregate.ts';
import { release, reserve } from './append/unique-key.ts';
import { memoryStore } from './memory.ts';

const Opened = defineEvent('opened', z.object({ owner: z.string() }));
const Deposited = defineEvent('deposited', z.object({ cents: z.int() }));
const Deposit = defineCommand('deposit', z.object({ cents: z.int() }));
const Noted = defineEvent('noted', z.object({ text: z.string() }));

const Account = defineAggregate('account', {
  events: [Opened, Deposited],
  commands: [Deposit],
  initial: { cents: 0 },
  evolve: { opened: (state) => state, deposited: ({ cents }, { data }) => ({ cents: cents + data.cents }) },
  decide: { deposit: ({ data }) => Deposited.create(data) },
});
const Note = defineAggregate('note', {
  events: [Noted],
  initial: { text: '' },
  evolve: { noted: (_, { data }) => ({ text: data.text }) },
});
const Stranger = defineAggregate('stranger', {
  events: [Noted],
  initial: {},
  evolve: { noted: (state) => state },
});

const store = memoryStore({ name: 'bank', aggregates: [Account, Note] });
const deposit = Deposited.create({ cents: 1 });
const note = Noted.create({ text: '' });

test('what is appended to several aggregates is inferred for each', async () => {
  const { results } = await store.appendAll([
    { aggregate: Account, id: 'a', events: [deposit, reserve('email', 'x')] },
    { aggregate: Note, id: 'n', events: note, expected: 'none' },
  ]);
  expectTypeOf(results[0].events[0]?.type).toEqualTypeOf<'opened' | 'deposited' | undefined>();
  expectTypeOf(results[1].events[0]?.data).toEqualTypeOf<{ text: string } | undefined>();
});

test('an event of another aggregate does not compile, wherever it stands', () => {
  // @ts-expect-error noted is no event of an account
  store.append(Account, 'a', note);
  // @ts-expect-error noted is no event of an account
  store.append(Account, 'a', [deposit, note]);
  // @ts-expect-error noted is no event of an account
  store.appendAll([{ aggregate: Account, id: 'a', events: note }]);
  // @ts-expect-error noted is no event of an account
  store.execute(Account, 'a', () => note);
  // @ts-expect-error cents is a number
  store.append(Account, 'a', Deposited.create({ cents: '1' }));
});

test('an aggregate that the store was not opened with does not compile', () => {
  // @ts-expect-error stranger is not one of the store
  store.append(Stranger, 's', note);
  // @ts-expect-error stranger is not one of the store
  store.load(Stranger, 's');
  // @ts-expect-error stranger is not one of the store
  store.ids(Stranger);
  // @ts-expect-error stranger is not one of the store
  store.read({ aggregate: Stranger });
});

test('unique keys stand beside events, in appends and decisions', () => {
  store.append(Account, 'a', [deposit, reserve('email', 'x'), release('email', 'y')]);
  store.execute(Account, 'a', () => [deposit, reserve('email', 'x')]);
  // @ts-expect-error a key alone is no append
  store.append(Account, 'a', reserve('email', 'x'));
});

test('states, commands and events that are read are inferred', async () => {
  expectTypeOf((await store.load(Account, 'a')).state).toEqualTypeOf<{ cents: number }>();
  const { state, events } = await store.execute(Account, 'a', Deposit.create({ cents: 1 }));
  expectTypeOf(state).toEqualTypeOf<{ cents: number }>();
  expectTypeOf(events[0]?.aggregate.id).toEqualTypeOf<string | undefined>();
  const reading = store.read({ events: [Deposited], unreadable: 'skip' });
  expectTypeOf(reading.skipped).toEqualTypeOf<number>();
  for await (const event of reading) expectTypeOf(event.data).toEqualTypeOf<{ cents: number }>();
  for await (const id of store.ids(Note)) expectTypeOf(id).toEqualTypeOf<string>();
  // @ts-expect-error a note answers no command
  store.execute(Note, 'n', Deposit.create({ cents: 1 }));
});

test('the schema of a snapshot is one of the state', () => {
  const spec = {
    events: [Deposited],
    initial: { cents: 0 },
    evolve: { deposited: ({ cents }: { cents: number }) => ({ cents }) },
  };
  defineAggregate('a', {
    ...spec,
    snapshot: { version: 1, state: defineState('a', z.object({ cents: z.number() })) },
  });
  const other = defineState('a', z.object({ cents: z.string() }));
  // @ts-expect-error cents is a number in the state
  defineAggregate('a', { ...spec, snapshot: { version: 1, state: other } });
});

test('what a read cannot answer does not compile', () => {
  store.read({ aggregate: Account, id: 'a', fromRevision: 2, toRevision: 3, asOf: new Date() });
  store.read({ aggregate: [Account, Note], events: [Deposited, Noted] });
  const types: readonly (typeof Account | typeof Note)[] = [Account];
  store.read({ aggregate: types, fromPosition: 2 });
  store.follow({ aggregate: Account, id: 'a', events: [Deposited] });
  // @ts-expect-error an id is one of an aggregate type
  store.read({ id: 'a' });
  // @ts-expect-error an id is one of an aggregate type
  store.follow({ id: 'a' });
  // @ts-expect-error an id is one of one aggregate type
  store.read({ aggregate: [Account, Note], id: 'a' });
  // @ts-expect-error only one aggregate has revisions
  store.read({ fromRevision: 2 });
  // @ts-expect-error only one aggregate has revisions
  store.read({ aggregate: Account, toRevision: 2 });
});

test('the events of one aggregate, and of one type, are inferred', async () => {
  for await (const event of store.read({ aggregate: Note, id: 'n', fromRevision: 1 }))
    expectTypeOf(event.data).toEqualTypeOf<{ text: string }>();
  for await (const event of store.read({ aggregate: Account, id: 'a', events: [Opened] }))
    expectTypeOf(event.type).toEqualTypeOf<'opened'>();
  for await (const { events } of store.follow({ aggregate: Account }))
    expectTypeOf(events[0]?.type).toEqualTypeOf<'opened' | 'deposited' | undefined>();
  for await (const event of store.read({ unreadable: 'skip' }))
    expectTypeOf(event.type).toEqualTypeOf<'opened' | 'deposited' | 'noted'>();
});
