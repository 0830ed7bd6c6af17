import { describe, expect, it } from 'vitest';
import { release, reserve } from '../append/unique-key.ts';
import { InvalidArgumentError } from '../invalid-argument.ts';
import { memoryStore } from '../memory.ts';
import { given } from '../spec.ts';
import { Account, Deposited, Opened, OverdrawnError, Withdraw, Withdrawn } from './account.fixture.ts';

const five = [Opened.create({ owner: 'ada' }), Deposited.create({ cents: 5 })];
const withdraw = (cents: number) => given(Account, five).when(Withdraw.create({ cents }));

describe('when', () => {
  it('hands a command to the decide function of the aggregate, with the state', () => {
    withdraw(5).then([Withdrawn.create({ cents: 5 })]);
  });

  it('hands the state, the aggregate and its revision to a function', () => {
    given(Account, five, { id: 'a1' })
      .when((state, { aggregate, revision }) => {
        expect([state, aggregate, revision]).toEqual([
          { owner: 'ada', cents: 5 },
          { type: 'account', id: 'a1' },
          2,
        ]);
        return Withdrawn.create({ cents: state.cents });
      })
      .then([Withdrawn.create({ cents: 5 })]);
  });

  it('decides once', () => {
    let decisions = 0;
    const decided = given(Account, five).when(() => {
      decisions += 1;
      return [];
    });
    decided.then([]);
    decided.then([]);
    expect(decisions).toBe(1);
  });

  it('fails where evolve fails on what follows, whatever is expected', () => {
    const backwards = () => given(Account, five).when(() => Withdrawn.create({ cents: -1 }));
    expect(backwards).toThrow('nothing can be withdrawn backwards');
  });
});

describe('a decision that no store takes', () => {
  const key = reserve('email', 'a@b.c');
  const many = Array.from({ length: 1_000 }, () => Deposited.create({ cents: 1 }));

  it('is one of keys without an event, and the error says what is missing', async () => {
    const message =
      'events has only keys (reserve email): a key is reserved or released beside an event of its aggregate, so give at least one.';
    given(Account, [])
      .when(() => [key])
      .thenThrows({ code: 'INVALID_ARGUMENT', message });
    const store = memoryStore({ name: 'bank', aggregates: [Account] });
    await expect(store.execute(Account, 'a', () => [key])).rejects.toThrow(message);
    await expect(store.append(Account, 'a', [key])).rejects.toThrow(message);
  });

  it.each([
    ['a key twice', [...five, key, release('email', 'a@b.c')], 'has the same email twice'],
    ['more than a thousand events', [...many, ...five], 'has 1002 events and keys, and at most 1000'],
    ['a thousand events and a key', [...many, key], 'has 1001 events and keys, and at most 1000'],
  ])('is one of %s', async (_, decision, message) => {
    const decided = given(Account, []).when(() => decision);
    decided.thenThrows(InvalidArgumentError, message);
    expect(() => decided.then(decision)).toThrow(/but failed with InvalidArgumentError: /);
    const store = memoryStore({ name: 'bank', aggregates: [Account] });
    await expect(store.execute(Account, 'a', () => decision)).rejects.toThrow(message);
  });

  it('is not one of a thousand', () => {
    given(Account, [])
      .when(() => many)
      .then(many);
  });
});

