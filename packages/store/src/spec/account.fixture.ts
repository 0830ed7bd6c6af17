import { defineCommand, defineEvent, messagePack } from '@pipit/types-registry';
import { z } from 'zod';
import { defineAggregate } from '../aggregate.ts';

export const Opened = defineEvent('opened', z.object({ owner: z.string().trim() }));
export const Deposited = defineEvent('deposited', z.object({ cents: z.int().positive() }));
export const Withdrawn = defineEvent('withdrawn', z.object({ cents: z.int() }));
export const Scanned = defineEvent('scanned', z.object({ image: z.instanceof(Uint8Array) }), {
  codec: messagePack,
});
export const Withdraw = defineCommand('withdraw', z.object({ cents: z.int().positive() }));

export class OverdrawnError extends RangeError {
  readonly code = 'OVERDRAWN';
  readonly missing: { readonly cents: number };

  constructor(left: number, wanted: number) {
    super(`only ${left} cents are left`);
    this.missing = { cents: wanted - left };
  }
}

export const Account = defineAggregate('account', {
  events: [Opened, Deposited, Withdrawn, Scanned],
  commands: [Withdraw],
  initial: { owner: '', cents: 0 },
  evolve: {
    opened: (state, { data }) => ({ ...state, owner: data.owner }),
    deposited: (state, { data }) => ({ ...state, cents: state.cents + data.cents }),
    withdrawn(state, { data }) {
      if (data.cents < 0) throw new TypeError('nothing can be withdrawn backwards');
      return { ...state, cents: state.cents - data.cents };
    },
    scanned: (state) => state,
  },
  decide: {
    withdraw({ data }, { cents }) {
      if (data.cents > cents) throw new OverdrawnError(cents, data.cents);
      return Withdrawn.create(data);
    },
  },
});
