import { ConflictError } from '../../store-errors.ts';
import { type Attempt, attemptOf, newIds, type Outcome, perform } from './attempt.fixture.ts';
import type { LedgerStore } from './ledger.fixture.ts';
import { patient, planOf } from './plan.fixture.ts';

/** What a writer has heard of the revisions of ledgers. */
export type Seen = Map<string, number>;

/** What became of an append in the end; times by one clock for all writers of the process. */
export interface Settled {
  readonly attempt: Attempt;
  readonly outcome: Exclude<Outcome, { kind: 'in-doubt' }>;
  /** How often it ended in doubt, and was made again with the same ids. */
  readonly doubts: number;
  readonly began: number;
  /** When the call began that told the outcome. */
  readonly lastBegan: number;
  readonly ended: number;
}

/** Makes an append, again and again until it is not in doubt. */
export async function settle(number: number, store: LedgerStore, seen: Seen): Promise<Settled> {
  const plan = planOf(number);
  const attempt = await attemptOf(plan, store, seen);
  let ids = plan.ownIds ? newIds(attempt) : undefined;
  const began = performance.now();
  let lastBegan = began;
  let outcome = await perform(store, attempt, plan.timeout, ids);
  let doubts = 0;
  while (outcome.kind === 'in-doubt') {
    doubts += 1;
    ids ??= outcome.ids;
    lastBegan = performance.now();
    outcome = await perform(store, attempt, patient, ids);
  }
  remember(seen, attempt, outcome);
  return { attempt, outcome, doubts, began, lastBegan, ended: performance.now() };
}

function remember(seen: Seen, { changes }: Attempt, outcome: Settled['outcome']): void {
  if (outcome.kind === 'stored') {
    for (const [index, { id }] of changes.entries()) seen.set(id, outcome.results[index]?.revision ?? 0);
  } else if (outcome.kind === 'unwritten' && outcome.error instanceof ConflictError) {
    const { aggregate, actual } = outcome.error;
    if (aggregate.type === 'ledger') seen.set(aggregate.id, actual);
  }
}
