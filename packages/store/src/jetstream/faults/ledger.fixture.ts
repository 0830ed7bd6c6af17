import { defineEvent } from '@pipit/types-registry';
import { z } from 'zod';
import { defineAggregate } from '../../aggregate.ts';
import type { EventStore } from '../../event-store.ts';

/** An event says which append it belongs to, and which of that append's events it is. */
const place = z.object({ append: z.int(), item: z.int() });

export const Noted = defineEvent('noted', place);
export const Counted = defineEvent('counted', place);

export const Ledger = defineAggregate('ledger', {
  events: [Noted, Counted],
  initial: { events: 0 },
  evolve: {
    noted: ({ events }) => ({ events: events + 1 }),
    counted: ({ events }) => ({ events: events + 1 }),
  },
});

export type LedgerStore = EventStore<typeof Ledger>;