describe('then', () => {
  it('holds where exactly these events follow, in this order', () => {
    const both = given(Account, []).when(() => five);
    both.then(five);
    expect(() => both.then(five.toReversed())).toThrow('but led to something else');
    expect(() => both.then(five.slice(0, 1))).toThrow('but led to something else');
    expect(() => both.then([...five, Withdrawn.create({ cents: 1 })])).toThrow('but led to something else');
  });

  it('holds for an empty list where nothing follows, and only there', () => {
    given(Account, five)
      .when(() => [])
      .then([]);
    expect(() => withdraw(1).then([])).toThrow(
      /^Given 2 events, withdraw was to lead to nothing, but led to something else:\n.*\+ +cents: 1\n/s,
    );
    const nothing = given(Account, five).when(() => []);
    expect(() => nothing.then([Withdrawn.create({ cents: 1 })])).toThrow(
      /^Given 2 events, the decision was to lead to withdrawn, but led to something else:\n/,
    );
  });

  it('fails with the differences, at the line that called it', () => {
    const failed = failureOf(() => withdraw(3).then([Withdrawn.create({ cents: 4 })]));
    expect(failed).toMatchObject({ name: 'SpecificationError', code: 'SPECIFICATION_FAILED' });
    expect(failed.message).toBe(
      [
        'Given 2 events, withdraw was to lead to withdrawn, but led to something else:',
        '+ actual - expected',
        '',
        '  [',
        '    {',
        '      data: {',
        '+       cents: 3',
        '-       cents: 4',
        '      },',
        "      type: 'withdrawn'",
        '    }',
        '  ]',
      ].join('\n'),
    );
    const [calledAt] = failed.stack?.match(/^ +at .*$/m) ?? [];
    expect(calledAt).toContain('when.test.ts');
  });

  it('fails where the decision failed, with its error as the cause', () => {
    const failed = failureOf(() => withdraw(9).then([Withdrawn.create({ cents: 9 })]));
    expect(failed.message).toBe(
      'Given 2 events, withdraw was to lead to withdrawn, but failed with OverdrawnError: only 5 cents are left',
    );
    expect(failed.cause).toBeInstanceOf(OverdrawnError);
  });

  it('fails where what follows, or the command, does not fit its schema', () => {
    const impossible = given(Account, []).when(() => Deposited.create({ cents: 0 }));
    expect(() => impossible.then([Deposited.create({ cents: 1 })])).toThrow(
      /but failed with InvalidPayloadError: .* deposited .* cents: /,
    );
    expect(() => withdraw(-1).then([])).toThrow(
      /but failed with InvalidPayloadError: .* withdraw .* cents: /,
    );
  });

  it('refuses an expected event that can never follow', () => {
    expect(() => withdraw(3).then([Withdrawn.create({ cents: 3.5 })])).toThrow(
      /^The expected event 1, withdrawn, is impossible: no store takes it\. .*cents: /,
    );
  });

  it('compares what readers get, on both sides', () => {
    given(Account, [])
      .when(() => Opened.create({ owner: ' ada' }))
      .then([Opened.create({ owner: 'ada ' })]);
  });

  it('compares metadata, ids and times where the expected event names them', () => {
    const options = { id: 'w', time: new Date(5), metadata: { teller: '7', tags: ['a'] }, causationId: 'c' };
    const decided = given(Account, five).when(() => Withdrawn.create({ cents: 1 }, options));
    decided.then([Withdrawn.create({ cents: 1 })]);
    decided.then([Withdrawn.create({ cents: 1 }, options)]);
    for (const other of [
      { id: 'v' },
      { time: new Date(6) },
      { metadata: { teller: '7' } },
      { causationId: 'd' },
      { correlationId: 'e' },
    ]) {
      expect(() => decided.then([Withdrawn.create({ cents: 1 }, other)])).toThrow(
        'but led to something else',
      );
    }
  });

  it('compares changes of unique keys as they stand, beside the events', () => {
    const decided = given(Account, []).when(() => [
      reserve('email', 'a@b.c'),
      Opened.create({ owner: 'ada' }),
    ]);
    decided.then([reserve('email', 'a@b.c'), Opened.create({ owner: 'ada' })]);
    expect(() => decided.then([reserve('email', 'x@y.z'), Opened.create({ owner: 'ada' })])).toThrow(
      /was to lead to reserve email, opened, but led to something else:\n.*- +value: 'x@y\.z'/s,
    );
    expect(() => decided.then([Opened.create({ owner: 'ada' })])).toThrow('but led to something else');
  });

  it('is not to be awaited', async () => {
    const awaited = async () => (await (withdraw(3) as unknown)) as undefined;
    await expect(awaited()).rejects.toThrow(
      'then takes a list, empty where nothing follows; do not await it.',
    );
  });
});

function failureOf(specification: () => void): Error {
  try {
    specification();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('the specification holds');
}
