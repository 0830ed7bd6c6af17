import { PipitError } from '@pipit/types-registry';
import { v7 as uuidv7 } from 'uuid';
import { type KeyChange, release, reserve } from '../../append/unique-key.ts';
import type { AppendResult } from '../../event-store.ts';
import type { ExpectedRevision } from '../../expected-revision.ts';
import { AppendInDoubtError } from '../../store-errors.ts';
import { Counted, Ledger, type LedgerStore, Noted } from './ledger.fixture.ts';
import type { Plan, PlannedChange } from './plan.fixture.ts';

/** An append as it is made, and made again with the same ids if it ends in doubt. */
export interface Attempt {
  readonly plan: Plan;
  readonly changes: readonly AttemptedChange[];
}

export interface AttemptedChange {
  readonly id: string;
  /** The places of its events in the append. */
  readonly items: readonly number[];
  readonly expected: ExpectedRevision;
  readonly keys: readonly KeyChange[];
}

export type Outcome =
  | { readonly kind: 'stored'; readonly results: readonly Told[] }
  | { readonly kind: 'unwritten'; readonly error: PipitError }
  | { readonly kind: 'in-doubt'; readonly ids: readonly string[] }
  | { readonly kind: 'unexpected'; readonly error: unknown };

/** What the caller is told of one aggregate. */
export type Told = Pick<
  AppendResult<{ readonly id: string; readonly position: number; readonly revision: number }>,
  'revision' | 'position' | 'events'
>;

export const keyName = 'name';

/** @param seen what its writer has heard of the revisions of ledgers */
export async function attemptOf(
  plan: Plan,
  store: LedgerStore,
  seen: ReadonlyMap<string, number>,
): Promise<Attempt> {
  let item = 0;
  const changes: AttemptedChange[] = [];
  for (const planned of plan.changes) {
    const id = await ledgerOf(planned, store);
    const keys = keysOf(planned);
    const isTwice = (other: AttemptedChange) =>
      other.id === id || (other.keys.length > 0 && other.keys[0]?.value === keys[0]?.value);
    // An append takes each aggregate, and each key, once.
    if (changes.some(isTwice)) continue;
    const items = Array.from({ length: planned.events }, () => item++);
    changes.push({ id, items, expected: await expectedOf(planned, id, store, seen), keys });
  }
  return { plan, changes };
}

async function ledgerOf({ id, key }: PlannedChange, store: LedgerStore): Promise<string> {
  if (key?.action !== 'release-held') return id;
  return (await store.keyOwner(keyName, key.value))?.id ?? id;
}

async function expectedOf(
  { expected }: PlannedChange,
  id: string,
  store: LedgerStore,
  seen: ReadonlyMap<string, number>,
): Promise<ExpectedRevision> {
  if (expected === 'seen') return seen.get(id) ?? 0;
  if (expected === 'loaded') return (await store.load(Ledger, id)).revision;
  return expected;
}

function keysOf({ key }: PlannedChange): readonly KeyChange[] {
  if (key === undefined) return [];
  return [key.action === 'reserve' ? reserve(keyName, key.value) : release(keyName, key.value)];
}

/** @param ids of all its events; without them the store makes its own */
export async function perform(
  store: LedgerStore,
  { plan, changes }: Attempt,
  timeout: number,
  ids: readonly string[] | undefined,
): Promise<Outcome> {
  const itemsOf = ({ items, keys }: AttemptedChange) => [
    ...items.map((item) => {
      const definition = (plan.number + item) % 3 === 0 ? Counted : Noted;
      const id = ids?.[item];
      return definition.create({ append: plan.number, item }, id === undefined ? {} : { id });
    }),
    ...keys,
  ];
  const [first] = changes as [AttemptedChange];
  try {
    if (plan.way === 'append-all') {
      const all = changes.map((change) => ({ ...change, aggregate: Ledger, events: itemsOf(change) }));
      return { kind: 'stored', results: (await store.appendAll(all, { timeout })).results };
    }
    if (plan.way === 'append') {
      const options = { expected: first.expected, timeout };
      return { kind: 'stored', results: [await store.append(Ledger, first.id, itemsOf(first), options)] };
    }
    const decide = (state: { events: number }, { revision }: { revision: number }) => {
      if (state.events !== revision)
        throw new Error(`a state of ${state.events} events at revision ${revision}`);
      return itemsOf(first);
    };
    const done = await store.execute(Ledger, first.id, decide, { retries: plan.retries, timeout });
    if (done.state.events !== done.revision)
      throw new Error(`a state of ${done.state.events} events was told at revision ${done.revision}`);
    return { kind: 'stored', results: [done] };
  } catch (error) {
    return outcomeOf(error);
  }
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof AppendInDoubtError) return { kind: 'in-doubt', ids: error.eventIds };
  if (error instanceof PipitError && error.message.includes('Nothing was written'))
    return { kind: 'unwritten', error };
  return { kind: 'unexpected', error };
}

export function newIds({ changes }: Attempt): readonly string[] {
  return changes.flatMap(({ items }) => items.map(() => uuidv7()));
}
