import { type Random, randomOf } from './seed.fixture.ts';

/** What one append is to do, as far as it can be said before the run. */
export interface Plan {
  readonly number: number;
  readonly way: 'append' | 'append-all' | 'execute';
  readonly changes: readonly PlannedChange[];
  /** Whether the ids of its events are chosen by the caller, so that the store looks for a repetition. */
  readonly ownIds: boolean;
  readonly timeout: number;
  readonly retries: number;
}

export interface PlannedChange {
  readonly id: string;
  readonly events: number;
  /** `seen`: at the revision that its writer last heard of; `loaded`: at the one it loads first. */
  readonly expected: 'any' | 'none' | 'seen' | 'loaded';
  readonly key: PlannedKey | undefined;
}

export interface PlannedKey {
  /** `release-held`: by whoever holds it, if anybody does. */
  readonly action: 'reserve' | 'release' | 'release-held';
  readonly value: string;
}

/** Few enough for writers to meet. */
const sharedLedgers = 24;
const keyedLedgers = 6;
const keyValues = 5;
/** Milliseconds in which every fault has passed. */
export const patient = 60_000;

export function planOf(number: number): Plan {
  const random = randomOf(number);
  const way = random.chance(0.7) ? 'append' : random.pick(['append-all', 'execute', 'execute'] as const);
  const count = way === 'append-all' ? 2 + random.below(3) : 1;
  const ids = new Set<string>();
  while (ids.size < count) ids.add(`shared-${random.below(sharedLedgers)}`);
  const changes = [...ids].map((id) => planChange(random, number, id));
  // Some give up early, which leaves a part of them in doubt.
  const timeout = random.chance(0.06) ? 20 + random.below(400) : patient;
  return { number, way, changes, ownIds: random.chance(0.5), timeout, retries: random.below(6) };
}

function planChange(random: Random, number: number, id: string): PlannedChange {
  const events = random.chance(0.85) ? 1 : 2 + random.below(4);
  if (random.chance(0.1)) return { id: keyedLedger(random), events, expected: 'any', key: planKey(random) };
  // Some of the new ones have been made by another append before.
  if (random.chance(0.1)) {
    const fresh = `fresh-${Math.max(0, number - random.below(4))}`;
    return { id: fresh, events, expected: 'none', key: undefined };
  }
  const expected = random.pick(['any', 'any', 'seen', 'seen', 'loaded'] as const);
  return { id, events, expected, key: undefined };
}

function keyedLedger(random: Random): string {
  return `keyed-${random.below(keyedLedgers)}`;
}

function planKey(random: Random): PlannedKey {
  const action = random.pick(['reserve', 'reserve', 'release', 'release-held', 'release-held'] as const);
  return { action, value: `value-${random.below(keyValues)}` };
}
