import { defineCommand, defineEvent } from '@pipit/types-registry';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { defineAggregate } from '../aggregate.ts';
import { given } from './given.ts';

const Deposited = defineEvent('deposited', z.object({ cents: z.coerce.number<string>() }));
const Withdrawn = defineEvent('withdrawn', z.object({ cents: z.number() }));
const Noted = defineEvent('noted', z.object({ text: z.string() }));
const Withdraw = defineCommand('withdraw', z.object({ cents: z.number() }));
const Note = defineCommand('note', z.object({ text: z.string() }));

const Account = defineAggregate('account', {
  events: [Deposited, Withdrawn],
  commands: [Withdraw],
  initial: { cents: 0 },
  evolve: { deposited: (state) => state, withdrawn: (state) => state },
  decide: { withdraw: ({ data }) => Withdrawn.create(data) },
});
const Log = defineAggregate('log', { events: [Noted], initial: '', evolve: { noted: (state) => state } });

test('state, context and events are inferred without annotations', () => {
  given(Account, [Deposited.create({ cents: '5' })])
    .when((state, { revision }) => {
      expectTypeOf(state).toEqualTypeOf<{ cents: number }>();
      expectTypeOf(revision).toEqualTypeOf<number>();
      return [Withdrawn.create({ cents: 1 }), Deposited.create({ cents: '1' })];
    })
    .then([Withdrawn.create({ cents: 1 })]);
  given(Account, [])
    .when(Withdraw.create({ cents: 1 }))
    .thenThrows(RangeError, /only/);
  given(Log, [Noted.create({ text: '' })]).thenState('');
});

test('an event of another aggregate does not compile, wherever it stands', () => {
  const decided = given(Account, []).when(Withdraw.create({ cents: 1 }));
  // @ts-expect-error noted is no event of an account
  given(Account, [Noted.create({ text: '' })]);
  // @ts-expect-error noted is no event of an account
  given(Account, []).when(() => Noted.create({ text: '' }));
  // @ts-expect-error noted is no event of an account
  decided.then([Noted.create({ text: '' })]);
});

test('a payload that does not fit does not compile', () => {
  const decided = given(Account, []).when(Withdraw.create({ cents: 1 }));
  // @ts-expect-error cents are given as text
  given(Account, [{ type: 'deposited', data: { cents: 5 } }]);
  // @ts-expect-error cents are a number
  given(Account, []).when({ type: 'withdraw', data: { cents: '5' } });
  // @ts-expect-error cents are a number
  decided.then([{ type: 'withdrawn', data: { cents: '1' } }]);
});

test('a command that the aggregate does not decide does not compile', () => {
  // @ts-expect-error an account decides no note
  given(Account, []).when(Note.create({ text: '' }));
  // @ts-expect-error a log decides no command at all
  given(Log, []).when(Note.create({ text: '' }));
});

test('what an ending cannot compare does not compile', () => {
  const decided = given(Account, []).when(Withdraw.create({ cents: 1 }));
  // @ts-expect-error a list, also of one event
  decided.then(Withdrawn.create({ cents: 1 }));
  // @ts-expect-error nothing that follows is an empty list
  decided.then();
  // @ts-expect-error there is one word for each ending
  decided.thenNothing();
  // @ts-expect-error what is thrown has to be said
  decided.thenThrows();
  // @ts-expect-error a function is no class of errors
  decided.thenThrows(() => true);
  // @ts-expect-error a message beside a message
  decided.thenThrows(/only/, /only/);
  // @ts-expect-error the state has cents
  given(Account, []).thenState({ euros: 1 });
});

test('a specification is no promise', async () => {
  // @ts-expect-error there is nothing to await
  await given(Account, []).when(Withdraw.create({ cents: 1 }));
});
