import { InvalidPayloadError, UnknownTypeError } from '@pipit/types-registry';
import { describe, expect, it } from 'vitest';
import { given } from '../spec.ts';
import { Account, Deposited, OverdrawnError, Withdraw } from './account.fixture.ts';

const five = [Deposited.create({ cents: 5 })];
const withdraw = (cents: number) => given(Account, five).when(Withdraw.create({ cents }));

describe('thenThrows', () => {
  it.each<[string, () => void]>([
    ['its class', () => withdraw(9).thenThrows(OverdrawnError)],
    ['a class it extends', () => withdraw(9).thenThrows(RangeError)],
    ['class and a part of its message', () => withdraw(9).thenThrows(RangeError, 'only 5')],
    [
      'class and a pattern of its message',
      () => withdraw(9).thenThrows(RangeError, /^only \d cents are left$/),
    ],
    ['a part of its message', () => withdraw(9).thenThrows('only 5 cents')],
    ['a pattern of its message, from its beginning each time', () => withdraw(9).thenThrows(/only/g)],
    ['fields', () => withdraw(9).thenThrows({ code: 'OVERDRAWN', missing: { cents: 4 } })],
  ])('holds where the decision fails with an error told by %s', (_, specification) => {
    specification();
    specification();
  });

  it.each<[string, () => void]>([
    ['a TypeError', () => withdraw(9).thenThrows(TypeError)],
    ["a RangeError and a message with 'only 4'", () => withdraw(9).thenThrows(RangeError, 'only 4')],
    ['a TypeError and a message with /only 5/', () => withdraw(9).thenThrows(TypeError, /only 5/)],
    ['a message with /^5/', () => withdraw(9).thenThrows(/^5/)],
    ["a message with 'Only'", () => withdraw(9).thenThrows('Only')],
    ["an error with { code: 'OTHER' }", () => withdraw(9).thenThrows({ code: 'OTHER' })],
    [
      "an error with { code: 'OVERDRAWN', missing: 4 }",
      () => withdraw(9).thenThrows({ code: 'OVERDRAWN', missing: 4 }),
    ],
    ['an error with { missing: {} }', () => withdraw(9).thenThrows({ missing: {} })],
  ])('fails where it was to be %s, and keeps what was thrown as the cause', (wanted, specification) => {
    const message = `Given 1 event, withdraw was to fail with ${wanted}, but failed with OverdrawnError: only 5 cents are left`;
    expect(specification).toThrow(expect.objectContaining({ message, cause: expect.any(OverdrawnError) }));
  });

  it('fails where the decision does not', () => {
    expect(() => withdraw(3).thenThrows(RangeError)).toThrow(
      'Given 1 event, withdraw was to fail with a RangeError, but led to withdrawn',
    );
    const nothing = given(Account, []).when(() => []);
    expect(() => nothing.thenThrows('no')).toThrow(
      "was to fail with a message with 'no', but led to nothing",
    );
  });

  it('holds for what a schema refuses, as execute would', () => {
    withdraw(-1).thenThrows(InvalidPayloadError, 'cents');
    given(Account, [])
      .when(() => Deposited.create({ cents: 0 }))
      .thenThrows({ code: 'INVALID_PAYLOAD', type: 'deposited' });
    given(Account, [])
      .when({ type: 'unknown', data: {} } as never)
      .thenThrows(UnknownTypeError);
  });

  it('tells what is thrown and no error by its text', () => {
    const thrown = given(Account, []).when(() => {
      // biome-ignore lint/style/useThrowOnlyError: what users may do
      throw 'text';
    });
    thrown.thenThrows('ext');
    expect(() => thrown.thenThrows(Error)).toThrow("but failed with 'text'");
  });

  it('refuses an expectation that nothing could fail', () => {
    for (const empty of [undefined, {}, () => true]) {
      expect(() => withdraw(9).thenThrows(empty as never)).toThrow(/^thenThrows (needs|takes)/);
    }
  });
});
