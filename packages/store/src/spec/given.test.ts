import { defineEvent, InvalidPayloadError, UnknownEventTypeError } from '@pipit/types-registry';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineAggregate } from '../aggregate.ts';
import { fixedClock, given, sequentialIds } from '../spec.ts';
import { Account, Deposited, Opened, Scanned, Withdraw, Withdrawn } from './account.fixture.ts';

describe('given events', () => {
  it('are folded by evolve, from the initial state', () => {
    given(Account, []).thenState(Account.initial);
    given(Account, [
      Opened.create({ owner: 'ada' }),
      Deposited.create({ cents: 5 }),
      Withdrawn.create({ cents: 2 }),
    ]).thenState({ owner: 'ada', cents: 3 });
  });

  it('are folded as readers get them: after the schema, the codec and the schema again', () => {
    given(Account, [Opened.create({ owner: '  ada ' })]).thenState({ owner: 'ada', cents: 0 });
    given(Account, [Scanned.create({ image: new Uint8Array([0, 255]) })]).thenState(Account.initial);
  });

  it('that no schema lets through are impossible, and the error names the event and the path', () => {
    const impossible = () =>
      given(Account, [Opened.create({ owner: 'ada' }), Deposited.create({ cents: -5 })]);
    expect(impossible).toThrow(/^The given event 2, deposited, is impossible: no store takes it\. .*cents: /);
    expect(impossible).toThrow(
      expect.objectContaining({
        code: 'IMPOSSIBLE_EVENT',
        role: 'given',
        place: 2,
        type: 'deposited',
        cause: expect.any(InvalidPayloadError),
      }),
    );
  });

  it('of another aggregate, of no schema, or with an id twice are impossible', () => {
    const stranger = { type: 'stranger', data: {} } as never;
    expect(() => given(Account, [stranger])).toThrow(
      expect.objectContaining({ type: 'stranger', cause: expect.any(UnknownEventTypeError) }),
    );
    const twice = Deposited.create({ cents: 1 }, { id: 'same' });
    expect(() => given(Account, [twice, twice])).toThrow('two events with the id same');
  });

  it('with metadata that no header can carry are impossible', () => {
    const cyclic: Record<string, never> = {};
    Object.assign(cyclic, { cyclic });
    const event = Deposited.create({ cents: 1 }, { metadata: { cyclic } });
    expect(() => given(Account, [event])).toThrow('metadata');
  });

  it('are nothing that a spec changes', () => {
    const events = [Deposited.create({ cents: 5 })];
    given(Account, events)
      .when(Withdraw.create({ cents: 1 }))
      .then([Withdrawn.create({ cents: 1 })]);
    expect(events).toEqual([Deposited.create({ cents: 5 })]);
  });
});

describe('an evolve that changes the state it gets', () => {
  const Made = defineEvent('made', z.object({}));
  const Added = defineEvent('added', z.object({ item: z.string() }));
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
  const add = Added.create({ item: 'a' });

  it('fails at the first event it does so on, though the state before was made by evolve', () => {
    expect(() => given(Cart, [Made.create({}), add])).toThrow(
      expect.objectContaining({ code: 'EVOLVE_FAILED', type: 'added', revision: 2 }),
    );
  });

  it('fails on what follows too', () => {
    expect(() => given(Cart, [Made.create({})]).when(() => add)).toThrow(
      expect.objectContaining({ code: 'EVOLVE_FAILED', revision: 2, position: undefined }),
    );
    expect(() => given(Cart, []).when(() => [Made.create({}), add])).toThrow('Nothing was written');
  });
});

describe('a state', () => {
  it('is nothing that a decision can change, as in a store', () => {
    given(Account, [Deposited.create({ cents: 5 })])
      .when((state) => {
        state.cents = 0;
        return [];
      })
      .thenThrows(TypeError, 'read only');
  });

  it('that is another fails, with the differences', () => {
    const specification = given(Account, [Deposited.create({ cents: 5 })]);
    expect(() => specification.thenState({ owner: '', cents: 6 })).toThrow(
      /^Given 1 event, the state of account is not as expected:\n\+ actual - expected\n.*\+ {3}cents: 5,\n- {3}cents: 6,/s,
    );
  });

  it('is compared strictly: a key without a value is not an absent one', () => {
    const Draft = defineAggregate('draft', {
      events: [defineEvent('cleared', z.object({}))],
      initial: {} as { title?: string | undefined },
      evolve: { cleared: () => ({ title: undefined }) },
    });
    const cleared = given(Draft, [{ type: 'cleared', data: {} }]);
    cleared.thenState({ title: undefined });
    expect(() => cleared.thenState({})).toThrow('the state of draft is not as expected');
  });
});

describe('ids and times', () => {
  const Logged = defineEvent('logged', z.object({ text: z.string() }));
  const Log = defineAggregate('log', {
    events: [Logged],
    initial: [] as { id: string; time: string; revision: number; log: string }[],
    evolve: {
      logged: (state, { id, time, revision, aggregate }) => [
        ...state,
        { id, time: time.toISOString(), revision, log: aggregate.id },
      ],
    },
  });
  const line = Logged.create({ text: '' });

  it('are the same in every run', () => {
    for (let run = 0; run < 2; run += 1) {
      given(Log, [line, line]).thenState([
        { id: 'id-000001', time: '2000-01-01T00:00:00.000Z', revision: 1, log: 'spec' },
        { id: 'id-000002', time: '2000-01-01T00:00:00.000Z', revision: 2, log: 'spec' },
      ]);
    }
  });

  it('are of your making where you like', () => {
    const options = { id: 'l1', clock: fixedClock('2026-01-02T03:04:05Z'), newId: sequentialIds('line') };
    given(Log, [line, Logged.create({ text: '' }, { id: 'own', time: new Date(0) })], options).thenState([
      { id: 'line-000001', time: '2026-01-02T03:04:05.000Z', revision: 1, log: 'l1' },
      { id: 'own', time: '1970-01-01T00:00:00.000Z', revision: 2, log: 'l1' },
    ]);
  });

  it('of what follows go on from what is given, whatever is expected', () => {
    const clock = fixedClock('2026-01-02T03:04:05Z');
    const logged = given(Log, [line], { clock }).when(() => [line, line]);
    const time = clock();
    logged.then([
      Logged.create({ text: '' }, { id: 'id-000002', time }),
      Logged.create({ text: '' }, { id: 'id-000003', time }),
    ]);
  });

  it('that no aggregate can have are refused', () => {
    expect(() => given(Log, [], { id: '' })).toThrow('aggregate id');
  });
});
