import { describe, expect, it } from 'vitest';
import { release, reserve } from '../append/unique-key.ts';
import { InvalidArgumentError } from '../invalid-argument.ts';
import { KeyTakenError } from '../store-errors.ts';
import { Account, Deposited, Note, Noted, Opened, type StoreOfTest } from './contract-aggregates.ts';

export function uniqueKeyContract(store: StoreOfTest): void {
  describe('a unique key', () => {
    const ada = Opened.create({ owner: 'ada' });
    const email = 'ada@example.com';

    it('belongs to the aggregate whose events it was reserved with', async () => {
      await store().append(Account, 'a', [ada, reserve('email', email)]);
      expect(await store().keyOwner('email', email)).toEqual({ type: 'account', id: 'a' });
      expect(await store().keyOwner('email', 'other')).toBeUndefined();
      expect(await store().keyOwner('phone', email)).toBeUndefined();
    });

    it('keeps the events of everybody else from being stored', async () => {
      await store().append(Account, 'a', [ada, reserve('email', email)]);
      const refused = store().append(Account, 'b', [ada, reserve('email', email)], { expected: 'none' });
      await expect(refused).rejects.toThrow(KeyTakenError);
      await expect(refused).rejects.toMatchObject({
        code: 'KEY_TAKEN',
        key: 'email',
        owner: { type: 'account', id: 'a' },
        aggregate: { type: 'account', id: 'b' },
      });
      await expect(refused).rejects.not.toThrow(/example/);
      const other = store().append(Note, 'a', [Noted.create({ text: '' }), reserve('email', email)]);
      await expect(other).rejects.toThrow(KeyTakenError);
      expect(await Array.fromAsync(store().read())).toHaveLength(1);
    });

    it('has one owner however many race for it', async () => {
      const other = await store.another();
      for (let round = 0; round < 10; round += 1) {
        const outcomes = await Promise.allSettled(
          [store(), other, store(), other].map((one, index) =>
            one.append(Account, `${round}-${index}`, [ada, reserve('email', `${round}`)]),
          ),
        );
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        const lost = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
        for (const reason of lost) expect(reason).toBeInstanceOf(KeyTakenError);
      }
    });

    it('can be reserved again by its owner, and by others once it is released', async () => {
      await store().append(Account, 'a', [ada, reserve('email', email)]);
      await store().append(Account, 'a', [Deposited.create({ cents: 1 }), reserve('email', email)]);
      await store().append(Account, 'a', [
        Deposited.create({ cents: 1 }),
        release('email', email),
        reserve('email', 'new'),
      ]);
      expect(await store().keyOwner('email', email)).toBeUndefined();
      await store().append(Account, 'b', [ada, reserve('email', email), release('phone', 'nobody has it')]);
      expect(await store().keyOwner('email', email)).toEqual({ type: 'account', id: 'b' });
      const stolen = store().append(Account, 'a', [Deposited.create({ cents: 1 }), release('email', email)]);
      await expect(stolen).rejects.toThrow(KeyTakenError);
    });

    it('can be part of a decision, and of an append to several aggregates', async () => {
      await store().execute(Account, 'a', () => [ada, reserve('email', email)]);
      const decided = store().execute(Account, 'b', () => [ada, reserve('email', email)]);
      await expect(decided).rejects.toThrow(KeyTakenError);
      const both = await store().appendAll([
        { aggregate: Account, id: 'a', events: [Deposited.create({ cents: 1 }), release('email', email)] },
        { aggregate: Account, id: 'c', events: [ada, reserve('email', 'c')] },
      ]);
      expect(both.results.map(({ revision }) => revision)).toEqual([2, 1]);
      expect(await store().keyOwner('email', 'c')).toEqual({ type: 'account', id: 'c' });
    });

    it('is handed over from one aggregate to another in one append, whichever comes first', async () => {
      await store().append(Account, 'a', [ada, reserve('email', email)]);
      const deposit = Deposited.create({ cents: 1 });
      const owner = () => store().keyOwner('email', email);
      await store().appendAll([
        { aggregate: Account, id: 'a', events: [deposit, release('email', email)] },
        { aggregate: Account, id: 'b', events: [ada, reserve('email', email)] },
      ]);
      expect(await owner()).toEqual({ type: 'account', id: 'b' });
      const named = (id: string) => Deposited.create({ cents: 1 }, { id });
      const back = [
        { aggregate: Account, id: 'a', events: [named('to'), reserve('email', email)] },
        { aggregate: Account, id: 'b', events: [named('from'), release('email', email)] },
      ] as const;
      const first = await store().appendAll(back);
      expect(first.results.map(({ revision }) => revision)).toEqual([3, 2]);
      expect(await store().appendAll(back)).toEqual(first);
      expect(await owner()).toEqual({ type: 'account', id: 'a' });
      const fromStranger = store().appendAll([
        { aggregate: Account, id: 'b', events: [deposit, release('email', email)] },
        { aggregate: Account, id: 'c', events: [ada, reserve('email', email)] },
      ]);
      await expect(fromStranger).rejects.toMatchObject({ code: 'KEY_TAKEN', owner: { id: 'a' } });
      const toTwo = store().appendAll([
        { aggregate: Account, id: 'a', events: [deposit, release('email', email)] },
        { aggregate: Account, id: 'b', events: [deposit, reserve('email', email)] },
        { aggregate: Account, id: 'c', events: [ada, reserve('email', email)] },
      ]);
      await expect(toTwo).rejects.toThrow(InvalidArgumentError);
    });

    it('is not seen by readers and followers, whose positions still reach the end', async () => {
      const { position } = await store().append(Account, 'a', [ada, reserve('email', email)]);
      expect(position).toBe(await store().position());
      expect(await Array.fromAsync(store().read())).toMatchObject([{ type: 'account-opened', position: 2 }]);
      for await (const { events, position: seen, caughtUp } of store().follow()) {
        expect(events.every(({ type }) => type === 'account-opened')).toBe(true);
        if (!caughtUp) continue;
        expect(seen).toBe(position);
        break;
      }
    });

    it('is settled by a repetition of the append', async () => {
      const event = Opened.create({ owner: 'ada' }, { id: 'mine' });
      const first = await store().append(Account, 'a', [event, reserve('email', email)]);
      const again = await store().append(Account, 'a', [event, reserve('email', email)]);
      expect(again).toEqual(first);
    });

    it('is settled by a repetition also when somebody else holds it by now', async () => {
      const event = Opened.create({ owner: 'ada' }, { id: 'mine' });
      const first = await store().append(Account, 'a', [event, reserve('email', email)]);
      await store().append(Account, 'a', [Deposited.create({ cents: 1 }), release('email', email)]);
      await store().append(Account, 'b', [ada, reserve('email', email)]);
      expect(await store().append(Account, 'a', [event, reserve('email', email)])).toEqual(first);
      const other = Opened.create({ owner: 'ada' }, { id: 'other' });
      const refused = store().append(Account, 'a', [other, reserve('email', email)]);
      await expect(refused).rejects.toThrow(KeyTakenError);
      expect(await store().keyOwner('email', email)).toEqual({ type: 'account', id: 'b' });
    });

    it('is as its last append says, however appends of its owner cross', async () => {
      const other = await store.another();
      for (let round = 0; round < 10; round += 1) {
        const value = `${round}`;
        await store().append(Account, 'a', [Deposited.create({ cents: 1 }), reserve('email', value)]);
        const results = await Promise.all([
          store().append(Account, 'a', [Deposited.create({ cents: 1 }), release('email', value)]),
          other.append(Account, 'a', [Deposited.create({ cents: 2 }), reserve('email', value)]),
        ]);
        const last = results[1].position > results[0].position;
        expect(await store().keyOwner('email', value)).toEqual(
          last ? { type: 'account', id: 'a' } : undefined,
        );
      }
    });

    it('takes any text, and is refused where it makes no sense', async () => {
      for (const value of ['', 'a.b *>', '🐦', 'x'.repeat(10_000), '\u0000', '__proto__'])
        await store().append(Account, 'a', [Deposited.create({ cents: 1 }), reserve('any', value)]);
      expect(await store().keyOwner('any', '🐦')).toMatchObject({ id: 'a' });
      const twice = [Deposited.create({ cents: 1 }), reserve('any', 'q'), release('any', 'q')];
      await expect(store().append(Account, 'a', twice)).rejects.toThrow(InvalidArgumentError);
      const twiceSecret = [
        Deposited.create({ cents: 1 }),
        reserve('any', 'secret'),
        release('any', 'secret'),
      ];
      await expect(store().append(Account, 'a', twiceSecret)).rejects.not.toThrow('secret');
      await expect(store().append(Account, 'a', [reserve('any', 'alone')])).rejects.toThrow(
        InvalidArgumentError,
      );
      expect(() => reserve('', 'x')).toThrow(InvalidArgumentError);
      await expect(store().keyOwner('', 'x')).rejects.toThrow(InvalidArgumentError);
      expect(() => reserve('n'.repeat(120), 'x')).toThrow(/^key name "n+"… \(120 characters\) is/);
      await store().append(Account, 'a', [Deposited.create({ cents: 1 }), reserve('n'.repeat(119), 'x')]);
      expect(() => reserve('any', '\ud800')).toThrow(InvalidArgumentError);
    });
  });
}
