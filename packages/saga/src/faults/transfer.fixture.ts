import { defineAggregate, release, reserve } from '@pipit/store';
import { defineEvent } from '@pipit/types-registry';
import { z } from 'zod';
import { defineSaga } from '../define-saga.ts';

const Moved = defineEvent('money-moved', z.object({ amount: z.number(), by: z.string() }));
const Named = defineEvent('account-named', z.object({ name: z.string() }));
export const Approved = defineEvent('transfer-approved', z.object({ transfer: z.string() }));

export const Account = defineAggregate('account', {
  events: [Moved, Named],
  initial: { balance: 0, movedBy: [] as readonly string[] },
  evolve: {
    'money-moved': (state, { data }) => ({
      balance: state.balance + data.amount,
      movedBy: [...state.movedBy, data.by],
    }),
    'account-named': (state) => state,
  },
});

/** Approves transfers. */
export const Office = defineAggregate('office', {
  events: [Approved],
  initial: 0,
  evolve: { 'transfer-approved': (count) => count + 1 },
});

class OverdrawnError extends Error {
  override readonly name = 'OverdrawnError';
}

export const deposit = (amount: number) => Moved.create({ amount, by: 'deposit' });

/**
 * Takes money from one account and brings it to another, under a reference that only one transfer has at a time. What it
 * does to accounts is appended with its own transitions; the outside world is told by key.
 */
export function transferring(tell: (key: string) => Promise<void> | void) {
  const move = (amount: number, by: string) => (account: { readonly balance: number }) => {
    if (account.balance + amount < 0) throw new OverdrawnError('not enough money');
    return Moved.create({ amount, by });
  };
  return defineSaga({
    name: 'transfer',
    input: z.object({ from: z.string(), to: z.string(), amount: z.number(), reference: z.string() }),
    events: [Approved],
    correlate: { 'transfer-approved': ({ data }) => data.transfer },
    steps: (saga) =>
      saga
        .step('take', {
          run({ id, input, key, append, execute }) {
            append(Account, `reference-${id}`, [
              reserve('reference', input.reference),
              Named.create({ name: key }),
            ]);
            execute(Account, input.from, move(-input.amount, key));
          },
          compensate({ id, input, key, append, execute }) {
            append(Account, `reference-${id}`, [
              release('reference', input.reference),
              Named.create({ name: key }),
            ]);
            execute(Account, input.from, move(input.amount, key));
          },
          retry: { when: (error) => !(error instanceof OverdrawnError), backoff: 50 },
        })
        .step('ask', { run: ({ key }) => tell(key), retry: { backoff: 20 } })
        .waitFor('approval', 'transfer-approved', { within: 1_500 })
        .step('bring', {
          run({ input, key, execute }) {
            if (input.to === 'nowhere') throw new OverdrawnError('there is no such account');
            execute(Account, input.to, move(input.amount, key));
          },
          retry: { when: (error) => !(error instanceof OverdrawnError), backoff: 50 },
        })
        .step('report', { run: ({ key }) => tell(key) }),
  });
}
